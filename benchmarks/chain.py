"""The paper's whole chain: what its compilation costs, cold and warm, and how fast its steps are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import paper_sets
from benchmarks.accelerator import BackendDevice
from benchmarks.measurements import MEBIBYTE
from benchmarks.report import Report, Table
from benchmarks.training import Derm, Training
from derm_cli.plan import Plan
from derm_cli.runs.layout import PLAN

COMPILED = "programs"
"""Where the cache holds what XLA compiled."""
LEAST_RATE, MOST_LOST = 1600, 10
"""What is to be reached: images a second at least, and percent of the chain at most."""
TO_BEAT = Table(
    "To beat, from another measurement: EfficientNet-B3, 300x300, batch 13, bfloat16, one H100",
    ["", "images/s"],
    [
        ["aimed at, unfrozen", LEAST_RATE],
        ["plain Keras and XLA, unfrozen", 1071],
        ["timm (PyTorch) as a CUDA graph, unfrozen", 797],
        ["timm (PyTorch) eagerly, unfrozen", 197],
        ["plain Keras and XLA, head alone", 3427],
    ],
)
NOTES = (
    "Cold begins without a compiled program, warm with those of the cold run; both find the images packed and train "
    "every stage (--no-store).  Images/s are those of the steps alone, in the middle one of a phase's epochs.  "
    "Unfrozen is the last phase, head alone the first one, both of the last stage.  Weights are random: what a step "
    "costs does not depend on them.",
)


@dataclass(frozen=True, kw_only=True)
class Chain:
    """What is trained, by default what the paper trains; ``images`` is their number, None for the paper's own."""

    datasets: tuple[str, ...] = tuple(paper_sets.PAPER_SETS)
    backbone: str = "effnet-b3"
    schedule: str = "frozen-block"
    size: int = 300
    epochs: int = 3
    images: int | None = None
    precision: str = "bfloat16"

    @property
    def is_papers(self) -> bool:
        """Whether this is the paper's own, so that its figures can be set beside others'."""
        return self == Chain()


