"""The training step under TensorFlow: it is compiled without being taken, beside steps that another thread takes."""

import threading

import numpy as np

from derm_cli.engine.network import copy_value, network_variables
from derm_cli.engine.stepping import by_tensorflow
from tests.support.tiny_network import TINY, made_photographs, made_stage, trainer_for


def begun(photographs):
    """A trainer whose first phase has begun, its program, and a batch for it."""
    trainer = trainer_for(TINY, photographs, made_stage(blocks=(("block2",),), epochs=1))
    phase, batches = trainer.stage.phases[0], trainer.draw(0)
    program = trainer.programs.program_for(phase, trainer.components(0)).program
    program.begin(phase)
    return trainer, program, (batches.inputs(0, batches.indices[0]), batches.targets[0])


def everything(trainer, program):
    variables = [*network_variables(trainer.trained), *trainer.programs.generators, *program.optimizer.variables]
    return [copy_value(each) for each in variables]


def test_to_compile_takes_no_step_and_changes_no_bit_of_one():
    found, values = [], np.float32([1, 0, 0])
    for compiled in (False, True):
        trainer, program, batch = begun(made_photographs(12))
        program.stepper.trace(*batch)
        before = everything(trainer, program)
        if compiled:
            program.stepper.compile()
        for one, other in zip(before, everything(trainer, program), strict=True):
            np.testing.assert_array_equal(one, other)
        loss, hits = program.stepper.step(*batch, values)
        after = everything(trainer, program)
        assert any((one != other).any() for one, other in zip(before, after, strict=True))
        found.append([float(loss), float(hits), *after])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_steps_are_taken_while_another_thread_compiles():
    """What keeps the other program from being run must not reach this one's steps."""
    (_, ours, batch), (_, theirs, other_batch) = begun(made_photographs(12)), begun(made_photographs(12))
    ours.compile(*batch)
    theirs.stepper.trace(*other_batch)
    compiling = threading.Thread(target=lambda: [theirs.stepper.compile() for _ in range(3)])
    compiling.start()
    steps = 0
    while compiling.is_alive() or steps < 3:
        ours.stepper.step(*batch, np.float32([1, 0, 0]))
        steps += 1
    compiling.join()
    assert int(ours.block_optimizer.iterations) == steps
    assert int(theirs.block_optimizer.iterations) == 0


def test_a_tensorflow_that_runs_what_was_cancelled_compiles_at_the_first_step(monkeypatch):
    from tensorflow.python.eager import execute

    assert by_tensorflow._cancels_calls()
    trainer, program, batch = begun(made_photographs(12))
    program.stepper.trace(*batch)
    before = everything(trainer, program)

    def run(name, num_outputs, inputs, attrs, ctx, cancellation_manager):
        return execute.execute(name, num_outputs, inputs, attrs, ctx)

    for other in (run, None):
        by_tensorflow._cancels_calls.cache_clear()
        monkeypatch.setattr(execute, "execute_with_cancellation", other)
        assert not by_tensorflow._cancels_calls()
        program.stepper.compile()
    by_tensorflow._cancels_calls.cache_clear()
    for one, other in zip(before, everything(trainer, program), strict=True):
        np.testing.assert_array_equal(one, other)
