"""How near a model is to its run: what the run's record has of it, else what the manifest of its bundle tells."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mobile_export.tools.benchmark.models import MeasuredModel

RECORD = "run.json"
MOST_RECORD = 1 << 26
"""The most bytes of a run's record that are read."""


@dataclass(frozen=True, kw_only=True)
class KnownParity:
    """The share of answers that are the run's, and the class whose recall (0..1) changed the most for the worse.

    ``worst_class`` is None where no class was judged.
    """

    source: str
    photographs: int
    agreement: float
    worst_class: str | None = None
    worst_change: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def parity_of(model: MeasuredModel, runs: Path) -> KnownParity | None:
    """Return what is known of a model, by its SHA-256 in the record of its run in ``runs``, else by its bundle.

    None where neither tells.  A record that cannot be read tells nothing.
    """
    return _of_run(model, runs) or _of_bundle(model)


def artefact_of(model: MeasuredModel, runs: Path) -> tuple[Path, dict[str, Any]] | None:
    """Return the folder of a model's run in ``runs``, and what its record has of it, by SHA-256; None where neither."""
    name = model.inspection.facts.run
    file = runs / name / RECORD
    # The name is of a stranger's file.
    if Path(name).name != name or not file.is_file() or file.stat().st_size > MOST_RECORD:
        return None
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        found = (each for each in record["artefacts"].values() if record["files"].get(each["path"]) == model.sha256)
        artefact = next(found, None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return None if artefact is None else (file.parent, artefact)


def _of_run(model: MeasuredModel, runs: Path) -> KnownParity | None:
    found = artefact_of(model, runs)
    if found is None:
        return None
    folder, artefact = found
    try:
        changes = [(one["after"] - one["before"], str(one["name"])) for one in artefact.get("recall", ())]
        change, worst = min(changes, default=(None, None))
        return KnownParity(
            source=f"run {folder.name}",
            photographs=int(artefact["photographs"]),
            agreement=float(artefact["agreement"]),
            worst_class=worst,
            worst_change=change,
        )
    except (ValueError, KeyError, TypeError):
        return None


def _of_bundle(model: MeasuredModel) -> KnownParity | None:
    told = model.told.get("parity", {})
    if "agreement" not in told:
        return None
    return KnownParity(source="manifest", photographs=int(told.get("photographs", 0)), agreement=told["agreement"])
