"""The coarse diagnosis: classes that lie in one place of the ISIC hierarchy's second level taken as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.classification import ClassTable, Evaluation
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import Drawn


@dataclass(frozen=True)
class Coarse:
    """The figures of each group of classes: ``members`` names the classes of each, in the order of ``evaluation``."""

    members: dict[str, tuple[str, ...]]
    evaluation: Evaluation

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values; what needs probabilities is None, for none are summed."""
        return {"members": {name: list(each) for name, each in self.members.items()}, **self.evaluation.to_json()}


class CoarseTable:
    """The cases by the group of their class, made ready for draws."""

    def __init__(self, predictions: Predictions, groups: Mapping[str, str]) -> None:
        """Take the group of each class; a class without one is a group of its own."""
        group = {name: groups.get(name, name) for name in predictions.classes}
        self.members = {
            each: tuple(name for name in predictions.classes if group[name] == each) for each in group.values()
        }
        self.table = ClassTable(
            Predictions(
                tuple(self.members),
                predictions.case_ids,
                np.array([group[name] for name in predictions.labels.tolist()]),
                np.array([group[name] for name in predictions.predictions.tolist()]),
                None,
                predictions.about,
            )
        )

    @property
    def merges(self) -> bool:
        """Whether two classes fall together: else there is nothing to tell that the classes do not."""
        return any(len(each) > 1 for each in self.members.values())

    def figures(self, weights: npt.NDArray[Any]) -> Drawn:
        """Return the figures of each draw, as :meth:`ClassTable.figures` does, their names after ``coarse``."""
        return {f"coarse {name}": each for name, each in self.table.figures(weights).items()}

    def coarse(self, drawn: Drawn, method: Literal["bootstrap", "patients"]) -> Coarse:
        """Return the groups' figures, with the intervals that ``drawn`` gives, which may be empty."""
        own = {name.removeprefix("coarse "): each for name, each in drawn.items() if name.startswith("coarse ")}
        return Coarse(self.members, self.table.evaluation(own, method))
