"""Refuses what plugins of a training break of their contracts, before it costs hours or spoils a figure.

The contracts are those of :mod:`derm_cli.plugin.contracts`, which the kit for plugins' authors asks too.
"""

from __future__ import annotations

from typing import Any

from derm_cli.data.records import Records
from derm_cli.errors import DermError
from derm_cli.plan import Phase, Stage
from derm_cli.plugin import BackboneSpec, PlanRequest
from derm_cli.plugin.contracts.class_diagnoses import diagnosis_fault
from derm_cli.plugin.contracts.networks import network_fault
from derm_cli.plugin.contracts.phases import phases_fault
from derm_cli.plugin.contracts.stages import stages_fault


def refuse_unfit_classes(records: Records) -> None:
    """Refuse a dataset whose plugin names diagnoses that there are not.  Raises DermError.

    A reader's classes are what people wrote into tables of their own, which ``derm data check`` judges.
    """
    if not records.located.spec.reader:
        _refuse(f"The plugin of dataset '{records.name}' breaks its contract:", diagnosis_fault(records.classes))


def refuse_unfit_phases(schedule: str, phases: tuple[Phase, ...], backbone: BackboneSpec) -> None:
    """Refuse phases of a schedule that cannot be followed.  Raises DermError."""
    _refuse(f"Schedule '{schedule}'", phases_fault(phases, [block.name for block in backbone.blocks]))


def refuse_unfit_stages(strategy: str, stages: tuple[Stage, ...], request: PlanRequest, backbone: BackboneSpec) -> None:
    """Refuse stages of a strategy that cannot be trained.  Raises DermError."""
    _refuse(f"Strategy '{strategy}'", stages_fault(stages, request))
    for stage in stages:
        blocks = [block.name for block in backbone.blocks]
        _refuse(f"Strategy '{strategy}', stage '{stage.name}',", phases_fault(stage.phases, blocks))


def refuse_unfit_network(network: Any, backbone: BackboneSpec, size: int) -> None:
    """Refuse a network that cannot be trained, frozen or stored as derm must.  Raises DermError."""
    _refuse(f"Backbone '{backbone.name}' breaks its contract:", network_fault(network, backbone, size))


def _refuse(subject: str, fault: str) -> None:
    if fault:
        raise DermError(f"{subject} {fault}{'' if fault[-1] in '.?' else '.'} Tell its author.")
