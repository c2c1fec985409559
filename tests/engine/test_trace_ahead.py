"""A program that a thread traces before its phase begins trains to the bits of one that is traced at its phase."""

from __future__ import annotations

import signal
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from derm_cli.engine.clock import COMPILING, Clock
from derm_cli.engine.network import add_head
from derm_cli.engine.stage_inputs import ComputeOptions
from derm_cli.engine.stepping.by_tensorflow import Stepper
from derm_cli.engine.stopping import Stopped
from derm_cli.engine.trace_ahead import SWITCH_SECONDS, Draft, TraceAhead
from derm_cli.engine.validating import Validation
from derm_cli.phase_options import PhaseOptions
from derm_cli.plan import PAPER_AUGMENTATION
from derm_cli.plugin import STEM
from tests.support.tiny_network import (
    FROZEN_BLOCK,
    TINY,
    TrainingLog,
    made_photographs,
    made_stage,
    phase_options,
    trainer_for,
    weights,
)

THREAD = "trace-ahead"
SMALL = made_photographs(12)
WITH_ALL = phase_options(mixup=0.3, dropout=0.3, ema=0.8, best_epoch=True, clip_norm=0.5, frozen_norms=True)


@dataclass(frozen=True)
class Course:
    """A training, and whether a thread traces the program of each of its phases."""

    blocks: tuple[tuple[str, ...], ...] = FROZEN_BLOCK
    ahead: tuple[bool, ...] = (False, True, True)
    options: tuple[PhaseOptions, ...] = (PhaseOptions(),) * 3
    augmented: bool = True
    validated: bool = False
    epochs: int = 1
    compute: ComputeOptions = field(default_factory=ComputeOptions)

    def trainer(self, trace_ahead: bool):
        stage = made_stage(self.blocks, epochs=self.epochs)
        phases = (replace(phase, options=each) for phase, each in zip(stage.phases, self.options, strict=False))
        return trainer_for(
            TINY,
            SMALL,
            replace(stage, phases=tuple(phases)),
            replace(self.compute, trace_ahead=trace_ahead),
            augmentation=PAPER_AUGMENTATION if self.augmented else None,
            validation=Validation(*SMALL) if self.validated else None,
        )


COURSES = {
    "frozen-block": Course(epochs=2),
    "in-any-order-with-all-options": Course(
        blocks=(("block1",), (), (STEM, "block2")),
        options=(WITH_ALL, replace(WITH_ALL, frozen_norms=False), WITH_ALL),
        validated=True,
        compute=ComputeOptions(resident_bytes=0, window_bytes=3 * 6 * 16 * 16 * 3),
    ),
    # What a phase's features are is known as it begins.
    "features-kept": Course(blocks=((), ("block2",)), augmented=False, ahead=(False, False)),
    "wired-alike": Course(blocks=((), (), ("block2",)), ahead=(False, True)),
    "one-program": Course(blocks=((), ("block2",)), ahead=(False,), compute=ComputeOptions(by_stage=True)),
}


@pytest.fixture
def threads(monkeypatch):
    """The name of the thread of each trace of a training step."""
    names, trace = [], Stepper.trace

    def trace_and_note(stepper, *batch):
        names.append(threading.current_thread().name)
        trace(stepper, *batch)

    monkeypatch.setattr(Stepper, "trace", trace_and_note)
    return names


@pytest.fixture
def in_thread(monkeypatch):
    """Have something done in the thread before it traces."""

    def have(action):
        trace = Stepper.trace

        def act_and_trace(stepper, *batch):
            if is_ahead():
                action()
            trace(stepper, *batch)

        monkeypatch.setattr(Stepper, "trace", act_and_trace)

    return have


def is_ahead() -> bool:
    return threading.current_thread().name.startswith(THREAD)


def fail() -> None:
    raise ValueError("no memory, say")


def learning(trainer) -> list[tuple[bool, float | None]]:
    return [tuple(each) for _, *each in trainer.network.layer_settings()]


def assert_same_training(one, other):
    (ours, our_log), (theirs, their_log) = one, other
    assert [replace(each, seconds=0, images_per_second=0) for each in our_log.epochs] == [
        replace(each, seconds=0, images_per_second=0) for each in their_log.epochs
    ]
    assert our_log.positions == their_log.positions
    for found, expected in zip([*weights(ours), *drawn(ours)], [*weights(theirs), *drawn(theirs)], strict=True):
        np.testing.assert_array_equal(found, expected)
    assert learning(ours) == learning(theirs)


def drawn(trainer) -> list[np.ndarray]:
    return [np.array(state) for state in trainer.programs.generators]


def trained(trainer, **how):
    log = TrainingLog(**how)
    trainer.train(log)
    return trainer, log


@pytest.mark.parametrize("name", COURSES)
def test_a_program_traced_ahead_gives_the_bits_of_one_traced_at_its_phase(name, threads):
    course = COURSES[name]
    expected = trained(course.trainer(trace_ahead=False))
    assert not any(each.startswith(THREAD) for each in threads)
    threads.clear()
    assert_same_training(trained(course.trainer(trace_ahead=True)), expected)
    assert tuple(each.startswith(THREAD) for each in threads) == course.ahead


def test_a_trace_that_fails_ahead_is_made_again_at_its_phase(in_thread, threads):
    expected = trained(Course().trainer(trace_ahead=False))
    threads.clear()
    in_thread(fail)
    assert_same_training(trained(Course().trainer(trace_ahead=True)), expected)
    assert threads == [threading.main_thread().name] * 3


