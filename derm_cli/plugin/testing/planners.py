"""Holds strategies, schedules and recipes to their contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from derm_cli.errors import RequestError
from derm_cli.plugin.component_specs import AugmentationSpec, ViewSpec
from derm_cli.plugin.contracts.phases import phases_fault
from derm_cli.plugin.contracts.recipe_values import values_fault
from derm_cli.plugin.contracts.stages import stages_fault
from derm_cli.plugin.options import OptionedSpec, component_of_text
from derm_cli.plugin.preprocessing_specs import PreprocessingStepSpec
from derm_cli.plugin.requests import DatasetFacts, PlanRequest, ScheduleRequest
from derm_cli.plugin.specs import ScheduleSpec, StrategySpec
from derm_cli.plugin.testing.samples import CLASSES, PHASES

if TYPE_CHECKING:
    from derm_cli.plugin.component_specs import RecipeSpec
    from derm_cli.plugin.registry import Registry

BLOCKS = (("top",), ("top", "middle", "low"), tuple(f"block{number}" for number in range(7, 0, -1)))
"""The blocks of the backbones for which a schedule is asked, top first."""
NAMED: dict[str, type[Any]] = {
    "strategy": StrategySpec,
    "schedule": ScheduleSpec,
    "augmentation": AugmentationSpec,
    "views": ViewSpec,
    "preprocess": PreprocessingStepSpec,
}
"""What a recipe names, by the option that does."""


def check_strategy(spec: StrategySpec) -> None:
    """Plan chains of one dataset, two and three.

    Raises AssertionError where the stages of one cannot be trained, where they are others the second time, or where
    every chain is refused.
    """
    refused = []
    for count in (1, 2, 3):
        datasets = tuple(
            DatasetFacts(name=f"set{number}", classes=CLASSES[: 2 + number % 2]) for number in range(count)
        )
        request = PlanRequest(datasets=datasets, phases=PHASES)
        try:
            stages = spec.plan(request)
        except RequestError as refusal:
            refused.append(str(refusal))
            continue
        fault = stages_fault(stages, request)
        assert not fault, f"for a chain of {count} datasets it {fault}"
        assert spec.plan(request) == stages, "it plans otherwise the second time: let it depend on the request alone"
    assert len(refused) < 3, f"it refuses every chain ({refused[-1]})"


def check_schedule(spec: ScheduleSpec) -> None:
    """Ask for the phases of backbones of one block, three and seven.

    Raises AssertionError where a backbone cannot follow them, where a number is none to compute with, or where they are
    others the second time.
    """
    options = spec.component().options
    for blocks in BLOCKS:
        for epochs in (1, 3):
            request = ScheduleRequest(blocks=blocks, epochs=epochs, head_rate=1e-3, block_rate=1e-4, options=options)
            phases = spec.phases(request)
            fault = phases_fault(phases, blocks)
            assert not fault, f"for {len(blocks)} blocks and --epochs {epochs} it {fault}"
            assert spec.phases(request) == phases, (
                "it gives other phases the second time: let it depend on the request alone"
            )


def check_recipe(spec: RecipeSpec, registry: Registry | None = None) -> None:
    """Look at every value; with a ``registry`` also at the strategy, schedule, augmentation … that it names.

    Raises AssertionError where it sets what no recipe can, a value has the wrong type, nobody offers what it names, or
    that has not such options.
    """
    fault = values_fault(spec.values)
    assert not fault, f"it {fault}"
    for text in (*spec.values.get("phase", ()), *spec.values.get("augment", ())):
        assert "=" in text, f"'{text}' sets no option: write it as NAME=VALUE"
    for option, kind in NAMED.items():
        value = spec.values.get(option, ())
        for text in value if isinstance(value, tuple) else (value,):
            name = str(text).partition(":")[0]
            known: Mapping[str, Any] = registry.all(kind) if registry else {name: None}
            choice = f"it must be one of {', '.join(known)}" if known else "install the plugin that adds it"
            assert name in known, f"its {option} '{name}' is offered by no plugin: {choice}"
            if isinstance(known[name], OptionedSpec):
                _require_options(known[name], str(text), option)


def _require_options(spec: OptionedSpec, text: str, option: str) -> None:
    """Raise AssertionError where a text names an option that ``spec`` has not, or gives one what it cannot have."""
    try:
        component_of_text(spec, text, f"its {option} '{text}'")
    except RequestError as refusal:
        raise AssertionError(str(refusal)) from refusal
