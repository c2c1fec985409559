"""Checks whether derm can work in this environment: ``derm doctor``."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from derm_cli import __version__
from derm_cli.engine.framework_settings import recorded_settings, requested_backend
from derm_cli.errors import RequestError
from derm_cli.workflows.output_files import check_work_folders
from derm_cli.workflows.session import Session

PACKAGES = ("keras", "tensorflow", "tf2onnx", "onnxruntime", "ai-edge-litert", "pandas", "scikit-learn")
OPTIONAL = ("jax",)
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
    checks = [
        EnvironmentCheck("derm", __version__),
        EnvironmentCheck("python", f"{platform.python_version()} on {platform.platform()}"),
    ]
    checks += [_package(name) for name in PACKAGES]
    checks += [_package(name) for name in OPTIONAL if find_spec(name) is not None]
    checks.append(_backend())
    checks += [EnvironmentCheck(name, f"{value} (changes results)") for name, value in recorded_settings().items()]
    checks.append(EnvironmentCheck("cores", str(os.cpu_count())))
    for name in ("runs", "cache"):
        checks.append(_folder(session, name))
    data: Path = session.settings.data.value
    checks.append(EnvironmentCheck("data", f"{data} ({'there' if data.is_dir() else 'not there'})"))
    registry = session.registry
    counted = [f"{len(registry.all(kind))} {plural}" for plural, kind in registry.kinds.items()]
    checks.append(EnvironmentCheck("plugins", f"{len(registry.plugins)}: {', '.join(counted)}"))
    checks += [
        EnvironmentCheck(f"plugin {problem.plugin}", problem.message, good=False) for problem in registry.problems
    ]
    return checks


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
