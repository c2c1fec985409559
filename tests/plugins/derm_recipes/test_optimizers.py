"""Update rules against their algorithms in NumPy, in float64."""

import numpy as np
import pytest

from derm_cli.plugin import Rates
from derm_recipes.specs import OPTIMIZERS

RATE, STEPS = 0.02, 12
START = np.random.default_rng(1).normal(size=(3, 2))
GRADIENTS = np.random.default_rng(2).normal(size=(STEPS, 3, 2))


def stepped(name, is_kernel=True, **options):
    spec = next(each for each in OPTIMIZERS if each.name == name)
    rule = spec.build(spec.component(options).options)
    value = START.astype("float32")
    slots = [np.zeros_like(value) for _ in rule.slots]
    for step, gradient in enumerate(GRADIENTS, 1):
        corrected = rule.corrected(np.float32(RATE), np.float32(step))
        rates = Rates(np.float32(RATE), corrected, is_kernel)
        change, slots = rule.update(gradient.astype("float32"), value, slots, rates)
        value = value - np.array(change)
    return value


def adamw(decay, beta_1=0.9, beta_2=0.999):
    """Loshchilov and Hutter 2019, algorithm 2."""
    value, first, second = START.copy(), np.zeros((3, 2)), np.zeros((3, 2))
    for step, gradient in enumerate(GRADIENTS, 1):
        first = beta_1 * first + (1 - beta_1) * gradient
        second = beta_2 * second + (1 - beta_2) * gradient**2
        unbiased = first / (1 - beta_1**step), second / (1 - beta_2**step)
        value = value - RATE * (unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8) + decay * value)
    return value


def sgd(momentum, nesterov, decay):
    value, velocity = START.copy(), np.zeros((3, 2))
    for gradient in GRADIENTS:
        total = gradient + decay * value
        velocity = momentum * velocity + total
        value = value - RATE * (total + momentum * velocity if nesterov else velocity)
    return value


def test_adam():
    np.testing.assert_allclose(stepped("adam"), adamw(0.0), rtol=1e-4)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adamw_decays_kernels_alone(decay):
    np.testing.assert_allclose(stepped("adamw", decay=decay), adamw(decay), rtol=1e-4)
    np.testing.assert_allclose(stepped("adamw", is_kernel=False, decay=decay), adamw(0.0), rtol=1e-4)


def test_adamw_has_its_betas():
    options = {"decay": 0.05, "beta-1": 0.8, "beta-2": 0.99}
    np.testing.assert_allclose(stepped("adamw", **options), adamw(0.05, 0.8, 0.99), rtol=1e-4)


@pytest.mark.parametrize(("nesterov", "decay"), [(True, 0.0), (False, 0.0), (True, 0.1)])
def test_sgd_with_momentum(nesterov, decay):
    found = stepped("sgd", momentum=0.8, nesterov=nesterov, decay=decay)
    np.testing.assert_allclose(found, sgd(0.8, nesterov, decay), rtol=1e-4)
    if decay:
        spared = stepped("sgd", is_kernel=False, momentum=0.8, nesterov=nesterov, decay=decay)
        np.testing.assert_allclose(spared, sgd(0.8, nesterov, 0.0), rtol=1e-4)


def test_nesterov_s_form_is_keras_s():
    import keras

    variable = keras.Variable(START.astype("float32"))
    optimizer = keras.optimizers.SGD(RATE, momentum=0.9, nesterov=True)
    for gradient in GRADIENTS:
        optimizer.apply([keras.ops.convert_to_tensor(gradient.astype("float32"))], [variable])
    np.testing.assert_allclose(stepped("sgd", momentum=0.9), np.array(variable), rtol=1e-4)
