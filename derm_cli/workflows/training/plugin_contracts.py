"""Refuses what plugins of a training break of their contracts, before it costs hours or spoils a figure.

The contracts are those of :mod:`derm_cli.plugin.contracts`, which the kit for plugins' authors asks too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derm_cli.data.records import Records
from derm_cli.plan import Phase, Stage
from derm_cli.plugin import BackboneSpec, PlanRequest, ScheduleSpec, StrategySpec
from derm_cli.plugin.calling import wrong_result
from derm_cli.plugin.contracts.class_diagnoses import diagnosis_fault
from derm_cli.plugin.contracts.networks import network_fault
from derm_cli.plugin.contracts.phases import phases_fault
from derm_cli.plugin.contracts.stages import stages_fault


def refuse_unfit_classes(records: Records) -> None:
    """Refuse a dataset whose plugin names diagnoses that there are not.  Raises DermError.

    A reader's classes are what people wrote into tables of their own, which ``derm data check`` judges.
    """
    spec = records.located.spec
    if not spec.reader:
        _refuse(spec.records, f"Dataset '{records.name}'", "breaks its contract:", diagnosis_fault(records.classes))


def refuse_unfit_phases(schedule: ScheduleSpec, phases: tuple[Phase, ...], backbone: BackboneSpec) -> None:
    """Refuse phases of a schedule that cannot be followed.  Raises DermError."""
    fault = phases_fault(phases, [block.name for block in backbone.blocks])
    _refuse(schedule.phases, f"Schedule '{schedule.name}'", "", fault)


def refuse_unfit_stages(
    strategy: StrategySpec, stages: tuple[Stage, ...], request: PlanRequest, backbone: BackboneSpec
) -> None:
    """Refuse stages of a strategy that cannot be trained.  Raises DermError."""
    subject = f"Strategy '{strategy.name}'"
    _refuse(strategy.plan, subject, "", stages_fault(stages, request))
    for stage in stages:
        fault = phases_fault(stage.phases, [block.name for block in backbone.blocks])
        _refuse(strategy.plan, subject, f"in stage '{stage.name}'", fault)


def refuse_unfit_network(network: Any, backbone: BackboneSpec, size: int) -> None:
    """Refuse a network that cannot be trained, frozen or stored as derm must.  Raises DermError."""
    fault = network_fault(network, backbone, size)
    _refuse(backbone.build, f"Backbone '{backbone.name}'", "breaks its contract:", fault)


def _refuse(function: Callable[..., Any], subject: str, where: str, fault: str) -> None:
    """Raise the fault of ``function``, a spec's, with the file and the line that it stands in, where there is one.

    ``subject`` begins the sentence where nobody knows whose the spec is.
    """
    if fault:
        said = " ".join(filter(None, (where, fault.rstrip("."))))
        raise wrong_result(function, said, f"{subject} {said}: tell its author.")
