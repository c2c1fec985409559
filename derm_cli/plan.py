"""The plan of a run as data: stages, phases, and every number that training uses.

A plan is printable, hashable and knows nothing of files or networks.  Every default is the paper's (Nedelcu et al.,
HEALTHINFO 2021) unless its description says otherwise.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from derm_cli.errors import RequestError
from derm_cli.phase_options import Component, PhaseOptions, with_tuples
from derm_cli.preprocessing import Preprocessing as Preprocessing  # noqa: PLC0414 - a part of plans
from derm_cli.preprocessing import sha256_of_json
from derm_cli.taxonomy import LesionClass, lesion_class

SPLITS = ("auto", "official", "own")
"""Whose split is asked for; auto is the official one where it has a test part."""


PAPER_AUGMENTATION = Component(
    name="paper",
    options={
        "rotation": (1.0, 30.0),
        "flip": 0.5,
        "zoom": (0.0, 0.2),
        "shift": (0.0, 0.1),
        "brightness": (0.2, 0.8),
        "probability": 1.0,
    },
)
"""The paper's augmentation (section III), which is the default."""
PAPER = "paper"
"""The recipe whose values are the paper's."""
NO_VIEWS = Component(name="none")
"""A photograph is answered as it is."""


def augmentation_to_json(augmentation: Component | None) -> dict[str, Any] | None:
    """Return an augmentation as JSON values: of the paper's the ranges alone, as before there were components."""
    if augmentation is None:
        return None
    return dict(augmentation.options) if augmentation.name == PAPER_AUGMENTATION.name else augmentation.to_json()


