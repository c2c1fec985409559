"""A disk that is full after so many pieces of a file of arrays were written to it."""

from __future__ import annotations

import errno
import os

import pytest

from derm_cli import arrays


def fill_disk(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let writing files of arrays fail with ENOSPC once ``after`` pieces were written."""
    write, pieces = arrays._Hashed.write, []

    def full(self: arrays._Hashed, content: bytes) -> int:
        pieces.append(content)
        if len(pieces) > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(self, content)

    monkeypatch.setattr(arrays._Hashed, "write", full)
