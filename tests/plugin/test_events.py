"""A plugin that asks for an end says what is ended, and why."""

from __future__ import annotations

import re

import pytest

from derm_cli.errors import SpecError
from derm_cli.plugin import StopRequest


@pytest.mark.parametrize("ends", ["phase", "stage", "run"])
def test_what_may_be_ended(ends):
    assert StopRequest(reason="the budget is spent", ends=ends).ends == ends


def test_without_a_word_the_run_is_ended():
    assert StopRequest(reason="the budget is spent").ends == "run"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"reason": ""}, "field 'reason' is ''"),
        ({"reason": 7}, "field 'reason' is 7"),
        ({"reason": "enough", "ends": "epoch"}, "field 'ends' is 'epoch', but must be one of 'phase', 'stage', 'run'"),
    ],
)
def test_a_wrong_request_is_refused(values, said):
    with pytest.raises(SpecError, match=re.escape(said)):
        StopRequest(**values)
