"""What the same command finds done when it is given again: how soon it takes its first step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.engine import CASES, Case
from benchmarks.measurements import FIRST_STEP, TO_FIRST_STEP, WHOLE, Measurement
from benchmarks.photographs import draw_dataset
from benchmarks.processes import warm_up_libraries
from benchmarks.ratios import Spread, in_turns
from benchmarks.report import Report, Table
from benchmarks.training import Derm, Training
from derm_cli.data.packing.pack import FOLDER

ROUNDS = 3
TARGET = 1.0
BUILDING = Measurement("building, s", lambda each: each.record["seconds"]["building"])
COMPILING = Measurement("tracing, compiling, the first step, s", lambda each: each.record["seconds"]["compiling"])
SUMMARY = (WHOLE, TO_FIRST_STEP, FIRST_STEP, BUILDING, COMPILING)
NOTES = (
    "Ratios are first / second, round by round.  The second run has the first one's cache, but not its stages "
    "(--no-store): it decodes no photograph, which is checked.  The linear probe shows augmented photographs, so "
    "nothing of the network's work is kept either, and its program is that of frozen-block's first phase.",
)


def measure(folder: Path, rounds: int = ROUNDS, cases: Sequence[Case] = CASES) -> Report:
    """Give each case's command twice, in an empty cache and then in the same; only how it begins matters."""
    tables: list[Table] = []
    notes: list[str] = []
    results: dict[str, Any] = {}
    warm_up_libraries(folder)
    for case in cases:
        first, second = in_turns(rounds, _sides(folder, case))
        title = (
            f"Second run: {case.title}; linear-probe, {case.size}x{case.size}, {case.per_class} synthetic "
            f"photographs a class of {case.side}x{case.side}; {rounds} rounds in turns"
        )
        tables.append(
            Table(title, ["", "second run", "first run", "ratio"], [each.row(second, first) for each in SUMMARY])
        )
        notes.append(_verdict(case, second))
        results[case.backbone] = {
            "first": [each.to_json() for each in first],
            "second": [each.to_json() for each in second],
        }
    return Report(tables, [*NOTES, *notes], results)


def _sides(folder: Path, case: Case) -> list[Callable[[], Training]]:
    data = folder / f"photographs-{case.per_class}-{case.side}"
    name = draw_dataset(data, case.per_class, case.side)
    derm = Derm(folder / case.backbone, data)
    caches = (folder / case.backbone / f"cache-{number}" for number in count())
    cache = next(caches)

    def train() -> Training:
        return derm.train(
            cache,
            backbone=case.backbone,
            chain=case.chain(name),
            schedule="linear-probe",
            size=case.size,
            epochs=1,
            no_store=True,
        )

    def first() -> Training:
        nonlocal cache
        cache = next(caches)
        return train()

    def second() -> Training:
        before = _packs(cache)
        training = train()
        assert before, "the first run packs"
        assert _packs(cache) == before, "the second run decoded photographs"
        return training

    return [first, second]


def _packs(cache: Path) -> dict[str, int]:
    """Return the packs in a cache, by when they were written."""
    return {path.name: path.stat().st_mtime_ns for path in (cache / FOLDER).glob("*.npy")}


def _verdict(case: Case, second: Sequence[Training]) -> str:
    seconds = Spread.of([each.first_step for each in second if each.first_step is not None])
    word = "Reached" if seconds.middle <= TARGET else "MISSED"
    return f"{word}: {case.backbone}, second run, {FIRST_STEP.name}: {seconds.text()}, to be {TARGET:g} at most."
