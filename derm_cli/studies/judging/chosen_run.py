"""The run of a chosen row: of its best seed, an ensemble of its folds, or one model trained anew on everything."""

from __future__ import annotations

from dataclasses import replace

from derm_cli.errors import DermError
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.studies.executing.taking import EarlierRuns, take_or_train
from derm_cli.studies.judging.answers import RowAnswers, smallest_export
from derm_cli.studies.storage.record import StudyRecord
from derm_cli.workflows.runs.ensemble import ensemble_once
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.request import TrainRequest


def run_of_row(session: Session, record: StudyRecord, row: RowAnswers, seed: int, refit: bool) -> RunFolder:
    """Return the run that stands for a row: with folds the ensemble of those of ``seed``, without them its run.

    With ``refit`` it is one model, trained as the row was with that seed, but on all photographs (``--test-share 0``);
    one that was trained so before is taken, or gone on with.  Raises DermError where the models of the folds cannot be
    averaged, and what the training raises.
    """
    if refit:
        return take_or_train(session, request_of_refit(record, row, seed), EarlierRuns(session))[0]
    runs = [each.run for each in row.of_seeds[seed] if each.run is not None]
    if len(runs) == 1:
        return runs[0]
    try:
        return ensemble_once(session, runs)
    except DermError as error:
        raise DermError(
            f"The models of the folds of '{row.name}' are no ensemble: {error} With --refit one model is trained."
        ) from error


def request_of_refit(record: StudyRecord, row: RowAnswers, seed: int) -> TrainRequest:
    """Return what a row is trained for with ``seed`` where nobody is kept for a test."""
    asked = next(each.request for each in record.runs if (each.row, each.seed) == (row.name, seed))
    return replace(asked, splitting=replace(asked.splitting, folds=0, fold=0, test_share=0.0))


def models_of_row(row: RowAnswers, refit: bool) -> int:
    """Return of how many models the run would be that stands for a row."""
    return 1 if refit else len(row.of_seeds[row.trainings[0].seed])


def model_of_row(row: RowAnswers) -> float | None:
    """Return the megabytes of one model of a row: its smallest export, else the model itself; None where that is gone.

    A megabyte has 10^6 bytes.
    """
    if (smallest := smallest_export(row.runs)) is not None:
        return smallest / 1e6
    models = [(run / layout.MODEL).stat().st_size for run in row.runs if (run / layout.MODEL).exists()]
    return min(models) / 1e6 if models else None


def ensemble_of_row(row: RowAnswers) -> float | None:
    """Return the megabytes of the smallest export of an ensemble of a row, None where none was made or exported."""
    smallest = smallest_export(row.ensembles)
    return None if smallest is None else smallest / 1e6
