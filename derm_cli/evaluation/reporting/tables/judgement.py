"""Every table of a judgement, in the order in which they are printed."""

from __future__ import annotations

from collections.abc import Iterator

from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.reporting.tables.baselines import baseline_tables
from derm_cli.evaluation.reporting.tables.binary_questions import calibration_slope_table, partial_auc_table
from derm_cli.evaluation.reporting.tables.classes import class_table, coarse_table, overall_table
from derm_cli.evaluation.reporting.tables.plugin_metrics import plugin_metric_tables
from derm_cli.evaluation.reporting.tables.promises import promise_table
from derm_cli.evaluation.reporting.tables.repeated_photographs import repeated_tables
from derm_cli.evaluation.reporting.tables.severity import referral_table, triage_tables
from derm_cli.evaluation.reporting.tables.subgroups import subgroup_table
from derm_cli.evaluation.reporting.tables.table import Table
from derm_cli.evaluation.reporting.tables.uncertainty import (
    calibration_table,
    prediction_set_table,
    selective_table,
    sets_by_class_table,
)
from derm_cli.evaluation.reporting.tables.usefulness import usefulness_tables


def judgement_tables(judgement: Judgement) -> Iterator[Table]:
    """Yield every table that a judgement has something for."""
    yield class_table(judgement.evaluation)
    yield overall_table(judgement.evaluation)
    if judgement.partial_aucs is not None:
        yield partial_auc_table(judgement.partial_aucs)
    yield from repeated_tables(judgement.repeated_photographs)
    if judgement.coarse is not None:
        yield coarse_table(judgement.coarse)
    if judgement.triage is not None:
        yield from triage_tables(judgement.triage)
    if judgement.referral:
        yield referral_table(judgement.referral)
    promises = promise_table(judgement.triage, judgement.referral)
    if promises is not None:
        yield promises
    yield from usefulness_tables(judgement.predictive_values, judgement.decision_curve, judgement.expected_cost)
    if judgement.calibration is not None:
        yield calibration_table(judgement.calibration)
    if judgement.calibration_slopes is not None:
        yield calibration_slope_table(judgement.calibration_slopes)
    if judgement.prediction_sets is not None:
        yield prediction_set_table(judgement.prediction_sets)
        yield sets_by_class_table(judgement.prediction_sets)
    if judgement.selective_prediction:
        yield selective_table(judgement.selective_prediction)
    if judgement.subgroups:
        yield subgroup_table(judgement.subgroups)
    yield from plugin_metric_tables(judgement.plugin_metrics)
    if judgement.baselines is not None:
        yield from baseline_tables(judgement.baselines)
