"""Evaluates a finished run on its test photographs: predictions tables, their judgement, and the files of the run."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from derm_cli.console import as_json
from derm_cli.data.photographs import Photographs
from derm_cli.evaluation import REFER_AT
from derm_cli.evaluation.assumptions import NO_ASSUMPTIONS, Assumptions
from derm_cli.evaluation.baseline_predictions import BaselinePredictions, read_baselines, write_baselines
from derm_cli.evaluation.grouping import LESION, PATIENT, group_column
from derm_cli.evaluation.intervals.resampling import DRAWS
from derm_cli.evaluation.judging import Judgement, judge
from derm_cli.evaluation.metrics.severity import DIAGNOSIS
from derm_cli.evaluation.metrics.subgroups import SUBGROUP_COLUMNS
from derm_cli.evaluation.predictions import Predictions, read_predictions, write_predictions
from derm_cli.evaluation.reporting.plots.confusion_png import draw_confusion
from derm_cli.evaluation.reporting.plugin_sections import plugin_sections
from derm_cli.evaluation.reporting.report import write_report
from derm_cli.files import write_text
from derm_cli.plugin import MetricSpec, Predictor, ReportSectionSpec
from derm_cli.plugin.subgroup_columns import OWN_SUBGROUP
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_finished
from derm_cli.taxonomy import LesionClass, class_severity, coarse_diagnosis
from derm_cli.workflows.evaluating.answers import answers_of_run
from derm_cli.workflows.evaluating.lesions import lesion_numbers
from derm_cli.workflows.evaluating.no_test import require_test_part
from derm_cli.workflows.evaluating.report_facts import report_facts
from derm_cli.workflows.predicting.predict import predictor_probabilities
from derm_cli.workflows.predicting.run_photographs import cases_of_test_part, read_photographs_of_cases
from derm_cli.workflows.session import Session

if TYPE_CHECKING:
    import pandas as pd

    from derm_cli.data.samples import Samples

GROUP_COLUMN = "group"
"""The records' column with the salted hash of what must stay together: a patient, a lesion, or copies."""


@dataclass(frozen=True)
class JudgementOptions:
    """The draws of the bootstrap, and the sensitivities that the thresholds *now* and *soon* are chosen for.

    ``assumptions`` tell of what the tables cannot; ``metrics`` and the report's ``sections`` are
    those of plugins.
    """

    draws: int = DRAWS
    refer_at: tuple[float, float] = REFER_AT
    assumptions: Assumptions = NO_ASSUMPTIONS
    metrics: tuple[MetricSpec, ...] = ()
    sections: tuple[ReportSectionSpec, ...] = ()


DEFAULT_OPTIONS = JudgementOptions()


def predictions_of_samples(
    classes: tuple[LesionClass, ...], samples: Samples, probabilities: npt.NDArray[np.float32]
) -> Predictions:
    """Return the predictions table of samples, with the columns that subgroups are formed by.

    ``probabilities`` is float32 (samples, classes).  Patients are told apart by the salted hashes of their groups,
    never by their own numbers, and their lesions, where that says more, by numbers within these.  Where not every case
    names its patient, the groups are not called so.
    """
    class_names = np.array([each.name for each in classes])
    cases = samples.cases
    has_patient, has_lesion = (_known(cases, name) for name in (PATIENT, LESION))
    groups = group_column(has_patient, has_lesion)
    columns = {
        groups: GROUP_COLUMN,
        **{name: name for name in (DIAGNOSIS, *SUBGROUP_COLUMNS)},
        **{name: name for name in map(str, cases.columns) if name.startswith(OWN_SUBGROUP)},
    }
    metadata = {
        name: cases[column].astype(object).where(cases[column].notna(), "").map(_text).to_numpy(dtype=np.str_)
        for name, column in columns.items()
        if column in cases
    }
    if groups in metadata and groups != LESION and LESION in cases:
        lesions = cases[LESION].astype(object).where(cases[LESION].notna(), "").map(str).tolist()
        numbers = lesion_numbers(metadata[groups].tolist(), lesions)
        metadata |= {} if numbers is None else {LESION: numbers}
    return Predictions(
        classes=tuple(class_names.tolist()),
        case_ids=tuple(cases["case_id"].astype(str)),
        labels=class_names[samples.labels],
        predictions=class_names[probabilities.argmax(axis=1)],
        probabilities=probabilities.astype(np.float64),
        metadata=metadata,
    )


def judge_predictions(
    classes: tuple[LesionClass, ...],
    test: Predictions,
    validation: Predictions | None,
    options: JudgementOptions = DEFAULT_OPTIONS,
    baselines: tuple[BaselinePredictions, ...] = (),
) -> Judgement:
    """Judge test predictions by the severities and coarse diagnoses of ``classes``; none where these are unknown.

    ``baselines`` are held beside them.
    """
    severities = {each.name: class_severity(each) for each in classes}
    coarse_diagnoses = {each.name: coarse_diagnosis(each) for each in classes}
    return judge(
        test,
        severities,
        validation,
        options.draws,
        coarse_diagnoses=coarse_diagnoses,
        refer_at=options.refer_at,
        baselines=baselines,
        assumptions=options.assumptions,
        metrics=options.metrics,
    )


