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
class Seen:
    """What a backend sees: its name and version, the device that it trains on, and whether that is an accelerator."""

    backend: str
    version: str
    device: str
    accelerated: bool


def look(backends: tuple[str, ...], folder: Path) -> Seen | None:
    """Return what the first of ``backends`` that sees an accelerator sees, else the first that is there, else None."""
    found = [each for each in (_ask(backend, folder) for backend in backends) if each is not None]
    return next((each for each in found if each.accelerated), found[0] if found else None)


def _ask(backend: str, folder: Path) -> Seen | None:
    """Ask in a process of its own, since one that has looked keeps the accelerator's memory."""
    done = subprocess.run(
        [PYTHON, "-m", "benchmarks.accelerator"],
        env=environment([ROOT], KERAS_BACKEND=backend),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return Seen(**json.loads(done.stdout.splitlines()[-1])) if done.returncode == 0 else None


def here() -> Seen:
    """Return what this process's backend sees."""
    from derm_cli.engine import backend

    backend.start()
    name = backend.versions()["backend"]
    accelerated = backend.on_accelerator()
    device = _kind(name) if accelerated else "CPU"
    return Seen(name, backend.versions()[name], device, accelerated)


def _kind(backend: str) -> str:
    if backend == "jax":
        import jax

        return str(jax.local_devices()[0].device_kind)
    import tensorflow as tf

    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return str(details.get("device_name", "GPU"))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(here())) + "\n")
