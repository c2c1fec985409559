"""What the trainings of a study's rows answered: a predictions table a row, its runs, and what they took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from derm_cli.errors import DermError
from derm_cli.evaluation.averaged_predictions import averaged_predictions
from derm_cli.evaluation.metrics.classification import Evaluation, evaluation_of
from derm_cli.evaluation.predictions import Predictions
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import Runs
from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.storage.folder import StudyFolder, as_left
from derm_cli.studies.storage.record import RunState, StudyRecord
from derm_cli.workflows.evaluating.run_evaluation import is_synthetic, predictions_of_run, validation_predictions
from derm_cli.workflows.session import Session


@dataclass(frozen=True)
class Training:
    """A training of a row: its key, seed and fold, its state, and its run, None where it did not finish."""

    key: str
    seed: int
    fold: int
    state: RunState
    run: RunFolder | None

    @cached_property
    def tested(self) -> Predictions:
        """The answers on its test part.  Raises DermError where they were changed."""
        assert self.run is not None
        return predictions_of_run(self.run)[0]

    @cached_property
    def validated(self) -> Predictions | None:
        """The answers on its validation part, None without one.  Raises DermError where they were changed."""
        assert self.run is not None
        return validation_predictions(self.run)

    @cached_property
    def evaluation(self) -> Evaluation:
        """The metrics of its test part, without intervals."""
        return evaluation_of(self.tested, draws=0)


@dataclass(frozen=True)
class RowAnswers:
    """A row of a study with its trainings.

    ``fault`` says why there are no figures of it; it is empty where all trainings finished and can be read.
    """

    row: StudyRow
    trainings: tuple[Training, ...]
    fault: str = ""

    @property
    def name(self) -> str:
        """The row's name."""
        return self.row.name

    @property
    def finished(self) -> tuple[Training, ...]:
        """The trainings that finished."""
        return tuple(each for each in self.trainings if each.run is not None)

    @cached_property
    def predictions(self) -> Predictions:
        """The answers of all trainings as one table: over folds each case once, over seeds the mean."""
        return averaged_predictions([each.tested for each in self.trainings])

    @property
    def evaluations(self) -> list[Evaluation]:
        """The metrics of each training by itself."""
        return [each.evaluation for each in self.trainings]


@dataclass(frozen=True)
class StudyAnswers:
    """A study with the answers of its rows, in the order in which it names them."""

    folder: StudyFolder
    record: StudyRecord
    rows: tuple[RowAnswers, ...]
    is_synthetic: bool = False
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> list[RowAnswers]:
        """The rows all of whose trainings finished; the reference first, where it is among them."""
        whole = [each for each in self.rows if not each.fault]
        return sorted(whole, key=lambda each: each.name != self.record.spec.reference)


def study_answers(session: Session, folder: StudyFolder) -> StudyAnswers:
    """Return what the trainings of a study answered.

    A row some of whose trainings did not finish, or whose files were changed, has a fault in the place of figures:
    those of fewer trainings, or of other cases, cannot be held against the others'.
    """
    record, runs = folder.record, Runs(session.runs.root)
    states = as_left(folder.states, folder.is_carried_out)
    found = {run.id: run for run in runs.all()}
    rows, synthetic = [], False
    for row in record.spec.rows:
        trainings = []
        for planned in (each for each in record.runs if each.row == row.name):
            state = states.get(planned.key, RunState())
            run = found.get(state.run) if state.is_done else None
            trainings.append(Training(planned.key, planned.seed, planned.fold, state, run))
        answers = RowAnswers(row, tuple(trainings), _fault(trainings))
        synthetic = synthetic or any(is_synthetic(each.run) for each in answers.finished if each.run)
        rows.append(answers)
    return StudyAnswers(folder, record, tuple(rows), synthetic)


def _fault(trainings: Sequence[Training]) -> str:
    """Return why a row has no figures, empty where it has."""
    unfinished = [each for each in trainings if each.run is None]
    if unfinished:
        first = unfinished[0]
        reason = first.state.reason or (f"run '{first.state.run}' is gone" if first.state.is_done else "")
        said = f"{len(unfinished)} of {len(trainings)} trainings did not finish"
        return f"{said} ({first.key} is {first.state.status}{f': {reason}' if reason else ''})".replace(".)", ")")
    try:
        for each in trainings:
            assert each.tested is not None
    except DermError as error:
        return str(error)
    return ""


def seconds_of(training: Training) -> float | None:
    """Return the seconds of training of a run, None where it does not tell."""
    seconds: Any = training.run.record.seconds_training if training.run else None
    return float(seconds) if isinstance(seconds, int | float) else None
