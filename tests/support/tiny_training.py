"""Trains the tiny network as a run does, and prints what came of it as JSON, for tests of what surrounds a process.

``python -m tests.support.tiny_training PROGRAMS``, the folder of XLA's programs.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from derm_cli.engine import backend
from derm_cli.plan import Execution

imported = [name for name in ("keras", "tensorflow", "jax") if name in sys.modules]
backend.versions()
imported += [name for name in ("keras", "tensorflow", "jax") if name in sys.modules]
backend.start(5, programs=Path(sys.argv[1]))

from derm_cli.engine.network import copy_value  # noqa: E402
from tests.support.tiny_network import TINY, TrainingLog, made_photographs, made_stage, trainer_for  # noqa: E402

with backend.resolve_execution(Execution(), [6]) as execution:
    log, training = TrainingLog(), trainer_for(TINY, made_photographs(), made_stage([("block2",)], epochs=1))
    training.train(log)
    environment = backend.environment(execution)

digest = hashlib.sha256()
for variable in training.network.model.variables:
    digest.update(copy_value(variable).tobytes())

if environment["backend"] == "tensorflow":
    # Nothing of the step is compiled by XLA on a CPU, so that something is kept in the cache.
    import tensorflow

    tensorflow.function(lambda value: value + 1, jit_compile=True)(1.0)
found = {"bits": digest.hexdigest(), "losses": log.losses, "environment": environment, "imported": imported}
print(json.dumps(found))
