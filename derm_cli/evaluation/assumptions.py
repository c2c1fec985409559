"""What a judgement assumes beside its tables: how common a class is elsewhere, what a mistake costs, a specificity."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from derm_cli.errors import RequestError, did_you_mean
from derm_cli.evaluation import SPECIFICITY
from derm_cli.taxonomy import MALIGNANT


@dataclass(frozen=True)
class Assumptions:
    """What is assumed where a judgement asks what its table cannot tell.

    ``prevalences`` are the shares, between 0 and 1, that classes, or all malignant lesions together (``malignant``),
    have where the classifier is to be used; ``costs`` what mistakes cost, by ``TRUE`` or ``TRUE:PREDICTED``, in any
    unit; ``specificity`` is the one, in 0..1, at which sensitivities are told.
    """

    prevalences: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    costs: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    specificity: float = SPECIFICITY

    @classmethod
    def of(
        cls, prevalences: Iterable[str] = (), costs: Iterable[str] = (), specificity: float = SPECIFICITY
    ) -> Assumptions:
        """Return the assumptions of options such as ``MEL=0.02`` and ``MEL:NEV=20``.

        Raises RequestError for one that has not this form, that has a number which is none of its kind, or that names
        something twice.
        """
        shares = _numbers("--prevalence", "MEL=0.02", "above 0 and below 1", prevalences)
        prices = _numbers("--cost", "MEL:NEV=20", "0 or more", costs)
        for name, share in shares.items():
            if not 0 < share < 1:
                raise RequestError(f"--prevalence is '{name}={share:g}', but must be above 0 and below 1.")
        for name, price in prices.items():
            if not 0 <= price < math.inf:
                raise RequestError(f"--cost is '{name}={price:g}', but must be 0 or more.")
        return cls(shares, prices, specificity)


NO_ASSUMPTIONS = Assumptions()


def _numbers(option: str, example: str, kind: str, given: Iterable[str]) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for text in given:
        # A class's name may have a '=' of its own.
        name, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not name or math.isnan(value):
            raise RequestError(f"{option} is '{text}', but must be as in {option} {example}, with a number {kind}.")
        if name in numbers:
            raise RequestError(f"{option} names '{name}' twice: keep one of them.")
        numbers[name] = value
    return numbers


def check_prevalences(prevalences: Mapping[str, float], classes: tuple[str, ...], *, severity_known: bool) -> None:
    """Raise RequestError where a prevalence is of no class, nor of what is malignant where severities are known."""
    for name in prevalences:
        if name == MALIGNANT and name not in classes and not severity_known:
            raise RequestError(
                f"--prevalence names '{name}', but of no class it is known whether it is that: give --classes-of."
            )
        if name not in (*classes, MALIGNANT):
            raise RequestError(
                f"--prevalence names '{name}', which is no class and not '{MALIGNANT}'."
                f"{did_you_mean(name, (*classes, MALIGNANT))}"
            )


def mistake_of(name: str, classes: tuple[str, ...]) -> tuple[int, int | None]:
    """Return the indices of the true and the predicted class that a cost is of, the latter None for any other.

    Raises RequestError where ``name`` is neither a class nor two with a colon between them.
    """
    if name in classes:
        return classes.index(name), None
    parts = name.split(":")
    for cut in range(1, len(parts)):
        true, predicted = ":".join(parts[:cut]), ":".join(parts[cut:])
        if true in classes and predicted in classes:
            return classes.index(true), classes.index(predicted)
    unknown = next((each for each in parts if each not in classes), name)
    raise RequestError(
        f"--cost names '{name}', but must name classes, as in MEL=20 or MEL:NEV=20; '{unknown}' is none."
        f"{did_you_mean(unknown, classes)}"
    )