def augmentation_from_json(values: dict[str, Any] | None) -> Component | None:
    """Rebuild the augmentation of a plan or a request, which before there were components was the paper's ranges."""
    if values is None:
        return None
    return Component.from_json(values if "name" in values else {"name": "paper", "options": values})


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A part of a stage: which blocks are unfrozen beside the head, for how long, and how fast they learn."""

    name: str
    blocks: tuple[str, ...]
    epochs: int
    head_rate: float
    block_rate: float
    options: PhaseOptions = field(default_factory=PhaseOptions)


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
class OfficialSplit:
    """A dataset that is split as its publisher split it, and the name of that split."""

    dataset: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Teacher:
    """The run whose answers a training learns from (distillation): its id, and the SHA-256 of its ``model.keras``."""

    run: str
    model: str


@dataclass(frozen=True, kw_only=True)
class Execution:
    """How the engine computes what the plan says; all but ``frozen_check`` can change bits.

    ``precision`` is that of the backbone: ``float32``, ``bfloat16``, ``float16``, or ``auto``, which is bfloat16 on
    an accelerator and float32 on a CPU; head, softmax and loss are float32 always.  ``programs`` tells what is
    compiled: one program a ``phase``, one for all phases of a ``stage``, or ``auto``, which is a stage's on an
    accelerator and a phase's on a CPU.  ``devices`` is the number of devices that share each batch; 0 means all
    accelerators. ``deterministic`` asks for kernels that give the same bits each time.  ``frozen_check`` compares
    frozen blocks before and after each phase.  ``resident_share`` is the share of the device's memory that a stage's
    photographs may take to be there whole, and that features may take to be kept in their place, which changes the last
    bits.
    """

    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    programs: Literal["auto", "phase", "stage"] = "auto"
    devices: int = 0
    deterministic: bool = True
    frozen_check: bool = True
    resident_share: float = 0.25


_NOT_OF_THE_PAPER: dict[str, Any] = {
    "views": NO_VIEWS,
    "focus": 1.0,
    "pooling": "mean",
    "logit_adjustment": 0.0,
    "recipe": PAPER,
    "teacher": None,
    "metadata": (),
    "split_seed": None,
}
"""What the paper's plan has not, which is stored only where it is there."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that a run will do, before it is done.

    ``per_class`` is the number of photographs of each class in a batch. ``norm_momentum`` is the share of its old
    statistics that an unfrozen BatchNorm layer keeps at each step; the paper does not tell its own, and Keras's 0.99 is
    for longer phases than the paper's on sets of a few hundred photographs (docs/explanation/results.md).
    ``test_share`` is the share of each dataset that is kept for the test; ``validation_share`` the share of the
    rest that is not trained on but looked at after each epoch, which the paper does not have. With ``folds`` the
    target is divided into so many parts of equal size in place of a share, and the one numbered ``fold``, from 1,
    is tested on. ``split_seed`` is the seed by which datasets are split where that is another than ``seed``, None
    where it is that one. ``official_splits`` are those of the datasets that are split as their publishers did, in
    place of a share. ``views`` are the views of a photograph whose answers are averaged. ``focus`` is the share of each
    side of a photograph, about its middle, that the network looks at; ``pooling`` is what the head reads, ``mean`` or
    ``statistics`` (:mod:`derm_cli.engine.reading`). ``logit_adjustment`` is the share of the log of the classes'
    frequencies that is taken off the finished network's logits (Menon et al. 2021, equation 9). ``recipe`` is the
    recipe that was asked for and what was given beside it, in words: it is no number of the training, so plans that
    differ in it alone have one fingerprint. ``teacher`` is the run whose answers are part of the targets, None
    without one.  ``metadata`` names the questions on the target's patients and lesions whose answers the model
    takes beside the photograph.
    """

    backbone: str
    weights: str | None
    target: str
    stages: tuple[Stage, ...]
    preprocessing: Preprocessing
    augmentation: Component | None = PAPER_AUGMENTATION
    views: Component = NO_VIEWS
    focus: float = 1.0
    pooling: str = "mean"
    logit_adjustment: float = 0.0
    per_class: int = 1
    norm_momentum: float = 0.9
    test_share: float = 0.2
    validation_share: float = 0.1
    seed: int = 0
    split_seed: int | None = None
    folds: int = 0
    fold: int = 0
    official_splits: tuple[OfficialSplit, ...] = ()
    execution: Execution = field(default_factory=Execution)
    recipe: str = field(default=PAPER, compare=False)
    teacher: Teacher | None = None
    metadata: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # A plan has one form, in every version: what is split by its seed says so by saying nothing.
        if self.split_seed == self.seed:
            object.__setattr__(self, "split_seed", None)

    @property
    def seed_of_split(self) -> int:
        """The seed by which datasets are split."""
        return self.seed if self.split_seed is None else self.split_seed

    @property
    def classes(self) -> tuple[LesionClass, ...]:
        """The classes that the finished model gives, in the order of its outputs."""
        return self.stages[-1].classes

    @property
    def keeps_test_part(self) -> bool:
        """Whether photographs of the target are kept for a test: a share, a fold, or those of an official split."""
        return bool(self.test_share or self.folds or self.official_split(self.target))

    @property
    def batch_sizes(self) -> list[int]:
        """The number of photographs in a batch of each stage."""
        return [len(stage.classes) * self.per_class for stage in self.stages]

    def official_split(self, dataset: str) -> str:
        """Return the name of the official split that a dataset is split by, empty where it is split by derm."""
        return next((each.name for each in self.official_splits if each.dataset == dataset), "")

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values; :meth:`from_json` is the way back."""
        import json

        # The steps of its preprocessing have functions, which are no data.
        content = asdict(replace(self, preprocessing=replace(self.preprocessing, steps=())))
        content["augmentation"] = augmentation_to_json(self.augmentation)
        content["preprocessing"] = self.preprocessing.to_json()
        for stage, described in zip(self.stages, content["stages"], strict=True):
            for phase, values in zip(stage.phases, described["phases"], strict=True):
                values["options"] = phase.options.to_json()
        # What the paper has not is said where it is there alone, so that its plan is the one that it always was.
        for name, default in _NOT_OF_THE_PAPER.items():
            if getattr(self, name) == default:
                del content[name]
        values_of_json: dict[str, Any] = json.loads(json.dumps(content))
        return values_of_json

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Plan:
        """Rebuild a plan.  Raises RequestError where a field is missing or unknown."""
        try:
            return cls(
                **{
                    # Before the field was there, nothing was kept back for validation.
                    "validation_share": 0.0,
                    **values,
                    "official_splits": tuple(OfficialSplit(**each) for each in values.get("official_splits", ())),
                    "stages": tuple(_stage(stage) for stage in values["stages"]),
                    "preprocessing": Preprocessing.from_json(values["preprocessing"]),
                    "execution": Execution(**values.get("execution", {})),
                    "augmentation": augmentation_from_json(values["augmentation"]),
                    "teacher": Teacher(**values["teacher"]) if values.get("teacher") else None,
                    "views": Component.from_json(values["views"]) if "views" in values else NO_VIEWS,
                    "metadata": tuple(values.get("metadata", ())),
                }
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RequestError(f"The plan is not one of derm's ({error}): train again to write a new one.") from error

    def fingerprint(self) -> str:
        """Return the SHA-256 of the plan, 64 hexadecimal digits: equal plans have equal fingerprints."""
        content = replace(self, recipe=PAPER).to_json()
        return sha256_of_json(content)


def _stage(values: dict[str, Any]) -> Stage:
    return Stage(
        **{
            **with_tuples(values),
            "classes": tuple(lesion_class(each) for each in values["classes"]),
            "phases": tuple(_phase(phase) for phase in values["phases"]),
        }
    )


def _phase(values: dict[str, Any]) -> Phase:
    return Phase(**{**with_tuples(values), "options": PhaseOptions.from_json(values.get("options", {}))})
