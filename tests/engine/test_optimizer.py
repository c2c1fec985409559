"""BlockOptimizer with Adam against Adam as it is written down, in NumPy, and as Keras has it."""

import keras
import numpy as np
import pytest

from derm_cli.engine.optimizer import BlockOptimizer
from derm_cli.phase_options import PhaseOptions
from derm_recipes.averages import Exponential
from derm_recipes.optimizers import Adam

SHAPES = {"head": [(3, 2), (2,)], "top": [(4,)], "low": [(2, 2), (1,)]}
RATES = {"head": 0.05, "top": 0.01, "low": 0.002}
STEPS = 30


@pytest.fixture
def blocks():
    """Variables of three blocks, the same each time."""
    draw = np.random.default_rng(2)
    return {
        name: [
            keras.Variable(draw.normal(size=shape).astype("float32"), name=f"{name}{number}")
            for number, shape in enumerate(shapes)
        ]
        for name, shapes in SHAPES.items()
    }


def flat(blocks):
    return [variable for variables in blocks.values() for variable in variables]


def gradients(step):
    """Gradients of all variables at a step, of very different sizes, as a network's are."""
    draw = np.random.default_rng((9, step))
    shapes = [shape for shapes in SHAPES.values() for shape in shapes]
    return [(draw.normal(size=shape) * 10.0**size).astype("float32") for size, shape in enumerate(shapes, start=-2)]


def values(variables):
    return [np.array(variable) for variable in variables]


def made(blocks, rates=RATES, masked=False, ema=0.0, **options):
    optimizer = BlockOptimizer(blocks, Adam(), PhaseOptions(**options), masked, averages=ema > 0)
    optimizer.build(flat(blocks))
    optimizer.begin(rates)
    return optimizer


def stepped(optimizer, variables, of=gradients, factors=None, ema=0.0):
    """Take steps, and return the values after each; ``optimizer`` may be Keras's own."""
    course, weights = [], Exponential(ema, ramp=False).weights(STEPS, 1)
    for step in range(STEPS):
        optimizer.step_values = np.float32([factors[step] if factors else 1.0, step / STEPS, weights[step]])
        optimizer.apply([keras.ops.convert_to_tensor(each) for each in of(step)], variables)
        course.append(values(variables))
    return course


def adam(start, rates, factors=None, of=gradients):
    """Adam (Kingma and Ba 2015, algorithm 1, and the end of section 2) in float64, each variable at its rate."""
    current = [value.astype("float64") for value in start]
    moments, velocities = ([np.zeros_like(value) for value in current] for _ in range(2))
    course = []
    for step in range(STEPS):
        correction = np.sqrt(1 - 0.999 ** (step + 1)) / (1 - 0.9 ** (step + 1))
        for position, gradient in enumerate(of(step)):
            moments[position] = 0.9 * moments[position] + 0.1 * gradient
            velocities[position] = 0.999 * velocities[position] + 0.001 * gradient.astype("float64") ** 2
            length = rates[position] * (factors[step] if factors else 1.0) * correction
            current[position] = current[position] - length * moments[position] / (np.sqrt(velocities[position]) + 1e-7)
        course.append([value.copy() for value in current])
    return course


def by_variable(rates):
    return [rates.get(name, 0.0) for name, shapes in SHAPES.items() for _ in shapes]


def assert_close(found, wanted):
    for one, other in zip(found, wanted, strict=True):
        for ours, theirs in zip(one, other, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)


def assert_same_bits(found, wanted):
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("masked", [False, True])
def test_each_block_learns_at_its_own_rate(blocks, masked):
    start = values(flat(blocks))
    assert_close(stepped(made(blocks, masked=masked), flat(blocks)), adam(start, by_variable(RATES)))


@pytest.mark.parametrize("masked", [False, True])
def test_with_one_rate_and_no_option_it_is_keras_s_adam_to_the_bit(blocks, masked):
    variables = flat(blocks)
    start = values(variables)
    course = stepped(made(blocks, dict.fromkeys(SHAPES, 0.01), masked=masked), variables)
    for variable, value in zip(variables, start, strict=True):
        variable.assign(value)
    plain = keras.optimizers.Adam(0.01)
    plain.build(variables)
    for ours, theirs in zip(course, stepped(plain, variables), strict=True):
        assert_same_bits(ours, theirs)


