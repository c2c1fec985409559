"""Every sheet of a judgement, in the order in which they are printed."""

from __future__ import annotations

from collections.abc import Iterator

from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.reporting.tables.classes import coarse_sheet, overall_sheet, per_class_sheet
from derm_cli.evaluation.reporting.tables.severity import referral_sheet, triage_sheets
from derm_cli.evaluation.reporting.tables.slices import slices_sheet
from derm_cli.evaluation.reporting.tables.table import Table
from derm_cli.evaluation.reporting.tables.uncertainty import abstention_sheet, calibration_sheet, conformal_sheet


def sheets_of(judgement: Judgement) -> Iterator[Table]:
    """Yield every sheet that a judgement has something for."""
    yield per_class_sheet(judgement.evaluation)
    yield overall_sheet(judgement.evaluation)
    if judgement.coarse is not None:
        yield coarse_sheet(judgement.coarse)
    if judgement.triage is not None:
        yield from triage_sheets(judgement.triage)
    if judgement.referral:
        yield referral_sheet(judgement.referral)
    if judgement.calibration is not None:
        yield calibration_sheet(judgement.calibration)
    if judgement.conformal is not None:
        yield conformal_sheet(judgement.conformal)
    if judgement.abstention:
        yield abstention_sheet(judgement.abstention)
    if judgement.slices:
        yield slices_sheet(judgement.slices)
