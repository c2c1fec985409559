"""Runs that kept nobody for a test: what their pages, records and commands say, and what stands in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from derm_cli.console import as_json
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.predictions import Predictions, write_predictions
from derm_cli.evaluation.reporting.plugin_sections import plugin_sections
from derm_cli.evaluation.reporting.report import write_report
from derm_cli.files import write_text
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.no_test import nobody_kept, what_instead
from derm_cli.workflows.evaluating.pooled_folds import PooledFolds, find_folds
from derm_cli.workflows.evaluating.report_facts import report_facts
from derm_cli.workflows.evaluating.run_evaluation import DEFAULT_OPTIONS, JudgementOptions

OTHER_MODELS = (
    "In its place stand the figures of {folds} other models of the same plan, by cross-validation: each case was "
    "answered by the one that had not seen it."
)
OWN_MEMBERS = (
    "In its place stand the figures of its {folds} members, by cross-validation: each case was answered by the one "
    "that had not seen it, not by the mean of all."
)


@dataclass(frozen=True)
class Substitute:
    """What stands in the place of a test: a cross-validation with its pooled answers and their judgement."""

    folds: PooledFolds
    predictions: Predictions
    judgement: Judgement
    is_of_members: bool = False

    @property
    def sentence(self) -> str:
        """Whose figures they are."""
        return (OWN_MEMBERS if self.is_of_members else OTHER_MODELS).format(folds=len(self.folds.runs))

    def to_json(self) -> dict[str, Any]:
        """Return the runs of the folds and their judgement as JSON values."""
        return {
            "note": self.sentence,
            "folds": len(self.folds.runs),
            "runs": [run.id for run in self.folds.runs],
            "evaluation": self.judgement.to_json(),
        }


def substitute_for_test(run: RunFolder, options: JudgementOptions = DEFAULT_OPTIONS) -> Substitute | None:
    """Return what stands in the place of a test of ``run``, None where its plan was not cross-validated."""
    folds = find_folds(run)
    if folds is None:
        return None
    is_of_members = {each.run for each in run.record.members} == {each.id for each in folds.runs}
    table, judgement = folds.judge(options)
    found = Substitute(folds, table, judgement, is_of_members)
    return replace(found, judgement=replace(judgement, notes=(nobody_kept(run), found.sentence, *judgement.notes)))


def title_without_test(run: RunFolder, found: Substitute | None) -> str:
    """Return the title above what is shown in the place of a test."""
    if found is None:
        return f"Run {run.id}: nobody of {run.plan.target} was kept for a test"
    whose = "its members" if found.is_of_members else "other models of its plan"
    return f"Run {run.id}, without a test of its own: cross-validation of {whose} on {run.plan.target}"


def record_without_test(
    run: RunFolder,
    validation: Predictions | None,
    synthetic: bool,
    options: JudgementOptions = DEFAULT_OPTIONS,
    **more: Any,
) -> dict[str, Any]:
    """Write the evaluation.json and report.html of a run that kept nobody for a test; return the former's values.

    The metrics are null; ``cross_validation`` has what stands in their place, null where there is none yet.
    """
    if validation is not None:
        write_predictions(validation, run / layout.VALIDATION)
    found = substitute_for_test(run, options)
    values: dict[str, Any] = {
        "cases": 0,
        "patients": None,
        **dict.fromkeys(OVERALL_METRICS),
        "intervals": {},
        "per_class": {},
        "confusion": None,
        "notes": [nobody_kept(run), what_instead(run)],
        "synthetic": synthetic,
        "cross_validation": found.to_json() if found else None,
        **more,
    }
    write_text(run / layout.EVALUATION, as_json(values) + "\n")
    write_page_without_test(run, found, synthetic, values, options)
    return values


def write_page_without_test(
    run: RunFolder,
    found: Substitute | None,
    synthetic: bool,
    evaluation: Mapping[str, Any],
    options: JudgementOptions,
) -> None:
    """Write the report of a run that kept nobody for a test: its facts, and what stands in the place of metrics."""
    title, judgement, predictions = title_without_test(run, found), None, None
    if found is not None:
        judgement, predictions = found.judgement, found.predictions
    write_report(
        judgement,
        predictions,
        run / layout.REPORT,
        title,
        report_facts(run),
        synthetic=synthetic,
        added=plugin_sections(options.sections, title, judgement, predictions, evaluation, synthetic=synthetic),
        notes=() if found else (nobody_kept(run), what_instead(run)),
    )
