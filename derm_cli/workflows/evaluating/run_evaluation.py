"""Judging a model by its predictions: ``derm evaluate``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from derm_cli.console import as_json
from derm_cli.data.photographs import Photographs
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.predictions import Predictions, read_predictions, write_predictions
from derm_cli.evaluation.reporting.plots.confusion import draw_confusion
from derm_cli.evaluation.reporting.report import write_report
from derm_cli.files import write_text
from derm_cli.plugin import Predictor
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_finished
from derm_cli.workflows.evaluating.predicted import USUAL, JudgementOptions, judge_classes
from derm_cli.workflows.evaluating.run_facts import background_of
from derm_cli.workflows.predicting.predict import probabilities
from derm_cli.workflows.predicting.run_photographs import cases_of_test_part, read_test_photographs
from derm_cli.workflows.session import Session


def record_evaluation(
    run: RunFolder, test: Predictions, validation: Predictions | None, made: bool, **more: Any
) -> dict[str, Any]:
    """Write a run's predictions, their judgement, its picture and its page; return the judgement as JSON values.

    ``more`` is stored with it.
    """
    write_predictions(test, run / layout.PREDICTIONS)
    if validation is not None:
        write_predictions(validation, run / layout.VALIDATION)
    judgement = judge_classes(run.plan.classes, test, validation)
    content = judgement.to_json() | {"synthetic": made, **more}
    write_text(run / layout.EVALUATION, as_json(content) + "\n")
    title = title_of(run)
    draw_confusion(judgement.evaluation, run / layout.CONFUSION, title, made=made)
    write_report(judgement, test, run / layout.REPORT, title, background_of(run), made=made)
    return content


def predictions_of_run(run: RunFolder) -> tuple[Predictions, Predictions | None]:
    """Return a finished run's test and validation predictions, the latter None where it has no validation part.

    Raises DermError where a file was changed.
    """
    require_finished(run)
    classes = tuple(each.name for each in run.plan.classes)
    test = read_predictions(run.sealed(layout.PREDICTIONS), classes)
    known = run.has_sealed(layout.VALIDATION)
    return test, read_predictions(run.sealed(layout.VALIDATION), classes) if known else None


def judge_run(run: RunFolder, how: JudgementOptions = USUAL) -> Judgement:
    """Judge a finished run's predictions on its target's test part.  Raises DermError where they were changed."""
    test, validation = predictions_of_run(run)
    return judge_classes(run.plan.classes, test, validation, how)


def predictions_of_artefact(
    session: Session, run: RunFolder, predictor: Predictor
) -> tuple[Predictions, Predictions | None]:
    """Return what an artefact says of its run's test photographs, and the run's own validation predictions.

    The photographs are read from their files again.  Raises DermError where one is gone or changed.
    """
    test, validation = predictions_of_run(run)
    cases = cases_of_test_part(run).set_index("case_id", drop=False).loc[list(test.case_ids)].reset_index(drop=True)
    pixels = read_test_photographs(session, run, cases, f"An artefact of run '{run.id}' cannot be judged")
    found = probabilities(predictor, Photographs(((pixels, np.arange(len(cases))),)), "Predicting")
    said = np.array(test.classes)[found.argmax(axis=1)]
    return replace(test, predictions=said, probabilities=found.astype(np.float64)), validation


def named(run: RunFolder, artefact: str | None = None) -> str:
    """Return what a run, or an artefact of it, is called."""
    return f"Artefact {Path(artefact).name} of run {run.id}" if artefact else f"Run {run.id}"


def title_of(run: RunFolder, artefact: str | None = None) -> str:
    """Return what stands above the figures of a run, or of an artefact of it."""
    return f"{named(run, artefact)}, test photographs of {run.plan.target}"


def is_made(run: RunFolder) -> bool:
    """Tell whether a run was trained or tested on photographs made by a program."""
    return run.record.synthetic


def stored_evaluation(run: RunFolder) -> dict[str, Any]:
    """Return the evaluation that a finished run stored.  Raises DermError where it was changed."""
    content: dict[str, Any] = json.loads(run.sealed(layout.EVALUATION).read_text(encoding="utf-8"))
    return content
