"""The rule by which a row is chosen, as a command reads it."""

from __future__ import annotations

import pytest

from derm_cli.errors import RequestError
from derm_cli.studies.judging.rule import Floor


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        ("sensitivity:MEL=0.8", Floor("sensitivity", "MEL", 0.8)),
        ("accuracy=1", Floor("accuracy", "", 1.0)),
        (" f1:basal cell: 2=.5", Floor("f1", "basal cell: 2", 0.5)),
    ],
)
def test_a_floor_is_read(text, floor):
    assert Floor.read(text) == floor


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sensitivity", "--at-least is 'sensitivity', but must be METRIC[:CLASS]=SHARE"),
        ("accuracy=80", "--at-least is 'accuracy=80'"),
        ("accuracy=0.5.5", "--at-least is 'accuracy=0.5.5'"),
        ("sensitivty:MEL=0.8", "--at-least names 'sensitivty'. Did you mean 'sensitivity'"),
        ("f1=0.8", "--at-least names 'f1'."),
    ],
)
def test_a_floor_that_is_none_is_refused(text, sentence):
    with pytest.raises(RequestError) as refused:
        Floor.read(text)
    assert sentence in str(refused.value)
