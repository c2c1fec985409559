"""What the user asked of a training, checked before anything is read."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from derm_cli.errors import DermError, RequestError, did_you_mean
from derm_cli.plan import IMAGENET, LARGEST_MARGIN, RUN_PREFIX, SPLITS, Augmentation, Execution, Preprocessing


@dataclass(frozen=True, kw_only=True)
class TrainRequest:
    """A training as it was asked for; stored with the run, so that it can be repeated.

    ``chain`` may begin with a weight source (``imagenet`` or ``run:ID``); its last dataset is the target, or else
    ``target``, which comes after it.  ``size`` is the side in pixels, the backbone's own where it is None; with it,
    ``resize`` and what follows to ``constancy`` are those of :class:`derm_cli.plan.Preprocessing`.
    ``epochs`` is that of each phase.  ``split`` is ``official``, ``own``, or ``auto``, which is the official one where
    it has a test part.  With ``folds`` of 2 or more the target is divided into as many, of which the one numbered
    ``fold``, from 1, is tested on; 0 stands for all of them, one run after another.  ``phase_options`` holds
    ``[PHASE:]NAME=VALUE``, ``leave_out`` ``DATASET:CLASS``.
    """

    backbone: str
    chain: tuple[str, ...]
    target: str | None = None
    strategy: str = "sequential"
    schedule: str = "frozen-block"
    size: int | None = None
    resize: str = "squash"
    interpolation: str = "nearest"
    profile: str = "srgb"
    crop: str = "none"
    crop_margin: float = 0.2
    constancy: str = "none"
    epochs: int = 3
    head_rate: float = 1e-4
    block_rate: float = 1e-5
    per_class: int = 1
    norm_momentum: float = 0.9
    test_share: float = 0.2
    validation_share: float = 0.1
    split: str = "auto"
    folds: int = 0
    fold: int = 0
    seed: int = 0
    augmentation: Augmentation | None = field(default_factory=Augmentation)
    phase_options: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    execution: Execution = field(default_factory=Execution)

    def __post_init__(self) -> None:
        _whole("--epochs", self.epochs, 1)
        _whole("--per-class", self.per_class, 1)
        _whole("--seed", self.seed, 0)
        if self.size is not None:
            _whole("--size", self.size, 32)
        if not 0 <= self.crop_margin <= LARGEST_MARGIN:
            raise RequestError(f"--crop-margin is '{self.crop_margin}', but must be between 0 and {LARGEST_MARGIN:g}.")
        for option, rate in (("--head-rate", self.head_rate), ("--block-rate", self.block_rate)):
            if not (math.isfinite(rate) and rate > 0):
                raise RequestError(f"{option} is '{rate}', but a learning rate must be above 0.")
        if not 0 < self.test_share < 1:
            raise RequestError(f"--test-share is '{self.test_share}', but must be between 0 and 1, as in 0.2.")
        if not 0 <= self.validation_share < 1:
            raise RequestError(f"--validation-share is '{self.validation_share}', but must be 0 or more and below 1.")
        self._check_split()
        _whole("--devices", self.execution.devices, 0)
        if not 0 <= self.execution.resident_share <= 1:
            raise RequestError(f"--resident-share is '{self.execution.resident_share}', but must be between 0 and 1.")
        if not 0 <= self.norm_momentum < 1:
            raise RequestError(f"--norm-momentum is '{self.norm_momentum}', but must be 0 or more and below 1.")
        for each in self.leave_out:
            if not all(each.partition(":")):
                raise RequestError(f"--leave-out is '{each}', but must be DATASET:CLASS, as in edra:MISC.")
        if self.target:
            # Settled here once, so that a request has one form: the target is the end of its chain.
            if self.chain and self.chain[-1] != self.target:
                object.__setattr__(self, "chain", (*self.chain, self.target))
            object.__setattr__(self, "target", None)
        self._check_chain()

    def _check_split(self) -> None:
        if self.split not in SPLITS:
            raise RequestError(f"--split is '{self.split}', but must be one of {', '.join(SPLITS)}.")
        if self.folds and self.folds < 2:
            raise RequestError(f"--folds is '{self.folds}', but must be 2 or more.")
        if self.fold and not 1 <= self.fold <= self.folds:
            raise RequestError(
                f"--fold is '{self.fold}', but must be between 1 and the number of folds, as in --fold 2/5."
            )
        if self.folds and self.split == "official":
            raise RequestError(
                f"--folds '{self.folds}' and --split '{self.split}' exclude each other: folds are derm's own."
            )

    def _check_chain(self) -> None:
        if not all(self.chain) or not self.chain:
            raise RequestError("The chain is empty: name datasets, as in --chain imagenet,edra,dermofit.")
        for place, name in enumerate(self.chain):
            if place and _is_weights(name):
                raise RequestError(
                    f"'{name}' stands at place {place + 1} of the chain, but gives the weights: put it first."
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
    def weights(self) -> str | None:
        """The weight source that the chain begins with, or None for random weights."""
        return self.chain[0] if _is_weights(self.chain[0]) else None

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets of the chain, the target last."""
        return self.chain[1:] if self.chain and _is_weights(self.chain[0]) else self.chain

    def preprocessing(self, size: int) -> Preprocessing:
        """Return how files become what the network sees, with ``size`` where no other was asked for."""
        return Preprocessing(
            size=self.size or size,
            resize=self.resize,  # type: ignore[arg-type]
            interpolation=self.interpolation,  # type: ignore[arg-type]
            profile=self.profile,  # type: ignore[arg-type]
            crop=self.crop,  # type: ignore[arg-type]
            crop_margin=self.crop_margin,
            constancy=self.constancy,  # type: ignore[arg-type]
        )

    def left_out(self, dataset: str) -> tuple[str, ...]:
        """Return the classes of ``dataset`` that are left out."""
        return tuple(name for owner, _, name in (each.partition(":") for each in self.leave_out) if owner == dataset)

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON values; :meth:`from_json` is the way back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TrainRequest:
        """Rebuild a request.  Raises DermError where it has not the form."""
        try:
            ranges = values["augmentation"]
            augmentation = None if ranges is None else Augmentation(**{k: _tuple(v) for k, v in ranges.items()})
            execution = Execution(**values.get("execution", {}))
            # What was done before these fields were there.
            before: dict[str, Any] = {"profile": "ignored", "validation_share": 0.0, "split": "own"}
            given = before | {key: _tuple(value) for key, value in values.items()}
            return cls(**{**given, "augmentation": augmentation, "execution": execution})
        except (KeyError, TypeError, AttributeError) as error:
            raise DermError(f"The run's request is not one of derm's ({error}): it was changed by hand.") from error


