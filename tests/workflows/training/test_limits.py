"""What a dry run accepts trains: numbers beyond what a training can compute with are refused where it is planned."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from derm_cli.engine.batches import draw_epoch
from derm_cli.errors import RequestError
from derm_cli.plan import Augmentation, Execution, Phase, PhaseOptions
from derm_cli.workflows.training import limits
from derm_cli.workflows.training.augmentation_options import with_augmentation_options
from derm_cli.workflows.training.phase_options import with_phase_options
from derm_cli.workflows.training.request import TrainRequest


def request(**options: Any) -> TrainRequest:
    return TrainRequest.from_options(backbone="made", chain=("clinic",), **options)


@pytest.mark.parametrize(
    ("option", "least", "most", "beyond"),
    [
        ("seed", 0, 2**32 - 1, 2**32),
        ("seed", 0, 2**32 - 1, 10**30),
        ("epochs", 1, 100_000, 100_001),
        ("per_class", 1, 1024, 10**9),
        ("size", 32, 4096, 4097),
        ("size", 32, 4096, 10**9),
        ("folds", 2, 10_000, 10**9),
        ("head_rate", 1e-30, 100.0, 1e39),
        ("head_rate", 1e-30, 100.0, 1e-50),
        ("head_rate", 1e-30, 100.0, math.nan),
        ("block_rate", 1e-30, 100.0, 101.0),
        ("block_rate", 1e-30, 100.0, math.inf),
    ],
)
def test_a_number_beyond_its_limit_is_refused(option: str, least: Any, most: Any, beyond: Any) -> None:
    for value in (least, most):
        request(**{option: value})
    name = option.replace("_", "-")
    with pytest.raises(RequestError, match=f"--{name} is '{beyond}', but".replace("+", r"\+")):
        request(**{option: beyond})


def test_more_devices_than_any_machine_has_are_refused() -> None:
    with pytest.raises(RequestError, match="--devices is '2000', but must be 1024 or less"):
        request(execution=Execution(devices=2000))


@pytest.mark.parametrize("assignment", ["rotation=0,361", "zoom=0,1e39", "shift=0,11", "brightness=0,1e38", "flip=2"])
def test_an_augmentation_beyond_its_limit_is_refused_as_text_and_as_value(assignment: str) -> None:
    with pytest.raises(RequestError, match="must give"):
        with_augmentation_options(Augmentation(), (assignment,))
    name, _, text = assignment.partition("=")
    numbers = tuple(map(float, text.split(",")))
    augmentation = Augmentation(**{name: numbers if len(numbers) > 1 else numbers[0]})  # type: ignore[arg-type]
    with pytest.raises(RequestError, match=f"--augment '{name}="):
        request(augmentation=augmentation)


@pytest.mark.parametrize(
    "augmentation",
    [
        Augmentation(rotation=(30, 1)),
        Augmentation(zoom=(-1, 0)),
        Augmentation(brightness=(0, math.nan)),
        Augmentation(probability=1.5),
    ],
)
def test_an_augmentation_that_is_no_range_is_refused_as_value(augmentation: Augmentation) -> None:
    with pytest.raises(RequestError, match="must be within 0 and"):
        request(augmentation=augmentation)


@pytest.mark.parametrize(
    "text",
    [
        "mixup=1001",
        "mixup=1e308",
        "dropout=0.9999999999",
        "ema=0.99999999",
        "clip-norm=1e300",
        "clip-norm=1e-320",
        "head-rate=1e39",
        "block-rate=1e-50",
        "epochs=1000000",
        "early-stopping=1000000",
    ],
)
def test_an_option_of_a_phase_beyond_its_limit_is_refused(text: str) -> None:
    phase = Phase(name="head", blocks=(), epochs=1, head_rate=1e-4, block_rate=1e-5)
    with pytest.raises(RequestError, match=f"--phase '{text}' must give"):
        with_phase_options((phase,), (text,))


@pytest.mark.parametrize("alpha", [1e-300, 1e-5, 1.0, limits.MIXUP])
def test_mixup_up_to_its_limit_gives_shares(alpha: float) -> None:
    batches = draw_epoch(np.arange(100) % 2, 2, 1, PhaseOptions(mixup=alpha), (0,))
    assert batches.shares is not None
    assert ((batches.shares >= 0) & (batches.shares <= 1)).all()
    np.testing.assert_allclose(batches.targets.sum(axis=-1), 1, rtol=1e-6)


def test_the_limits_are_those_of_float32() -> None:
    for number in (limits.SMALLEST_RATE, limits.LARGEST_RATE, limits.SMALLEST_CLIP, limits.LARGEST_CLIP):
        assert 0 < np.float32(number) < np.inf
    assert np.float32(limits.EMA) < 1
    assert np.float32(255) * np.float32(limits.AUGMENTATION["brightness"]) < np.inf
    np.random.seed(limits.SEED)  # noqa: NPY002 - what Keras seeds
    with pytest.raises(ValueError, match="Seed must be between"):
        np.random.seed(limits.SEED + 1)  # noqa: NPY002
