"""Tells what is in an artefact, a run's model, or each model of a bundle: ``derm inspect``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from derm_cli.errors import RequestError
from derm_cli.files import content_hash, size_of
from derm_cli.plugin import ExporterSpec, Inspection
from derm_cli.workflows.bundle_folder import opened_bundle
from derm_cli.workflows.predicting.predict import exporter_of, is_artefact_or_bundle, locate_model
from derm_cli.workflows.session import Session

MANIFEST = "manifest.json"
MOST_MANIFEST = 1 << 22


@dataclass(frozen=True)
class InspectedModel:
    """A model file: its name, its format, its bytes and SHA-256, and what is in it."""

    name: str
    exporter: str
    size: int
    sha256: str
    inspection: Inspection

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, the facts as the file has them."""
        values = {"name": self.name, "exporter": self.exporter, "size": self.size, "sha256": self.sha256}
        more = asdict(self.inspection) | {"facts": json.loads(self.inspection.facts.to_json())}
        return values | {"sealed": more.pop("is_sealed")} | more


def inspect(session: Session, name: str) -> tuple[list[InspectedModel], dict[str, Any]]:
    """Return what is in each model that ``name`` has, and the licences of a bundle, {} where it is none.

    Everything is read as data, bounded, and without a runtime.  Raises RequestError where there is no such model, and
    DermError where it is damaged, or not derm's.
    """
    path = Path(name)
    if is_artefact_or_bundle(session, name) and exporter_of(session.registry, path) is None:
        with opened_bundle(session.registry, path) as (packager, folder):
            known = [(each, exporter_of(session.registry, each)) for each in packager.models(folder)]
            models = [_inspected(exporter, file) for file, exporter in known if exporter]
            return models, _licences(folder)
    exporter, file = locate_model(session, name)
    return [_inspected(exporter, file)], {}


def _licences(folder: Path) -> dict[str, Any]:
    file = folder / MANIFEST
    if not file.is_file() or file.stat().st_size > MOST_MANIFEST:
        return {}
    licences = json.loads(file.read_text(encoding="utf-8")).get("licences")
    return licences if isinstance(licences, dict) else {}


def _inspected(exporter: ExporterSpec, file: Path) -> InspectedModel:
    if exporter.inspect is None:
        raise RequestError(
            f"'{file}' is of the exporter '{exporter.name}', which cannot tell what is in it: ask its author."
        )
    found = exporter.inspect(file)
    return InspectedModel(file.name, exporter.name, size_of(file), content_hash(file), found)
