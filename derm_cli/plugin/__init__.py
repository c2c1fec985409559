"""All that a plugin's author imports.

A plugin is a module that an entry point of the group ``derm`` names.  Its functions bear the names of hooks and the
marker :data:`hookimpl`; each returns facts and functions as frozen dataclasses::

    from derm_cli.plugin import DatasetSpec, LesionClass, hookimpl

    @hookimpl
    def derm_datasets() -> list[DatasetSpec]:
        return [DatasetSpec(name="my-clinic", ...)]

and its ``pyproject.toml`` says::

    [project.entry-points.derm]
    my-clinic = "my_clinic"

Importing a plugin must not import TensorFlow, Keras or pandas: heavy imports stand inside the functions.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from derm_cli.plugin.marker import hookimpl

if TYPE_CHECKING:
    from derm_cli.console import progress, quietly, warn
    from derm_cli.errors import DermError, RequestError
    from derm_cli.files import whole
    from derm_cli.plan import IMAGENET, Phase, Preprocessing, Stage
    from derm_cli.plugin.artefact import ArtefactFacts, Predictor
    from derm_cli.plugin.downloads import Download, Listing, Page
    from derm_cli.plugin.events import EpochReport, RunFacts, StageFacts
    from derm_cli.plugin.requests import DatasetFacts, PlanRequest, ScheduleRequest
    from derm_cli.plugin.specs import (
        HEAD,
        STEM,
        BackboneSpec,
        Block,
        DatasetSpec,
        ExporterSpec,
        ScheduleSpec,
        StrategySpec,
        WeightSource,
    )
    from derm_cli.taxonomy import LesionClass, covering_class, known_diagnoses

# Each name is imported at its first use, so that a plugin's module costs a start of derm next to nothing.
_HOMES = {
    "derm_cli.console": ("progress", "quietly", "warn"),
    "derm_cli.errors": ("DermError", "RequestError"),
    "derm_cli.files": ("whole",),
    "derm_cli.plan": ("IMAGENET", "Phase", "Preprocessing", "Stage"),
    "derm_cli.plugin.artefact": ("ArtefactFacts", "Predictor"),
    "derm_cli.plugin.downloads": ("Download", "Listing", "Page"),
    "derm_cli.plugin.events": ("EpochReport", "RunFacts", "StageFacts"),
    "derm_cli.plugin.requests": ("DatasetFacts", "PlanRequest", "ScheduleRequest"),
    "derm_cli.plugin.specs": (
        "HEAD",
        "STEM",
        "BackboneSpec",
        "Block",
        "DatasetSpec",
        "ExporterSpec",
        "ScheduleSpec",
        "StrategySpec",
        "WeightSource",
    ),
    "derm_cli.taxonomy": ("LesionClass", "covering_class", "known_diagnoses"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "HEAD",
    "IMAGENET",
    "STEM",
    "ArtefactFacts",
    "BackboneSpec",
    "Block",
    "DatasetFacts",
    "DatasetSpec",
    "DermError",
    "Download",
    "EpochReport",
    "ExporterSpec",
    "LesionClass",
    "Listing",
    "Page",
    "Phase",
    "PlanRequest",
    "Predictor",
    "Preprocessing",
    "RequestError",
    "RunFacts",
    "ScheduleRequest",
    "ScheduleSpec",
    "Stage",
    "StageFacts",
    "StrategySpec",
    "WeightSource",
    "covering_class",
    "hookimpl",
    "known_diagnoses",
    "progress",
    "quietly",
    "warn",
    "whole",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value
