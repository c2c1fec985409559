"""What keeping the features of the frozen part is worth, where photographs are shown unchanged."""

from __future__ import annotations

from pathlib import Path

from benchmarks.engine import CASES, Case
from benchmarks.measurements import LOST, PEAK, WHOLE, steady
from benchmarks.photographs import draw_dataset
from benchmarks.ratios import in_turns
from benchmarks.report import Report, Table
from benchmarks.training import Derm, Training

ROUNDS = 3
EPOCHS = 10
NOTES = (
    "Ratios are computed / kept, round by round; above 1 keeping is better.  Features are computed anew where "
    "--resident-share 0 leaves no memory to keep them in; the photographs then come through a window.  Both sides find "
    "the photographs packed and no stage stored.  The longer the schedule, the more is saved.",
)


def measure(folder: Path, rounds: int = ROUNDS, case: Case = CASES[0], epochs: int = EPOCHS) -> Report:
    """Train the head alone without augmentation, with features kept and computed at each step, in turns."""
    data = folder / "data"
    name = draw_dataset(data, case.per_class, case.side)
    derm, cache = Derm(folder / "derm", data), folder / "cache"
    derm.call(["data", "ingest", name, "--size", str(case.size)], cache, folder / "ingest")

    def train(**options: object) -> Training:
        return derm.train(
            cache,
            backbone=case.backbone,
            chain=case.chain(name),
            schedule="linear-probe",
            size=case.size,
            epochs=epochs,
            no_augment=True,
            no_store=True,
            **options,
        )

    kept, computed = in_turns(rounds, [train, lambda: train(resident_share=0)])
    assert all(each.record["seconds"]["features"] > 0 for each in kept)
    assert all(each.record["seconds"]["features"] == 0 for each in computed)
    rows = [each.row(kept, computed) for each in (WHOLE, steady(0, "steady images/s"), LOST, PEAK)]
    title = (
        f"Features kept: {case.title}; linear-probe without augmentation, {epochs} epochs, {case.size}x{case.size}, "
        f"{kept[0].timeline.images} images shown; synthetic photographs; {rounds} rounds in turns"
    )
    results = {"kept": [each.to_json() for each in kept], "computed": [each.to_json() for each in computed]}
    return Report([Table(title, ["", "kept", "computed", "ratio"], rows)], NOTES, results)
