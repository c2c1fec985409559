"""What both sides are to do: written down from derm's own run, so that the plain script trains on the same."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from derm_cli.engine.batches import steps_per_epoch
from derm_cli.plan import Augmentation, Phase, PhaseOptions, Plan
from derm_cli.runs.folder import PLAN, SPLIT


@dataclass(frozen=True, kw_only=True)
class Job:
    """A stage to train: files with their places in the class list, the phases, and the numbers of the plan."""

    backbone: str
    weights: str | None
    size: int
    seed: int
    classes: int
    per_class: int
    steps: int
    augmentation: Augmentation
    phases: tuple[Phase, ...]
    train: tuple[tuple[str, int], ...]
    test: tuple[tuple[str, int], ...]
    model: str

    @classmethod
    def of_run(cls, run: Path, photographs: Path, model: Path) -> Job:
        """Return the job of a run of derm that has one stage and shows its photographs augmented."""
        plan = Plan.from_json(json.loads((run / PLAN).read_text(encoding="utf-8")))
        (stage,) = plan.stages
        assert plan.augmentation is not None
        places = {each.name: place for place, each in enumerate(stage.classes)}
        parts: dict[str, list[tuple[str, int]]] = {"train": [], "test": []}
        with (run / SPLIT).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                parts[row["part"]].append((str(photographs / row["file"]), places[row["label"]]))
        return cls(
            backbone=plan.backbone,
            weights=plan.weights,
            size=plan.preprocessing.size,
            seed=plan.seed,
            classes=len(places),
            per_class=plan.per_class,
            steps=steps_per_epoch(len(parts["train"]), len(places), plan.per_class),
            augmentation=plan.augmentation,
            phases=stage.phases,
            train=tuple(parts["train"]),
            test=tuple(parts["test"]),
            model=str(model),
        )

    def write(self, path: Path) -> None:
        """Write the job to ``path`` as JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Job:
        """Read a job back."""
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        ranges: dict[str, Any] = {name: _tuple(each) for name, each in values["augmentation"].items()}
        return cls(
            **{
                **values,
                "augmentation": Augmentation(**ranges),
                "phases": tuple(_phase(each) for each in values["phases"]),
                "train": tuple((file, place) for file, place in values["train"]),
                "test": tuple((file, place) for file, place in values["test"]),
            }
        )


def _phase(values: dict[str, Any]) -> Phase:
    return Phase(**{**values, "blocks": tuple(values["blocks"]), "options": PhaseOptions(**values["options"])})


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
