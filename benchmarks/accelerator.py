"""Which backend sees an accelerator: ``python -m benchmarks.accelerator`` tells of the one that KERAS_BACKEND names."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.processes import PYTHON, ROOT, environment

BACKENDS = ("jax", "tensorflow")


@dataclass(frozen=True)
class BackendDevice:
    """A backend with its version, the device that it trains on, and whether that is an accelerator."""

    backend: str
    version: str
    device: str
    accelerated: bool


def find_backend(backends: tuple[str, ...], folder: Path) -> BackendDevice | None:
    """Return the first of ``backends`` that sees an accelerator, else the first that can be started, else None."""
    devices = [each for each in (_query(backend, folder) for backend in backends) if each is not None]
    return next((each for each in devices if each.accelerated), devices[0] if devices else None)


def _query(backend: str, folder: Path) -> BackendDevice | None:
    """Start a backend in a process of its own, since one that has looked keeps the accelerator's memory."""
    process = subprocess.run(
        [PYTHON, "-m", "benchmarks.accelerator"],
        env=environment([ROOT], KERAS_BACKEND=backend),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return BackendDevice(**json.loads(process.stdout.splitlines()[-1])) if process.returncode == 0 else None


def current_backend() -> BackendDevice:
    """Return this process's backend and its device."""
    from derm_cli.engine import backend

    backend.start()
    name = backend.versions()["backend"]
    accelerated = backend.on_accelerator()
    device = _device_name(name) if accelerated else "CPU"
    return BackendDevice(name, backend.versions()[name], device, accelerated)


def _device_name(backend: str) -> str:
    if backend == "jax":
        import jax

        return str(jax.local_devices()[0].device_kind)
    import tensorflow as tf

    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return str(details.get("device_name", "GPU"))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(current_backend())) + "\n")
