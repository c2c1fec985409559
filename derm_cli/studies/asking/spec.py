"""A study as it is asked for: rows of options of ``derm train``, over seeds and folds."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from derm_cli.errors import RequestError, did_you_mean
from derm_cli.workflows.training.request import TrainRequest

PUBLISHED = ("accuracy", "weighted_f1", "macro_f1")
"""The metrics that figures of a publication are given by, as shares in 0..1."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
"""What a study may be called: its folder's name."""


class TrainOptions(Protocol):
    """The options of ``derm train``: their names, what their values must be, and the request that they come to.

    ``repeated`` are those whose values are lists; ``checked`` raises ValueError, whose text says what a value must be;
    ``default`` is what an option has that is not given ``beside`` others; ``request`` raises RequestError.
    """

    @property
    def names(self) -> Collection[str]: ...

    @property
    def repeated(self) -> Collection[str]: ...

    def checked(self, name: str, value: object) -> Any: ...

    def default(self, name: str, beside: Mapping[str, Any]) -> Any: ...

    def request(self, options: Mapping[str, Any]) -> TrainRequest: ...


@dataclass(frozen=True)
class StudyRow:
    """A row of a study: its name, its options of ``derm train``, and what a publication printed for it, if anything.

    ``published`` has shares in 0..1 by the names of :data:`PUBLISHED`.
    """

    name: str
    options: Mapping[str, Any]
    published: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class StudySpec:
    """A study: each row is trained once for each of ``seeds`` and each of ``folds`` folds, 0 for the one test part.

    ``reference`` is the row that the others are compared with, and that is trained first.  Raises RequestError where
    the name is no name of a folder, where a row's name stands twice, or where there is no such reference.
    """

    name: str
    rows: tuple[StudyRow, ...]
    title: str = ""
    seeds: tuple[int, ...] = (0,)
    folds: int = 0
    reference: str = ""

    def __post_init__(self) -> None:
        check_study_name(self.name)
        names = [row.name for row in self.rows]
        if not names:
            raise RequestError(f"Study '{self.name}' has no row: give options to vary under [grid], or a [[rows]].")
        for name in names:
            if names.count(name) > 1:
                raise RequestError(f"Two rows of study '{self.name}' are called '{name}': give each a name of its own.")
        if not self.reference:
            object.__setattr__(self, "reference", names[0])
        if self.reference not in names:
            raise RequestError(
                f"The reference of study '{self.name}' is '{self.reference}', which is no row."
                f"{did_you_mean(self.reference, names)}"
            )
        for seed in self.seeds:
            if self.seeds.count(seed) > 1:
                raise RequestError(f"The seed '{seed}' stands twice in study '{self.name}': name each once.")

    @property
    def runs_of_row(self) -> tuple[tuple[int, int], ...]:
        """Seed and fold of each run of a row; the fold is 0 where there are none."""
        folds: Sequence[int] = range(1, self.folds + 1) if self.folds else (0,)
        return tuple((seed, fold) for seed in self.seeds for fold in folds)

    def in_order(self) -> tuple[StudyRow, ...]:
        """Return the rows in the order in which they are trained: the reference first."""
        return tuple(sorted(self.rows, key=lambda row: row.name != self.reference))


@dataclass(frozen=True)
class StudyRun:
    """One training of a study: a row, with a seed and a fold, 0 for none.  ``key`` is its name in files and tables."""

    row: str
    seed: int
    fold: int
    request: TrainRequest
    number: int = 0

    @property
    def key(self) -> str:
        """Its number in the study, from 1, four digits or more."""
        return f"{self.number:04d}"


def study_runs(spec: StudySpec, options: TrainOptions) -> tuple[StudyRun, ...]:
    """Return the trainings of a study, those of the reference first.

    All seeds of a row have one split, by which their trainings differ in chance alone and are tested on the same
    photographs: that of its ``split-seed``, else of the first seed.  Raises RequestError, with the row's name, where
    what a row asks for cannot be meant.
    """
    runs: list[StudyRun] = []
    for row in spec.in_order():
        try:
            asked = options.request({**row.options, "seed": spec.seeds[0]})
            for seed, fold in spec.runs_of_row:
                splitting = replace(asked.splitting, folds=spec.folds, fold=fold, split_seed=asked.seed_of_split)
                request = replace(asked, seed=seed, splitting=splitting)
                runs.append(StudyRun(row.name, seed, fold, request, len(runs) + 1))
        except RequestError as error:
            raise RequestError(f"Row '{row.name}' of study '{spec.name}' cannot be trained: {error}") from error
    return tuple(runs)


def check_study_name(name: str) -> None:
    """Raise RequestError where a study cannot be called so, since its folder is."""
    if not NAME.fullmatch(name):
        raise RequestError(
            f"A study cannot be called '{name}': give it letters, digits, '.', '_' and '-', as in --name backbones-2."
        )
