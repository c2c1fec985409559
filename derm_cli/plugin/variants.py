"""Variants of an exporter's format: the same model with fewer bits, or with another input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.errors import SpecError

if TYPE_CHECKING:
    import keras
    import numpy as np
    import numpy.typing as npt

    from derm_cli.plugin.artefact import ArtefactFacts

FLOAT_INPUT = "float-input"
"""The variant, and the ending of a variant's name, whose photographs are float32, 0 to 255, in place of uint8."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CalibrationPhotographs:
    """Photographs of the run's training part, by which a converter settles the ranges of what a network computes.

    ``photographs`` are uint8 RGB (n, size, size, 3), as many of each class as can be had; ``sha256`` has the content
    hash of each one's file.
    """

    photographs: npt.NDArray[np.uint8]
    sha256: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class ExporterVariant:
    """Another file of an exporter's format, ``model-NAME`` and the suffix, and how near to its run it must be.

    ``export(model, facts, path, calibration)`` writes it as the exporter's own ``export`` does; ``facts.variant`` is
    ``name``.  ``calibration`` is None but where ``calibrated`` asks for it (:class:`CalibrationPhotographs`).  The file
    is loaded by the exporter's ``load``, which takes uint8 photographs whatever the file takes.  ``derm export
    --quantize NAME`` asks for it; where the name ends in ``float-input``, ``--float-input`` too.

    The gate, of which something must be given: ``tolerance`` is the largest accepted difference of a probability,
    ``agreement`` the least share of test photographs with the run's answer, 0..1, and ``recall_loss`` by how much the
    recall of a class may fall, 0..1; where that is less than one photograph, none may be lost.
    """

    name: str
    title: str
    export: Callable[[keras.Model, ArtefactFacts, Path, CalibrationPhotographs | None], None]
    tolerance: float | None = None
    agreement: float | None = None
    recall_loss: float | None = None
    calibrated: bool = False

    def __post_init__(self) -> None:
        fits = isinstance(self.name, str) and self.name and all(part.isalnum() for part in self.name.split("-"))
        gate = (self.tolerance, self.agreement, self.recall_loss)
        faults = [
            ("name", self.name, fits and self.name == self.name.lower() and self.name != "none", "lower-case words"),
            ("title", self.title, isinstance(self.title, str) and self.title, "a text"),
            ("export", self.export, callable(self.export), "a function"),
            ("tolerance", gate, any(each is not None for each in gate), "given, or agreement or recall_loss"),
            *(
                (field, getattr(self, field), _is_share(getattr(self, field)), "a number between 0 and 1")
                for field in ("tolerance", "agreement", "recall_loss")
            ),
        ]
        for field, value, holds, wanted in faults:
            if not holds:
                raise SpecError(f"variant '{self.name}': field '{field}' is {value!r}, but must be {wanted}.")


def _is_share(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and 0 < value < 1)
