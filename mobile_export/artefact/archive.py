"""Facts, labels and seal inside an artefact, as entries of a zip archive.

A .keras file is a zip archive.  Behind a .tflite file an archive may stand: so TFLite keeps "associated files", and
its runtimes do not look there.  The entries are stored as they are, for readers that inflate nothing, and have no time.
The archive's comment is the file's last bytes, and the seal.
"""

from __future__ import annotations

import errno
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from derm_cli.plugin import ArtefactFacts, DermError
from mobile_export.artefact.checks import (
    MOST_TEXT,
    damaged_error,
    labels_text,
    titles_texts,
    unreadable_error,
    verified_facts,
)
from mobile_export.artefact.contract import FACTS, FORMAT, LABELS, SEAL, WHOLLY_SEALED, titles_file
from mobile_export.artefact.seal import SIZE, check_seal, check_whole_seal, write_seal

MOST_ENTRIES = 64
MOST_DIRECTORY = 1 << 16
"""The most bytes of an archive's directory, which is read as a whole."""
_END = struct.Struct("<4s4H2LH")
"""The end of an archive's directory (APPNOTE 4.3.16): mark, disks, entries, its size and place, size of the comment."""
_END_MARK, _LARGE_MARK, _LARGE_SIZE = b"PK\5\6", b"PK\6\7", 20


@dataclass(frozen=True)
class Carried:
    """What an archive says of its artefact: the facts, and whether the seal is over the whole file."""

    facts: ArtefactFacts
    is_sealed: bool


def append_facts(path: Path, facts: ArtefactFacts) -> None:
    """Append facts and labels to a file, and seal it; where it is no archive, one is put behind it.

    The same file and facts give the same bytes.
    """
    with zipfile.ZipFile(path, "a") as archive:
        titles = {titles_file(language): text for language, text in titles_texts(facts).items()}
        texts = {LABELS: labels_text(facts), **titles, FACTS: facts.to_json(), FORMAT: WHOLLY_SEALED}
        for name, text in texts.items():
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, text)
        archive.comment = b"0" * SIZE
    write_seal(path)


def read_facts(path: Path) -> Carried:
    """Return what a file says of itself, its seal checked.

    Raises DermError where it is damaged or not derm's, where the labels contradict the facts, and where its archive is
    larger than derm's are: nothing is inflated before its size is known.
    """
    with opened_archive(path) as archive:
        names = set(archive.namelist())
        is_sealed = FORMAT in names
        if is_sealed:
            if entry_text(archive, FORMAT) != WHOLLY_SEALED:
                raise damaged_error(path, "a newer derm may have written it")
            if len(archive.comment) != SIZE:
                raise damaged_error(path, "it has lost its seal")
        if archive.comment:
            check_whole_seal(path)
        text, labels = entry_text(archive, FACTS), entry_text(archive, LABELS)
        return Carried(verified_facts(path, text, labels), is_sealed)


def check_older_seal(path: Path) -> None:
    """Raise DermError where the network in front of an older derm's archive is not the one that was sealed."""
    with opened_archive(path) as archive:
        start = min(entry.header_offset for entry in archive.infolist())
        check_seal(path, start, entry_text(archive, SEAL).encode())


@contextmanager
def opened_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open the archive in a file, or behind it.  Raises DermError where it is damaged, or too large to be derm's."""
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DermError:
        raise
    except OSError as error:
        # A damaged directory may name a place before the file's first byte, which the system calls an invalid argument.
        raise (damaged_error if error.errno == errno.EINVAL else unreadable_error)(path, error) from error
    # A damaged archive is told of in many ways: BadZipFile, zlib.error, NotImplementedError, RuntimeError, KeyError …
    except Exception as error:
        raise damaged_error(path, error) from error


def entry_text(archive: zipfile.ZipFile, name: str) -> str:
    """Return an entry's text.  Raises ValueError where it would be larger than any of derm's, KeyError without it."""
    entry = archive.getinfo(name)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.file_size > MOST_TEXT:
        raise ValueError(f"its entry '{name}' has {entry.file_size} bytes")
    with archive.open(entry) as file:
        # What an entry says of its size may be wrong; it is checked against the sum of the bytes at the end.
        return file.read(MOST_TEXT + 1).decode()


def _check_directory(path: Path) -> None:
    """Raise ValueError where an archive's directory, which is read as a whole, is not one that derm writes."""
    with path.open("rb") as file:
        length = file.seek(0, 2)
        for comment in (SIZE, 0):
            place = length - comment - _END.size
            if place < 0:
                continue
            file.seek(max(place - _LARGE_SIZE, 0))
            before = file.read(min(_LARGE_SIZE, place))
            mark, _, _, _, entries, size, _, found = _END.unpack(file.read(_END.size))
            if mark == _END_MARK and found == comment:
                if entries > MOST_ENTRIES or size > MOST_DIRECTORY or before.startswith(_LARGE_MARK):
                    raise ValueError(f"its directory has {entries} entries and {size} bytes")
                return
    raise ValueError("it ends with no archive that derm wrote")
