"""A whole training by ``derm train``, against a plain Keras script of the same schedule on the same photographs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.measurements import FIRST_STEP, LOST, PEAK, TO_FIRST_STEP, WHOLE, steady
from benchmarks.photographs import PER_CLASS, SIDE, draw_dataset
from benchmarks.processes import PYTHON, ROOT, environment, run, warm_up_libraries
from benchmarks.ratios import Spread, in_turns
from benchmarks.report import Report, Table
from benchmarks.timeline import FILE, Timeline
from benchmarks.training import Derm, Training
from benchmarks.training_task import TrainingTask

ROUNDS = 3
TARGET = 1.5
SUMMARY = (WHOLE, TO_FIRST_STEP, FIRST_STEP, LOST, PEAK)
HEADERS = ("", "derm", "plain Keras", "ratio")
NOTES = (
    "Ratios are plain / derm, round by round; above 1 derm is better.  Both are whole processes, from start to end: "
    "imports, building, training, the model written, the test photographs predicted.",
    "Steady images/s are those of a phase's epochs after its first, from the end of one epoch to the end of the next. "
    "What is lost is by how much longer the phases' first epochs, with all that comes before them, took.",
    "derm packs the photographs anew in each round (an empty cache), writes checkpoints, keeps the stage for later "
    "runs, hashes the frozen blocks before and after each phase, and writes an evaluation with a picture; the plain "
    "script does none of that.",
    "The plain script trains head and blocks at one rate, since Keras has no second one, and is compiled without XLA.",
    "mobilenet-v2 begins with random weights on both sides, since its ImageNet weights would have to be downloaded.",
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is trained: a backbone, the weights that it begins with (``imagenet`` or None), and how much of it."""

    backbone: str
    weights: str | None
    size: int = 128
    epochs: int = 3
    per_class: int = PER_CLASS
    side: int = SIDE
    schedule: str = "frozen-block"

    @property
    def title(self) -> str:
        """The backbone and what it begins with."""
        return f"{self.backbone}, {f'{self.weights} weights' if self.weights else 'random weights'}"

    def chain(self, *datasets: str) -> str:
        """Return ``datasets`` after the weights as --chain has them."""
        return ",".join([*([self.weights] if self.weights else []), *datasets])


CASES = (
    Case(backbone="effnet-lite0", weights="imagenet"),
    Case(backbone="mobilenet-v2", weights=None),
)


def measure(folder: Path, rounds: int = ROUNDS, cases: Sequence[Case] = CASES) -> Report:
    """Train each case in turns: by derm, then by the plain script."""
    tables: list[Table] = []
    notes: list[str] = []
    results: dict[str, Any] = {}
    warm_up_libraries(folder)
    for case in cases:
        derm, plain = in_turns(rounds, Comparison(folder / case.backbone, case).sides)
        compared = [_summary(case, derm, plain), _by_phase(case, derm, plain)]
        tables += [*compared, _accounts(case, derm)]
        notes += _shortfalls(case, compared)
        results[case.backbone] = {
            "case": asdict(case),
            "derm": [each.to_json() for each in derm],
            "plain": [each.to_json() for each in plain],
        }
    return Report(tables, [*NOTES, *notes], results)


class Comparison:
    """A case's two sides in a folder of their own; derm's first run writes down what the plain script is to do."""

    def __init__(self, folder: Path, case: Case) -> None:
        self.folder, self.case = folder, case
        self.data = folder.parent / f"photographs-{case.per_class}-{case.side}"
        self.dataset = draw_dataset(self.data, case.per_class, case.side)
        self.command = Derm(folder, self.data)
        self.task = folder / "task.json"
        self.numbers = count()

    @property
    def sides(self) -> list[Callable[[], Training]]:
        """Both sides, derm's first."""
        return [self.derm, self.plain]

    def derm(self) -> Training:
        """Train by derm's command, with an empty cache."""
        case = self.case
        training = self.command.train(
            backbone=case.backbone,
            chain=case.chain(self.dataset),
            schedule=case.schedule,
            size=case.size,
            epochs=case.epochs,
        )
        if not self.task.exists():
            assert training.run is not None
            TrainingTask.from_run(training.run, self.data / self.dataset, self.folder / "plain.keras").write(self.task)
        return training

    def plain(self) -> Training:
        """Train by the plain script."""
        folder = self.folder / f"plain-{next(self.numbers)}"
        folder.mkdir()
        timeline = folder / "timeline.json"
        command = [PYTHON, "-m", "benchmarks.plain_keras", str(self.task)]
        outcome = run(command, environment([ROOT], **{FILE: str(timeline)}), folder)
        return Training(outcome, Timeline.read(timeline))


def _summary(case: Case, derm: Sequence[Training], plain: Sequence[Training]) -> Table:
    first = derm[0].timeline
    title = (
        f"Engine: {case.title}; {case.schedule}, {len(first.phases)} phases of {case.epochs} epochs, "
        f"{case.size}x{case.size}, {first.images} images shown; synthetic photographs of "
        f"{case.side}x{case.side}; {len(derm)} rounds in turns"
    )
    return Table(title, HEADERS, [each.row(derm, plain) for each in SUMMARY])


def _by_phase(case: Case, derm: Sequence[Training], plain: Sequence[Training]) -> Table:
    rows = [steady(phase, name).row(derm, plain) for phase, name in enumerate(derm[0].timeline.phases)]
    return Table(f"Engine: {case.title}; steady images/s by phase", HEADERS, rows)


def _accounts(case: Case, derm: Sequence[Training]) -> Table:
    """Tell where derm's time went, by its own run.json."""
    accounts = [each.record["seconds"] for each in derm]
    rows = [[name, Spread.of([each[name] for each in accounts]).text(1)] for name in accounts[0]]
    rest = [each.process.seconds - sum(seconds.values()) for each, seconds in zip(derm, accounts, strict=True)]
    rows.append(["all else: imports, packing …", Spread.of(rest).text(1)])
    return Table(f"Engine: {case.title}; where derm's time went (run.json)", ["", "s"], rows)


def _shortfalls(case: Case, compared: Sequence[Table]) -> list[str]:
    """Say where derm is not better, and where the whole run misses its target."""
    notes = []
    for name, *_, ratio in (row for table in compared for row in table.rows):
        middle = float(str(ratio).partition(" ")[0] or "nan")
        if name == WHOLE.name and middle < TARGET:
            notes.append(f"MISSED: {case.backbone}, {name}: {middle:.2f}, to be {TARGET:g} at least.")
        elif middle < 1:
            notes.append(f"Derm is not better: {case.backbone}, {name}: {middle:.2f}.")
    return notes
