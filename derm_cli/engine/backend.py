"""Starting the training framework: its backend, seeds, determinism, precision and devices."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from derm_cli.console import activity, warn
from derm_cli.cores import usable_cores
from derm_cli.engine import framework_settings
from derm_cli.errors import DermError, RequestError, first_line
from derm_cli.plan import Execution
from derm_cli.quiet import quietly

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}
EPSILON = 1e-7
"""Keras's own."""


@dataclass(frozen=True)
class ResolvedExecution:
    """An :class:`~derm_cli.plan.Execution` with nothing left to choose, and the devices and machine that compute."""

    precision: str
    programs: str
    devices: tuple[str, ...]
    deterministic: bool
    machine: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self) | {"devices": list(self.devices)}


def start(seed: int | None = None, deterministic: bool = True, programs: Path | None = None) -> None:
    """Prepare the process for Keras; call it before anything imports keras.

    The backend is the one that ``KERAS_BACKEND`` names, by default TensorFlow.  Keras's and the backend's own settings
    of numbers and random generators become the defaults, whatever they were.  With a ``seed``, every generator of
    Python, NumPy and the backend is seeded, and, where ``deterministic``, kernels that give the same bits each time are
    asked for.  ``programs`` is the folder in which XLA keeps what it compiled, for later processes.

    Raises RequestError where the backend cannot be had, DermError where Keras does not start.
    """
    name = framework_settings.requested_backend()
    os.environ[framework_settings.BACKEND] = name
    # Below fatal, TensorFlow's own log tells its makers more than its users; what fails is raised in Python as well.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # The step is not written for it.
    os.environ["KERAS_NNX_ENABLED"] = "0"
    # A compiler flag that is unknown ends the process with a line on standard error, and no exception.
    flags_given = framework_settings.recorded_settings().keys() & set(framework_settings.FLAG_VARIABLES)
    if seed is not None and deterministic:
        # Read by the frameworks themselves, so the engine needs no import of them to ask for it.
        os.environ["TF_DETERMINISTIC_OPS"] = "1"
        framework_settings.set_flag("XLA_FLAGS", framework_settings.DETERMINISTIC_FLAG, "true")
    if programs is not None:
        programs.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(programs))
        # JAX would keep only what took it a second: building a network compiles many a small program, anew each time.
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        framework_settings.set_flag("TF_XLA_FLAGS", framework_settings.PROGRAMS_FLAG, str(programs), over=False)
    saying = nullcontext() if "keras" in sys.modules else activity(f"starting {name} …")
    with saying, nullcontext() if flags_given else quietly():
        _import_keras(name)
        import keras

        if seed is not None:
            # Imports TensorFlow under every backend, if it is installed, to seed it as well.
            keras.utils.set_random_seed(seed)
    # The user's keras.json, or script, may have others: what a network computes is told by its plan alone.
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(EPSILON)
    keras.config.set_image_data_format("channels_last")
    from derm_cli.engine import stepping

    stepping.set_defaults()


def _import_keras(name: str) -> None:
    try:
        import keras

        keras.distribution.list_devices()
    # An installation can be broken in many ways, and Keras refuses values of its settings' file by ValueError.
    except Exception as error:
        settings = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "keras.json"
        raise DermError(
            f"Keras does not start with the backend '{name}' ({first_line(error)}): see to what that names, in "
            f"'{settings}' if it is a setting, or install {framework_settings.EXTRAS[name]} again."
        ) from error


@contextmanager
def resolve_execution(execution: Execution, batches: Sequence[int]) -> Iterator[ResolvedExecution]:
    """Resolve ``execution`` on this machine, for batches of these sizes, and build every network so meanwhile.

    Raises RequestError for devices that are not there, or that a batch cannot be divided among.
    """
    import keras

    devices = _devices(execution.devices, batches)
    accelerated = on_accelerator()
    resolved = ResolvedExecution(
        precision=_resolve(execution.precision, "bfloat16" if accelerated else "float32"),
        programs=_resolve(execution.programs, "stage" if accelerated else "phase"),
        devices=tuple(devices),
        deterministic=execution.deterministic,
        machine=_machine(),
    )
    try:
        keras.config.set_dtype_policy(POLICIES[resolved.precision])
        if len(devices) > 1:
            keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
        yield resolved
    finally:
        keras.config.set_dtype_policy("float32")
        keras.distribution.set_distribution(None)


