"""Plugins' steps of preprocessing: those that a user asks for, and those of what was stored, looked up by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derm_cli.data.requests import PreprocessingRequest
from derm_cli.errors import RequestError
from derm_cli.plugin import Preprocessing, PreprocessingStep, PreprocessingStepSpec
from derm_cli.plugin.registry import Registry
from derm_cli.preprocessing import NO_STEPS
from derm_cli.workflows.training.component_options import read_component


def requested_preprocessing(
    registry: Registry, request: PreprocessingRequest, default_size: int | None = None, recipe: str = ""
) -> Preprocessing:
    """Return the preprocessing that is asked for, of ``default_size`` pixels where no size is, with its steps.

    ``recipe`` is the one whose steps they are, '' where the user named them.  Raises RequestError without either size,
    for a step or an option that is not there, and for a step twice.
    """
    try:
        steps = _requested_steps(registry, request.preprocess)
    except RequestError as error:
        if not recipe:
            raise
        raise RequestError(
            f"The recipe '{recipe}' asks for the preprocessing '{' '.join(request.preprocess)}', which cannot be had "
            f"here: install or enable the plugin that adds it as the recipe needs it, or give --preprocess {NO_STEPS} "
            f"({error})"
        ) from error
    return request.preprocessing(default_size, steps)


def _requested_steps(registry: Registry, texts: Sequence[str]) -> tuple[PreprocessingStep, ...]:
    steps: list[PreprocessingStep] = []
    for text in texts:
        asked = read_component(registry, PreprocessingStepSpec, text, f"--preprocess '{text}'")
        if asked.name in {each.name for each in steps}:
            raise RequestError(f"--preprocess names '{asked.name}' twice: give each step once.")
        steps.append(registry.get(PreprocessingStepSpec, asked.name).step(asked.options))
    return tuple(steps)


def with_steps(registry: Registry, preprocessing: Preprocessing, whose: str) -> Preprocessing:
    """Return a stored preprocessing with the functions of its steps; itself where it has none.

    ``whose`` begins the sentence of an error, as in ``Run '…'``.  Raises RequestError where no plugin here has a step,
    or has it in another version: whatever was read without it would be judged by other pixels, and nobody would see.
    """
    if not preprocessing.steps:
        return preprocessing
    return replace(preprocessing, steps=tuple(_looked_up(registry, each, whose) for each in preprocessing.steps))


def _looked_up(registry: Registry, step: PreprocessingStep, whose: str) -> PreprocessingStep:
    needed = f"{whose} needs the preprocessing step '{step.name}' (version {step.version}) of a plugin"
    try:
        spec = registry.get(PreprocessingStepSpec, step.name)
    except RequestError as error:
        raise RequestError(
            f"{needed}, and no plugin here has it: install the plugin that adds it, or enable it ({error})"
        ) from error
    if spec.version != step.version:
        raise RequestError(
            f"{needed}, and plugin '{registry.owner(PreprocessingStepSpec, step.name)}' has version {spec.version}: "
            "install the plugin as it was, or train again."
        )
    return spec.step(step.options)
