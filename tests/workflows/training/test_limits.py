"""What a dry run accepts trains: numbers beyond what a training can compute with are refused where it is planned."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from derm_cli.engine.batches import draw_epoch
from derm_cli.engine.components import phase_components
from derm_cli.errors import RequestError
from derm_cli.phase_options import Component
from derm_cli.plan import PAPER_AUGMENTATION, Execution, Phase
from derm_cli.plugin import AugmentationSpec
from derm_cli.plugin.contracts import phases
from derm_cli.workflows.training import limits
from derm_cli.workflows.training.component_options import completed_augmentation, with_component_options
from derm_cli.workflows.training.phase_options import with_phase_options
from derm_cli.workflows.training.request import TrainRequest
from tests.support.tiny_network import CLASSES, COMPONENTS, made_stage


def paper(**options: Any) -> Component:
    return Component(name="paper", options=options)


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
    with pytest.raises(RequestError, match=f"--augment '{assignment}': .* must be"):
        with_component_options(COMPONENTS, AugmentationSpec, PAPER_AUGMENTATION, (assignment,), "--augment")
    name, _, text = assignment.partition("=")
    numbers = tuple(map(float, text.split(",")))
    with pytest.raises(RequestError, match=f"The augmentation 'paper' has '{name}' as"):
        completed_augmentation(COMPONENTS, paper(**{name: numbers if len(numbers) > 1 else numbers[0]}))


@pytest.mark.parametrize(
    "options",
    [{"rotation": (30, 1)}, {"zoom": (-1, 0)}, {"brightness": (0, math.nan)}, {"probability": 1.5}, {"flip": "often"}],
)
def test_an_augmentation_that_is_no_range_is_refused_as_value(options: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="but it must be"):
        completed_augmentation(COMPONENTS, paper(**options))


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
    with pytest.raises(RequestError, match=f"--phase '{text}'( must give|: .* must be)"):
        with_phase_options((phase,), (text,), COMPONENTS)


@pytest.mark.parametrize(
    ("per_class", "photographs", "size", "gigabytes", "refused"),
    [
        (1, 3, 32, 8, ""),
        (20, 60, 32, 8, ""),
        (
            21,
            60,
            32,
            8,
            "--per-class is '21', which makes batches of 63 photographs of stage 'x' (3 classes), but that ",
        ),
        (1024, 60, 32, 8, "has 60: give 20 or less"),
        # Of few classes, one of each is no batch that is too large.
        (1, 2, 32, 8, ""),
        (1000, 10**6, 4096, 8, "they take 1208 GB, but 8 GB of memory are here; give a smaller --per-class or --size"),
        (1, 3, 4096, 1, "they take 1 GB, but 1 GB of memory"),
        (1, 3, 4096, 8, ""),
    ],
)
def test_a_batch_beyond_the_photographs_or_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch, per_class: int, photographs: int, size: int, gigabytes: int, refused: str
) -> None:
    monkeypatch.setattr(limits, "memory_bytes", lambda: gigabytes * 10**9)
    if not refused:
        return limits.check_batch(per_class, 3, photographs, size, "stage 'x'")
    with pytest.raises(RequestError) as caught:
        limits.check_batch(per_class, 3, photographs, size, "stage 'x'")
    assert refused in str(caught.value)
    return None


def test_the_memory_is_that_of_the_machine_or_less() -> None:
    assert 10**8 < limits.memory_bytes() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
@pytest.mark.parametrize("alpha", [1e-6, 1.0, 1000.0])
def test_mixing_up_to_its_limit_gives_shares(name: str, alpha: float) -> None:
    stage = replace(made_stage(mixing=f"{name}:alpha={alpha}"), classes=CLASSES[:2])
    labels = np.arange(100) % 2
    batches = draw_epoch(phase_components(stage, stage.phases[0], labels, COMPONENTS), labels, 2, 1, (0,))
    assert batches.mix is not None
    assert ((batches.mix.shares >= 0) & (batches.mix.shares <= 1)).all()
    np.testing.assert_allclose(batches.targets.sum(axis=-1), 1, rtol=1e-6)


def test_the_limits_are_those_of_float32() -> None:
    for number in (phases.SMALLEST_RATE, phases.LARGEST_RATE, phases.SMALLEST_CLIP, phases.LARGEST_CLIP):
        assert 0 < np.float32(number) < np.inf
    np.random.seed(limits.SEED)  # noqa: NPY002 - what Keras seeds
    with pytest.raises(ValueError, match="Seed must be between"):
        np.random.seed(limits.SEED + 1)  # noqa: NPY002
