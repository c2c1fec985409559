"""The table of runtimes, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derm_cli.markdown import markdown_table
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
    rows = []
    for each in asked:
        check = each.check
        changed = [f"{name} {100 * change:+.1f}" for name, change in check.recall.items() if change]
        recall = ", ".join(changed) or "as before"
        cells = [each.name, each.version, f"`{check.model}`", str(check.photographs)]
        cells += [f"{check.max_difference:.1e}", f"{check.mean_difference:.1e}", f"{check.agreement:.1%}"]
        rows.append([*cells, f"refused: {check.fault}" if check.fault else recall])
    return markdown_table(HEADERS, rows, range(3, 7))