@contextmanager
def in_float32() -> Iterator[None]:
    """Build networks in float32 meanwhile, whatever is trained in."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _machine() -> str:
    """Return what computes: another kind of processor or accelerator may have other kernels, and give other bits.

    So may another number of cores, by which TensorFlow divides its sums.
    """
    from derm_cli.engine import stepping

    return stepping.accelerator() or f"{processor()}, {usable_cores()} cores"


def processor() -> str:
    """Return the kind of the processor, as its maker names it where the system tells."""
    import platform

    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _resolve(requested: str, by_machine: str) -> str:
    return by_machine if requested == "auto" else requested


def _devices(requested: int, batches: Sequence[int]) -> list[str]:
    """Return the devices that share each batch: those asked for, or every accelerator that a batch divides among."""
    import keras

    available = devices()
    if requested > len(available):
        raise RequestError(f"--devices is '{requested}', but {_counted(len(available))} here: {', '.join(available)}.")
    _check_sharing(requested, batches)
    if requested:
        return available[:requested]
    if not on_accelerator() or keras.config.backend() != "jax":
        return available[:1]
    fitting = max(count for count in range(1, len(available) + 1) if all(batch % count == 0 for batch in batches))
    if fitting < len(available):
        sizes = ", ".join(map(str, sorted(set(batches))))
        count = len(available)
        warn(f"{count} devices are there, but batches of {sizes} photographs divide among {fitting}: --per-class.")
    return available[:fitting]


def check_devices(requested: int, batches: Sequence[int]) -> int | None:
    """Refuse devices that cannot share batches of these sizes, as far as that is known without a framework.

    Returns how many devices there are, None where only the framework can tell.  Raises RequestError.
    """
    there = _known_device_count()
    if there is not None and requested > there:
        raise RequestError(f"--devices is '{requested}', but {_counted(there)} here.")
    _check_sharing(requested, batches)
    return there


def _check_sharing(requested: int, batches: Sequence[int]) -> None:
    if requested > 1 and backend_name() != "jax":
        raise RequestError(
            f"--devices is '{requested}', but only JAX shares a batch among devices: set KERAS_BACKEND=jax."
        )
    for batch in batches if requested else ():
        if batch % requested:
            raise RequestError(
                f"--devices is '{requested}', but a batch of {batch} photographs cannot be divided among them: "
                "choose another --per-class or fewer devices."
            )


def backend_name() -> str:
    """Return the backend that Keras has, or will have once it is imported."""
    keras = sys.modules.get("keras")
    return str(keras.config.backend()) if keras else os.environ.get("KERAS_BACKEND") or "tensorflow"


def _known_device_count() -> int | None:
    """Return how many devices JAX has where it is told to compute on the CPU alone, else None."""
    if backend_name() != "jax" or os.environ.get("JAX_PLATFORMS") != "cpu":
        return None
    flag = re.search(r"--xla_force_host_platform_device_count=(\d+)", os.environ.get("XLA_FLAGS", ""))
    told = os.environ.get("JAX_NUM_CPU_DEVICES", "")
    return int(told) if told.isdecimal() and int(told) else int(flag[1]) if flag else 1


def _counted(count: int) -> str:
    return "1 device is" if count == 1 else f"{count} devices are"


def uses_xla() -> bool:
    """Tell whether XLA is asked for: on an accelerator, and under JAX always.

    On a CPU it is several times slower than TensorFlow's plain graphs, and TensorFlow has no deterministic kernels for
    it (docs/explanation/engine.md).
    """
    import keras

    return keras.config.backend() == "jax" or (on_accelerator() and os.environ.get("TF_DETERMINISTIC_OPS") != "1")


def compiles_ahead() -> bool:
    """Tell whether to compile the next stage's programs beside training: on an accelerator, where JAX keeps them."""
    import keras

    return keras.config.backend() == "jax" and on_accelerator()


def traces_ahead() -> bool:
    """Tell whether to trace the next phase's program beside training: TensorFlow's plain graphs, where a core idles."""
    import keras

    return keras.config.backend() == "tensorflow" and not on_accelerator() and usable_cores() > 1


def resident_bytes(share: float) -> int:
    """Return how many bytes of photographs may be on the device whole: ``share`` of its memory.

    On a CPU no more than CPU_RESIDENT_BYTES; 2 GiB where an accelerator does not tell its memory.
    """
    from derm_cli.engine import stepping
    from derm_cli.engine.feeding import CPU_RESIDENT_BYTES

    if not on_accelerator():
        return min(CPU_RESIDENT_BYTES, int(share * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")))
    limit = stepping.memory_limit()
    return 2 << 30 if limit is None else int(share * limit)


def versions() -> dict[str, str]:
    """Return the versions that a run's bits depend on, by package; it imports none of them."""
    import platform
    from importlib import metadata

    name = framework_settings.requested_backend()
    packages = ["derm-cli", "keras", name, "numpy", "pillow"]
    return {"python": platform.python_version(), "backend": name} | {
        package: metadata.version(package) for package in packages
    }


def environment(execution: ResolvedExecution) -> dict[str, Any]:
    """Return all that a run's bits depend on beside its plan and its data: versions, settings, and how it computes."""
    return versions() | framework_settings.recorded_settings() | execution.to_json()


def changed_environment(before: dict[str, Any], execution: ResolvedExecution) -> dict[str, Any]:
    """Return what is otherwise here than in the environment ``before``, None for a setting that is no more."""
    now = environment(execution)
    settings = (*framework_settings.RECORDED, *framework_settings.FLAG_VARIABLES)
    names = [*now, *(name for name in settings if name in before and name not in now)]
    return {name: now.get(name) for name in names if before.get(name) != now.get(name)}


def devices() -> list[str]:
    """Return the devices that the backend trains on, as it names them."""
    import keras

    return [str(device) for device in keras.distribution.list_devices()]


def on_accelerator() -> bool:
    """Tell whether the backend trains on something better than a CPU."""
    return any(not device.lower().startswith("cpu") for device in devices())