def with_ranges(augmentation: Augmentation, assignments: tuple[str, ...]) -> Augmentation:
    """Change ranges of ``augmentation`` by texts such as ``rotation=0,15`` and ``flip=0``.

    Raises RequestError for an unknown name, a value that is no number, or a range that is no range.
    """
    names = [each.name for each in fields(Augmentation)]
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        if name not in names:
            raise RequestError(f"--augment '{assignment}' names no augmentation.{did_you_mean(name, names)}")
        paired = isinstance(getattr(augmentation, name), tuple)
        try:
            numbers = tuple(float(part) for part in text.split(","))
        except ValueError:
            numbers = ()
        if len(numbers) != (2 if paired else 1) or not all(math.isfinite(each) and each >= 0 for each in numbers):
            wanted = "two numbers, as in rotation=1,30" if paired else "a number, as in flip=0.5"
            raise RequestError(f"--augment '{assignment}' must give {wanted}, none below 0.")
        if paired and numbers[0] > numbers[1]:
            raise RequestError(f"--augment '{assignment}' must give the smaller number first.")
        if not paired and numbers[0] > 1:
            raise RequestError(f"--augment '{assignment}' must give a share between 0 and 1.")
        value: Any = numbers if paired else numbers[0]
        augmentation = replace(augmentation, **{name: value})
    return augmentation


def _is_weights(name: str) -> bool:
    return name == IMAGENET or name.startswith(RUN_PREFIX)


def _whole(option: str, value: int, least: int) -> None:
    if value < least:
        raise RequestError(f"{option} is '{value}', but must be {least} or more.")


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
