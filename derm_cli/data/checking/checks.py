"""All checks together, and their findings in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derm_cli.data.checking.coverage import Coverage, coverage_of, uneven
from derm_cli.data.checking.dropped import diagnoses, dropped, refused
from derm_cli.data.checking.findings import Check, Checked, Finding
from derm_cli.data.checking.kinds import KINDS
from derm_cli.data.checking.orphans import masks, orphans
from derm_cli.data.checking.photographs import doubtful
from derm_cli.data.checking.same_photographs import Gathered, lesions, same, shared_by_parts

CHECKS: tuple[Check, ...] = (dropped, refused, diagnoses, lesions, doubtful, masks, orphans)
"""What looks at one dataset alone."""


@dataclass(frozen=True)
class Found:
    """What was found: findings in the order of :data:`KINDS`, and what each dataset covers, in the datasets' order."""

    findings: tuple[Finding, ...]
    coverage: tuple[Coverage, ...]


def check(datasets: Sequence[Checked]) -> Found:
    """Look at datasets, each alone and all together."""
    gathered = Gathered(datasets)
    findings = list(same(gathered))
    coverage = []
    for place, each in enumerate(datasets):
        alike = gathered.alike_within(place)
        coverage.append(coverage_of(each, alike))
        findings += shared_by_parts(each, alike)
        findings += uneven(each, coverage[-1])
        findings += [finding for look in CHECKS for finding in look(each)]
    order = list(KINDS)
    return Found(tuple(_merged(sorted(findings, key=lambda each: order.index(each.kind.name)))), tuple(coverage))


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
