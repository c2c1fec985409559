"""The table of runtimes, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derm_cli.plugin import ModelCheck

HEADERS = (
    "asked in",
    "version",
    "file",
    "photographs",
    "largest difference",
    "mean difference",
    "same answer",
    "recall",
)


@dataclass(frozen=True)
class AskedRuntime:
    """A runtime with its version, and how near its answers are to those of the run."""

    name: str
    version: str
    check: ModelCheck


def as_markdown(asked: Sequence[AskedRuntime]) -> str:
    """Return the table; one that is refused is told so, with the reason."""
    lines = [_row(HEADERS), _row(["---"] * 3 + ["---:"] * 4 + ["---"])]
    for each in asked:
        check = each.check
        changed = [f"{name} {100 * change:+.1f}" for name, change in check.recall.items() if change]
        recall = ", ".join(changed) or "as before"
        cells = [each.name, each.version, f"`{check.model}`", str(check.photographs)]
        cells += [f"{check.max_difference:.1e}", f"{check.mean_difference:.1e}", f"{check.agreement:.1%}"]
        lines.append(_row([*cells, f"refused: {check.fault}" if check.fault else recall]))
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
