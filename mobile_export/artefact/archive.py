"""Facts and labels inside an artefact, as entries of a zip archive, and the seal that tells damage.

A .keras file is a zip archive.  Behind a .tflite file an archive may stand: so TFLite keeps "associated files", and
its runtimes do not look there.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from derm_cli.plugin import ArtefactFacts, DermError
from mobile_export.artefact.contract import FACTS, LABELS, SEAL
from mobile_export.artefact.writing import first_line


def labels_of(facts: ArtefactFacts) -> str:
    """Return the contents of labels.txt."""
    return "".join(f"{each.name}\n" for each in facts.classes)


def seal_of(network: bytes) -> str:
    """Return the SHA-256 of a network's bytes, 64 hexadecimal digits."""
    return hashlib.sha256(network).hexdigest()


def put_in(path: Path, facts: ArtefactFacts, seal: str | None = None) -> None:
    """Append facts, labels and, where given, the seal to a file; where it is no archive, one is put behind it."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FACTS, facts.to_json())
        archive.writestr(LABELS, labels_of(facts))
        if seal is not None:
            archive.writestr(SEAL, seal)


def read_from(path: Path) -> ArtefactFacts:
    """Return the facts inside a file.  Raises DermError where there are none, or labels that contradict them."""
    with _opened(path) as archive:
        text, labels = archive.read(FACTS), archive.read(LABELS).decode()
    return agreeing(path, ArtefactFacts.from_json(text, str(path)), labels)


def check_front(path: Path) -> None:
    """Raise DermError where the network in front of the archive is not the one that was sealed."""
    with _opened(path) as archive:
        seal = archive.read(SEAL).decode()
        start = min(entry.header_offset for entry in archive.infolist())
        with path.open("rb") as file:
            check_seal(path, file.read(start), seal)


def check_seal(path: Path, network: bytes, seal: str) -> None:
    """Raise DermError where ``seal`` is not that of ``network``."""
    if seal_of(network) != seal:
        raise not_ours(path, "its bytes are not those that were sealed")


def agreeing(path: Path, facts: ArtefactFacts, labels: str) -> ArtefactFacts:
    """Return ``facts``.  Raises DermError where the labels that stand beside them are others."""
    if labels != labels_of(facts):
        raise DermError(f"'{path}' has labels that contradict its facts: export it again with 'derm export'.")
    return facts


def unreadable(path: Path, error: OSError) -> DermError:
    """Return the error for a file that the system does not give."""
    return DermError(f"'{path}' cannot be read ({error.strerror}): give an artefact of 'derm export'.")


def not_ours(path: Path, error: object) -> DermError:
    """Return the error for a file that is damaged or was written by something else."""
    return DermError(
        f"'{path}' is damaged, or no artefact that derm wrote ({first_line(error)}): "
        "export it again with 'derm export'."
    )


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DermError:
        raise
    except OSError as error:
        raise unreadable(path, error) from error
    # A damaged archive is told of in many ways: BadZipFile, zlib.error, NotImplementedError, RuntimeError, KeyError …
    except Exception as error:
        raise not_ours(path, error) from error
