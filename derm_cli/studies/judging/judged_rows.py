"""The rows of a study by a rule: what each has of it, which seed's run would stand for it, and why it is no choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean
from typing import Any

from derm_cli.errors import one_line
from derm_cli.evaluation.metrics.classification import Evaluation, evaluation_of
from derm_cli.studies.judging.answers import RowAnswers, StudyAnswers
from derm_cli.studies.judging.chosen_run import model_of_row, models_of_row
from derm_cli.studies.judging.rule import Floor, Rule

ASK_FOR_LESS = "ask for less with --at-least"


@dataclass(frozen=True)
class JudgedRow:
    """A row by the rule: the metric that is chosen by, those that are bounded, its size, and why it is no choice.

    ``value`` and ``floors`` are means over the seeds.  ``seed`` is the one whose run would stand for it: the best of
    those that keep the floors by themselves.  ``megabytes`` is the size of what would be its chosen run: of all models
    together, where that is an ensemble.  ``fault`` ends in what to do.  ``is_candidate`` says whether nothing but
    figures may keep it from being chosen.
    """

    name: str
    value: float | None = None
    floors: tuple[float | None, ...] = ()
    megabytes: float | None = None
    fault: str = ""
    seed: int | None = None
    is_candidate: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "row": self.name,
            "value": self.value,
            "at_least": list(self.floors),
            "megabytes": self.megabytes,
            "seed": self.seed,
            "fault": self.fault or None,
        }


def judged_rows(answers: StudyAnswers, rule: Rule) -> list[JudgedRow]:
    """Return the rows by a rule.

    Those that were judged on other cases or classes than the first without a fault are no choice: more of a metric may
    be there because these cases are easier.  Raises RequestError where the rule names a class that there is not.
    """
    whole = answers.whole
    judged = []
    for row in answers.rows:
        fault = row.fault or _other_cases(whole[0], row)
        judged.append(
            JudgedRow(row.name, floors=(None,) * len(rule.floors), fault=fault) if fault else _judged(row, rule)
        )
    return judged


def _other_cases(reference: RowAnswers, row: RowAnswers) -> str:
    """Return by what a row was not judged on the cases and classes of the reference, and what to do, or ''."""
    for ours, theirs in zip(reference.tables, row.tables, strict=True):
        for what, first, second in (
            ("cases", ours.case_ids, theirs.case_ids),
            ("classes", ours.classes, theirs.classes),
        ):
            differing = sorted({*first} ^ {*second})
            if differing:
                return (
                    f"is judged on other {what} than '{one_line(reference.name)}' ('{one_line(differing[0])}' is one "
                    f"of {len(differing)} that only one of both has): rows of one target and one split are chosen "
                    "among, so give it a study of its own"
                )
    return ""


def _judged(row: RowAnswers, rule: Rule) -> JudgedRow:
    evaluations = [evaluation_of(table, draws=0) for table in row.tables]
    values: list[float | None] = [getattr(each, rule.by) for each in evaluations]
    value = _mean(values)
    floors = tuple(_mean(floor.value(each) for each in evaluations) for floor in rule.floors)
    faults = [] if value is not None else [f"has no {rule.by}: name another metric with --by"]
    for floor, found in zip(rule.floors, floors, strict=True):
        if found is None or found < floor.least:
            faults.append(f"has {_share(found)}, where {floor} is asked for: {ASK_FOR_LESS}")
    seeds = dict(zip(row.of_seeds, evaluations, strict=True))
    # What is trained anew is of no seed that was judged, so that the mean alone tells of it.
    keeping = [seed for seed in seeds if rule.refit or _keeps(rule.floors, seeds[seed])]
    if not faults and not keeping:
        faults.append(_no_seed_keeps(rule.floors, seeds))
    megabytes, too_large = _size(row, rule)
    seed = max(keeping, key=lambda each: getattr(seeds[each], rule.by) or 0.0, default=None)
    return JudgedRow(
        row.name, value, floors, megabytes, ", and ".join([*faults, *too_large]), seed, is_candidate=not too_large
    )


def _keeps(floors: Iterable[Floor], evaluation: Evaluation) -> bool:
    return all((value := floor.value(evaluation)) is not None and value >= floor.least for floor in floors)


def _no_seed_keeps(floors: Iterable[Floor], seeds: dict[int, Evaluation]) -> str:
    told = []
    for seed, evaluation in seeds.items():
        floor = next(each for each in floors if not _keeps((each,), evaluation))
        told.append(f"seed {seed} has {_share(floor.value(evaluation))}, where {floor} is asked for")
    return (
        f"keeps its bounds in the mean of its seeds, but no run of it does ({'; '.join(told[:3])}"
        f"{'; …' if len(told) > 3 else ''}): {ASK_FOR_LESS}, or train one anew with --refit, for which the mean counts"
    )


def _size(row: RowAnswers, rule: Rule) -> tuple[float | None, list[str]]:
    """Return the megabytes of what would stand for a row, and as a list of one why they are too many, or unknown."""
    models, of_model, most = models_of_row(row, rule.refit), model_of_row(row), rule.megabytes
    megabytes = None if of_model is None else models * of_model
    if most is None or (megabytes is not None and megabytes <= most):
        return megabytes, []
    if of_model is None:
        return None, [f"has unknown MB, where at most {most:g} are asked for: 'derm export' makes a file"]
    of = f" as an ensemble of its {models} folds, one of which has {of_model:.1f}" if models > 1 else ""
    hint = "--refit makes one model" if models > 1 and of_model <= most else "allow more with --within-mb"
    return megabytes, [f"has {models * of_model:.1f} MB{of}, where at most {most:g} are asked for: {hint}"]


def _share(value: float | None) -> str:
    return "no such metric" if value is None else f"{value:.3f}"


def _mean(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known or not known else mean(each for each in known if each is not None)
