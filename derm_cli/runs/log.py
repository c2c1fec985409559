"""The log of a run: warnings stand in it too, whoever gave them, beside what trackers write there."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from derm_cli.console import LOGGER
from derm_cli.errors import printable
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.layout import LOG


class RunLog(logging.Handler):
    """Writes the warnings that are given in a ``with`` block into the log of a run, each a line with its time in UTC.

    Planning warns before the run has a folder: until :meth:`begin` lines are kept, and those of a training that was
    refused are forgotten.  A disk that takes no line ends no run: the warning was printed all the same.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._path: Path | None = None
        self._lines: list[str] = []

    def __enter__(self) -> Self:
        LOGGER.addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        LOGGER.removeHandler(self)
        self.close()

    def begin(self, run: RunFolder) -> None:
        """Write what was warned of so far into the log of ``run``, and from now on each warning as it comes."""
        self._path = run / LOG
        self._write()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a warning."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        message = printable(record.getMessage()).replace("\n", " ")
        self._lines.append(f"{time} Warning: {message}\n")
        self._write()

    def _write(self) -> None:
        if self._path is None or not self._lines:
            return
        with suppress(OSError), self._path.open("a", encoding="utf-8") as log:
            log.writelines(self._lines)
        self._lines.clear()
