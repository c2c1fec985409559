"""The clock adds up where time goes, and says so where there is a terminal."""

from __future__ import annotations

import pytest

from derm_cli.engine import clock as clocks
from derm_cli.engine.clock import ACCOUNTS, ACTIVITIES, COMPILING, EVALUATING, STEPPING, Clock


def test_the_time_of_a_block_is_added_to_its_account_even_where_it_fails(monkeypatch):
    now = iter([10.0, 12.5, 20.0, 21.0])
    monkeypatch.setattr(clocks.time, "monotonic", lambda: next(now))
    clock = Clock({STEPPING: 3.0})
    with clock(COMPILING):
        pass
    with pytest.raises(KeyError), clock(COMPILING):
        raise KeyError
    assert clock.seconds == dict.fromkeys(ACCOUNTS, 0.0) | {COMPILING: 3.5, STEPPING: 3.0}


def test_what_can_take_long_is_said_while_it_does(monkeypatch):
    said = []

    class Said:
        def __init__(self, text):
            self.text = text

        def __enter__(self):
            said.append(self.text)

        def __exit__(self, *_):
            said.append("")

    monkeypatch.setattr(clocks, "activity", Said)
    for account in ACCOUNTS:
        with Clock()(account):
            said.append(account)
    compiled, evaluated = said.index(COMPILING), said.index(EVALUATING)
    assert said[compiled - 1 : compiled + 2] == ["compiling …", COMPILING, ""]
    assert said[evaluated - 1 : evaluated + 2] == ["evaluating …", EVALUATING, ""]
    assert set(ACCOUNTS) - set(ACTIVITIES) == {STEPPING, "checkpoints"}
