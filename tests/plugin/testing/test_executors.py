"""The kit holds executors to their contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.plugin import Capacity, ProcessEnd
from derm_cli.plugin.testing import check_executor, executors
from derm_executors.local import LOCAL, LocalExecutor


def test_the_built_in_executor_is_in_order():
    check_executor(LOCAL)


class Deaf(LocalExecutor):
    def ended(self, patience):
        return []


class Kind(LocalExecutor):
    def ended(self, patience):
        return [ProcessEnd(key=end.key) for end in super().ended(patience)]


class Confused(LocalExecutor):
    def ended(self, patience):
        return [ProcessEnd(key="another") for _ in super().ended(patience)]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"start": Deaf}, "the process 'well' did not end"),
        ({"start": Kind}, "a process that failed ends with ''"),
        ({"start": Confused}, "'another' ended, but 'well' was begun"),
        ({"capacity": lambda _: Capacity(workers=2, cores=1)}, "1 worker was asked for, but 'capacity' gives '2'"),
        ({"capacity": lambda asked: asked}, "'capacity' gives '0' cores"),
    ],
)
def test_what_breaks_it_is_told(monkeypatch, changed, said):
    monkeypatch.setattr(executors, "PATIENCE", 3.0 if "start" in changed and changed["start"] is Deaf else 60.0)
    with pytest.raises(AssertionError, match=said):
        check_executor(replace(LOCAL, **changed))
