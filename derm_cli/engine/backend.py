"""Starting the training framework: which backend, how quiet, how repeatable."""

from __future__ import annotations

import os

from derm_cli.console import quietly


def start(seed: int | None = None) -> None:
    """Prepare the process for Keras; call it before anything imports keras.

    The backend is Keras's own choice (``KERAS_BACKEND``, by default TensorFlow).  With a ``seed``, kernels that give
    the same bits each time are asked for, and every generator of Python, NumPy and the backend is seeded.
    """
    # Below fatal, TensorFlow's own log tells its makers more than its users; what fails is raised in Python as well.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if seed is not None:
        # Read by TensorFlow's kernels themselves, so the engine needs no import of tensorflow to ask for it.
        os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")
    with quietly():
        import keras

        keras.distribution.list_devices()
    if seed is not None:
        keras.utils.set_random_seed(seed)


def versions() -> dict[str, str]:
    """Return the versions that a run's bits depend on, by package."""
    import platform
    from importlib import metadata

    import keras

    backend: str = keras.config.backend()
    packages = ["derm-cli", "keras", backend, "numpy", "pillow"]
    return {"python": platform.python_version(), "backend": backend} | {
        name: metadata.version(name) for name in packages
    }


def devices() -> list[str]:
    """Return the devices that the backend trains on, as it names them."""
    import keras

    return [str(device) for device in keras.distribution.list_devices()]


def on_accelerator() -> bool:
    """Tell whether the backend trains on something better than a CPU."""
    return any(not device.lower().startswith("cpu") for device in devices())
