"""The file of vectors that a backbone reads in place of photographs: given where it must be, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.data.requests import PreprocessingRequest
from derm_cli.data.vectors import Vectors
from derm_cli.engine.reading import MEAN
from derm_cli.errors import RequestError
from derm_cli.phase_options import Component
from derm_cli.plan import NO_VIEWS, Phase
from derm_cli.plugin import ArtefactFacts, BackboneSpec
from derm_cli.workflows.session import Session

if TYPE_CHECKING:
    from derm_cli.workflows.training.request import TrainRequest


def opened_vectors(spec: BackboneSpec, path: str | Path | None) -> Vectors | None:
    """Open the file that ``--features`` names; None for a backbone that reads photographs.

    Raises RequestError where the backbone reads vectors and there is no file, or the other way round, and DermError
    where the file is no good.
    """
    if spec.vectors is None:
        if path is not None:
            raise RequestError(
                f"--features '{path}' goes with a backbone that reads vectors, but '{spec.name}' reads photographs: "
                "leave it out, or give --backbone features."
            )
        return None
    if path is None:
        raise RequestError(
            f"Backbone '{spec.name}' reads vectors in place of photographs: give --features FILE, with one for each."
        )
    return Vectors(Path(path), spec.vectors(Path(path)))


def vectors_of_model(session: Session, facts: ArtefactFacts, path: str | Path | None) -> Vectors | None:
    """Open the file of vectors by which a run's model is asked about other photographs; None where it reads those.

    Raises RequestError where the file lacks, where there is one that is not read, and where its vectors have another
    length than those that the run learnt from.
    """
    length = facts.preprocessing.vector
    if not length:
        if path is not None:
            raise RequestError(
                f"--features '{path}' goes with a model that reads vectors, but that of run '{facts.run}' reads "
                "photographs: leave it out."
            )
        return None
    vectors = opened_vectors(session.registry.get(BackboneSpec, facts.backbone), path)
    if vectors is not None and vectors.file.dimensions != length:
        raise RequestError(
            f"'{path}' has vectors of {vectors.file.dimensions} numbers, but run '{facts.run}' learnt from vectors of "
            f"{length}: make them by the same foundation model."
        )
    return vectors


def without_pixels(request: TrainRequest, vectors: Vectors | None) -> TrainRequest:
    """Return a request of ``vectors`` without what changes photographs: of a vector it would make another.

    Recipes ask for such things.  Without vectors it is the request itself.  Raises RequestError for a side, a plugin's
    step or a crop that the user asks for, which nobody can have meant.
    """
    if vectors is None:
        return request
    asked = request.preprocessing
    if asked.size is not None and not request.is_of_recipe("size"):
        raise RequestError(f"--size is '{asked.size}', but a vector has no side: leave it out.")
    if asked.preprocess and not request.is_of_recipe("preprocess"):
        raise RequestError(f"--preprocess is '{asked.preprocess[0]}', but a vector has no pixels: leave it out.")
    if asked.crop != "none" and not request.is_of_recipe("crop"):
        raise RequestError(f"--crop is '{asked.crop}', but a vector has no lesion to crop to: leave it out.")
    return replace(
        request,
        preprocessing=PreprocessingRequest(size=vectors.file.side),
        augmentation=None,
        views=NO_VIEWS,
        focus=1.0,
        pooling=MEAN,
    )


def phases_without_pixels(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Return phases that neither mix photographs nor shrink them."""
    return tuple(
        replace(phase, options=replace(phase.options, mixing=Component(name="none"), scale=1.0)) for phase in phases
    )
