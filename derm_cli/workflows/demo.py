"""The main job on synthetic photographs, from training to a model for a phone: ``derm demo``."""

from __future__ import annotations

import time
from dataclasses import dataclass

from derm_cli.data.requests import PreprocessingRequest, SplitRequest
from derm_cli.phase_options import Component
from derm_cli.plan import PAPER_AUGMENTATION
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.exporting.export import ExportedArtefact, export
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.train import train


@dataclass(frozen=True)
class Demonstration:
    """The result of a demonstration: the run, its artefacts, and the seconds that all took."""

    run: RunFolder
    artefacts: list[ExportedArtefact]
    seconds: float


def request(epochs: int = 1, size: int = 96) -> TrainRequest:
    """Return the demo's training: the chain of the three synthetic domains, small enough for two cores in minutes.

    Few epochs on small photographs need higher learning rates than the paper's, and the paper's darkening of every
    photograph costs a network that is trained so briefly too much (docs/results.md).  No epoch is judged, as in the
    paper, so all that is not tested on is trained on; all else is the default.
    """
    return TrainRequest(
        backbone="effnet-lite0",
        chain=("imagenet", "synthetic-dermoscopy", "synthetic-clinic", "synthetic-phone"),
        preprocessing=PreprocessingRequest(size=size),
        epochs=epochs,
        head_rate=3e-3,
        block_rate=3e-4,
        splitting=SplitRequest(validation_share=0.0),
        augmentation=Component(name="paper", options={**PAPER_AUGMENTATION.options, "brightness": (0.8, 1.2)}),
    )


def demonstrate(session: Session, training: TrainRequest) -> Demonstration:
    """Train as ``training`` says, evaluate, and export for a phone."""
    started = time.monotonic()
    run = train(session, training)
    return Demonstration(run, export(session, run, ["tflite"]), time.monotonic() - started)
