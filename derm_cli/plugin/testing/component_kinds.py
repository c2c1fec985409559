"""Holds components of recipes to their contracts: each is built with its defaults, and called as the engine does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from derm_cli.plugin.component_specs import (
    AnnealingSpec,
    AugmentationSpec,
    AverageSpec,
    ComponentSpec,
    LossSpec,
    MixingSpec,
    OptimizerSpec,
    SamplerSpec,
    TargetSpec,
    ViewSpec,
)
from derm_cli.plugin.components import LossFacts, MixDraw, Rates, SamplingRequest, TargetFacts
from derm_cli.plugin.testing.samples import CLASSES, sample_photographs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

COUNTS = (8, 3, 1)
"""Photographs of each class."""
SHAPE = (5, 6)
"""Steps of an epoch, and photographs of a batch."""


def check_component(spec: ComponentSpec) -> None:
    """Build a component with its defaults, and call it with small arrays.

    Raises AssertionError where what it gives has another shape, type or range than its spec tells, has no finite
    numbers, or is not the same for the same seed.
    """
    options = spec.component().options
    _BY_KIND[type(spec)](spec, options)


def _check_loss(spec: ComponentSpec, options: Any) -> None:
    import numpy as np
    from keras import ops

    loss = spec.build(options, LossFacts(counts=COUNTS))
    targets = np.eye(len(CLASSES), dtype=np.float32)
    for progress in (0.0, 1.0):
        right, wrong = (
            _array(loss(ops.convert_to_tensor(targets), ops.convert_to_tensor(4 * logits), np.float32(progress)))
            for logits in (targets, -targets)
        )
        _require_shape("the loss", right, (len(targets),))
        assert np.isfinite([right, wrong]).all(), "the loss is not finite for logits of 4"
        assert (right < wrong).all(), "the loss of right answers is not smaller than that of wrong ones"


def _check_sampler(spec: ComponentSpec, options: Any) -> None:
    import numpy as np

    draw, labels = spec.build(options), _labels()
    for progress in (0.0, 1.0):
        request = SamplingRequest(labels=labels, classes=len(CLASSES), per_class=2, steps=4, progress=progress)
        first, second = (np.asarray(draw(request, np.random.default_rng(3))) for _ in range(2))
        _require_shape("an epoch's draw", first, (4, 2 * len(CLASSES)))
        assert np.issubdtype(first.dtype, np.integer), f"an epoch's draw has the dtype {first.dtype}, not whole numbers"
        assert ((first >= 0) & (first < len(labels))).all(), "it draws photographs that are not there"
        _require_same("an epoch's draw", first, second)


def _check_targets(spec: ComponentSpec, options: Any) -> None:
    import numpy as np

    labels = _labels()
    answers = np.full((len(labels), len(CLASSES)), 1 / len(CLASSES), dtype=np.float32)
    shares = spec.build(options, TargetFacts(labels=labels, classes=CLASSES, answers=answers))
    _require_shape("the targets", shares, (len(labels), len(CLASSES)))
    assert shares.dtype == np.float32, f"the targets have the dtype {shares.dtype}, but must have float32"
    assert (shares >= 0).all(), "a target is below 0: they are shares of the classes"
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5), "the targets of a photograph do not sum to 1"


def _check_mixing(spec: ComponentSpec, options: Any) -> None:
    import numpy as np

    mixing = spec.build(options)
    if mixing is None:
        return
    first, second = (mixing.draw(SHAPE, np.random.default_rng(3)) for _ in range(2))
    assert isinstance(first, MixDraw), f"it draws {first!r}, which is no derm_cli.plugin.MixDraw"
    _require_shares("the shares", first.shares, SHAPE)
    assert (first.boxes is not None) == mixing.boxed, "'boxed' does not tell whether its draws have boxes"
    if first.boxes is not None:
        _require_shares("the boxes", first.boxes, (*SHAPE, 4))
    _require_same("a draw", first.shares, second.shares)


def _check_optimizer(spec: ComponentSpec, options: Any) -> None:
    import numpy as np
    from keras import ops

    rule = spec.build(options)
    slots = [ops.zeros((4,)) for _ in rule.slots]
    rates = _array(rule.corrected(np.array([1e-2], dtype=np.float32), np.float32(1.0)))
    _require_shape("corrected rates", rates, (1,))
    rate = Rates(rate=np.float32(1e-2), corrected=rates[0], is_kernel=True)
    change, after = rule.update(ops.ones((4,)), ops.zeros((4,)), slots, rate)
    _require_shape("a step", _array(change), (4,))
    assert np.isfinite(_array(change)).all(), "its first step is not finite"
    assert (_array(change) > 0).all(), "its first step goes up the gradient: return what is subtracted from the weight"
    assert len(after) == len(slots), f"it returns {len(after)} slots, but names {len(slots)}"


def _check_annealing(spec: ComponentSpec, options: Any) -> None:
    import numpy as np

    shares = np.linspace(0.0, 1.0, 11)
    factors = np.asarray(spec.build(options)(shares))
    _require_shape("the factors", factors, shares.shape)
    assert np.isfinite(factors).all(), "a factor of the rates is not finite"
    assert (factors >= 0).all(), "a factor of the rates is below 0, which would climb the loss"
    assert factors.any(), "all factors of the rates are 0: nothing would be learnt"


def _check_average(spec: ComponentSpec, options: Any) -> None:
    import numpy as np

    average = spec.build(options)
    if average is None:
        return
    weights = np.asarray(average.weights(4, 3))
    _require_shares("the weights", weights, (12,))
    counting = weights[weights > 0]
    assert len(counting), "no step enters the average: its weights are 0"
    assert counting[0] == 1, f"the first step that counts has the weight {counting[0]:g}, but must have 1"


def _check_augmentation(spec: ComponentSpec, options: Any) -> None:
    import keras
    import numpy as np

    photographs = sample_photographs().astype(np.float32)
    layers = [spec.build(options, 7) for _ in range(2)]
    for layer in layers:
        assert isinstance(layer, keras.layers.Layer), f"it builds {layer!r}, which is no Keras layer"
        assert isinstance(getattr(layer, "generator", None), keras.random.SeedGenerator), (
            "its layer has no attribute 'generator', a keras.random.SeedGenerator, of which checkpoints keep the state"
        )
    first, second = (_array(layer(photographs)) for layer in layers)
    _require_shape("what it makes of photographs", first, photographs.shape)
    assert np.isfinite(first).all(), "it makes photographs of numbers that are not finite"
    assert ((first >= 0) & (first <= 255)).all(), "it leaves the range 0 to 255: clip what it returns"
    _require_same("what it makes of photographs", first, second)


def _check_views(spec: ComponentSpec, options: Any) -> None:
    import numpy as np

    views, photographs = spec.build(options), sample_photographs()
    assert isinstance(views, tuple), f"it gives {views!r}, but must give a tuple of functions"
    assert views, "it gives no view: the photograph as it is is one"
    for view in views:
        seen = view(photographs)
        _require_shape("a view", seen, photographs.shape)
        assert seen.dtype == np.uint8, f"a view has the dtype {seen.dtype}, but must have uint8"
    assert np.array_equal(photographs, sample_photographs()), "a view changes the photographs that it is given"


_BY_KIND: dict[type[ComponentSpec], Callable[[ComponentSpec, Any], None]] = {
    LossSpec: _check_loss,
    SamplerSpec: _check_sampler,
    TargetSpec: _check_targets,
    MixingSpec: _check_mixing,
    OptimizerSpec: _check_optimizer,
    AnnealingSpec: _check_annealing,
    AverageSpec: _check_average,
    AugmentationSpec: _check_augmentation,
    ViewSpec: _check_views,
}


def _labels() -> npt.NDArray[np.int64]:
    import numpy as np

    return np.repeat(np.arange(len(COUNTS)), COUNTS)


def _array(tensor: Any) -> npt.NDArray[Any]:
    import keras
    import numpy as np

    return np.asarray(keras.ops.convert_to_numpy(tensor))


def _require_shape(what: str, values: Any, shape: tuple[int, ...]) -> None:
    found = getattr(values, "shape", None)
    assert found == shape, f"{what} has the shape {found}, but must have {shape}"


def _require_shares(what: str, values: Any, shape: tuple[int, ...]) -> None:
    _require_shape(what, values, shape)
    assert ((values >= 0) & (values <= 1)).all(), f"{what} are not all from 0 to 1"


def _require_same(what: str, first: Any, second: Any) -> None:
    import numpy as np

    assert np.array_equal(first, second), f"{what} differs for the same seed: draw from the generator alone"
