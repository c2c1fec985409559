"""The table of what each variant costs, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.exports.judging import JudgedFile
from benchmarks.exports.timing import Latency
from derm_cli.markdown import markdown_table

HEADERS = (
    *("variant", "size, MB", "median, ms", "95 %, ms", "largest difference", "mean difference", "same answer"),
    *("recall, points", "gate"),
)
NOT_TRAINED = "not told"
LEAST_ABOVE_CHANCE = 0.15
"""Of balanced accuracy: below that a run recognises too little for a class's recall to tell what its file costs."""


@dataclass(frozen=True)
class ShownRun:
    """A run: its backbone, the side of its photographs, where its weights began, and its balanced accuracy, 0..1."""

    backbone: str
    side: int
    weights: str
    classes: int
    balanced_accuracy: float

    @property
    def recognises(self) -> bool:
        """Whether it recognises its classes better than chance, so that losing one costs something."""
        return self.balanced_accuracy - 1 / self.classes >= LEAST_ABOVE_CHANCE

    def title(self) -> str:
        """Return a line about it, in Markdown."""
        told = f"balanced accuracy {self.balanced_accuracy:.1%}, chance {1 / self.classes:.1%}"
        less = "" if self.recognises else "; too little is recognised for a class's recall to tell anything"
        return f"**{self.backbone}**, {self.side}x{self.side}, from {self.weights}; {told}{less}."


def section(run: ShownRun, files: Sequence[tuple[JudgedFile, Latency | None]]) -> str:
    """Return the table of one run's files, below a line about the run."""
    rows = []
    for file, timed in files:
        times = ["", ""] if timed is None else [f"{1000 * each:.1f}" for each in (timed.median, timed.p95)]
        differences = [f"{file.largest:.1e}", f"{file.mean:.1e}", f"{file.agreement:.1%}"]
        recall = _recall(file.recall) if run.recognises else NOT_TRAINED
        gate = f"refused: {'; '.join(file.faults)}" if file.faults else "passed"
        rows.append([f"`{file.variant}`", f"{file.size / 1e6:.1f}", *times, *differences, recall, gate])
    return f"{run.title()}\n\n{markdown_table(HEADERS, rows, range(1, 7))}"


def _recall(changes: dict[str, float]) -> str:
    changed = [f"{name} {100 * change:+.1f}" for name, change in changes.items() if change]
    return ", ".join(changed) or "as before"
