"""Keeps what was measured of a run's artefact beside it, where a study's report finds it."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from derm_cli.plugin import whole
from mobile_export.tools.benchmark.asking import Measurement
from mobile_export.tools.benchmark.models import MeasuredModel
from mobile_export.tools.benchmark.parity import artefact_of

SUFFIX = ".latency.json"
"""After the whole name of the artefact."""
FORMAT = 1


def machine() -> str:
    """Return the processor's name, by which figures of different machines are held apart."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def store(model: MeasuredModel, measurements: Sequence[Measurement], asked: int, runs: Path) -> Path | None:
    """Keep what was measured of ``model``, asked so often, in the folder of its run in ``runs``; return the file.

    None where the model is no artefact that its run's record has.  Of the same runtime, threads and machine the latest
    stays; figures of another file of that name do not.
    """
    found = artefact_of(model, runs)
    if found is None or not measurements:
        return None
    folder, artefact = found
    path = folder / f"{artefact['path']}{SUFFIX}"
    if not path.parent.is_dir() or folder.resolve() not in path.resolve().parents:
        return None
    here = machine()
    new = [{**each.to_json(), "runs": asked, "machine": here} for each in measurements]
    replaced = {(each["runtime"], each["threads"], here) for each in new}
    kept = [
        each
        for each in _earlier(path, model.sha256)
        if (each.get("runtime"), each.get("threads"), each.get("machine")) not in replaced
    ]
    content = {"format": FORMAT, "sha256": model.sha256, "measurements": [*kept, *new]}
    with whole(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _earlier(path: Path, sha256: str) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        known = content["measurements"] if content["sha256"] == sha256 else []
        return [each for each in known if isinstance(each, dict)]
    except (OSError, ValueError, KeyError, TypeError):
        return []
