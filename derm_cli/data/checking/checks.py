"""All checks together, and their findings in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derm_cli.data.checking.coverage import Coverage, coverage_findings, coverage_of
from derm_cli.data.checking.dropped import dropped_records, refused_values, unknown_diagnoses
from derm_cli.data.checking.findings import Check, DecodedDataset, Finding
from derm_cli.data.checking.kinds import KINDS
from derm_cli.data.checking.orphans import orphan_files, unread_files, unusable_masks
from derm_cli.data.checking.photographs import doubtful_photographs
from derm_cli.data.checking.same_photographs import (
    CombinedDatasets,
    contradicting_lesions,
    official_split_leaks,
    same_photographs,
)
from derm_cli.data.checking.shortcut_answers import shortcut_answers

CHECKS: tuple[Check, ...] = (
    dropped_records,
    refused_values,
    unknown_diagnoses,
    contradicting_lesions,
    doubtful_photographs,
    unusable_masks,
    orphan_files,
    unread_files,
    shortcut_answers,
)
"""The checks of one dataset alone."""


@dataclass(frozen=True)
class CheckResult:
    """The findings, in the order of :data:`KINDS`, and what each dataset covers, in the datasets' order."""

    findings: tuple[Finding, ...]
    coverage: tuple[Coverage, ...]


def run_checks(datasets: Sequence[DecodedDataset]) -> CheckResult:
    """Check datasets, each alone and all together."""
    combined = CombinedDatasets(datasets)
    findings = list(same_photographs(combined))
    coverage = []
    for index, dataset in enumerate(datasets):
        duplicates = combined.duplicates_within(index)
        coverage.append(coverage_of(dataset, duplicates))
        findings += official_split_leaks(dataset, duplicates)
        findings += coverage_findings(dataset, coverage[-1])
        findings += [finding for check in CHECKS for finding in check(dataset)]
    order = list(KINDS)
    return CheckResult(tuple(_merged(sorted(findings, key=lambda each: order.index(each.kind.name)))), tuple(coverage))


def _merged(findings: list[Finding]) -> list[Finding]:
    """Join neighbours of one kind, of several datasets, where they name cases."""
    merged: list[Finding] = []
    for each in findings:
        last = merged[-1] if merged else None
        if last and last.groups and each.groups and last.kind == each.kind:
            detail = ", ".join(filter(None, (last.detail, each.detail)))
            merged[-1] = Finding(each.kind, last.groups + each.groups, detail)
        else:
            merged.append(each)
    return merged
