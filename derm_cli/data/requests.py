"""The preprocessing and the split that a user asks for, checked before anything is read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from derm_cli.errors import RequestError
from derm_cli.plan import SPLITS
from derm_cli.preprocessing import LARGEST_MARGIN, NO_STEPS, Preprocessing, PreprocessingStep

SMALLEST_SIZE = 32
"""Pixels a side: what every built-in backbone still gives a feature map for."""
LARGEST_SIZE = 4096
"""Pixels a side: a batch of larger ones fits into no memory."""
LARGEST_FOLDS = 10_000


@dataclass(frozen=True, kw_only=True)
class PreprocessingRequest:
    """A preprocessing as it was asked for: the fields of :class:`derm_cli.plan.Preprocessing`.

    ``size`` is the side in pixels, 32 to 4096; None leaves it to the backbone.  ``preprocess`` are plugins' steps, each
    ``NAME[:OPTION=VALUE,…]``, in their order; ``none`` alone is none.  Raises RequestError for a number out of its
    range, and for ``none`` beside a step.
    """

    size: int | None = None
    resize: Literal["squash", "letterbox", "crop"] = "squash"
    interpolation: Literal["nearest", "bilinear", "area"] = "nearest"
    profile: Literal["srgb", "ignored"] = "srgb"
    crop: Literal["none", "lesion"] = "none"
    crop_margin: float = 0.2
    constancy: Literal["none", "shades-of-grey"] = "none"
    preprocess: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if NO_STEPS in self.preprocess:
            others = [each for each in self.preprocess if each != NO_STEPS]
            if others:
                raise RequestError(
                    f"--preprocess '{NO_STEPS}' and --preprocess '{others[0]}' exclude each other: give one."
                )
            # A request has one form.
            object.__setattr__(self, "preprocess", ())
        if self.size is not None and self.size < SMALLEST_SIZE:
            raise RequestError(f"--size is '{self.size}', but must be {SMALLEST_SIZE} or more.")
        if self.size is not None and self.size > LARGEST_SIZE:
            raise RequestError(f"--size is '{self.size}', but must be {LARGEST_SIZE} or less.")
        if not 0 <= self.crop_margin <= LARGEST_MARGIN:
            raise RequestError(f"--crop-margin is '{self.crop_margin}', but must be between 0 and {LARGEST_MARGIN:g}.")

    def side(self, default_size: int | None = None) -> int:
        """Return the side in pixels, ``default_size`` where none was asked for.  Raises RequestError without either."""
        size = self.size or default_size
        if size is None:
            raise RequestError("--size is missing: give the side of the photographs in pixels, as in --size 224.")
        return size

    def preprocessing(
        self, default_size: int | None = None, steps: tuple[PreprocessingStep, ...] = ()
    ) -> Preprocessing:
        """Return the preprocessing, of ``default_size`` pixels where no size was asked for.

        ``steps`` are what plugins have for the texts ``preprocess``.  Raises RequestError without a size, and where
        steps are asked for that are not given.
        """
        values = asdict(self)
        for text in values.pop("preprocess")[len(steps) :]:
            raise RequestError(f"--preprocess '{text}' was not looked up among the plugins: leave it out.")
        return Preprocessing(**{**values, "size": self.side(default_size), "steps": steps})


@dataclass(frozen=True, kw_only=True)
class SplitRequest:
    """A split as it was asked for: what is tested on, and what epochs are judged by.

    ``test_share``, from 0 and below 1, is the share of each dataset that is kept for the test, 0 for nobody;
    ``validation_share``, from 0 and below 1, that of the rest which is kept for validation.  ``split`` is ``official``,
    ``own``, or ``auto``, which is the official one where it has a test part.  With ``folds`` of 2 or more the target is
    divided into as many, of which the one numbered ``fold``, from 1, is tested on; 0 stands for all of them, one run
    after another.  ``split_seed`` draws the split; None leaves it to the seed of the training.  Raises RequestError for
    a split that cannot be meant.
    """

    test_share: float = 0.2
    validation_share: float = 0.1
    split: str = "auto"
    folds: int = 0
    fold: int = 0
    split_seed: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.test_share < 1:
            raise RequestError(
                f"--test-share is '{self.test_share}', but must be between 0 and 1, as in 0.2; 0 keeps nobody for a "
                "test."
            )
        if not 0 <= self.validation_share < 1:
            raise RequestError(f"--validation-share is '{self.validation_share}', but must be 0 or more and below 1.")
        if self.split not in SPLITS:
            raise RequestError(f"--split is '{self.split}', but must be one of {', '.join(SPLITS)}.")
        if self.folds and self.folds < 2:
            raise RequestError(f"--folds is '{self.folds}', but must be 2 or more.")
        if self.folds > LARGEST_FOLDS:
            raise RequestError(f"--folds is '{self.folds}', but must be {LARGEST_FOLDS} or less.")
        if self.fold and not 1 <= self.fold <= self.folds:
            raise RequestError(
                f"--fold is '{self.fold}', but must be between 1 and the number of folds, as in --fold 2/5."
            )
        if self.folds and self.split == "official":
            raise RequestError(
                f"--folds '{self.folds}' and --split '{self.split}' exclude each other: folds are derm's own."
            )

    @property
    def is_cross_validation(self) -> bool:
        """Whether every fold is asked for, one run after another."""
        return self.folds > 0 and not self.fold