def test_a_block_whose_rate_is_0_does_not_move_by_a_bit_whatever_its_gradient(blocks):
    def huge(step):
        *others, weights, bias = gradients(step)
        return [*others, weights * np.float32(1e30), np.full_like(bias, np.inf)]

    variables, start = flat(blocks), values(flat(blocks))
    stepped(made(blocks, {"head": 0.05, "top": 0.01}, masked=True, ema=0.5), variables, of=huge, ema=0.5)
    assert_same_bits(values(blocks["low"]), start[-2:])
    assert all((one != other).all() for one, other in zip(values(variables)[:-2], start[:-2], strict=True))


def test_a_frozen_block_does_not_count_in_the_norm_that_is_clipped(blocks):
    def with_huge_ones(step):
        return [*gradients(step)[:3], *(each * np.float32(1e12) for each in gradients(step)[3:])]

    start, rates = values(flat(blocks)), {"head": 0.05, "top": 0.01}
    clipped = stepped(made(blocks, rates, masked=True, clip_norm=0.1), flat(blocks), of=with_huge_ones)

    def alone(step):
        moving = gradients(step)[:3]
        norm = np.sqrt(sum((each.astype("float64") ** 2).sum() for each in moving))
        return [each * min(1.0, 0.1 / norm) for each in moving]

    assert_close([each[:3] for each in clipped], adam(start[:3], by_variable(rates)[:3], of=alone))


def test_clip_norm_is_keras_s(blocks):
    variables, start = flat(blocks), values(flat(blocks))
    course = stepped(made(blocks, dict.fromkeys(SHAPES, 0.01), clip_norm=0.5), variables)
    for variable, value in zip(variables, start, strict=True):
        variable.assign(value)
    plain = keras.optimizers.Adam(0.01, global_clipnorm=0.5)
    plain.build(variables)
    for ours, theirs in zip(course, stepped(plain, variables), strict=True):
        assert_same_bits(ours, theirs)


def test_a_factor_multiplies_every_rate(blocks):
    start = values(flat(blocks))
    factors = [(1 + np.cos(np.pi * min(step / 5, 1))) / 2 for step in range(STEPS)]
    course = stepped(made(blocks), flat(blocks), factors=factors)
    assert_close(course, adam(start, by_variable(RATES), factors))
    assert_same_bits(course[5], course[4])


def test_averages_are_exponential_and_begin_with_the_first_step(blocks):
    optimizer, variables = made(blocks, ema=0.75), flat(blocks)
    assert optimizer.moving_averages(variables) == [], "none has begun"
    course = stepped(optimizer, variables, ema=0.75)
    expected = [value.astype("float64") for value in course[0]]
    for step in course[1:]:
        expected = [0.75 * average + 0.25 * value for average, value in zip(expected, step, strict=True)]
    pairs = optimizer.moving_averages(variables)
    assert [variable is ours for (variable, _), ours in zip(pairs, variables, strict=True)] == [True] * 5
    for (_, average), value in zip(pairs, expected, strict=True):
        np.testing.assert_allclose(np.array(average), value, rtol=1e-5, atol=1e-6)


def test_only_blocks_that_move_have_an_average(blocks):
    variables = flat(blocks)
    assert made(blocks).moving_averages(variables) == []
    optimizer = made(blocks, {"head": 0.05}, masked=True, ema=0.5)
    stepped(optimizer, variables, ema=0.5)
    pairs = optimizer.moving_averages(variables)
    assert [variable.path for variable, _ in pairs] == [variable.path for variable in blocks["head"]]


@pytest.mark.parametrize("options", [{}, {"ema": 0.5, "clip_norm": 0.3}])
def test_begin_forgets_everything(blocks, options):
    """A second phase in the same program takes the steps that a fresh optimizer takes."""
    variables, start = flat(blocks), values(flat(blocks))
    ema = options.get("ema", 0.0)
    optimizer = made(blocks, masked=True, **options)
    stepped(optimizer, variables, ema=ema)
    for variable, value in zip(variables, start, strict=True):
        variable.assign(value)
    optimizer.begin({"head": 0.01, "low": 0.02})
    assert int(optimizer.iterations) == 0
    again = stepped(optimizer, variables, ema=ema)
    averages = [np.array(average) for _, average in optimizer.moving_averages(variables)]
    for variable, value in zip(variables, start, strict=True):
        variable.assign(value)
    fresh = made(blocks, {"head": 0.01, "low": 0.02}, masked=True, **options)
    for ours, theirs in zip(again, stepped(fresh, variables, ema=ema), strict=True):
        assert_same_bits(ours, theirs)
    assert_same_bits(averages, [np.array(average) for _, average in fresh.moving_averages(variables)])
