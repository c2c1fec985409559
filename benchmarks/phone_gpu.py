"""Runs a TFLite network on LiteRT's accelerator for GPUs: a real one by Vulkan, or SwiftShader, one in software.

What phones have is the same accelerator on another driver.  A browser brings SwiftShader; it is taken where no other
driver is named by ``VK_DRIVER_FILES``.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

DRIVER = "libvk_swiftshader.so"
SYSTEM = Path("/usr/lib/chromium")
"""Where Debian has it: the program in the path is a script."""
PATIENCE = 200
"""Seconds for one network."""
_SPLIT = re.compile(r"(\d+) operations will run on the GPU, and the remaining (\d+) operations will run on the CPU")
_LEVELS = ("INFO", "WARNING", "ERROR")
_REASON = re.compile(r"^([A-Z0-9_]+): (.+?)\.? ?(?:functional\S*)?$", re.MULTILINE)
_PROGRAM = """
import json, sys
import numpy as np
from ai_edge_litert.compiled_model import CompiledModel, HardwareAccelerator
from ai_edge_litert.interpreter import Interpreter
path = sys.argv[1]
details = {each["name"]: each for each in Interpreter(path).get_input_details()}
draw, found, whole = np.random.default_rng(0), [], None
given = {
    name: draw.integers(0, 256, each["shape"]).astype(each["dtype"]) if len(each["shape"]) == 4
    else np.zeros(each["shape"], each["dtype"])
    for name, each in details.items()
}
for accelerators in (HardwareAccelerator.GPU | HardwareAccelerator.CPU, HardwareAccelerator.CPU):
    model = CompiledModel.from_file(path, hardware_accel=accelerators)
    whole = model.is_fully_accelerated() if whole is None else whole
    inputs, outputs = model.create_input_buffers(0), model.create_output_buffers(0)
    for name, buffer in zip(model.get_signature_by_index(0)["inputs"], inputs):
        buffer.write(given[name])
    model.run_by_index(0, inputs, outputs)
    found.append(outputs[0].read(int(sys.argv[2]), np.float32))
print("\\n" + json.dumps({"whole": bool(whole), "difference": float(np.abs(found[0] - found[1]).max())}))
"""


@dataclass(frozen=True, kw_only=True)
class OnGpu:
    """What an accelerator took of a network: all of it or not, what it said of the rest, and how its answer differs.

    ``difference`` is the largest of a probability from the CPU's, for drawn noise.
    """

    whole: bool
    on_gpu: int | None
    on_cpu: int | None
    reasons: tuple[str, ...]
    difference: float


def swiftshader(browser: Path) -> Path | None:
    """Return the driver beside a browser's program, None where it brings none."""
    places = (each / DRIVER for each in (browser.resolve().parent, SYSTEM))
    return next((each for each in places if each.is_file()), None)


def run_on_gpu(path: Path, classes: int, driver: Path | None = None) -> OnGpu:
    """Run the network in ``path``, which answers with ``classes`` numbers, in a process of its own.

    Raises RuntimeError where the accelerator cannot be had.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ)
        if driver is not None:
            icd = Path(folder) / "icd.json"
            told = {"file_format_version": "1.0.0", "ICD": {"library_path": str(driver), "api_version": "1.1.0"}}
            icd.write_text(json.dumps(told), encoding="utf-8")
            libraries = [str(driver.parent), *filter(None, [environment.get("LD_LIBRARY_PATH")])]
            environment |= {"VK_ICD_FILENAMES": str(icd), "VK_DRIVER_FILES": str(icd)}
            environment["LD_LIBRARY_PATH"] = os.pathsep.join(libraries)
        command = [sys.executable, "-c", _PROGRAM, str(path), str(classes)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE, errors="replace"
        )
    printed = f"{done.stdout}\n{done.stderr}"
    if done.returncode:
        raise RuntimeError(f"'{path.name}' does not run on a GPU here: {printed.strip()[-1500:]}")
    split, told = _SPLIT.search(printed), json.loads(done.stdout.strip().splitlines()[-1])
    reasons = dict.fromkeys(f"`{name}` {why}" for name, why in _REASON.findall(printed) if name not in _LEVELS)
    return OnGpu(
        whole=told["whole"],
        on_gpu=int(split[1]) if split else None,
        on_cpu=int(split[2]) if split else None,
        reasons=tuple(reasons),
        difference=told["difference"],
    )
