"""Measures one network in one runtime: what is asked comes as JSON on standard input, the figures go out as JSON.

It runs in a process of its own, maybe by another Python, so it imports nothing but NumPy and the runtime.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

Ask = Callable[[Mapping[str, Any]], Any]


def peak_memory() -> int:
    """Return the most bytes that this process has had in memory.

    Linux's ``ru_maxrss`` begins with the peak of the process that started this one; ``VmHWM`` is this program's own.
    """
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.is_file() else []
    own = [int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:")]
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return own[0] if own else used if sys.platform == "darwin" else used << 10


def load_tflite(module: Any, path: str, threads: int) -> Ask:
    """Return a TFLite network as a function of its inputs by name."""
    interpreter = module.Interpreter(model_path=path, num_threads=threads)
    interpreter.allocate_tensors()
    inputs = {each["name"]: each["index"] for each in interpreter.get_input_details()}
    output = interpreter.get_output_details()[0]["index"]

    def ask(given: Mapping[str, Any]) -> Any:
        for name, values in given.items():
            interpreter.set_tensor(inputs[name], values)
        interpreter.invoke()
        return interpreter.get_tensor(output)

    return ask


def load_onnx(module: Any, path: str, threads: int) -> Ask:
    """Return an ONNX network as a function of its inputs by name, with the threads waiting as in ``derm predict``."""
    options = module.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = module.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda given: session.run(["probabilities"], dict(given))[0]


def measure(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return seconds of loading, of the first answer and of each later one, and bytes of memory.

    Raises ValueError where an answer is none.
    """
    draw = np.random.default_rng(asked["seed"])
    given = {
        # Noise for the photograph; numbers of 0 say nothing of the patient.
        each["name"]: draw.integers(0, 256, each["shape"]).astype(each["type"])
        if len(each["shape"]) == 4
        else np.zeros(each["shape"], each["type"])
        for each in asked["inputs"]
    }
    is_tflite = asked["model"].endswith(".tflite")
    module = import_module(f"{asked['module']}.interpreter" if is_tflite else asked["module"])
    before = peak_memory()
    clock = time.perf_counter()
    ask = (load_tflite if is_tflite else load_onnx)(module, asked["model"], asked["threads"])
    load = time.perf_counter() - clock
    seconds = []
    for _ in range(1 + asked["warm_up"] + asked["runs"]):
        clock = time.perf_counter()
        found = ask(given)
        seconds.append(time.perf_counter() - clock)
    if found.shape != (1, asked["classes"]) or not np.isfinite(found).all():
        raise ValueError(f"its answer, of the shape {found.shape}, is not {asked['classes']} probabilities")
    return {
        "load": load,
        "first": seconds[0],
        "steady": seconds[1 + asked["warm_up"] :],
        "peak": peak_memory(),
        "before": before,
    }


def main() -> None:
    """Answer one request."""
    asked = json.load(sys.stdin)
    # A network of a few bytes may ask for any amount of memory; not every system has this limit.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (asked["memory"], asked["memory"]))
    sys.stdout.write(f"\n{json.dumps(measure(asked))}\n")


if __name__ == "__main__":
    main()
