"""An artefact must say of itself what the run's model says, and answer as it does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derm_cli.data.photographs import Photographs
from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing
from derm_cli.plugin import ExporterSpec
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
