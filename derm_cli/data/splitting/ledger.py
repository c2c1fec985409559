"""Ledgers: the parts that runs decided on, kept as CSV, so that a later run splits a dataset as an earlier one did."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Collection
from io import StringIO
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from derm_cli.csv_cells import original, write_frame
from derm_cli.errors import DermError
from derm_cli.files import whole

FOLDER, LOCK = "splits", "splits.lock"
LOCK_TIMEOUT = 60
"""Seconds that a run waits for another to write a ledger, which takes far less than one."""


class SplitLedgers:
    """The ledgers of a runs folder: ``splits/<name>.csv``, tables of text.

    They are read as often as is wanted and written once, by :meth:`write`.
    """

    def __init__(self, runs: Path) -> None:
        self.folder = runs / FOLDER
        self._read: dict[str, bytes | None] = {}
        self._new: dict[str, pd.DataFrame] = {}

    def read(self, name: str, empty: pd.DataFrame, parts: Collection[str]) -> pd.DataFrame:
        """Return a ledger, which has the columns of ``empty``, or ``empty`` where there is none.

        Raises DermError where it is damaged: its column ``part`` must have nothing but ``parts``.
        """
        path = self.path(name)
        content = self._read[name] = _content_or_none(path)
        if content is None:
            return empty
        ledger = _parsed_table(content)
        if list(ledger.columns) != list(empty.columns) or not ledger["part"].isin(parts).all():
            raise DermError(
                f"'{path}', which has the split of earlier runs, is damaged: put back what was there, or remove it to "
                "split anew."
            )
        return ledger

    def put(self, name: str, ledger: pd.DataFrame) -> None:
        """Have a ledger written by the next :meth:`write`."""
        self._new[name] = ledger

    def write(self) -> bool:
        """Write what was put, each ledger whole or not at all.

        Returns False, and writes nothing, where another run has written one since it was read: what was decided is then
        to be decided again.  Raises DermError where the system refuses.
        """
        if not self._new:
            return True
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / LOCK, timeout=LOCK_TIMEOUT):
                if any(_content_or_none(self.path(name)) != self._read.get(name) for name in self._new):
                    return False
                for name, ledger in self._new.items():
                    with whole(self.path(name)) as temporary:
                        write_frame(ledger, temporary)
        except Timeout:
            raise DermError(
                f"Another run has held '{self.folder / LOCK}' for {LOCK_TIMEOUT} s: end it, and train again."
            ) from None
        except OSError as error:
            raise DermError(
                f"The split cannot be kept in '{self.folder}' ({error.strerror}): mend that, or name another folder "
                "with --runs."
            ) from error
        return True

    def path(self, name: str) -> Path:
        """Return the file of a ledger; names that no file can have are told apart by a hash."""
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
        if plain != name or name.startswith("."):
            plain = f"_{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        return self.folder / f"{plain}.csv"


def _parsed_table(content: bytes) -> pd.DataFrame:
    """Return a table of text, without columns where it is none.  What pandas makes of odd rows is no such table."""
    try:
        header, *rows = (
            [original(cell) for cell in row] for row in csv.reader(StringIO(content.decode(), newline=""), strict=True)
        )
        return pd.DataFrame([dict(zip(header, row, strict=True)) for row in rows], columns=header, dtype=str)
    except (ValueError, csv.Error):
        return pd.DataFrame()


def _content_or_none(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DermError(
            f"'{path}', which has the split of earlier runs, cannot be read ({error.strerror}): mend that, or name "
            "another folder with --runs."
        ) from error
