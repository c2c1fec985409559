"""An artefact must say of itself what the run's model says, and answer as it does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derm_cli.data.photographs import Photographs
from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plan import Preprocessing
from derm_cli.plugin import ExporterSpec, ExporterVariant
from derm_cli.workflows.exporting.parity import Parity, ReferencePredictions, check_parity
from tests.support.artefact_files import made_facts

FACTS = made_facts()
REFERENCE = ReferencePredictions(
    Photographs(((np.zeros((3, 16, 16, 3), np.uint8), np.arange(3)),)),
    np.array([[0.25, 0.75], [0.5, 0.5], [0.375, 0.625]]),
)


def parity_of(facts=FACTS, shift=0.0, reference=REFERENCE):
    class Artefact:
        def __init__(self):
            self.facts = facts

        def __call__(self, photographs, answers=None):
            return reference.probabilities + np.array([shift, -shift])

    spec = ExporterSpec(name="made", title="M", suffix=".m", export=lambda *_: None, load=lambda _: Artefact())
    return check_parity(None, FACTS, spec, None, reference)


def test_the_same_facts_and_answers_are_parity():
    assert parity_of() == Parity(photographs=3, max_difference=0, agreement=1)


@pytest.mark.parametrize(
    "changes",
    [{"run": "another"}, {"classes": FACTS.classes[::-1]}, {"preprocessing": Preprocessing(size=16, resize="crop")}],
)
def test_other_facts_are_not_written(changes):
    with pytest.raises(DermError, match="is not written: its facts are not those of the run's model"):
        parity_of(replace(FACTS, **changes))


def test_other_answers_are_not_written():
    with pytest.raises(DermError, match=r"a probability differs from the run's by '0.1'"):
        parity_of(shift=0.1)


def variant_parity(shift, **gate):
    """Parity of a variant that answers ``shift`` more for 'a' than the run, which says 'b' to all three cases."""
    said = np.array([[0.28, 0.72], [0.21, 0.79], [0.25, 0.75]])
    table = Predictions(("a", "b"), ("1", "2", "3"), np.array(["b", "b", "a"]), np.array(["b"] * 3), said)
    reference = replace(REFERENCE, probabilities=said, table=table)

    class Artefact:
        facts = replace(FACTS, variant="int8")

        def __call__(self, photographs, answers=None):
            return said + np.array([shift, -shift])

    variant = ExporterVariant(name="int8", title="I", export=print, **gate)
    spec = ExporterSpec(
        name="made", title="M", suffix=".m", export=print, load=lambda _: Artefact(), variants=(variant,)
    )
    return check_parity(None, Artefact.facts, spec, None, reference, variant)


def test_a_variant_has_a_gate_of_its_own():
    """A difference that the format itself may not have passes where the variant asks for answers alone."""
    found = variant_parity(0.2, agreement=0.98, recall_loss=0.02)
    assert found.max_difference == pytest.approx(0.2)
    assert [(each.name, each.cases, each.before, each.after) for each in found.recall] == [
        ("a", 1, 0, 0),
        ("b", 2, 1, 1),
    ]
    assert found.to_json()["recall"][1]["name"] == "b"
    assert variant_parity(0.004, tolerance=0.005).recall == ()
    with pytest.raises(DermError, match=r"The made int8 artefact .* differs from the run's by '0.2', more than 0.005"):
        variant_parity(0.2, tolerance=0.005)


def test_a_variant_that_loses_a_class_is_refused_with_the_class_and_the_worst_photographs():
    with pytest.raises(DermError) as caught:
        variant_parity(0.3, agreement=0.98, recall_loss=0.02)
    said = str(caught.value)
    assert "it gives the run's answer for '0.0%', fewer than 98%" in said
    assert "class 'b' in 0.0% of its 2 photographs in place of 100.0%" in said
    assert "Worst: '1' (b: 'b' became 'a', by 0.30)" in said


@pytest.mark.parametrize(("spread", "is_told"), [(0.0, True), (0.9e-3, True), (1.1e-3, False)])
def test_a_network_that_answers_the_same_to_everything_is_told_of(spread, is_told):
    answers = np.tile([0.25, 0.75], (3, 1))
    answers[0] += (spread, -spread)
    constant = replace(REFERENCE, probabilities=answers)
    if is_told:
        with pytest.raises(
            DermError, match=r"between 3 photographs, less than 0\.001: that another model gives the same"
        ):
            parity_of(reference=constant)
    else:
        assert parity_of(reference=constant).agreement == 1


def test_one_photograph_is_checked_as_it_is():
    one = ReferencePredictions(
        Photographs(((np.zeros((1, 16, 16, 3), np.uint8), np.arange(1)),)), np.array([[0.2, 0.8]])
    )
    assert parity_of(reference=one).photographs == 1
