"""A preprocessing as data: a plugin's steps are stored beside it, and without one it is what it always was."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from derm_cli.plan import Plan
from derm_cli.plugin import ArtefactFacts
from derm_cli.preprocessing import Preprocessing, PreprocessingStep
from tests.support.artefact_files import made_facts
from tests.support.run_folders import PLAN

STEP = PreprocessingStep(
    name="hair", options={"radius": 3, "range": (0.0, 0.5)}, version=2, apply=lambda pixels, _: pixels
)
STORED = {"name": "hair", "options": {"radius": 3, "range": [0.0, 0.5]}, "version": 2}
PLAIN = Preprocessing(size=32)
STEPPED = replace(PLAIN, steps=(STEP,))


def test_without_a_step_nothing_of_it_is_stored_and_the_fingerprint_is_the_one_of_old():
    assert list(PLAIN.to_json()) == [
        *("size", "resize", "interpolation", "profile", "crop", "crop_margin", "constancy"),
    ]
    assert PLAIN.fingerprint() == "952f9df74c3c41342a9077a6c3bbbdd0b627e99c664ee90877be1da20c0dfa35"
    assert PLAN.fingerprint() == "9be75ef04d42e59a1a5ed2934a1b3330fc783c4cf4d109e4fe6b322f90a0c02a"


def test_a_step_is_stored_without_its_function_wherever_a_preprocessing_is():
    plan, facts = replace(PLAN, preprocessing=STEPPED), made_facts(preprocessing=STEPPED)
    for content, read in (
        (STEPPED.to_json(), Preprocessing.from_json),
        (plan.to_json()["preprocessing"], lambda _: Plan.from_json(plan.to_json()).preprocessing),
        (
            json.loads(facts.to_json())["preprocessing"],
            lambda _: ArtefactFacts.from_json(facts.to_json(), "x").preprocessing,
        ),
    ):
        assert json.loads(json.dumps(content))["steps"] == [STORED]
        found = read(json.loads(json.dumps(content)))
        assert found == STEPPED
        assert found.steps[0].apply is None
        assert found.fingerprint() == STEPPED.fingerprint()


def test_name_options_version_and_order_of_steps_enter_the_fingerprints_and_no_function_does():
    other = replace(STEP, name="frame")
    changed = [
        (),
        (replace(STEP, name="heir"),),
        (replace(STEP, version=3),),
        (replace(STEP, options={"radius": 4, "range": (0.0, 0.5)}),),
        (STEP, other),
        (other, STEP),
    ]
    rules = [STEPPED, *(replace(PLAIN, steps=steps) for steps in changed)]
    assert len({each.fingerprint() for each in rules}) == len(rules)
    assert len({replace(PLAN, preprocessing=each).fingerprint() for each in rules}) == len(rules)
    assert len({hash(each) for each in rules}) == len(rules)
    unbound = replace(PLAIN, steps=(replace(STEP, apply=None),))
    assert (unbound, unbound.fingerprint(), hash(unbound)) == (STEPPED, STEPPED.fingerprint(), hash(STEPPED))


def test_steps_are_told_in_words():
    assert STEPPED.text() == "32x32, squash, nearest, hair (version 2, radius 3, range 0 to 0.5)"


@pytest.mark.parametrize(
    "steps",
    [
        [{"name": "hair", "options": {}}],
        [{"name": "hair", "options": {}, "version": "2"}],
        [{"name": "hair", "options": {}, "version": True}],
        [{"name": 3, "options": {}, "version": 1}],
        [{"options": {}, "version": 1}],
        [{"name": "hair", "options": {"a": [[1]]}, "version": 1}],
        ["hair"],
        7,
    ],
)
def test_a_stored_step_that_nobody_can_tell_is_refused(steps):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Preprocessing.from_json({**PLAIN.to_json(), "steps": steps})
