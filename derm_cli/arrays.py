"""A file format for a JSON header and NumPy arrays, behind a SHA-256; nothing in it is pickled.

Three lines of text (what it is, the SHA-256 of all that follows, the header), then for each array a line with the name
of its dtype and the array as in a ``.npy`` file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from derm_cli.errors import DermError
from derm_cli.files import whole

Array = npt.NDArray[Any]

_MAGIC = b"derm arrays 1\n"
_DIGEST = 2 * hashlib.sha256().digest_size


class DamagedFile(DermError):
    """A file of arrays whose contents are not those that were written."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"'{path}' is damaged: remove it, or put back the file that derm wrote.")


def write_arrays(path: Path, header: dict[str, Any], arrays: Iterable[Array]) -> None:
    """Write ``header``, which must be good for JSON, and ``arrays`` to ``path``, whole or not at all.

    ``arrays`` may be a generator: no more than one of them is held at a time.  Raises ValueError for arrays of objects.
    """
    with whole(path) as temporary, temporary.open("wb") as file:
        file.write(_MAGIC + b"0" * _DIGEST + b"\n")
        hashed = _Hashed(file)
        hashed.write(_line(header))
        for array in arrays:
            hashed.write(_line(array.dtype.name))
            np.lib.format.write_array(hashed, array, allow_pickle=False)
        file.seek(len(_MAGIC))
        file.write(hashed.digest.hexdigest().encode())


def read_arrays(path: Path) -> tuple[dict[str, Any], list[Array]]:
    """Return the header and the arrays of ``path``, each of the dtype, shape and bits that it had.

    Raises DamagedFile where one bit of the file is not as it was written, and FileNotFoundError.
    """
    with path.open("rb") as file:
        begins = file.read(len(_MAGIC))
        wanted = file.read(_DIGEST + 1)
        start = file.tell()
        if begins != _MAGIC or wanted != _line_of_text(hashlib.file_digest(file, "sha256").hexdigest()):
            raise DamagedFile(path)
        file.seek(start)
        header = json.loads(file.readline())
        arrays = []
        while line := file.readline():
            arrays.append(_as(json.loads(line), np.lib.format.read_array(file, allow_pickle=False)))
        return header, arrays


def read_header(path: Path) -> dict[str, Any]:
    """Return the header alone, fast, for listings: the arrays are neither read nor checked.

    Raises DamagedFile where there is no such header, and FileNotFoundError.
    """
    with path.open("rb") as file:
        begins, _, line = (file.readline(len(_MAGIC)), file.readline(_DIGEST + 1), file.readline())
    try:
        header = json.loads(line) if begins == _MAGIC else None
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise DamagedFile(path)
    return header


class _Hashed:
    """Passes on what is written to a file, and hashes it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        return self._file.write(content)


def _line(value: Any) -> bytes:
    return _line_of_text(json.dumps(value))


def _line_of_text(text: str) -> bytes:
    return text.encode() + b"\n"


def _as(name: str, array: Array) -> Array:
    """Give ``array`` the dtype ``name`` again: a .npy file knows those that NumPy itself lacks by their size alone."""
    if array.dtype.name == name:
        return array
    import ml_dtypes

    return array.view(getattr(ml_dtypes, name))
