"""Stage keys: hashes of everything that the bits of a finished stage depend on."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from derm_cli import __version__
from derm_cli.data.ingesting import BESIDE_FILE
from derm_cli.data.run_data import RunData
from derm_cli.data.samples import Samples
from derm_cli.plan import Plan
from derm_cli.workflows.training.teacher import is_distilled

_SPLIT = ("folds", "fold", "official_splits", "split_seed")
NOT_OF_A_STAGE = (
    "stages",
    "target",
    "execution",
    "recipe",
    "views",
    "logit_adjustment",
    "teacher",
    "metadata",
    *_SPLIT,
)
"""Of the plan: told stage by stage, by the photographs, by the environment but for a share of memory, or no matter."""


def stage_keys(plan: Plan, run_data: RunData, environment: dict[str, Any], backbone: Any) -> list[str]:
    """Return a SHA-256 for each stage, 64 hexadecimal digits.

    It covers the plan up to and with that stage, the contents and labels of the photographs that those stages learn
    from and are validated on, the layers of ``backbone`` and the weights that it begins with, and the environment:
    versions, machine, devices, precision.  Two chains that begin alike have the same keys up to where they part.
    """
    from derm_cli.engine.frozen_check import weights_hash

    content = plan.to_json()
    common = {
        "derm": __version__,
        "plan": {name: value for name, value in content.items() if name not in NOT_OF_A_STAGE},
        "environment": environment,
        "resident_share": content["execution"]["resident_share"],
        "layers": [layer_settings(layer) for layer in backbone.layers],
        "weights": weights_hash(backbone.variables),
    }
    taught = [is_distilled(stage) for stage in plan.stages]
    keys, digest = [], hashlib.sha256(json.dumps(common, sort_keys=True).encode())
    for stage, is_taught, part, validation in zip(
        content["stages"], taught, run_data.training, run_data.stage_validation, strict=True
    ):
        stage_content = {"stage": stage, "learns": _contents(part), "validates": validation and _contents(validation)}
        stage_content |= {"teacher": content["teacher"]["model"]} if is_taught else {}
        digest.update(json.dumps(stage_content, sort_keys=True).encode())
        keys.append(digest.hexdigest())
    return keys


def layer_settings(layer: Any) -> str:
    """Return what a layer is, but for its name, which counts what the process has built before.

    A plugin that builds a network in another way has the same weights, but not the same bits.
    """
    settings = {name: value for name, value in layer.get_config().items() if name != "name"}
    return f"{type(layer).__name__} {json.dumps(settings, sort_keys=True, default=str)}"


def _contents(part: Samples) -> str:
    """Return the SHA-256 of a part's photographs, of masks or vectors beside them, and of its labels."""
    digest = hashlib.sha256("".join(part.cases["sha256"]).encode())
    for column in BESIDE_FILE:
        if column in part.cases:
            digest.update(",".join(part.cases[column]).encode())
    digest.update(part.labels.tobytes())
    return digest.hexdigest()
