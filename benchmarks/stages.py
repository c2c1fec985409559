"""What the stage store is worth to a chain that begins as an earlier one did."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

from benchmarks.engine import CASES, Case
from benchmarks.measurements import WHOLE
from benchmarks.photographs import draw_dataset
from benchmarks.ratios import in_turns
from benchmarks.report import Report, Table
from benchmarks.training import Derm, Training
from derm_cli.runs.layout import PREDICTIONS
from derm_datasets.synthetic import CLINIC, DERMOSCOPY, PHONE

ROUNDS = 3
NOTES = (
    "Ratios are trained / stored, round by round; above 1 the store is better.  Both runs give the same predictions, "
    "bit for bit, which is checked, and both find the photographs packed.",
)


def measure(folder: Path, rounds: int = ROUNDS, case: Case = CASES[1], epochs: int = 1) -> Report:
    """Train a chain of two stages of which an earlier chain left the first, with the store and without, in turns."""
    data = folder / "data"
    first, earlier, later = (
        draw_dataset(data, case.per_class, case.side, domain.name) for domain in (DERMOSCOPY, CLINIC, PHONE)
    )
    derm, left = Derm(folder / "derm", data), folder / "left"
    caches = (folder / f"cache-{number}" for number in count())

    def train(target: str, cache: Path, **options: object) -> Training:
        chain, numbers = case.chain(first, target), {"size": case.size, "epochs": epochs}
        return derm.train(cache, backbone=case.backbone, chain=chain, schedule=case.schedule, **numbers, **options)

    train(earlier, left)
    derm.call(["data", "ingest", later, "--size", str(case.size)], left, folder / "ingest")

    def again(source: str, **options: object) -> Training:
        # A copy, since a run leaves its own stages in the cache.
        cache = Path(shutil.copytree(left, next(caches)))
        training = train(later, cache, **options)
        assert [stage["source"] for stage in training.record["stages"]] == [source, "trained"]
        return training

    stored, trained = in_turns(rounds, [lambda: again("store"), lambda: again("trained", no_store=True)])
    (same,) = {each.record["files"][PREDICTIONS] for each in (*stored, *trained)}
    title = (
        f"Stage store: {case.title}; {first},{later} after {first},{earlier}; {case.schedule}, {epochs} epoch a phase, "
        f"{case.size}x{case.size}; synthetic photographs; {rounds} rounds in turns"
    )
    results = {
        "predictions": same,
        "stored": [each.to_json() for each in stored],
        "trained": [each.to_json() for each in trained],
    }
    table = Table(title, ["", "first stage stored", "both stages trained", "ratio"], [WHOLE.row(stored, trained)])
    return Report([table], NOTES, results)
