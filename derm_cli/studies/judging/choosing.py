"""The chosen run of a study: the best row by a rule, judged on validation parts or folds, never on a test part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from derm_cli.errors import DermError, RequestError, did_you_mean
from derm_cli.evaluation.averaged_predictions import averaged_predictions
from derm_cli.evaluation.metrics.classification import Evaluation, evaluation_of
from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS, OVERALL_METRICS
from derm_cli.runs.folder import RunFolder
from derm_cli.studies.judging.answers import RowAnswers, Training, study_answers
from derm_cli.studies.judging.chosen_run import model_of_row, models_of_row, run_of_row
from derm_cli.studies.storage.folder import StudyFolder
from derm_cli.workflows.session import Session

BY = "macro_f1"
"""The metric that a row is chosen by where none is named."""
_FLOOR = re.compile(r"(?P<metric>[a-z0-9_]+)(:(?P<label>[^=]+))?=(?P<least>[0-9.]+)", re.ASCII)


@dataclass(frozen=True)
class Floor:
    """A metric, of a class where ``label`` names one, that a row must have at least: a share in 0..1."""

    metric: str
    label: str
    least: float

    @classmethod
    def read(cls, text: str) -> Floor:
        """Read one such as ``sensitivity:MEL=0.8``.  Raises RequestError where it is none."""
        match = _FLOOR.fullmatch(text.strip())
        try:
            least = float(match["least"]) if match else -1.0
        except ValueError:
            least = -1.0
        if match is None or not 0 <= least <= 1:
            raise RequestError(
                f"--at-least is '{text}', but must be METRIC[:CLASS]=SHARE, as in sensitivity:MEL=0.8 or accuracy=0.6."
            )
        label = match["label"] or ""
        known = CLASS_METRICS if label else OVERALL_METRICS
        if match["metric"] not in known:
            raise RequestError(f"--at-least names '{match['metric']}'.{did_you_mean(match['metric'], known)}")
        return cls(match["metric"], label.strip(), least)

    def __str__(self) -> str:
        return f"{self.metric}{f' of {self.label}' if self.label else ''} at least {self.least:g}"

    def value(self, evaluation: Evaluation) -> float | None:
        """Return the metric of an evaluation.  Raises RequestError where it has not the class."""
        if not self.label:
            found: float | None = getattr(evaluation, self.metric)
            return found
        if self.label not in evaluation.per_class:
            raise RequestError(
                f"--at-least names the class '{self.label}'.{did_you_mean(self.label, evaluation.per_class)}"
            )
        of_class: float | None = getattr(evaluation.per_class[self.label], self.metric)
        return of_class


@dataclass(frozen=True)
class Rule:
    """By what a row is chosen: the most of a metric over all classes, among those that have enough, and are small.

    ``megabytes`` bounds what the chosen run has of a row, None does not.  That run is one model trained anew on
    everything where ``refit`` is true, and else as :func:`derm_cli.studies.judging.chosen_run.run_of_row` says.
    Raises RequestError for a metric that there is not, or that is better where there is less of it.
    """

    by: str = BY
    floors: tuple[Floor, ...] = ()
    megabytes: float | None = None
    refit: bool = False

    def __post_init__(self) -> None:
        if self.by not in OVERALL_METRICS:
            raise RequestError(f"--by is '{self.by}'.{did_you_mean(self.by, OVERALL_METRICS)}")


@dataclass(frozen=True)
class JudgedRow:
    """A row by the rule: the metric that is chosen by, those that are bounded, its size, and why it is no choice.

    ``megabytes`` is the size of what would be its chosen run: of all models together, where that is an ensemble.
    """

    name: str
    value: float | None
    floors: tuple[float | None, ...]
    megabytes: float | None
    fault: str


@dataclass(frozen=True)
class StudyChoice:
    """What a rule came to: all rows, the chosen one, its run, and on what rows were judged, in words."""

    rows: tuple[JudgedRow, ...]
    chosen: str
    run: RunFolder
    judged_on: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "chosen": self.chosen,
            "run": self.run.id,
            "judged_on": self.judged_on,
            "rows": [
                {"row": row.name, "value": row.value, "at_least": list(row.floors), "megabytes": row.megabytes}
                | {"fault": row.fault or None}
                for row in self.rows
            ],
        }


def choose_run(session: Session, folder: StudyFolder, rule: Rule) -> StudyChoice:
    """Choose the best row by ``rule``, and make its run the one that commands take by default.

    With folds, rows are judged on the answers that each case had of the model that had not seen it; else on the
    validation part.  No answer on a test part is looked at.  What the run of the chosen row is, is told by
    :func:`derm_cli.studies.judging.chosen_run.run_of_row`.  Raises DermError where no row can be judged so, or none is
    within the rule's bounds, and what that function raises.
    """
    answers = study_answers(session, folder)
    judged = [_judged(each, rule) for each in answers.rows]
    fitting = [each for each in judged if not each.fault and each.value is not None]
    if not fitting:
        reasons = "; ".join(f"'{each.name}' {each.fault}" for each in judged[:3])
        raise DermError(f"No row of study '{folder.name}' can be chosen by this rule ({reasons}): ask for less.")
    best = max(fitting, key=lambda each: each.value or 0.0)
    row = next(each for each in answers.rows if each.name == best.name)
    run = run_of_row(session, answers.record, row, _best_seed(row, rule), rule.refit)
    session.runs.choose(run)
    on = (
        "the folds, each case answered by the model that had not seen it"
        if row.trainings[0].fold
        else "validation parts"
    )
    return StudyChoice(tuple(judged), best.name, run, on)


def _judged(row: RowAnswers, rule: Rule) -> JudgedRow:
    nothing = tuple(None for _ in rule.floors)
    if row.fault:
        return JudgedRow(row.name, None, nothing, None, row.fault)
    evaluations = _evaluations(row)
    if evaluations is None:
        hint = "give the study folds = 5, or validation-share = 0.1"
        return JudgedRow(row.name, None, nothing, None, f"has no validation part: {hint}")
    value = _mean(getattr(each, rule.by) for each in evaluations)
    floors = tuple(_mean(floor.value(each) for each in evaluations) for floor in rule.floors)
    models, of_model = models_of_row(row, rule.refit), model_of_row(row)
    megabytes = None if of_model is None else models * of_model
    faults = [] if value is not None else [f"has no {rule.by}"]
    for floor, found in zip(rule.floors, floors, strict=True):
        if found is None or found < floor.least:
            faults.append(f"has {'no' if found is None else f'{found:.3f}'}, where {floor} is asked for")
    if rule.megabytes is not None and (megabytes is None or megabytes > rule.megabytes):
        size = "unknown" if megabytes is None else f"{megabytes:.1f}"
        of = (
            f" as an ensemble of its {models} folds, one of which has {of_model:.1f}" if models > 1 and of_model else ""
        )
        hint = "; --refit makes one model" if of_model and models > 1 and of_model <= rule.megabytes else ""
        faults.append(f"has {size} MB{of}, where at most {rule.megabytes:g} are asked for{hint}")
    return JudgedRow(row.name, value, floors, megabytes, ", and ".join(faults))


def _evaluations(row: RowAnswers) -> list[Evaluation] | None:
    """Return what a row is judged on: its folds as one table a seed, else each validation part; None without one."""
    seeds = dict.fromkeys(each.seed for each in row.trainings)
    found = [_of_seed([each for each in row.trainings if each.seed == seed]) for seed in seeds]
    return None if None in found else [each for each in found if each is not None]


def _of_seed(trainings: Sequence[Training]) -> Evaluation | None:
    if trainings[0].fold:
        return evaluation_of(averaged_predictions([each.tested for each in trainings]), draws=0)
    validated = trainings[0].validated
    return None if validated is None else evaluation_of(validated, draws=0)


def _best_seed(row: RowAnswers, rule: Rule) -> int:
    seeds = list(dict.fromkeys(each.seed for each in row.trainings))
    values = [getattr(each, rule.by) or 0.0 for each in _evaluations(row) or []]
    return max(zip(values, seeds, strict=True), key=lambda pair: pair[0])[1]


def _mean(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known or not known else mean(each for each in known if each is not None)
