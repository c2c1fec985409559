"""Which signals end a training, and when."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from derm_cli.engine.stopping import TAKEN, Stopped, StopSignals, exit_status_of, reason_of


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.fixture(autouse=True)
def handlers_as_in_a_shell():
    """Set the handlers that a process has which a shell started, and put back those of the tests."""
    before = {number: signal.getsignal(number) for number in TAKEN}
    for number in TAKEN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", TAKEN)
def test_a_signal_is_taken_as_ctrl_c_is(number):
    before = signal.getsignal(number)
    with pytest.raises(Stopped) as caught, StopSignals():
        send(number)
    assert caught.value.signal == number
    assert isinstance(caught.value, KeyboardInterrupt)
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", TAKEN)
def test_where_it_is_deferred_the_first_waits_and_the_second_does_not(number):
    steps = []
    with pytest.raises(Stopped), StopSignals() as stopping, stopping.deferred():
        send(number)
        steps.append(stopping.noted)
        send(signal.SIGTERM)
        steps.append("not reached")
    assert steps == [number]


def test_a_noted_signal_is_raised_at_the_end_of_what_deferred_it():
    steps = []
    with pytest.raises(Stopped) as caught, StopSignals() as stopping:
        with stopping.deferred():
            send(signal.SIGHUP)
            steps.append("done")
        steps.append("not reached")
    assert steps == ["done"]
    assert caught.value.signal == signal.SIGHUP


def test_nothing_is_raised_where_no_signal_came():
    with StopSignals() as stopping, stopping.deferred():
        stopping.raise_noted()


@pytest.mark.parametrize("number", TAKEN)
def test_what_is_ignored_as_under_nohup_stays_ignored(number):
    signal.signal(number, signal.SIG_IGN)
    with StopSignals():
        send(number)


@pytest.mark.parametrize("number", TAKEN)
def test_a_handler_of_the_caller_stays(number):
    numbers = []
    signal.signal(number, lambda taken, _: numbers.append(taken))
    with StopSignals():
        send(number)
    assert numbers == [number]


def test_in_another_thread_no_signal_is_taken():
    handlers = []

    def train():
        with StopSignals():
            handlers.extend(signal.getsignal(number) for number in TAKEN)

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler, signal.SIG_DFL, signal.SIG_DFL]


def test_what_is_held_waits_until_it_is_released_also_beyond_a_block():
    steps = []
    with StopSignals() as stopping:
        stopping.hold()
        send(signal.SIGTERM)
        steps.append(stopping.noted)
        with pytest.raises(Stopped):
            stopping.release()
        with pytest.raises(Stopped):
            send(signal.SIGHUP)
    assert steps == [signal.SIGTERM]


@pytest.mark.parametrize("number", TAKEN)
def test_of_two_that_are_nested_the_inner_one_takes_the_signal(number):
    with StopSignals() as outer:
        with StopSignals() as inner, pytest.raises(Stopped), inner.deferred():
            send(number)
        assert (outer.noted, inner.noted) == (None, number)
        outer.hold()
        send(number)
        assert outer.noted == number


@pytest.mark.parametrize(
    ("stopped", "reason", "status"),
    [
        (KeyboardInterrupt(), "interrupted by the user", 1),
        (Stopped(signal.SIGINT), "interrupted by the user", 1),
        (Stopped(signal.SIGTERM), "stopped by SIGTERM", 143),
        (Stopped(signal.SIGHUP), "stopped by SIGHUP", 129),
    ],
)
def test_a_signal_has_a_reason_and_an_exit_status(stopped, reason, status):
    assert (reason_of(stopped), exit_status_of(stopped)) == (reason, status)
