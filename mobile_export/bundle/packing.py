"""Writes a bundle into an empty folder: models, labels, vectors, client, card, parity, and the manifest of all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from derm_cli.plugin import DermError, PackedModel, PackRequest, RequestError, VerifyRequest
from mobile_export.artefact.checks import labels_text, titles_texts
from mobile_export.artefact.contract import LABELS, titles_file
from mobile_export.bundle.card import model_card
from mobile_export.bundle.layout import CARD, CLIENT, MANIFEST, PARITY
from mobile_export.bundle.manifest import manifest_of
from mobile_export.bundle.runtimes import CLIENT as OWN_CLIENT
from mobile_export.bundle.vectors import write_vectors
from mobile_export.bundle.verifying import verify

VIEWS = ("none", "flips", "dihedral")


def pack(request: PackRequest, folder: Path) -> None:
    """Write a bundle of the artefacts of ``request`` into ``folder``, which is empty.

    Raises DermError where a model of it does not give the run's answers from the file on.
    """
    if request.facts.views.name not in VIEWS:
        raise RequestError(
            f"The views '{request.facts.views.name}' of a plugin are not known to the client of a bundle: train with "
            f"--views {' or '.join(VIEWS)}."
        )
    models = [(each.path.name, each) for each in request.models]
    for name, each in models:
        shutil.copyfile(each.path, folder / name)
    _write(folder / LABELS, labels_text(request.facts))
    for language, text in titles_texts(request.facts).items():
        _write(folder / titles_file(language), text)
    shutil.copyfile(OWN_CLIENT, folder / CLIENT)
    _write(folder / CARD, model_card(request))
    write_vectors(request, folder)
    _write_manifest(request, models, folder)
    found = verify(folder, VerifyRequest())
    if not found.passed:
        faults = [
            *found.faults,
            *(f"{each.model} in {each.runtime}: {each.fault}" for each in found.checks if each.fault),
        ]
        said = "; ".join(each.removesuffix(".") for each in faults)
        worst = dict.fromkeys(name for each in found.checks for name in each.worst)
        named = f" Worst: {', '.join(worst)}." if worst else ""
        raise DermError(
            f"The bundle of run '{request.facts.run}' is not written: {said}.{named} Train again with "
            "another recipe, or report it."
        )
    checks = [each.to_json() for each in found.checks]
    of_run = [{"file": name, "variant": each.variant, **each.parity} for name, each in models]
    _write_json(folder / PARITY, {"with_the_run": of_run, "from_the_file": checks})
    _write_manifest(request, models, folder)


def _write_manifest(request: PackRequest, models: list[tuple[str, PackedModel]], folder: Path) -> None:
    (folder / MANIFEST).unlink(missing_ok=True)
    _write_json(folder / MANIFEST, manifest_of(request, models, folder))


def _write_json(path: Path, value: Any) -> None:
    _write(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