def test_what_is_wrong_with_a_phase_is_raised_where_it_begins(monkeypatch):
    trace = Stepper.trace
    traced = []

    def fail_the_second(stepper, *batch):
        traced.append(is_ahead())
        if len(traced) > 1:
            fail()
        trace(stepper, *batch)

    monkeypatch.setattr(Stepper, "trace", fail_the_second)
    log = TrainingLog()
    with pytest.raises(ValueError, match="no memory, say"):
        Course().trainer(trace_ahead=True).train(log)
    assert traced == [False, True, False], "it was tried ahead, and once more at the phase"
    assert [each.phase for each in log.epochs] == [0]


def test_components_that_cannot_be_had_are_told_of_where_their_phase_begins():
    trainer = Course().trainer(trace_ahead=True)
    components = trainer.components
    trainer.components = lambda number: fail() if number == 1 else components(number)
    log = TrainingLog()
    with pytest.raises(ValueError, match="no memory, say"):
        trainer.train(log)
    assert [each.phase for each in log.epochs] == [0]


def test_a_stop_while_a_program_is_traced_waits_for_the_thread_and_leaves_the_layers_as_they_were(in_thread):
    begun, ended, layers = threading.Event(), [], []

    def be_slow():
        begun.set()
        time.sleep(0.2)
        ended.append(True)

    in_thread(be_slow)
    for trace_ahead in (False, True):

        def stop(position, trace_ahead=trace_ahead):
            if position.epoch:
                assert not trace_ahead or (begun.wait(60) and not ended)
                raise Stopped(signal.SIGTERM)

        trainer = Course().trainer(trace_ahead)
        with pytest.raises(Stopped):
            trainer.train(TrainingLog(stop))
        layers.append(learning(trainer))
    assert ended
    assert not any(each.name.startswith(THREAD) for each in threading.enumerate())
    assert layers[0] == layers[1]


@pytest.mark.parametrize("known", [True, False], ids=["known before", "known while it is traced"])
def test_a_phase_that_is_left_out_leaves_no_trace(known, threads):
    """Its layers and the names that Keras gives, which are stored with models, are as without it."""
    trainings, names, others = [], [], {(1, 0), (2, 0)}
    for trace_ahead in (False, True):
        keras.utils.clear_session()
        threads.clear()
        ended = set(others) if known else set()

        def leave_out(position, ended=ended):
            if position.epoch:
                ended.update(others)

        trainings.append(trained(Course().trainer(trace_ahead), at=leave_out, ended=ended))
        entry = keras.Input((1,))
        names.append(keras.Model(entry, entry).name)
    assert_same_training(*trainings)
    assert names[0] == names[1] != "functional"
    assert len(threads) == (1 if known else 2)


def test_the_clock_counts_how_long_a_phase_waits_and_nothing_that_the_thread_does(monkeypatch):
    accounts, call = [], Clock.__call__

    def note(clock, account):
        accounts.append((account, is_ahead()))
        return call(clock, account)

    monkeypatch.setattr(Clock, "__call__", note)
    trained(Course().trainer(trace_ahead=True))
    assert not any(ahead for _, ahead in accounts)
    # The first steps of three phases, and two waits.
    assert accounts.count((COMPILING, False)) == 5


@pytest.fixture
def tracer():
    return TraceAhead(add_head(TINY.build(16, None), TINY, 3))


def draft(prepare) -> Draft:
    """A draft of a program that is nothing but ``prepare``."""
    batches = SimpleNamespace(indices=[None], targets=[None], inputs=lambda step, rows: (step, rows))
    return Draft("wiring", SimpleNamespace(prepare=prepare), batches)


def test_what_keras_keeps_for_each_thread_is_the_same_in_this_one(tracer):
    seen = []

    def look(*_):
        seen.append((keras.config.dtype_policy().name, keras.random.uniform(()), sys.getswitchinterval()))

    before = sys.getswitchinterval()
    keras.utils.set_random_seed(5)
    expected = [float(keras.random.uniform(())) for _ in range(3)]
    keras.utils.set_random_seed(5)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        first = float(keras.random.uniform(()))
        tracer.begin(lambda: draft(look))
        assert tracer.is_pending
        assert tracer.take("wiring") is not None
    finally:
        keras.config.set_dtype_policy("float32")
    ((policy, second, interval),) = seen
    assert policy == "mixed_bfloat16"
    assert [first, float(second), float(keras.random.uniform(()))] == expected
    assert interval == pytest.approx(SWITCH_SECONDS)
    assert sys.getswitchinterval() == before
    assert not tracer.is_pending


def test_a_second_signal_while_it_is_waited_for_leaves_the_thread_to_whoever_ends_the_training(tracer, monkeypatch):
    go = threading.Event()
    tracer.begin(lambda: draft(lambda *_: go.wait(60)))

    class Interrupted:
        def exception(self):
            raise Stopped(signal.SIGINT)

    pending = tracer._ahead
    tracer._ahead = replace(pending, traced=Interrupted())
    with pytest.raises(Stopped):
        tracer.take("wiring")
    assert tracer.is_pending
    tracer._ahead = pending
    go.set()
    tracer.drop()
    assert not tracer.is_pending


def test_a_draft_of_another_wiring_is_thrown_away(tracer):
    tracer.begin(lambda: draft(lambda *_: None))
    assert tracer.take("another wiring") is None
    assert not tracer.is_pending
    tracer.begin(lambda: None)
    assert not tracer.is_pending
