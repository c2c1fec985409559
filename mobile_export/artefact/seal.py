"""The seal of an artefact: its last 64 bytes are the SHA-256 of all that stands before them.

So facts, labels, preprocessing and network are sealed together.  Formats without a checksum of their own are told by it
from damaged ones, which a runtime may answer with other probabilities and no word.  It tells what was changed, not who
wrote it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from mobile_export.artefact.checks import damaged_error

SIZE = 64
"""The digits of a seal, in bytes."""
_PIECE = 1 << 20


def seal_of(path: Path, end: int) -> str:
    """Return the SHA-256 of the first ``end`` bytes of a file, 64 hexadecimal digits, read piece by piece."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while end > 0 and (piece := file.read(min(end, _PIECE))):
            digest.update(piece)
            end -= len(piece)
    return digest.hexdigest()


def write_seal(path: Path) -> None:
    """Put the seal in the place of a file's last 64 bytes."""
    end = path.stat().st_size - SIZE
    seal = seal_of(path, end)
    with path.open("r+b") as file:
        file.seek(end)
        file.write(seal.encode())


def check_whole_seal(path: Path) -> None:
    """Raise DermError where a file's last 64 bytes are not its seal, and OSError where it cannot be read."""
    end = max(path.stat().st_size - SIZE, 0)
    with path.open("rb") as file:
        file.seek(end)
        seal = file.read(SIZE)
    check_seal(path, end, seal)


def check_seal(path: Path, end: int, seal: bytes) -> None:
    """Raise DermError where ``seal`` is not that of the first ``end`` bytes of a file."""
    if seal_of(path, end).encode() != seal:
        raise damaged_error(path, "its bytes are not those that were sealed")
