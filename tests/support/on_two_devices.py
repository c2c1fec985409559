"""Trains the tiny network on one device and on two, under JAX, and prints what came of each as JSON.

For test_by_jax.py, which has JAX make two devices of a CPU.
"""

from __future__ import annotations

import json

from derm_cli.engine import backend

backend.start(11)

import keras  # noqa: E402
import numpy as np  # noqa: E402

from derm_cli.engine.network import copy_value  # noqa: E402
from derm_cli.engine.position import Position  # noqa: E402
from derm_cli.engine.stage_inputs import ComputeOptions  # noqa: E402
from derm_cli.engine.stepping import by_jax  # noqa: E402
from derm_cli.engine.validating import Validation  # noqa: E402
from derm_cli.plan import Execution  # noqa: E402
from tests.support.tiny_network import TINY, TrainingLog, made_photographs, made_stage, trainer_for, weights  # noqa: E402

PHOTOGRAPHS = made_photographs(24)
STAGE = made_stage(mixup=0.3, dropout=0.2, ema=0.5, clip_norm=1.0)
MIDDLE = Position(phase=1, epoch=1)
place_batch = by_jax._to_devices


def trainer():
    compute = ComputeOptions(by_stage=True, compiled=True)
    return trainer_for(TINY, PHOTOGRAPHS, STAGE, compute, validation=Validation(*PHOTOGRAPHS))


def figures(log):
    return [[epoch.loss, epoch.accuracy, epoch.validation.loss] for epoch in log.epochs]


def trained():
    """Train, and tell where the batches and the network were, and what the middle of the second phase was like."""
    parts, middle, training = [], {}, trainer()

    def watch(inputs, targets):
        places, shares = place_batch(inputs, targets)
        for each in (*places, shares):
            parts.append([[str(part.device), len(part.data)] for part in each.addressable_shards])
        return places, shares

    def look(position):
        if position == MIDDLE:
            middle.update(notes=training.notes(), values=[copy_value(each) for each in training.variables()])

    by_jax._to_devices, log = watch, TrainingLog(look)
    training.train(log)
    by_jax._to_devices = place_batch
    variables = [*training.trained.model.weights, *training.network.model.weights]
    homes = sorted({len(variable.value.devices()) for variable in variables})
    return training, middle, {"figures": figures(log), "parts": parts, "homes": homes}


def goes_on(whole, middle):
    """Go on from the middle of another training, and compare the bits."""

    def restore(variables, part=False):
        for variable, value in zip(variables, middle["values"], strict=not part):
            variable.assign(value)

    again, log = trainer(), TrainingLog()
    again.resume(MIDDLE, middle["notes"], restore)
    again.train(log, MIDDLE)
    same = [np.array_equal(*pair) for pair in zip(weights(whole), weights(again), strict=True)]
    return {"figures": figures(log), "same": all(same)}


found = {}
for devices in (1, 2):
    with backend.resolve_execution(Execution(devices=devices, precision="float32"), [6]) as resolved:
        whole, middle, found[devices] = trained()
        found[devices]["settled"] = resolved.devices
        if devices == 2:
            found["again"] = goes_on(whole, middle)
found["left"] = str(keras.distribution.distribution())
print(json.dumps(found))
