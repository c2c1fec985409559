"""A training as the user asks for it, checked before anything is read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from derm_cli.chain_names import IMAGENET, RUN_PREFIX
from derm_cli.data.requests import PreprocessingRequest, SplitRequest
from derm_cli.engine.reading import check_reading
from derm_cli.errors import DermError, RequestError, did_you_mean
from derm_cli.phase_options import Component
from derm_cli.plan import (
    NO_VIEWS,
    PAPER,
    PAPER_AUGMENTATION,
    Execution,
    augmentation_from_json,
    augmentation_to_json,
)
from derm_cli.plugin.contracts.phases import EPOCHS
from derm_cli.workflows.training import limits


@dataclass(frozen=True, kw_only=True)
class TrainRequest:
    """A training as it was asked for; stored with the run, so that it can be repeated.

    ``chain`` may begin with a weight source (``imagenet`` or ``run:ID``); its last dataset is the target, or else
    ``target``, which comes after it.  ``epochs`` is that of each phase.  ``phase_options`` holds
    ``[PHASE:]NAME=VALUE``, ``leave_out`` ``DATASET:CLASS``; ``baselines`` says whether the run is compared with some.
    The other fields are those of :class:`derm_cli.plan.Plan`.  ``recipe`` is the name of the recipe whose values these
    are, but for the options ``beside_recipe``, which won over it: texts such as ``--epochs 5``.  ``teacher`` is a run
    whose answers are learnt from.  ``metadata`` is ``none``, ``auto``, or names of the target's questions, comma by
    comma.  ``features`` is the file of vectors that the backbone reads in place of photographs.  Raises RequestError
    for what cannot be meant.
    """

    backbone: str
    chain: tuple[str, ...]
    target: str | None = None
    strategy: str = "sequential"
    schedule: str = "frozen-block"
    preprocessing: PreprocessingRequest = field(default_factory=PreprocessingRequest)
    epochs: int = 3
    head_rate: float = 1e-4
    block_rate: float = 1e-5
    per_class: int = 1
    norm_momentum: float = 0.9
    splitting: SplitRequest = field(default_factory=SplitRequest)
    seed: int = 0
    augmentation: Component | None = PAPER_AUGMENTATION
    phase_options: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    execution: Execution = field(default_factory=Execution)
    baselines: bool = True
    recipe: str = PAPER
    beside_recipe: tuple[str, ...] = ()
    views: Component = NO_VIEWS
    focus: float = 1.0
    pooling: str = "mean"
    logit_adjustment: float = 0.0
    teacher: str | None = None
    metadata: str = "none"
    features: str | None = None

    def __post_init__(self) -> None:
        limits.check_count("--epochs", self.epochs, 1, EPOCHS)
        limits.check_count("--per-class", self.per_class, 1, limits.PER_CLASS)
        limits.check_count("--seed", self.seed, 0, limits.SEED)
        self._settle_split_seed()
        limits.check_rate("--head-rate", self.head_rate)
        limits.check_rate("--block-rate", self.block_rate)
        check_reading(self.focus, self.pooling)
        if not 0 <= self.logit_adjustment <= 4:
            raise RequestError(f"--logit-adjustment is '{self.logit_adjustment}', but must be from 0 to 4.")
        limits.check_count("--devices", self.execution.devices, 0, limits.DEVICES)
        if not 0 <= self.execution.resident_share <= 1:
            raise RequestError(f"--resident-share is '{self.execution.resident_share}', but must be between 0 and 1.")
        if not 0 <= self.norm_momentum < 1:
            raise RequestError(f"--norm-momentum is '{self.norm_momentum}', but must be 0 or more and below 1.")
        for each in self.leave_out:
            if not all(each.partition(":")):
                raise RequestError(f"--leave-out is '{each}', but must be DATASET:CLASS, as in edra:MISC.")
        if not all(each.strip() for each in self.metadata.split(",")):
            raise RequestError(
                f"--metadata is '{self.metadata}', but must be none, auto, or names of questions, as in age,site,bleed."
            )
        if self.target and not self.chain:
            raise RequestError(
                f"The chain before the target '{self.target}' is empty: say what it begins with, as in --chain "
                'imagenet, or chain = "imagenet" in a file.'
            )
        if self.target:
            # Settled here once, so that a request has one form: the target is the end of its chain.
            if self.chain[-1] != self.target:
                object.__setattr__(self, "chain", (*self.chain, self.target))
            object.__setattr__(self, "target", None)
        self._check_chain()

    def _settle_split_seed(self) -> None:
        split_seed = self.splitting.split_seed
        if split_seed is None:
            return
        limits.check_count("--split-seed", split_seed, 0, limits.SEED)
        # A request has one form: a split by the training's own seed is what is asked for where nothing is said.
        if split_seed == self.seed:
            object.__setattr__(self, "splitting", replace(self.splitting, split_seed=None))

    def _check_chain(self) -> None:
        if not all(self.chain) or not self.chain:
            raise RequestError("The chain is empty: name datasets, as in --chain imagenet,edra,dermofit.")
        for index, name in enumerate(self.chain):
            if index and _is_weights(name):
                raise RequestError(
                    f"'{name}' stands at place {index + 1} of the chain, but gives the weights: put it first."
                )
        if not self.datasets:
            raise RequestError(
                f"The chain '{self.chain[0]}' has no dataset: add one, as in --chain {self.chain[0]},edra."
            )
        for name in self.datasets:
            if self.datasets.count(name) > 1:
                raise RequestError(f"Dataset '{name}' stands twice in the chain: name each dataset once.")
        for each in self.leave_out:
            dataset = each.partition(":")[0]
            if dataset not in self.datasets:
                raise RequestError(
                    f"--leave-out '{each}' names no dataset of the chain.{did_you_mean(dataset, self.datasets)}"
                )

    @property
    def has_batches_of_recipe(self) -> bool:
        """Whether the size of a batch is a recipe's, which knows nothing of how few photographs there are."""
        return self.is_of_recipe("per-class")

    def is_of_recipe(self, option: str) -> bool:
        """Return whether an option's value is that of a recipe, which does not know what is trained on, or by what."""
        return self.recipe != PAPER and not any(each.startswith(f"--{option} ") for each in self.beside_recipe)

    @property
    def recipe_text(self) -> str:
        """The recipe, and what was given beside it, in words."""
        return " ".join([self.recipe, *(["with", *self.beside_recipe] if self.beside_recipe else [])])

    @property
    def weights(self) -> str | None:
        """The weight source that the chain begins with, or None for random weights."""
        return self.chain[0] if _is_weights(self.chain[0]) else None

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets of the chain, the target last."""
        return self.chain[1:] if self.chain and _is_weights(self.chain[0]) else self.chain

    def classes_left_out(self, dataset: str) -> tuple[str, ...]:
        """Return the classes of ``dataset`` that are left out."""
        return tuple(name for owner, _, name in (each.partition(":") for each in self.leave_out) if owner == dataset)

    @property
    def seed_of_split(self) -> int:
        """The seed by which datasets are split."""
        return self.seed if self.splitting.split_seed is None else self.splitting.split_seed

    def with_fold(self, fold: int) -> TrainRequest:
        """Return the request of one fold, from 1."""
        return replace(self, splitting=replace(self.splitting, fold=fold))

    @classmethod
    def from_options(cls, **options: Any) -> TrainRequest:
        """Return the request of flat options: the fields, with those of ``preprocessing`` and ``splitting`` among them.

        Raises TypeError for an unknown option, RequestError for what cannot be meant.
        """
        nested: dict[str, Any] = {
            name: kind(**{each.name: options.pop(each.name) for each in fields(kind) if each.name in options})
            for name, kind in _NESTED.items()
        }
        return cls(**options, **nested)

    @property
    def text(self) -> str:
        """The request as a JSON text, which is the same of all requests that ask for the same."""
        return json.dumps(self.to_json(), sort_keys=True)

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON values, flat as :meth:`from_options` takes it; :meth:`from_json` is the way back.

        Their order is that of the fields, nested ones in place of what holds them: run.json is read by people too.
        """
        flat: dict[str, Any] = {}
        for name, value in asdict(self).items():
            flat |= value if name in _NESTED else {name: value}
        flat["augmentation"] = augmentation_to_json(self.augmentation)
        if not flat["preprocess"]:
            del flat["preprocess"]
        if flat["split_seed"] is None:
            del flat["split_seed"]
        # What the paper's recipe has not is said where it is there alone: a request has one form in every version.
        for name, default in _NOT_OF_THE_PAPER.items():
            if getattr(self, name) == default:
                del flat[name]
        return flat

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TrainRequest:
        """Rebuild a request.  Raises DermError where it has not the form."""
        try:
            augmentation = augmentation_from_json(values["augmentation"])
            views = Component.from_json(values["views"]) if "views" in values else NO_VIEWS
            execution = Execution(**values.get("execution", {}))
            # What was done before these fields were there.
            before: dict[str, Any] = {"profile": "ignored", "validation_share": 0.0, "split": "own", "baselines": False}
            given = before | {key: _tuple(value) for key, value in values.items()}
            return cls.from_options(**{**given, "augmentation": augmentation, "views": views, "execution": execution})
        except (KeyError, TypeError, AttributeError) as error:
            raise DermError(f"The run's request is not one of derm's ({error}): it was changed by hand.") from error


_NESTED: dict[str, type[PreprocessingRequest | SplitRequest]] = {
    "preprocessing": PreprocessingRequest,
    "splitting": SplitRequest,
}
"""The fields that are requests of their own, whose fields stand flat among the options and in run.json."""


_NOT_OF_THE_PAPER: dict[str, Any] = {
    "recipe": PAPER,
    "beside_recipe": (),
    "views": NO_VIEWS,
    "focus": 1.0,
    "pooling": "mean",
    "logit_adjustment": 0.0,
    "teacher": None,
    "metadata": "none",
    "features": None,
}
"""Fields of what the paper's recipe has not, which are stored only where they say something."""


def _is_weights(name: str) -> bool:
    return name == IMAGENET or name.startswith(RUN_PREFIX)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
