"""What both sides are to do: written down from derm's own run, so that the plain script trains on the same."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from derm_cli.csv_cells import read_rows
from derm_cli.engine.batches import steps_per_epoch
from derm_cli.phase_options import Component, PhaseOptions
from derm_cli.plan import Phase, Plan
from derm_cli.runs.layout import PLAN, SPLIT


@dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """A stage to train: files with their class indices, the phases, and the numbers of the plan."""

    backbone: str
    weights: str | None
    size: int
    seed: int
    classes: int
    per_class: int
    steps: int
    augmentation: Component
    phases: tuple[Phase, ...]
    train: tuple[tuple[str, int], ...]
    test: tuple[tuple[str, int], ...]
    model: str

    @classmethod
    def from_run(cls, run: Path, photographs: Path, model: Path) -> TrainingTask:
        """Return the task of a run of derm that has one stage and shows its photographs augmented."""
        plan = Plan.from_json(json.loads((run / PLAN).read_text(encoding="utf-8")))
        (stage,) = plan.stages
        assert plan.augmentation is not None
        class_indices = {each.name: index for index, each in enumerate(stage.classes)}
        parts: dict[str, list[tuple[str, int]]] = {"train": [], "test": []}
        with (run / SPLIT).open(encoding="utf-8", newline="") as file:
            for row in read_rows(file):
                parts[row["part"]].append((str(photographs / row["file"]), class_indices[row["label"]]))
        return cls(
            backbone=plan.backbone,
            weights=plan.weights,
            size=plan.preprocessing.size,
            seed=plan.seed,
            classes=len(class_indices),
            per_class=plan.per_class,
            steps=steps_per_epoch(len(parts["train"]), len(class_indices), plan.per_class),
            augmentation=plan.augmentation,
            phases=stage.phases,
            train=tuple(parts["train"]),
            test=tuple(parts["test"]),
            model=str(model),
        )

    def write(self, path: Path) -> None:
        """Write the task to ``path`` as JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> TrainingTask:
        """Read a task back."""
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            **{
                **values,
                "augmentation": Component.from_json(values["augmentation"]),
                "phases": tuple(_phase(each) for each in values["phases"]),
                "train": tuple((file, class_index) for file, class_index in values["train"]),
                "test": tuple((file, class_index) for file, class_index in values["test"]),
            }
        )


def _phase(values: dict[str, Any]) -> Phase:
    return Phase(**{**values, "blocks": tuple(values["blocks"]), "options": PhaseOptions.from_json(values["options"])})
