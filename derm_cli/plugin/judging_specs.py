"""What plugins add to an evaluation: metrics of their own, computed on the cases of a predictions table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from derm_cli.plugin.spec import Spec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

BETTER = ("higher", "lower")


@dataclass(frozen=True, kw_only=True)
class JudgedClass:
    """A class of a predictions table: its name, and whether its lesions are malignant; None where that is not known."""

    name: str
    severity: Literal["benign", "indeterminate", "malignant"] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedCases:
    """The n cases of a predictions table, or as many that were drawn of them, in which a case may stand several times.

    ``labels`` and ``predictions``, both int (n,), are indices in ``classes``; ``probabilities`` are float64 (n,
    classes).  ``patients``, int (n,), has a number for each patient, or what else keeps photographs together.
    ``attributes`` has by name what is known of each case beside, (n,) of str, '' where it is unknown: sex, age, site
    and what else subgroups are formed by.  No name of a case, patient or file is among them.  The arrays cannot be
    written to.
    """

    classes: tuple[JudgedClass, ...]
    labels: npt.NDArray[np.integer]
    predictions: npt.NDArray[np.integer]
    probabilities: npt.NDArray[np.float64]
    patients: npt.NDArray[np.integer]
    attributes: Mapping[str, npt.NDArray[np.str_]] = field(default_factory=dict)


def cases_of_rows(cases: JudgedCases, rows: npt.NDArray[Any]) -> JudgedCases:
    """Return the cases of ``rows``, indices of which one may be there several times, or flags."""
    return replace(
        cases,
        labels=cases.labels[rows],
        predictions=cases.predictions[rows],
        probabilities=cases.probabilities[rows],
        patients=cases.patients[rows],
        attributes={name: values[rows] for name, values in cases.attributes.items()},
    )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MetricSpec(Spec):
    """A metric of one's own, which ``derm evaluate`` shows beside the others, with an interval by patient.

    ``compute(cases)`` returns a number, NaN where the cases leave it undefined; with ``per_class`` an array of float64
    (classes,), in their order.  It is called for the table and for each bootstrap draw of its patients, thousands of
    times: let it be quick, and the same for the same cases.  ``better`` says whether more or less of it is better.
    ``lowest`` and ``highest`` are the ends of its range, which are held to; None where it has none.  ``unit`` stands
    behind its title; with ``"%"`` it is a share, 0..1, that is shown times 100.  ``decimals`` are shown.
    """

    kind: ClassVar[str] = "metric"
    hook: ClassVar[str] = "derm_metrics"

    name: str
    title: str
    compute: Callable[[JudgedCases], float | npt.NDArray[np.float64]]
    better: Literal["higher", "lower"] = "higher"
    lowest: float | None = None
    highest: float | None = None
    unit: str = ""
    decimals: int = 3
    per_class: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_callable("compute")
        self._require(self.better in BETTER, "better", self.better, "'higher' or 'lower'")
        for end in ("lowest", "highest"):
            value = getattr(self, end)
            fits = value is None or (isinstance(value, int | float) and not isinstance(value, bool))
            self._require(fits, end, value, "a number, or left out")
        ordered = self.lowest is None or self.highest is None or self.lowest < self.highest
        self._require(ordered, "highest", self.highest, f"more than 'lowest', {self.lowest}")
        self._require(isinstance(self.unit, str), "unit", self.unit, "a text")
        fits = isinstance(self.decimals, int) and 0 <= self.decimals <= 10
        self._require(fits, "decimals", self.decimals, "a whole number from 0 to 10")

    def is_in_range(self, value: float) -> bool:
        """Tell whether a value is one that the metric can have; NaN, which is undefined, is one."""
        import math

        if math.isnan(value):
            return True
        above = self.lowest is None or value >= self.lowest - ROUNDING
        below = self.highest is None or value <= self.highest + ROUNDING
        return math.isfinite(value) and above and below


ROUNDING = 1e-9
"""How far beyond its range a value may be."""
