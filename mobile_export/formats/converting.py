"""Where converters run: they are TensorFlow's, so beside another backend they run in a process of their own.

That costs a start of TensorFlow for each format, about five seconds where the conversion of a small network takes less
than one; so they run here where Keras is bound to TensorFlow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import first_line, scratch_folder

if TYPE_CHECKING:
    import keras

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from mobile_export.formats.converting import serve; serve(*sys.argv[2:])"
)
_OF_ANOTHER_BACKEND = ("XLA_FLAGS", "TF_XLA_FLAGS")
"""Flags of the parent's compiler, of which TensorFlow's ends the process where it does not know one."""


class ConversionFailed(Exception):
    """A converter failed in a process of its own; the message is what it said first that says something."""


def converted(model: keras.Model, home: str) -> bytes:
    """Return what ``convert(model)`` of the module ``home`` makes of a network, in TensorFlow whatever is bound here.

    Raises what it raises; from a process of its own OSError where the system refused, else ConversionFailed.
    """
    import keras

    if keras.config.backend() == "tensorflow":
        content: bytes = import_module(home).convert(model)
        return content
    with scratch_folder("derm-conversion-") as folder:
        source, target, failure = (folder / each for each in ("model.keras", "converted", "failure.json"))
        model.save(source)
        files = map(str, (source, target, failure))
        command = [sys.executable, "-P", "-c", _PROGRAM, json.dumps(sys.path), home, *files]
        # The parent may have taken the accelerator's memory, which a conversion does not need; no keras.json is read.
        own = {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_HOME": str(folder)}
        environment = {key: value for key, value in (os.environ | own).items() if key not in _OF_ANOTHER_BACKEND}
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if failure.exists():
            told = json.loads(failure.read_bytes())
            raise OSError(told["errno"], told["said"]) if told["errno"] else ConversionFailed(told["said"])
        if done.returncode or not target.exists():
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise ConversionFailed(": ".join([f"its process ended with {done.returncode}", *last]))
        return target.read_bytes()


def serve(home: str, source: str, target: str, failure: str) -> None:
    """Convert the network in the file ``source`` to ``target``, or say in ``failure`` why not: a process's whole life.

    ``failure`` is JSON: ``said``, and ``errno`` where the system refused, else null.
    """
    try:
        import keras

        model = keras.saving.load_model(source, compile=False)
        Path(target).write_bytes(import_module(home).convert(model))
    # A converter's errors have no common base.
    except Exception as error:
        number = error.errno if isinstance(error, OSError) else None
        said = (isinstance(error, OSError) and error.strerror) or first_line(error)
        Path(failure).write_text(json.dumps({"errno": number, "said": said}), encoding="utf-8")
