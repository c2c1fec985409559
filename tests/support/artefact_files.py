"""Facts of a made artefact; artefacts taken apart and put together as an older derm or a stranger would have."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from derm_cli.plan import Preprocessing
from derm_cli.plugin import ArtefactFacts
from derm_cli.taxonomy import LesionClass

OLDER = ("derm.json", "labels.txt")
NEWER = ("labels-en.txt", "derm.format")


def made_facts(**changes: Any) -> ArtefactFacts:
    """Return the facts of a model for photographs of 16 pixels a side and the classes a and b."""
    values: dict[str, Any] = {
        "run": "20260101-000000-abcd",
        "classes": tuple(LesionClass(name=name, title=name) for name in "ab"),
        "preprocessing": Preprocessing(size=16),
        "backbone": "made",
        "target": "made",
        "made": False,
        "derm": "0",
    }
    return ArtefactFacts(**values | changes)


def network_in_front(path: Path) -> bytes:
    """Return the bytes in front of the archive: a TFLite network; of a .keras file none."""
    with zipfile.ZipFile(path) as archive:
        start = min(entry.header_offset for entry in archive.infolist())
    return path.read_bytes()[:start]


def entries_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def put_together(
    path: Path, network: bytes, entries: Mapping[str, bytes], comment: bytes = b"", packed: tuple[str, ...] = ()
) -> Path:
    """Write an archive behind a network; ``packed`` entries are deflated."""
    path.write_bytes(network)
    with zipfile.ZipFile(path, "a") as archive:
        for name, content in entries.items():
            archive.writestr(name, content, zipfile.ZIP_DEFLATED if name in packed else zipfile.ZIP_STORED)
        archive.comment = comment
    return path


def as_older_derm_wrote(source: Path, path: Path, changes: Mapping[str, bytes] | None = None) -> Path:
    """Write an artefact as derm did before its seal was over all of it, with other entries where asked for.

    Of TFLite the network alone was sealed, of Keras nothing; facts and labels were deflated.
    """
    network = network_in_front(source)
    entries = {name: content for name, content in entries_of(source).items() if name not in NEWER} | dict(changes or {})
    seal = {"derm.sha256": hashlib.sha256(network).hexdigest().encode()} if network else {}
    return put_together(path, network, entries | seal, packed=(*OLDER, "derm.sha256"))
