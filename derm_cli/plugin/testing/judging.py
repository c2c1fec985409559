"""Holds metrics and sections of the report to their contract: what they give of any cases, and the same each time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from derm_cli.plugin.declared import described, mismatch
from derm_cli.plugin.judging_specs import JudgedCases, JudgedClass, MetricSpec, cases_of_rows
from derm_cli.plugin.pictures import picture_of
from derm_cli.plugin.report_specs import ReportPlot, ReportSectionFacts, ReportSectionSpec
from derm_cli.plugin.testing.samples import CLASSES

BLOCKS = "Sequence[ReportParagraph | ReportTable | ReportPlot]"
"""What a section gives."""
SEVERITIES = ("benign", "benign", "malignant")
"""Of the kit's classes."""


def sample_cases(count: int = 60) -> JudgedCases:
    """Return the cases of a table of the kit's classes, two of each patient; the same each time."""
    import numpy as np

    draw = np.random.default_rng(0)
    labels = np.arange(count) % len(CLASSES)
    scores = draw.gamma(1.0, size=(count, len(CLASSES)))
    scores[np.arange(count), labels] += 1
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    classes: Any = zip(CLASSES, SEVERITIES, strict=True)
    return JudgedCases(
        classes=tuple(JudgedClass(name=each.name, severity=severity) for each, severity in classes),
        labels=labels,
        predictions=probabilities.argmax(axis=1),
        probabilities=probabilities,
        patients=np.arange(count) // 2,
        attributes={"sex": np.where(labels == 0, "female", "male"), "age": np.full(count, "")},
    )


def check_metric(spec: MetricSpec) -> None:
    """Compute a metric of a small table, of draws of it, and of one in which a class has no case.

    Raises AssertionError where it fails, gives what is no number or out of its range, changes what it is given, or
    gives another value of the same cases.
    """
    import numpy as np

    cases = sample_cases()
    tables = {
        "a table": cases,
        "a draw in which patients stand several times": cases_of_rows(cases, np.repeat(np.arange(30), 2)),
        "cases among which none is of the last class": cases_of_rows(cases, cases.labels < len(CLASSES) - 1),
        "cases of one class": cases_of_rows(cases, cases.labels == 0),
    }
    for name, table in tables.items():
        for each in (table.labels, table.predictions, table.probabilities, table.patients):
            each.flags.writeable = False
        values = [_computed(spec, table, name) for _ in range(2)]
        same = np.array_equal(values[0], values[1], equal_nan=True)
        assert same, f"of {name} it gives {values[0]} and then {values[1]}: let it hang on the cases alone"
    assert not np.isnan(_computed(spec, cases, "a table")).all(), "of a table with all classes it gives no number"


def _computed(spec: MetricSpec, cases: JudgedCases, name: str) -> Any:
    import numpy as np

    given = spec.compute(cases)
    wanted = (len(cases.classes),) if spec.per_class else ()
    kind = f"an array of {len(cases.classes)} numbers" if spec.per_class else "a number"
    fits = np.asarray(given).dtype.kind in "fiu" and np.shape(given) == wanted
    assert fits, f"of {name} it gives {described(given)}, but must give {kind}; NaN where that is undefined"
    for value in np.ravel(given).tolist():
        assert spec.is_in_range(value), f"of {name} it gives {value:g}, which is not in the range that the spec tells"
    return given


def check_report_section(spec: ReportSectionSpec) -> None:
    """Render a section of the report of a small table, of one without probabilities, and of a run without a test.

    Raises AssertionError where it fails, or gives what is no paragraph, table or plot, and DermError where a plot is
    not safe to embed.
    """
    import numpy as np

    cases = sample_cases()
    bare = replace(cases, probabilities=np.full_like(cases.probabilities, np.nan), attributes={})
    evaluation = {
        "cases": len(cases.labels),
        "balanced_accuracy": 0.5,
        "per_class": {each.name: {"support": 20, "sensitivity": 0.5, "specificity": 0.5} for each in CLASSES},
    }
    facts = ReportSectionFacts(
        title="Run sample", classes=cases.classes, cases=cases, evaluation=evaluation, synthetic=True
    )
    untested = replace(
        facts, classes=(), cases=None, evaluation={"cases": 0, "balanced_accuracy": None, "per_class": {}}
    )
    for name, each in {
        "a table": facts,
        "a table without probabilities": replace(facts, cases=bare),
        "a run that kept nobody for a test": untested,
    }.items():
        blocks = spec.render(each)
        wrong = mismatch(blocks, BLOCKS)
        assert not wrong, f"of {name} it gives {wrong}, but must give {BLOCKS}"
        for block in blocks:
            if isinstance(block, ReportPlot):
                picture_of(block.content)
