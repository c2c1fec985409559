"""Strategies, schedules and recipes: what breaks their contracts is told in words."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from itertools import count

import pytest

from derm_cli.plan import Phase, Stage
from derm_cli.plugin import RecipeSpec, RequestError, ScheduleSpec, StrategySpec
from derm_cli.plugin.registry import Registry
from derm_cli.plugin.testing import check_recipe, check_schedule, check_strategy


def sequential(request):
    return tuple(
        Stage(name=each.name, datasets=(each.name,), classes=each.classes, phases=request.phases)
        for each in request.datasets
    )


def refusing(request):
    raise RequestError("There is nothing to plan.")


def two_or_more(request):
    return sequential(request) if len(request.datasets) > 1 else refusing(request)


NUMBERS = count()


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (sequential, ""),
        (two_or_more, ""),
        (refusing, r"it refuses every chain \(There is nothing to plan.\)"),
        (lambda request: list(sequential(request)), "must give a tuple of derm_cli.plugin.Stage"),
        (lambda request: (), "does not end with the classes of"),
        (lambda request: tuple(replace(each, phases=()) for each in sequential(request)), "no phase"),
        (lambda request: tuple(replace(each, datasets="set0") for each in sequential(request)), "no dataset of"),
        (lambda request: tuple(replace(each, head="old") for each in sequential(request)), "the head 'old'"),
        (
            lambda request: tuple(replace(each, head="carried") for each in sequential(request)),
            "for a chain of 1 datasets it carries an unfit head",
        ),
        (
            lambda request: tuple(replace(each, name=str(next(NUMBERS))) for each in sequential(request)),
            "it plans otherwise the second time",
        ),
    ],
)
def test_a_strategy(plan, said):
    spec = StrategySpec(name="made", title="Made", plan=plan)
    with pytest.raises(AssertionError, match=said) if said else nullcontext():
        check_strategy(spec)


def one_phase(**changes):
    values = {"name": "p", "blocks": (), "epochs": 2, "head_rate": 1e-3, "block_rate": 1e-4}
    return lambda request: (Phase(**values | {name: of(request) for name, of in changes.items()}),)


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        (one_phase(blocks=lambda request: request.blocks), ""),
        (
            one_phase(epochs=lambda request: request.epochs / 2),
            "for 1 blocks and --epochs 1 it gives the phase 'p' the",
        ),
        (one_phase(blocks=lambda request: request.blocks[0]), "the blocks 'top', but must give a tuple"),
        (one_phase(blocks=lambda _: ("middle",)), "for 1 blocks .* the block 'middle', which the backbone has not"),
        (one_phase(head_rate=lambda _: 0.0), "the head rate '0.0'"),
        (one_phase(name=lambda _: str(next(NUMBERS))), "other phases the second time"),
    ],
)
def test_a_schedule(phases, said):
    spec = ScheduleSpec(name="made", title="Made", phases=phases)
    with pytest.raises(AssertionError, match=said) if said else nullcontext():
        check_schedule(spec)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"schedule": "full", "augmentation": "photo:area=0.5..1", "phase": ("loss=focal",), "epochs": 3}, ""),
        ({"epochs": 1.5}, "it sets 'epochs' to 1.5, but it must be a whole number"),
        ({"head-rate": "0.1"}, "it sets 'head-rate' to '0.1', but it must be a number"),
        ({"epoch": 3}, "it sets 'epoch', which no recipe can. Did you mean 'epochs'?"),
        ({"phase": (3,)}, "each of it must be a text"),
        ({"phase": ("mixup",)}, "'mixup' sets no option: write it as NAME=VALUE"),
        ({"schedule": "fulll"}, "its schedule 'fulll' is offered by no plugin: it must be one of frozen-block"),
        ({"views": "flops:x=1"}, "its views 'flops' is offered by no plugin"),
        ({"augmentation": "photo:zoom=0..1"}, "The augmentation 'photo' has no option 'zoom'"),
        ({"views": "flips:x=1"}, "The views 'flips' has no option 'x'. It has none"),
        ({"schedule": "fulll:x=1"}, "its schedule 'fulll' is offered by no plugin"),
        (
            {"augmentation": "photo:flip=2"},
            "its augmentation 'photo:flip=2': 'flip' of the augmentation 'photo' must be",
        ),
        ({"preprocess": ("brushed:x=1",)}, "its preprocess 'brushed' is offered by no plugin: install the plugin that"),
        ({"preprocess": ("dimmed", "dimmed")}, "it sets 'preprocess' .*, but each step must stand once"),
    ],
)
def test_a_recipe(values, said):
    spec = RecipeSpec(name="made", title="Made", source="a test", values=values)
    with pytest.raises(AssertionError, match=said) if said else nullcontext():
        check_recipe(spec, Registry())
