"""What training frameworks are told from outside of derm, by environment variables, and what derm makes of it.

What would change a result unasked is set, what cannot be had is refused, and what somebody may want, though it changes
bits, is recorded in a run's environment (docs/reference/settings.md).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from derm_cli.errors import RequestError, did_you_mean

BACKEND = "KERAS_BACKEND"
DEFAULT_BACKEND = "tensorflow"
EXTRAS = {"tensorflow": "derm-cli", "jax": "derm-cli[jax]"}
"""The backends that derm trains with, and what is installed to have each."""
RECORDED = (
    # Kernels of TensorFlow on a CPU, and the number of threads that share a sum.
    *("TF_ENABLE_ONEDNN_OPTS", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"),
    *("ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"),
    # Precision and kernels on a GPU.
    *("NVIDIA_TF32_OVERRIDE", "TF_ENABLE_AUTO_MIXED_PRECISION", "TF_CUDNN_USE_AUTOTUNE", "CUBLAS_WORKSPACE_CONFIG"),
    "JAX_DEFAULT_MATMUL_PRECISION",
)
"""Variables that change bits, and that a person may set for a reason."""
DETERMINISTIC_FLAG = "xla_gpu_deterministic_ops"
PROGRAMS_FLAG = "tf_xla_persistent_cache_directory"
FLAG_VARIABLES = ("XLA_FLAGS", "TF_XLA_FLAGS")
_FLAG = re.compile(r"""(?<!\S)--?(?P<name>[\w-]+)(?:=(?P<value>"(?:\\.|[^"\\])*"|'[^']*'|\S*))?""")

CARRIED = ("DERM_", "KERAS_", "TF_", "XLA_", "JAX_", "MLFLOW_", "WANDB_", "XDG_DATA_HOME")
"""What variables begin with that a process of a study must have as the study has them, wherever it stands."""


def carried_variables() -> dict[str, str]:
    """Return the variables of this process that what it has others train depends on, or that say where they tell."""
    return {name: value for name, value in os.environ.items() if name.startswith(CARRIED) or name in RECORDED}


def requested_backend() -> str:
    """Return the backend that ``KERAS_BACKEND`` names, or that Keras was imported with; it imports nothing.

    Raises RequestError for one that derm does not train with, that is not installed, or that is not the one with which
    this process has imported Keras.
    """
    asked, bound = os.environ.get(BACKEND, "").strip(), _bound_backend()
    name = asked.lower() or bound or DEFAULT_BACKEND
    if name not in EXTRAS:
        whose = f"{BACKEND} is '{asked}'" if asked else f"Keras was imported with the backend '{name}'"
        raise RequestError(f"{whose}, with which derm does not train: set {BACKEND}.{did_you_mean(name, EXTRAS)}")
    if bound not in (None, name):
        raise RequestError(
            f"{BACKEND} is '{asked}', but this process has imported Keras with '{bound}' already: set it before "
            "anything imports Keras, or begin another process."
        )
    if find_spec(name) is None:
        raise RequestError(
            f"{BACKEND} is '{asked or name}', but {name} is not installed: install {EXTRAS[name]}, or set another."
        )
    return name


def _bound_backend() -> str | None:
    config = getattr(sys.modules.get("keras"), "config", None)
    return None if config is None else str(config.backend())


def set_flag(variable: str, name: str, value: str, over: bool = True) -> None:
    """Give XLA's compiler the flag ``--name=value`` by an environment variable, ``over`` what is said of it there.

    Raises RequestError where the variable names a file of flags that cannot be read.
    """
    text = _flags_text(variable)
    flags = list(_FLAG.finditer(text))
    flag = f"--{name}={_quoted(value)}"
    if flag in [each[0] for each in flags] or (not over and name in [each["name"] for each in flags]):
        return
    # Of a flag that is given twice, the last one holds.
    os.environ[variable] = f"{text} {flag}".strip()


def _flags_text(variable: str) -> str:
    """Return the flags of a variable, which may also name a file that holds them: so XLA takes what is no flag."""
    text = os.environ.get(variable, "").strip()
    if not text or text.startswith("-"):
        return text
    try:
        return Path(text).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise RequestError(
            f"{variable} is '{text}', which is neither a flag, as in --name=value, nor a file of flags that can be "
            "read: mend or unset it."
        ) from error


def _quoted(value: str) -> str:
    """Return a flag's value as XLA's parser takes it for one: a blank would end it, a quote begin another."""
    if not re.search(r"[\s\"'\\]", value):
        return value
    escaped = re.sub(r'(["\\])', r"\\\1", value)
    return f'"{escaped}"'


def recorded_settings() -> dict[str, str]:
    """Return what is set from outside and may change a result, by variable: nothing where nothing is.

    Of compiler flags, those that derm sets itself and those that name a path are left out.
    """
    settings = {name: os.environ.get(name, "").strip() for name in RECORDED}
    settings |= {name: " ".join(sorted(_others_flags(name))) for name in FLAG_VARIABLES}
    return {name: value for name, value in settings.items() if value}


def _others_flags(variable: str) -> Iterator[str]:
    for flag in _FLAG.finditer(_flags_text(variable)):
        if flag["name"] not in (DETERMINISTIC_FLAG, PROGRAMS_FLAG) and "/" not in (flag["value"] or ""):
            yield flag[0]
