"""The triage thresholds of a run as its artefacts carry them: those of its stored evaluation, as they are there."""

from __future__ import annotations

from typing import Any

from derm_cli.plugin import ThresholdFacts
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.taxonomy import class_severity
from derm_cli.workflows.evaluating.run_evaluation import stored_evaluation

TASKS = ("without_indeterminate", "with_indeterminate")


def thresholds_of_run(run: RunFolder) -> tuple[ThresholdFacts, ...]:
    """Return the thresholds that were chosen on a finished run's validation part; none where it chose none.

    Raises DermError where the evaluation was changed.
    """
    if not run.has_sealed(layout.EVALUATION):
        return ()
    triage = stored_evaluation(run).get("triage") or {}
    severities = {each.name: class_severity(each) for each in run.plan.classes}
    found = []
    for task in TASKS:
        binary: dict[str, Any] = triage.get(task) or {}
        positive = tuple(binary.get("positive", ()))
        classes = tuple(name for name, severity in severities.items() if severity in positive)
        found += [_facts(point, positive, classes) for point in binary.get("points", ())]
    return tuple(found)


def _facts(point: dict[str, Any], find: tuple[str, ...], classes: tuple[str, ...]) -> ThresholdFacts:
    promise = point.get("promise") or {}
    low, high, *_ = promise.get("interval") or (None, None)
    return ThresholdFacts(
        find=find,
        classes=classes,
        sensitivity=point["target"],
        threshold=point["threshold"],
        cases=promise.get("cases"),
        groups=promise.get("groups"),
        low=low,
        high=high,
    )
