"""How a metric of a row differs between its trainings: between seeds and between folds apart, and what each is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from derm_cli.evaluation.metrics.spread import Spread
from derm_cli.studies.asking.spec import StudySpec
from derm_cli.studies.judging.answers import RowAnswers


@dataclass(frozen=True)
class RowSpread:
    """A metric over all ``trainings`` of a row, over its ``seeds`` and over its ``folds``.

    The value of a seed is the mean of its folds', and that of a fold the mean over the seeds, so that all three have
    one mean.  What is of one seed, or one fold, has no standard deviation.
    """

    trainings: Spread
    seeds: Spread
    folds: Spread

    @classmethod
    def of(cls, values: Mapping[tuple[int, int], float | None]) -> RowSpread:
        """Return the spread of ``values`` by seed and fold; those that are None are left out."""
        known = {key: value for key, value in values.items() if value is not None}
        seeds, folds = (
            [
                Spread.of([value for key, value in known.items() if key[axis] == each]).mean
                for each in _each(known, axis)
            ]
            for axis in (0, 1)
        )
        return cls(Spread.of(list(known.values())), Spread.of(seeds), Spread.of(folds))

    @classmethod
    def of_row(cls, row: RowAnswers, metric: str) -> RowSpread:
        """Return the spread of a metric over all classes, by its name, of the test answers of a row's trainings."""
        return cls.of({(each.seed, each.fold): getattr(each.evaluation, metric) for each in row.trainings})


@dataclass(frozen=True)
class Deviation:
    """A standard deviation that a study has: ``between`` seeds or folds, and of what these are means, else ''."""

    between: str
    means_of: str

    def sd(self, spread: RowSpread) -> float | None:
        """Return it for a metric of a row."""
        return spread.seeds.sd if self.between == "seeds" else spread.folds.sd

    def __str__(self) -> str:
        return f"between {self.between}" + (f" (each the mean {self.means_of})" if self.means_of else "")


def deviations(spec: StudySpec) -> tuple[Deviation, ...]:
    """Return the standard deviations of a study: none where a row is one training."""
    has_seeds, has_folds = len(spec.seeds) > 1, spec.folds > 1
    return (
        *([Deviation("seeds", "of its folds" if has_folds else "")] if has_seeds else []),
        *([Deviation("folds", "over the seeds" if has_seeds else "")] if has_folds else []),
    )


def deviations_text(spec: StudySpec, *, has_splits_of_seeds: bool) -> str:
    """Return in sentences what the standard deviations of a study are of; '' where it has none."""
    folds = "of who is learnt from and who is tested on, beside chance in training"
    if has_splits_of_seeds:
        seeds = "of the split and of chance in training together, for each seed has a split of its own"
    else:
        same = "the same folds" if spec.folds else "one split"
        seeds = f"of chance in training alone, for all seeds have {same}"
    told = [f"{each} is {seeds if each.between == 'seeds' else folds}" for each in deviations(spec)]
    return " ".join(f"The standard deviation {each}." for each in told)


def _each(values: Iterable[tuple[int, int]], axis: int) -> list[int]:
    return list(dict.fromkeys(key[axis] for key in values))
