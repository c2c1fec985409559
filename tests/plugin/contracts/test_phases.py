"""A phase of any schedule is held to the numbers that a training can compute with, and to the backbone's blocks."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from derm_cli.phase_options import PhaseOptions
from derm_cli.plan import Phase
from derm_cli.plugin.contracts.phases import EPOCHS, LARGEST_RATE, phase_fault, phases_fault

PHASE = Phase(name="p", blocks=("a",), epochs=1, head_rate=1e-4, block_rate=1e-5)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"blocks": (), "block_rate": 0.0}, ""),
        ({"epochs": EPOCHS, "head_rate": LARGEST_RATE}, ""),
        ({"options": PhaseOptions(clip_norm=1.0, dropout=0.5, depth_decay=0.5, best_epoch=True)}, ""),
        ({"epochs": 0}, "the epochs '0', but that must be a whole number from 1 to 100000"),
        ({"epochs": 1.5}, "the epochs '1.5'"),
        ({"epochs": True}, "the epochs 'True'"),
        ({"epochs": 10**6}, "the epochs '1000000'"),
        ({"head_rate": math.nan}, "the head rate 'nan', but that must be a learning rate above 0, from 1e-30 to 100"),
        ({"head_rate": 1e39}, "the head rate '1e+39'"),
        ({"head_rate": "1e-3"}, "the head rate '1e-3'"),
        ({"block_rate": 0.0}, "the block rate '0.0'"),
        ({"block_rate": -1.0}, "the block rate '-1.0'"),
        (
            {"options": PhaseOptions(depth_decay=0.0)},
            "the depth decay '0.0', but that must be a number above 0, up to 1",
        ),
        ({"options": PhaseOptions(augment=1)}, "the augment '1', but that must be 'True' or 'False'"),  # type: ignore[arg-type]
        ({"options": PhaseOptions(dropout=1.0)}, "the dropout '1.0'"),
        ({"options": PhaseOptions(clip_norm=math.inf)}, "the clip norm 'inf'"),
        ({"options": PhaseOptions(early_stopping=-1)}, "the early stopping '-1'"),
        ({"options": PhaseOptions(best_epoch="on")}, "the best epoch 'on', but that must be 'True' or 'False'"),  # type: ignore[arg-type]
    ],
)
def test_a_phase_of_any_schedule_is_held_to_the_same_limits(changes: dict[str, Any], fault: str) -> None:
    assert phase_fault(replace(PHASE, **changes)).startswith(fault)
    assert bool(phase_fault(replace(PHASE, **changes))) == bool(fault)


@pytest.mark.parametrize(
    ("phases", "fault"),
    [
        ((PHASE, replace(PHASE, blocks=("stem",))), ""),
        ([PHASE], "gives [Phase("),
        ((), "gives (), but must give a tuple of phases, one at least"),
        (("head",), "gives 'head', but must give a derm_cli.plugin.Phase"),
        ((replace(PHASE, name=""),), "gives a phase the name ''"),
        ((replace(PHASE, blocks="ab"),), "gives the phase 'p' the blocks 'ab', but must give a tuple of their names"),
        ((replace(PHASE, blocks=("head",)),), "gives the phase 'p' the block 'head', which every phase trains"),
        (
            (replace(PHASE, blocks=("top",)),),
            "gives the phase 'p' the block 'top', which the backbone has not. Known: a, b, stem.",
        ),
        ((PHASE, replace(PHASE, epochs=0.5)), "gives the phase 'p' the epochs '0.5', but that must be a whole number"),
    ],
)
def test_phases_are_those_that_a_backbone_of_these_blocks_can_follow(phases: Any, fault: str) -> None:
    assert phases_fault(phases, ("a", "b")).startswith(fault)
    assert bool(phases_fault(phases, ("a", "b"))) == bool(fault)
