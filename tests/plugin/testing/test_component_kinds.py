"""Components of recipes: what breaks the contract of each kind is told in words."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import ops

from derm_cli.plugin import (
    AnnealingSpec,
    AugmentationSpec,
    AverageSpec,
    LossSpec,
    MixDraw,
    MixingSpec,
    OptimizerSpec,
    SamplerSpec,
    TargetSpec,
    ViewSpec,
)
from derm_cli.plugin.testing import check_component


def loss(of):
    return lambda options, facts: lambda targets, logits, progress: of(targets, logits)


def sampler(of):
    return lambda options: of


def mixing(boxed, shares=None, boxes=None):
    def draw(shape, generator):
        here = generator.uniform(size=shape) if shares is None else shares
        return MixDraw(shares=here, boxes=None if boxes is None else np.full((*shape, 4), boxes))

    return lambda options: SimpleNamespace(boxed=boxed, draw=draw)


def rule(change=lambda gradient: gradient, slots=(), after=()):
    return lambda options: SimpleNamespace(
        slots=slots,
        corrected=lambda rates, step: rates,
        update=lambda gradient, value, slots, rates: (change(gradient), list(after)),
    )


def average(weights):
    return lambda options: SimpleNamespace(weights=lambda steps, epochs: np.asarray(weights(steps * epochs)))


class Shift(keras.layers.Layer):
    """Adds a number to photographs, and clips them."""

    def __init__(self, seed, by, high=255.0):
        super().__init__()
        self.generator = keras.random.SeedGenerator(seed) if seed is not None else None
        self.by, self.high = by, high

    def call(self, photographs):
        return ops.clip(photographs + self.by(self.generator), 0.0, self.high)


def drawn(generator):
    return keras.random.uniform((), -9.0, 9.0, seed=generator)


def summed(targets, logits):
    return ops.sum(logits)


CROSS_ENTROPY = loss(lambda targets, logits: -ops.sum(targets * ops.log_softmax(logits), axis=-1))
ALL = np.arange(24).reshape(4, 6) % 12


@pytest.mark.parametrize(
    ("kind", "build", "said"),
    [
        (LossSpec, CROSS_ENTROPY, ""),
        (LossSpec, loss(summed), r"the loss has the shape \(\), but must have \(3,\)"),
        (
            LossSpec,
            loss(lambda targets, logits: ops.sum(targets * logits, axis=-1)),
            "is not smaller than that of wrong",
        ),
        (LossSpec, loss(lambda targets, logits: float("inf") * ops.sum(targets, axis=-1)), "not finite"),
        (SamplerSpec, sampler(lambda request, generator: ALL), ""),
        (
            SamplerSpec,
            sampler(lambda request, generator: ALL[:, :5]),
            r"has the shape \(4, 5\), but must have \(4, 6\)",
        ),
        (SamplerSpec, sampler(lambda request, generator: ALL + 1), "draws photographs that are not there"),
        (SamplerSpec, sampler(lambda request, generator: ALL / 2), "not whole numbers"),
        (SamplerSpec, sampler(lambda request, generator: np.random.default_rng().permuted(ALL)), "for the same seed"),
        (TargetSpec, lambda options, facts: np.eye(3, dtype=np.float32)[facts.labels], ""),
        (TargetSpec, lambda options, facts: np.eye(3)[facts.labels], "the dtype float64, but must have float32"),
        (TargetSpec, lambda options, facts: np.ones((12, 3), dtype=np.float32), "do not sum to 1"),
        (TargetSpec, lambda options, facts: facts.labels, r"the shape \(12,\)"),
        (MixingSpec, lambda options: None, ""),
        (MixingSpec, mixing(boxed=False), ""),
        (MixingSpec, mixing(boxed=True), "'boxed' does not tell"),
        (MixingSpec, mixing(boxed=True, boxes=2.0), "the boxes are not all from 0 to 1"),
        (MixingSpec, mixing(boxed=False, shares=np.ones(5)), r"the shares has the shape \(5,\)"),
        (OptimizerSpec, rule(), ""),
        (OptimizerSpec, rule(lambda gradient: -gradient), "goes up the gradient"),
        (OptimizerSpec, rule(slots=("momentum",)), "it returns 0 slots, but names 1"),
        (OptimizerSpec, rule(ops.sum), r"a step has the shape \(\)"),
        (AnnealingSpec, lambda options: lambda shares: 1 - shares, ""),
        (AnnealingSpec, lambda options: lambda shares: -shares, "below 0, which would climb"),
        (AnnealingSpec, lambda options: lambda shares: 0 * shares, "nothing would be learnt"),
        (AnnealingSpec, lambda options: lambda shares: shares[:1], "the factors has the shape"),
        (AverageSpec, lambda options: None, ""),
        (AverageSpec, average(lambda count: np.minimum(1.0, 1 / np.arange(1, count + 1))), ""),
        (AverageSpec, average(lambda count: np.full(count, 0.1)), "has the weight 0.1, but must have 1"),
        (AverageSpec, average(np.zeros), "no step enters the average"),
        (AverageSpec, average(lambda count: np.full(count, 2.0)), "not all from 0 to 1"),
        (AugmentationSpec, lambda options, seed: Shift(seed, drawn), ""),
        (AugmentationSpec, lambda options, seed: Shift(None, lambda _: 1.0), "no attribute 'generator'"),
        (AugmentationSpec, lambda options, seed: Shift(seed, lambda _: 300.0, high=999.0), "leaves the range 0 to 255"),
        (AugmentationSpec, lambda options, seed: Shift(seed, lambda _: np.random.default_rng().uniform()), "same seed"),
        (AugmentationSpec, lambda options, seed: print, "which is no Keras layer"),
        (ViewSpec, lambda options: (lambda photographs: photographs[:, ::-1],), ""),
        (ViewSpec, lambda options: (), "gives no view"),
        (ViewSpec, lambda options: (lambda photographs: photographs[:, ::2],), "a view has the shape"),
        (ViewSpec, lambda options: (lambda photographs: photographs / 2,), "the dtype float64, but must have uint8"),
        (ViewSpec, lambda options: (lambda photographs: np.bitwise_not(photographs, out=photographs),), "changes the"),
    ],
)
def test_a_component(kind, build, said):
    spec = kind(name="made", title="Made", build=build)
    with pytest.raises(AssertionError, match=said) if said else nullcontext():
        check_component(spec)
