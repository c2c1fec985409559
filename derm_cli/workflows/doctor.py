"""Checks whether derm can work in this environment: ``derm doctor``."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from derm_cli import __version__
from derm_cli.data.locating import known_dataset_names, locate
from derm_cli.engine.framework_settings import recorded_settings, requested_backend
from derm_cli.errors import DermError, RequestError, one_line
from derm_cli.plugin import BackboneSpec
from derm_cli.workflows.output_files import check_work_folders
from derm_cli.workflows.session import Session
from derm_cli.workflows.weights_here import is_here

PACKAGES = ("keras", "tensorflow", "tf2onnx", "onnxruntime", "ai-edge-litert", "pandas", "scikit-learn")
OPTIONAL = ("jax",)
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""The bytes that the processes of a container may take together; "max" where that is not bounded."""
LONGEST_SECONDS = 10
"""So long a driver may take to name its cards."""
LEAST_SPACE = 2 * 10**9
"""Bytes below which a training may fill the disk."""


@dataclass(frozen=True)
class EnvironmentCheck:
    """A check of the environment: its name, the value, and whether derm can work with that."""

    name: str
    value: str
    good: bool = True


def check_environment(session: Session) -> list[EnvironmentCheck]:
    """Return all checks of the environment.  Imports no training framework: a broken one must not break the doctor."""
    data: Path = session.settings.data.value
    registry = session.registry
    counts = {plural: len(registry.all(kind)) for plural, kind in registry.kinds.items()}
    counted = [f"{count} {plural if count != 1 else plural.removesuffix('s')}" for plural, count in counts.items()]
    return [
        EnvironmentCheck("accelerators", accelerators()),
        EnvironmentCheck("cores", str(os.cpu_count())),
        EnvironmentCheck("memory", memory()),
        *(_folder(session, name) for name in ("runs", "cache")),
        EnvironmentCheck("data", f"{data} ({'there' if data.is_dir() else 'not there'})"),
        EnvironmentCheck("datasets", _datasets(session)),
        EnvironmentCheck("weights", _weights(session)),
        EnvironmentCheck("plugins", f"{len(registry.plugins)}: {', '.join(counted)}"),
        *(EnvironmentCheck(f"plugin {each.plugin}", each.message, good=False) for each in registry.problems),
        _backend(),
        *(EnvironmentCheck(name, f"{value} (changes results)") for name, value in recorded_settings().items()),
        EnvironmentCheck("derm", __version__),
        EnvironmentCheck("python", f"{platform.python_version()} on {platform.platform()}"),
        *(_package(name) for name in PACKAGES),
        *(_package(name) for name in OPTIONAL if find_spec(name) is not None),
    ]


def accelerators() -> str:
    """Return the graphics cards that the system shows; whether a framework can use them it says when it trains."""
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "Apple's own: training runs on the CPU, for which derm is tested"
    program = shutil.which("nvidia-smi")
    with suppress(OSError, subprocess.SubprocessError):
        if program:
            asked = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
            shown = subprocess.run(asked, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True).stdout
            cards = [one_line(line.strip()) for line in shown.splitlines() if line.strip()]
            if cards:
                return "; ".join(cards)
    return "none found: training runs on the CPU"


def memory() -> str:
    """Return the memory of this machine, and what of it this process may take where that is less."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "not known"
    with suppress(OSError, ValueError):
        allowed = int(CONTAINER_LIMIT.read_text())
        if allowed < total:
            return f"{allowed / 1e9:.1f} GB of {total / 1e9:.1f} GB"
    return f"{total / 1e9:.1f} GB"


def _datasets(session: Session) -> str:
    """Return which datasets are there, by name."""
    names = []
    for name in known_dataset_names(session.settings, session.registry):
        with suppress(DermError):
            located = locate(name, session.settings, session.registry)
            names += [name] if located.exists and not located.spec.synthetic else []
    return f"{', '.join(names) or 'none'} (and synthetic ones, which are drawn)"


def _weights(session: Session) -> str:
    """Return of which backbones the weights are here, and of which they would be downloaded."""
    names: dict[bool, list[str]] = {True: [], False: []}
    for name, spec in session.registry.all(BackboneSpec).items():
        for source in spec.weights:
            names[is_here(source)].append(f"{name} from {source.name}")
    words = ((True, "here"), (False, "not here yet"))
    return "; ".join(f"{', '.join(names[there])}: {word}" for there, word in words if names[there])


def _package(name: str) -> EnvironmentCheck:
    try:
        return EnvironmentCheck(name, metadata.version(name))
    except metadata.PackageNotFoundError:
        return EnvironmentCheck(name, "not installed: install derm-cli again", good=False)


def _backend() -> EnvironmentCheck:
    try:
        return EnvironmentCheck("backend", requested_backend())
    except RequestError as error:
        return EnvironmentCheck("backend", str(error), good=False)


def _folder(session: Session, name: str) -> EnvironmentCheck:
    """Check whether a folder can be written to; where it is not there yet, whether its parent can."""
    path: Path | None = session.settings.named()[name].value
    if path is None:
        return EnvironmentCheck(name, "none, for want of a home folder: name one with --cache DIR", good=False)
    try:
        check_work_folders(session, name)
    except RequestError as error:
        return EnvironmentCheck(name, str(error), good=False)
    existing = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not os.access(existing, os.W_OK):
        return EnvironmentCheck(name, f"{path} (no permission to write)", good=False)
    free = shutil.disk_usage(existing).free
    return EnvironmentCheck(name, f"{path} ({free / 1e9:.0f} GB free)", good=free >= LEAST_SPACE)
