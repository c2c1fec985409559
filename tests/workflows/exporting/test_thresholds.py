"""What an artefact carries of a run's triage thresholds: those that its stored evaluation has, as they are there."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from derm_cli.evaluation.judging import judge
from derm_cli.plugin import LesionClass
from derm_cli.workflows.exporting.thresholds import thresholds_of_run
from tests.support.synthetic_tables import SEVERITIES, referral_table

CLASSES = (
    LesionClass(name="B", title="b", diagnoses=("Benign:x",)),
    LesionClass(name="I", title="i", diagnoses=("Indeterminate:x",)),
    LesionClass(name="M", title="m", diagnoses=("Malignant:x",)),
)


def run_with(evaluation: object, path) -> SimpleNamespace:
    """A run of which nothing is there but its classes and its sealed evaluation, none where that is None."""
    path.write_text(json.dumps(evaluation))
    return SimpleNamespace(
        plan=SimpleNamespace(classes=CLASSES), has_sealed=lambda name: evaluation is not None, sealed=lambda name: path
    )


@pytest.fixture
def judged() -> dict:
    return json.loads(json.dumps(judge(referral_table(300, 0), SEVERITIES, referral_table(90, 1), draws=0).to_json()))


def test_each_threshold_is_there_with_what_it_was_chosen_on(judged, tmp_path):
    found = thresholds_of_run(run_with(judged, tmp_path / "evaluation.json"))
    assert [(each.find, each.sensitivity) for each in found] == [
        *((("malignant",), target) for target in (0.8, 0.9, 0.95)),
        *((("indeterminate", "malignant"), target) for target in (0.8, 0.9, 0.95, 0.98)),
    ], "99 % need 99 cases, and 98 % of the malignant ones 49"
    assert {each.classes for each in found} == {("M",), ("I", "M")}
    for each, task in zip(found, ["without_indeterminate"] * 3 + ["with_indeterminate"] * 4, strict=True):
        (point,) = [point for point in judged["triage"][task]["points"] if point["target"] == each.sensitivity]
        assert each.threshold == point["threshold"]
        assert (each.cases, each.groups) == (point["promise"]["cases"], point["promise"]["groups"])
        assert [each.low, each.high, "beta"] == point["promise"]["interval"]


def test_thresholds_of_an_older_derm_are_told_without_a_promise(judged, tmp_path):
    for task in ("without_indeterminate", "with_indeterminate"):
        del judged["triage"][task]["refused"]
        for point in judged["triage"][task]["points"]:
            del point["promise"]
    first, *_ = thresholds_of_run(run_with(judged, tmp_path / "evaluation.json"))
    assert first.threshold == judged["triage"]["without_indeterminate"]["points"][0]["threshold"]
    assert (first.cases, first.groups, first.low, first.high) == (None, None, None, None)


@pytest.mark.parametrize(
    "evaluation", [None, {}, {"triage": None}, {"triage": {"without_indeterminate": None, "with_indeterminate": None}}]
)
def test_a_run_without_thresholds_gives_none(evaluation, tmp_path):
    assert thresholds_of_run(run_with(evaluation, tmp_path / "evaluation.json")) == ()
