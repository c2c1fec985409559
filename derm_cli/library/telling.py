"""What a caller hears: progress and warnings, to the functions that it gave, to bars, or as Python's warnings."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from derm_cli.errors import RequestError
from derm_cli.library.progress_reports import ProgressReport

TERMINAL = "terminal"


class DermWarning(UserWarning):
    """Something that derm would say behind 'Warning:' on a terminal."""


class Listener:
    """Takes what a call tells, and hands it to who wants it."""

    def __init__(self, progress: Any = None, on_warning: Any = None) -> None:
        if progress is not None and progress != TERMINAL and not callable(progress):
            raise RequestError(f"'progress' is {progress!r}, but must be a function, \"terminal\" or None.")
        if on_warning is not None and not callable(on_warning):
            raise RequestError(f"'on_warning' is {on_warning!r}, but must be a function or None.")
        self._bars = _Bars() if progress == TERMINAL else None
        self._progress: Callable[[ProgressReport], object] | None = self._bars or progress
        self._on_warning: Callable[[str], object] = on_warning or _as_python_warning

    @classmethod
    def taken_from(cls, options: dict[str, Any]) -> Listener:
        """Take from ``options`` who hears of progress and warnings.  Raises RequestError for what cannot hear."""
        return cls(options.pop("progress", None), options.pop("on_warning", None))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bars:
            self._bars.close()

    @property
    def wants_progress(self) -> bool:
        """Whether anybody wants to be told of progress."""
        return self._progress is not None

    def report(self, progress: ProgressReport) -> None:
        """Hand a report on."""
        if self._progress:
            self._progress(progress)

    def warn(self, sentence: str) -> None:
        """Hand a warning on."""
        self._on_warning(sentence)


def _as_python_warning(sentence: str) -> None:
    """Warn in the caller's own line, which is the first one outside of derm."""
    depth, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("derm_cli."):
        depth, frame = depth + 1, frame.f_back
    warnings.warn(sentence, DermWarning, stacklevel=depth)


class _Bars:
    """Bars on standard error, one after the other, and a line for each epoch; also where that is no terminal."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._what = ""

    def __call__(self, report: ProgressReport) -> None:
        from tqdm import tqdm

        if report.epoch:
            each = report.epoch
            accuracy = each.validation_balanced_accuracy
            judged = "" if accuracy is None else f"  validation {accuracy:5.1%} balanced"
            tqdm.write(
                f"  {each.phase_name}  epoch {each.epoch + 1}/{each.epochs}  loss {each.loss:.3f}"
                f"  accuracy {each.accuracy:5.1%}{judged}",
                file=sys.stderr,
            )
            return
        if self._bar is None or self._what != report.what:
            self.close()
            form = (
                "{desc}" if report.total is None else "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}"
            )
            self._bar = tqdm(
                desc=report.what, total=report.total, leave=False, file=sys.stderr, bar_format=form, mininterval=0
            )
            self._what = report.what
        self._bar.set_postfix_str(report.note, refresh=False)
        self._bar.update(report.done - self._bar.n)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
