"""The main job on synthetic photographs, from training to a model for a phone: ``derm demo``."""

from __future__ import annotations

import time
from dataclasses import dataclass

from derm_cli.plugin import AugmentationSpec, ViewSpec
from derm_cli.plugin.registry import Registry
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.exporting.export import ExportedArtefact, export
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.component_options import read_component
from derm_cli.workflows.training.recipes import DEFAULT_RECIPE, recipe_options
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.train import train

EPOCHS, SIZE = 2, 96
VALIDATION_SHARE = 0.25
"""Enough patients for the triage thresholds of the report, of which a tenth would promise nothing."""
TAKES = "about 2 minutes on two cores, and 0.1 GB of disk"
"""What the demo takes once derm is installed, with these epochs and this size."""


@dataclass(frozen=True)
class Demonstration:
    """The result of a demonstration: the run, its artefacts, and the seconds that all took."""

    run: RunFolder
    artefacts: list[ExportedArtefact]
    seconds: float


def request(registry: Registry, epochs: int = EPOCHS, size: int = SIZE) -> TrainRequest:
    """Return the demo's training: the default recipe on the chain of the three synthetic domains.

    It is small enough for two cores in minutes, with few epochs on small photographs.
    """
    options = recipe_options(registry, DEFAULT_RECIPE)
    components = {
        name: read_component(registry, kind, options[name], f"--{name}")
        for name, kind in (("augmentation", AugmentationSpec), ("views", ViewSpec))
    }
    changed = {"size": size, "epochs": epochs, "validation_share": VALIDATION_SHARE}
    return TrainRequest.from_options(
        backbone="effnet-lite0",
        chain=("imagenet", "synthetic-dermoscopy", "synthetic-clinic", "synthetic-phone"),
        recipe=DEFAULT_RECIPE,
        beside_recipe=tuple(f"--{name.replace('_', '-')} {value}" for name, value in changed.items()),
        **{**options, **components, **changed},
    )


def demonstrate(session: Session, training: TrainRequest) -> Demonstration:
    """Train as ``training`` says, evaluate, and export for a phone."""
    started = time.monotonic()
    run = train(session, training)
    return Demonstration(run, export(session, run, ["tflite"]), time.monotonic() - started)
