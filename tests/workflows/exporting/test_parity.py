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
    Photographs(((np.zeros((3, 16, 16, 3), np.uint8), np.arange(3)),)), np.array([[0.25, 0.75]] * 3)
)


def parity_of(facts=FACTS, shift=0.0):
    class Artefact:
        def __init__(self):
            self.facts = facts

        def __call__(self, photographs, answers=None):
            return np.array([[0.25 + shift, 0.75 - shift]] * len(photographs), np.float32)

    spec = ExporterSpec(name="made", title="M", suffix=".m", export=lambda *_: None, load=lambda _: Artefact())
    return check_parity(None, FACTS, spec, None, REFERENCE)


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
