"""What the process of a call is told, and the sentence that comes back where it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from derm_cli.errors import DermError, Interrupted, RequestError
from derm_cli.library.call_options import Surroundings


@dataclass(frozen=True)
class Task:
    """A call: the name of its ``work``, its arguments, options as they were given, and what surrounds it."""

    work: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    surroundings: Surroundings
    wants_progress: bool = False


@dataclass(frozen=True)
class Failure:
    """What kept a task from being done: a sentence, the kind of its error, and a traceback where nobody foresaw it.

    ``signal`` is the number of the signal that ended it, 0 where none did.
    """

    sentence: str
    kind: str = DermError.__name__
    exit_status: int = 1
    traceback: str = ""
    signal: int = 0

    @classmethod
    def of(cls, error: DermError, sentence: str) -> Failure:
        """Return the failure that is an error of derm's, told as ``sentence``."""
        kind = next((each for each in (RequestError, Interrupted) if isinstance(error, each)), DermError)
        return cls(sentence, kind.__name__, error.exit_status)

    @property
    def error(self) -> DermError:
        """The error to be raised."""
        kinds: dict[str, type[DermError]] = {each.__name__: each for each in (DermError, RequestError, Interrupted)}
        error = kinds[self.kind](self.sentence)
        error.exit_status = self.exit_status
        if self.traceback:
            error.add_note(self.traceback)
        return error


@dataclass(frozen=True)
class Done:
    """The result of a task."""

    value: Any = field(default=None)
