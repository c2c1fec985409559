"""Components by texts: ``NAME``, or ``NAME:OPTION=VALUE,OPTION=VALUE``, as in ``focal:gamma=2``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from derm_cli.engine.components import ComponentTable
from derm_cli.phase_options import Component
from derm_cli.plan import Phase
from derm_cli.plugin import AugmentationSpec, ComponentSpec, ViewSpec
from derm_cli.plugin.component_specs import PHASE_COMPONENTS
from derm_cli.plugin.options import OptionedSpec, component_of_text


def read_component(table: ComponentTable, kind: type[OptionedSpec], text: str, asked_by: str) -> Component:
    """Return the component that a text names, with every option; ``asked_by`` begins the sentence of an error.

    Raises RequestError for a name or an option that is not there, or a value that it cannot have.
    """
    spec: OptionedSpec = table.get(kind, text.partition(":")[0])
    return component_of_text(spec, text, asked_by)


def with_component_options(
    table: ComponentTable, kind: type[ComponentSpec], component: Component, assignments: tuple[str, ...], option: str
) -> Component:
    """Change options of ``component`` by texts such as ``rotation=0,15``, given by the command's option ``option``.

    Raises RequestError as :func:`read_component` does.
    """
    spec: ComponentSpec = table.get(kind, component.name)
    values = dict(component.options)
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        values[name] = spec.read_option(name, text, f"{option} '{assignment}'")
    return spec.component(values)


def complete_phase(table: ComponentTable, phase: Phase) -> Phase:
    """Return a phase whose components have all their options.  Raises RequestError for one that does not fit."""
    options = phase.options
    completed: dict[str, Any] = {
        kind.phase_option: completed_component(table, kind, options.components[kind.phase_option])
        for kind in PHASE_COMPONENTS
    }
    return replace(phase, options=replace(options, **completed))


def completed_component(table: ComponentTable, kind: type[ComponentSpec], component: Component) -> Component:
    """Return a component with its defaults for what it does not say.  Raises RequestError for what it cannot say."""
    spec: ComponentSpec = table.get(kind, component.name)
    return spec.component(component.options)


def completed_augmentation(table: ComponentTable, augmentation: Component | None) -> Component | None:
    """Return an augmentation as :func:`completed_component` does; None is none."""
    return None if augmentation is None else completed_component(table, AugmentationSpec, augmentation)


def completed_views(table: ComponentTable, views: Component) -> Component:
    """Return views as :func:`completed_component` does."""
    return completed_component(table, ViewSpec, views)
