"""The plan of a run as data: stages, phases, and every number that training uses.

A plan is printable, hashable and knows nothing of files or networks.  Every default is the paper's (Nedelcu et al.,
HEALTHINFO 2021) unless its description says otherwise.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from derm_cli.errors import RequestError
from derm_cli.taxonomy import LesionClass, lesion_class

IMAGENET = "imagenet"
RUN_PREFIX = "run:"


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """How a file becomes the square of pixels that the network sees; stored with the run and with every artefact.

    ``size`` is the side in pixels.  ``resize`` is ``squash`` (the paper: the shape is not kept), ``letterbox`` (kept,
    black borders) or ``crop`` (kept, the middle is cut out).  ``interpolation`` is ``nearest`` (the paper),
    ``bilinear`` or ``area``.
    """

    size: int
    resize: Literal["squash", "letterbox", "crop"] = "squash"
    interpolation: Literal["nearest", "bilinear", "area"] = "nearest"


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How training photographs are changed, each time that one is shown; ranges are drawn from uniformly.

    ``rotation`` in degrees, to either side; ``flip`` the probability of a horizontal flip; ``zoom`` the share by which
    the photograph is magnified; ``shift`` the share of the width by which it is moved, to either side; ``brightness``
    the factor that multiplies every pixel; ``probability`` the share of photographs that are changed at all.
    """

    rotation: tuple[float, float] = (1.0, 30.0)
    flip: float = 0.5
    zoom: tuple[float, float] = (0.0, 0.2)
    shift: tuple[float, float] = (0.0, 0.1)
    brightness: tuple[float, float] = (0.2, 0.8)
    probability: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A part of a stage: which blocks are unfrozen beside the head, for how long, and how fast they learn."""

    name: str
    blocks: tuple[str, ...]
    epochs: int
    head_rate: float
    block_rate: float


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One dataset, or several as one, with one list of classes and the phases that train on it.

    ``head`` tells whether the stage begins with a ``new`` head or goes on with the one of the stage before, which must
    then have had the same classes.
    """

    name: str
    datasets: tuple[str, ...]
    classes: tuple[LesionClass, ...]
    phases: tuple[Phase, ...]
    head: Literal["new", "carried"] = "new"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that a run will do, before it is done.

    ``per_class`` is the number of photographs of each class in a batch.  ``norm_momentum`` is the share of its old
    statistics that an unfrozen BatchNorm layer keeps at each step; the paper does not tell its own, and Keras's 0.99 is
    for longer phases than the paper's on sets of a few hundred photographs (docs/results.md).  ``test_share`` is the
    share of each dataset that is kept for the test.
    """

    backbone: str
    weights: str | None
    target: str
    stages: tuple[Stage, ...]
    preprocessing: Preprocessing
    augmentation: Augmentation | None = field(default_factory=Augmentation)
    per_class: int = 1
    norm_momentum: float = 0.9
    test_share: float = 0.2
    seed: int = 0

    @property
    def classes(self) -> tuple[LesionClass, ...]:
        """The classes that the finished model gives, in the order of its outputs."""
        return self.stages[-1].classes

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values; :meth:`from_json` is the way back."""
        import json

        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Plan:
        """Rebuild a plan.  Raises RequestError where a field is missing or unknown."""
        try:
            augmentation = values["augmentation"]
            return cls(
                **{
                    **values,
                    "stages": tuple(_stage(stage) for stage in values["stages"]),
                    "preprocessing": Preprocessing(**values["preprocessing"]),
                    "augmentation": None if augmentation is None else Augmentation(**_tuples(augmentation)),
                }
            )
        except (KeyError, TypeError) as error:
            raise RequestError(f"The plan is not one of derm's ({error}): train again to write a new one.") from error

    def fingerprint(self) -> str:
        """Return the SHA-256 of the plan, 64 hexadecimal digits: equal plans have equal fingerprints."""
        import hashlib
        import json

        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def _stage(values: dict[str, Any]) -> Stage:
    return Stage(
        **{
            **_tuples(values),
            "classes": tuple(lesion_class(each) for each in values["classes"]),
            "phases": tuple(Phase(**_tuples(phase)) for phase in values["phases"]),
        }
    )
