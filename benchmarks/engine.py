"""A whole training by ``derm train``, against a plain Keras script of the same schedule on the same photographs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks import stopwatch
from benchmarks.job import Job
from benchmarks.made_plugins import write_distribution
from benchmarks.photographs import PER_CLASS, SIDE, draw
from benchmarks.processes import DERM, PYTHON, ROOT, Outcome, environment, run
from benchmarks.ratios import Spread, in_turns, ratio
from benchmarks.report import Report, Table
from benchmarks.timeline import FILE, Timeline

ROUNDS = 3
TARGET = 1.5
MEBIBYTE = 2**20
HEADERS = ("", "derm", "plain Keras", "ratio")
NOTES = (
    "Ratios are plain / derm, round by round; above 1 derm is better.  Both are whole processes, from start to end: "
    "imports, building, training, the model written, the test photographs predicted.",
    "derm packs the photographs anew in each round (an empty cache), writes a checkpoint each epoch, hashes the frozen "
    "blocks before and after each phase, and writes an evaluation with a picture; the plain script does none of that.",
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


CASES = (
    Case(backbone="effnet-lite0", weights="imagenet"),
    Case(backbone="mobilenet-v2", weights=None),
)


@dataclass(frozen=True)
class Training:
    """A training that ended: the process, and what happened inside it."""

    process: Outcome
    timeline: Timeline

    @property
    def to_first_step(self) -> float | None:
        """Seconds from the start of the process to the end of the first step."""
        step = self.timeline.first_step
        return None if step is None else step - self.process.started

    @property
    def first_step(self) -> float | None:
        """Seconds from the beginning of the stage, its network built, to the end of the first step."""
        step, began = self.timeline.first_step, self.timeline.stage_began
        return None if step is None or began is None else step - began

    def to_json(self) -> dict[str, Any]:
        """Return all that was measured as JSON values."""
        return {**asdict(self.process), **asdict(self.timeline)}


def measure(folder: Path, rounds: int = ROUNDS, cases: Sequence[Case] = CASES) -> Report:
    """Train each case in turns: by derm, then by the plain script."""
    tables, figures = [], {}
    # Once unmeasured, so that the first to train is not the one that reads the libraries from the disk.
    run([PYTHON, "-c", "import keras, tensorflow, pandas, matplotlib.pyplot"], environment(), folder)
    for case in cases:
        place = folder / case.backbone
        derm, plain = in_turns(rounds, Contest(place, case).sides)
        tables += [_summary(case, derm, plain), _by_phase(case, derm, plain)]
        figures[case.backbone] = {
            "case": asdict(case),
            "derm": [each.to_json() for each in derm],
            "plain": [each.to_json() for each in plain],
        }
    return Report(tables, [*NOTES, *_shortfalls(tables)], figures)


class Contest:
    """A case's two sides in a folder of their own; derm's first run writes down what the plain script is to do."""

    def __init__(self, folder: Path, case: Case) -> None:
        self.folder, self.case = folder, case
        self.data = folder.parent / f"photographs-{case.per_class}-{case.side}"
        self.dataset = draw(self.data, case.per_class, case.side)
        write_distribution(folder / "plugins", stopwatch.NAME, stopwatch.MODULE)
        self.environment = partial(environment, [folder / "plugins", ROOT])
        self.job = folder / "job.json"
        self.numbers = count()

    @property
    def sides(self) -> list[Callable[[], Training]]:
        """Both sides, derm's first."""
        return [self.derm, self.plain]

    def derm(self) -> Training:
        """Train by derm's command, with an empty cache."""
        case, place = self.case, self.folder / f"derm-{next(self.numbers)}"
        chain = [*([case.weights] if case.weights else []), self.dataset]
        places = ["--data", str(self.data), "--runs", str(place / "runs"), "--cache", str(place / "cache")]
        options = ["--backbone", case.backbone, "--chain", ",".join(chain), "--schedule", case.schedule]
        numbers = ["--size", str(case.size), "--epochs", str(case.epochs)]
        training = self._train([DERM, *places, "train", *options, *numbers], place)
        if not self.job.exists():
            (made,) = (each for each in (place / "runs").iterdir() if (each / "run.json").exists())
            Job.of_run(made, self.data / self.dataset, self.folder / "plain.keras").write(self.job)
        return training

    def plain(self) -> Training:
        """Train by the plain script."""
        place = self.folder / f"plain-{next(self.numbers)}"
        return self._train([PYTHON, "-m", "benchmarks.plain_keras", str(self.job)], place)

    def _train(self, command: list[str], place: Path) -> Training:
        place.mkdir()
        timeline = place / "timeline.json"
        outcome = run(command, self.environment(**{FILE: str(timeline)}), place)
        return Training(outcome, Timeline.read(timeline))


@dataclass(frozen=True)
class Figure:
    """A figure of a training: its name, how it is read, its digits, and whether more of it is better."""

    name: str
    read: Callable[[Training], float | None]
    digits: int = 1
    more: bool = False

    def row(self, derm: Sequence[Training], plain: Sequence[Training]) -> list[object]:
        """Return both sides' spreads and their ratio, above 1 where derm is better."""
        ours = [each for each in map(self.read, derm) if each is not None]
        theirs = [each for each in map(self.read, plain) if each is not None]
        if len(ours) < len(derm) or len(theirs) < len(plain):
            return [self.name, "not seen", "not seen", ""]
        found = ratio(ours, theirs) if self.more else ratio(theirs, ours)
        return [self.name, Spread.of(ours).text(self.digits), Spread.of(theirs).text(self.digits), found.text()]


SUMMARY = (
    Figure("whole run, s", lambda each: each.process.seconds),
    Figure("process start to first step, s", lambda each: each.to_first_step),
    Figure("network built to first step, s", lambda each: each.first_step),
    Figure("lost in first epochs, s", lambda each: each.timeline.lost),
    Figure("peak memory, MiB", lambda each: each.process.peak_bytes / MEBIBYTE, digits=0),
)


def _summary(case: Case, derm: Sequence[Training], plain: Sequence[Training]) -> Table:
    first = derm[0].timeline
    title = (
        f"Engine: {case.title}; {case.schedule}, {len(first.phases)} phases of {case.epochs} epochs, "
        f"{case.size}x{case.size}, {first.images} images shown; made (synthetic) photographs of "
        f"{case.side}x{case.side}; {len(derm)} rounds in turns"
    )
    return Table(title, HEADERS, [figure.row(derm, plain) for figure in SUMMARY])


def _by_phase(case: Case, derm: Sequence[Training], plain: Sequence[Training]) -> Table:
    rows = [
        Figure(name, partial(_rate, phase), more=True).row(derm, plain)
        for phase, name in enumerate(derm[0].timeline.phases)
    ]
    return Table(f"Engine: {case.title}; steady images/s by phase", HEADERS, rows)


def _rate(phase: int, training: Training) -> float:
    return training.timeline.rate(phase)


def _shortfalls(tables: Sequence[Table]) -> list[str]:
    """Say where derm is not better, and where the whole run misses its target."""
    said = []
    for table in tables:
        for name, *_, found in table.rows:
            middle = float(str(found).partition(" ")[0] or "nan")
            subject = table.title.partition(":")[2].partition(",")[0].strip()
            if str(name).startswith("whole run") and middle < TARGET:
                said.append(f"MISSED: {subject}, {name}: {middle:.2f}, to be {TARGET:g} at least.")
            elif middle < 1:
                said.append(f"Derm is not better: {subject}, {name}: {middle:.2f}.")
    return said