@dataclass(frozen=True)
class ChainRun:
    """A training of the chain, with ``programs`` by stage or by phase; ``compiled`` of them were not in the cache.

    ``cache`` is ``cold`` or ``warm``.
    """

    programs: str
    cache: str
    compiled: int
    training: Training

    @property
    def name(self) -> str:
        """What a table calls it."""
        return f"by {self.programs}, {self.cache}"

    @property
    def seconds(self) -> Mapping[str, float]:
        """Derm's own seconds by account."""
        seconds: dict[str, float] = self.training.record["seconds"]
        return seconds

    @property
    def other_seconds(self) -> float:
        """The seconds of the whole run that are on none of derm's accounts."""
        return self.training.process.seconds - sum(self.seconds.values())

    @property
    def lost_percent(self) -> float:
        """The percent of the whole run that went into building and compiling."""
        return 100 * (self.seconds["building"] + self.seconds["compiling"]) / self.training.process.seconds

    @cached_property
    def batches(self) -> dict[str, int]:
        """The images in a batch, by stage."""
        assert self.training.run is not None
        plan = Plan.from_json(json.loads((self.training.run / PLAN).read_text(encoding="utf-8")))
        return {stage.name: len(stage.classes) * plan.per_class for stage in plan.stages}

    @property
    def steps(self) -> int:
        """The steps that were taken."""
        return sum(int(row["images"]) // self.batches[row["stage_name"]] for row in self.training.history)

    @cached_property
    def rates(self) -> dict[tuple[str, str], float]:
        """Images a second of each phase, by the names of its stage and of itself."""
        by_phase: dict[tuple[str, str], list[float]] = {}
        for row in self.training.history:
            by_phase.setdefault((row["stage_name"], row["phase_name"]), []).append(float(row["images_per_second"]))
        return {phase: round(median(rates), 1) for phase, rates in by_phase.items()}

    @property
    def unfrozen(self) -> float:
        """Images a second in the last phase of all."""
        return list(self.rates.values())[-1]

    @property
    def head_alone(self) -> float:
        """Images a second in the first phase of the last stage."""
        last = list(self.batches)[-1]
        return next(rate for (stage, _), rate in self.rates.items() if stage == last)

    @property
    def device_bytes(self) -> float | None:
        """The most memory of the accelerator that was taken, None where nobody tells."""
        bytes_by_epoch = [row["device_memory_bytes"] for row in self.training.history]
        return max(map(float, filter(None, bytes_by_epoch)), default=None)

    def to_json(self) -> dict[str, Any]:
        """Return all that was measured as JSON values."""
        return {
            "programs": self.programs,
            "cache": self.cache,
            "compiled": self.compiled,
            "lost_percent": self.lost_percent,
            "steps": self.steps,
            "device_bytes": self.device_bytes,
            "rates": [[*phase, rate] for phase, rate in self.rates.items()],
            **self.training.to_json(),
        }


ROWS: tuple[tuple[str, Callable[[ChainRun], object]], ...] = (
    ("whole run, s", lambda each: round(each.training.process.seconds, 1)),
    ("building, s", lambda each: each.seconds["building"]),
    ("compiling, s", lambda each: each.seconds["compiling"]),
    ("building and compiling, % of the whole run", lambda each: round(each.lost_percent, 1)),
    ("stepping, s", lambda each: each.seconds["stepping"]),
    ("all else, s: imports, packing found again …", lambda each: round(each.other_seconds, 1)),
    ("programs compiled and kept", lambda each: each.compiled),
    ("images/s, unfrozen", lambda each: each.unfrozen),
    ("images/s, head alone", lambda each: each.head_alone),
    ("peak memory of the accelerator, MiB", lambda each: _mebibytes(each.device_bytes)),
    ("peak memory of the process, MiB", lambda each: _mebibytes(each.training.process.peak_bytes)),
)


def measure(folder: Path, chain: Chain, device: BackendDevice, programs: Sequence[str]) -> Report:
    """Train the chain with each kind of ``programs``, cold and then warm, on ``device``."""
    data, cache = folder / "data", folder / "cache"
    images = paper_sets.write_sets(chain.datasets, data, chain.images, chain.size)
    derm = Derm(folder / "derm", data, KERAS_BACKEND=device.backend)
    for name in chain.datasets:
        derm.call(["data", "ingest", name, "--size", str(chain.size)], cache, folder / "ingest")
    chain_runs = []
    for kind in programs:
        shutil.rmtree(cache / COMPILED, ignore_errors=True)
        for state in ("cold", "warm"):
            before = _compiled(cache)
            training = derm.train(
                cache,
                backbone=chain.backbone,
                chain=",".join(chain.datasets),
                schedule=chain.schedule,
                size=chain.size,
                epochs=chain.epochs,
                precision=chain.precision,
                programs=kind,
                no_store=True,
            )
            chain_runs.append(ChainRun(kind, state, len(_compiled(cache) - before), training))
    results = {
        "chain": asdict(chain),
        "seen": asdict(device),
        "images": images,
        "carried": [each.to_json() for each in chain_runs],
    }
    return Report(_tables(chain, device, images, chain_runs), [*NOTES, *_verdicts(chain, chain_runs)], results)


def _compiled(cache: Path) -> set[str]:
    return {path.name for path in (cache / COMPILED).glob("*") if path.is_file()}


def _tables(chain: Chain, device: BackendDevice, images: int, chain_runs: Sequence[ChainRun]) -> list[Table]:
    first = chain_runs[0]
    title = (
        f"Chain: {chain.backbone}, {chain.size}x{chain.size}, {chain.precision}; {chain.schedule}, epochs a phase: "
        f"{chain.epochs}, {first.steps} steps; {', '.join(chain.datasets)} with {images} synthetic images; "
        f"{device.backend} {device.version} on {device.device}"
    )
    headers = ["programs", *(each.name for each in chain_runs)]
    rows = [[name, *(_or_not_told(read(each)) for each in chain_runs)] for name, read in ROWS]
    phases = [
        [f"{stage} (batch {first.batches[stage]}), {phase}", *(each.rates[stage, phase] for each in chain_runs)]
        for stage, phase in first.rates
    ]
    return [Table(title, headers, rows), Table("Chain: images/s by phase", headers, phases), TO_BEAT]


def _mebibytes(count: float | None) -> int | None:
    return None if count is None else round(count / MEBIBYTE)


def _or_not_told(value: object) -> object:
    return "not told" if value is None else value


def _verdicts(chain: Chain, chain_runs: Sequence[ChainRun]) -> list[str]:
    """Say what was reached; only the paper's own chain can be held against the numbers to beat."""
    if not chain.is_papers:
        return ["This is not the paper's own chain: its figures cannot be set beside those to beat."]
    verdicts = []
    for each in chain_runs:
        if each.cache == "warm":
            rate = f"{each.unfrozen:.0f} images/s unfrozen, to be {LEAST_RATE} at least."
            lost = f"{each.lost_percent:.1f} % of the run spent on building and compiling, to be {MOST_LOST} % at most."
            verdicts.append(f"{_verdict(each.unfrozen >= LEAST_RATE)}: {each.name}, {rate}")
            verdicts.append(f"{_verdict(each.lost_percent <= MOST_LOST)}: {each.name}, {lost}")
    return verdicts


def _verdict(reached: bool) -> str:
    return "Reached" if reached else "MISSED"
