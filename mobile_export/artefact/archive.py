"""Facts, labels and seal inside an artefact, as entries of a zip archive.

A .keras file is a zip archive.  Behind a .tflite file an archive may stand: so TFLite keeps "associated files", and
its runtimes do not look there.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from derm_cli.plugin import ArtefactFacts, DermError
from mobile_export.artefact.checks import check_seal, damaged_error, labels_text, unreadable_error, verified_facts
from mobile_export.artefact.contract import FACTS, LABELS, SEAL


def append_facts(path: Path, facts: ArtefactFacts, seal: str | None = None) -> None:
    """Append facts, labels and, where given, the seal to a file; where it is no archive, one is put behind it."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FACTS, facts.to_json())
        archive.writestr(LABELS, labels_text(facts))
        if seal is not None:
            archive.writestr(SEAL, seal)


def read_facts(path: Path) -> ArtefactFacts:
    """Return the facts inside a file.  Raises DermError where there are none, or labels that contradict them."""
    with _opened(path) as archive:
        text, labels = archive.read(FACTS), archive.read(LABELS).decode()
    return verified_facts(path, text, labels)


def check_sealed_network(path: Path) -> None:
    """Raise DermError where the network in front of the archive is not the one that was sealed."""
    with _opened(path) as archive:
        seal = archive.read(SEAL).decode()
        start = min(entry.header_offset for entry in archive.infolist())
        with path.open("rb") as file:
            check_seal(path, file.read(start), seal)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DermError:
        raise
    except OSError as error:
        raise unreadable_error(path, error) from error
    # A damaged archive is told of in many ways: BadZipFile, zlib.error, NotImplementedError, RuntimeError, KeyError …
    except Exception as error:
        raise damaged_error(path, error) from error
