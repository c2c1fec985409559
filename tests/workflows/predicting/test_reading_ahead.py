"""Results come in order, as they are there, a few ahead; what is raised is raised at its place; a stop ends it."""

from __future__ import annotations

import threading
import time
from itertools import count, islice

import pytest

from derm_cli.cores import usable_cores
from derm_cli.workflows.predicting.reading_ahead import AHEAD, reading_ahead


def test_in_order_whatever_takes_longer():
    def slow(number):
        time.sleep(0.02 * (number % 3))
        return number**2

    assert list(reading_ahead(slow, range(12))) == [(number, number**2) for number in range(12)]


def test_no_more_than_a_few_are_ahead():
    taken = []

    def items():
        for number in count():
            taken.append(number)
            yield number

    results = reading_ahead(str, items())
    assert [next(results) for _ in range(3)] == [(0, "0"), (1, "1"), (2, "2")]
    time.sleep(0.3)
    assert len(taken) <= 3 + AHEAD + 2
    results.close()
    before = len(taken)
    time.sleep(0.3)
    assert len(taken) <= before + 1


def test_an_item_that_is_waited_for_holds_no_result_back():
    more = threading.Event()

    def items():
        yield 1
        more.wait(10)
        yield 2

    results = reading_ahead(str, items())
    assert next(results) == (1, "1")
    more.set()
    assert list(results) == [(2, "2")]


@pytest.mark.parametrize("at", ["item", "result"])
def test_what_is_raised_comes_at_its_place(at):
    def items():
        yield from range(3)
        if at == "item":
            raise KeyError("three")
        yield 3

    def function(number):
        if number == 3:
            raise KeyError("three")
        return number

    results = reading_ahead(function, items())
    assert list(islice(results, 3)) == [(0, 0), (1, 1), (2, 2)]
    with pytest.raises(KeyError, match="three"):
        next(results)


@pytest.mark.parametrize("threads", [None, 1, 3])
def test_as_many_threads_as_cores_or_as_are_asked_for(threads):
    names = set()

    def name(_):
        time.sleep(0.005)
        names.add(threading.current_thread().name)

    assert list(reading_ahead(name, range(30), threads=threads))
    assert 1 <= len(names) <= (threads or usable_cores())