def record_evaluation(
    run: RunFolder,
    test: Predictions,
    validation: Predictions | None,
    synthetic: bool,
    baselines: tuple[BaselinePredictions, ...] = (),
    *,
    options: JudgementOptions = DEFAULT_OPTIONS,
    **more: Any,
) -> dict[str, Any]:
    """Write a run's predictions, evaluation.json, confusion.png and report.html; return evaluation.json's values.

    The predictions of ``baselines`` are written beside them.

    ``synthetic`` tells whether synthetic photographs were trained or tested on; ``more`` is stored with the evaluation.
    """
    write_predictions(test, run / layout.PREDICTIONS)
    if validation is not None:
        write_predictions(validation, run / layout.VALIDATION)
    write_baselines(baselines, run / layout.BASELINES)
    judgement = judge_predictions(run.plan.classes, test, validation, options, baselines)
    values = judgement.to_json() | {"synthetic": synthetic, **more}
    write_text(run / layout.EVALUATION, as_json(values) + "\n")
    title = evaluation_title(run)
    draw_confusion(judgement.evaluation, run / layout.CONFUSION, title, synthetic=synthetic)
    added = plugin_sections(options.sections, title, judgement, test, values, synthetic=synthetic)
    write_report(judgement, test, run / layout.REPORT, title, report_facts(run), synthetic=synthetic, added=added)
    return values


def predictions_of_run(run: RunFolder) -> tuple[Predictions, Predictions | None]:
    """Return a finished run's test and validation predictions, the latter None where it has no validation part.

    Raises DermError where a file was changed, and where nobody was kept for a test.
    """
    return tested_predictions(run), validation_predictions(run)


def tested_predictions(run: RunFolder) -> Predictions:
    """Return a finished run's test predictions.

    Raises DermError where the file was changed, and where nobody was kept for a test.
    """
    require_finished(run)
    require_test_part(run)
    return read_predictions(run.sealed(layout.PREDICTIONS), tuple(each.name for each in run.plan.classes))


def validation_predictions(run: RunFolder) -> Predictions | None:
    """Return a finished run's validation predictions, None where it has no validation part.

    Raises DermError where the file was changed.
    """
    if not run.has_sealed(layout.VALIDATION):
        return None
    return read_predictions(run.sealed(layout.VALIDATION), tuple(each.name for each in run.plan.classes))


def predictions_of_artefact(
    session: Session, run: RunFolder, predictor: Predictor
) -> tuple[Predictions, Predictions | None]:
    """Return an artefact's predictions of its run's test photographs, and the run's own validation predictions.

    The photographs are read from their files again.  Raises DermError where one is gone or changed.
    """
    test, validation = predictions_of_run(run)
    cases = cases_of_test_part(run).set_index("case_id", drop=False).loc[list(test.case_ids)].reset_index(drop=True)
    pixels = read_photographs_of_cases(session, run, cases, f"An artefact of run '{run.id}' cannot be judged")
    photographs, encoding = Photographs(((pixels, np.arange(len(cases))),)), predictor.facts.answers
    answers = None if encoding is None else answers_of_run(run, encoding, list(test.case_ids))
    predicted = predictor_probabilities(predictor, photographs, "Predicting", answers)
    labels = np.array(test.classes)[predicted.argmax(axis=1)]
    return replace(test, predictions=labels, probabilities=predicted.astype(np.float64)), validation


def judge_run(run: RunFolder, options: JudgementOptions = DEFAULT_OPTIONS) -> Judgement:
    """Judge a finished run's predictions on its target's test part.  Raises DermError where they were changed."""
    test, validation = predictions_of_run(run)
    return judge_predictions(run.plan.classes, test, validation, options, baselines_of_run(run, test))


def baselines_of_run(run: RunFolder, test: Predictions) -> tuple[BaselinePredictions, ...]:
    """Return what a finished run's baselines predicted for the cases of ``test``; none of a run that has none.

    Raises DermError where a file was changed.
    """
    known = (stored_evaluation(run).get("baselines") or {}) if run.has_sealed(layout.EVALUATION) else {}
    path = run.sealed(layout.BASELINES) if run.has_sealed(layout.BASELINES) else None
    return read_baselines(path, test, known)


def stored_evaluation(run: RunFolder) -> dict[str, Any]:
    """Return evaluation.json of a finished run.  Raises DermError where it was changed."""
    values: dict[str, Any] = json.loads(run.sealed(layout.EVALUATION).read_text(encoding="utf-8"))
    return values


def display_name(run: RunFolder, artefact: str | None = None) -> str:
    """Return what a run, or an artefact of it, is called in titles."""
    return f"Artefact {Path(artefact).name} of run {run.id}" if artefact else f"Run {run.id}"


def evaluation_title(run: RunFolder, artefact: str | None = None) -> str:
    """Return the title above the metrics of a run, or of an artefact of it."""
    return f"{display_name(run, artefact)}, test photographs of {run.plan.target}"


def is_synthetic(run: RunFolder) -> bool:
    """Tell whether a run was trained or tested on synthetic photographs."""
    return run.record.synthetic


def _known(cases: pd.DataFrame, column: str) -> list[bool]:
    """Tell of each case whether it names something in a column."""
    if column not in cases:
        return [False] * len(cases)
    return [bool(each) for each in (cases[column].notna() & (cases[column].astype(str) != ""))]


def _text(value: object) -> str:
    """Return a value as text: a whole number of years without its '.0'."""
    return f"{value:g}" if isinstance(value, float) else str(value)
