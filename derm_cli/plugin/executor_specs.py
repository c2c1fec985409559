"""Executors: what carries out the processes of a study, on this machine or on others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from derm_cli.plugin.options import ComponentOption, OptionedSpec


@dataclass(frozen=True, kw_only=True)
class StudyProcess:
    """A process of a study: a training, or the beginning that several share.

    ``key`` names it, ``command`` is what is run, with the variables of ``environment`` beside the others; it prints
    into the file ``log``.  Its standard input must be a pipe that is closed where it is to stop, or where who began it
    is gone: it then stops as soon as it can be gone on with.  It writes what came of it by itself.
    """

    key: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path


@dataclass(frozen=True, kw_only=True)
class ProcessEnd:
    """A process that has ended; ``fault`` says why where it could not say so itself, as where it was killed."""

    key: str
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """How many processes an executor has at once, and the cores of each; 0 of what is asked leaves it to the executor.

    ``options`` are the values of the executor's own, by name.  ``store`` are the folders in which processes find what
    others wrote, and write, by what they are called; ``data`` those of the datasets that they read, by dataset,
    ``alike`` files of which each needs the same copy, by what they are.  A process that stands elsewhere must find them
    all in the same place; they are told of when the executor is started.
    """

    workers: int = 0
    cores: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    store: Mapping[str, Path] = field(default_factory=dict)
    data: Mapping[str, Path] = field(default_factory=dict)
    alike: Mapping[str, Path] = field(default_factory=dict)


class Executor(Protocol):
    """Carries out processes.  ``begin`` is called for no more at once than it has workers, ``stop`` once at the end."""

    def begin(self, process: StudyProcess) -> None:
        """Begin a process."""

    def ended(self, patience: float) -> list[ProcessEnd]:
        """Return those that have ended since it was asked last, after at most ``patience`` seconds."""

    def stop(self) -> None:
        """Have every process stop, and return when all have; give back what was taken to carry them out."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ExecutorSpec(OptionedSpec):
    """A way to carry out studies.

    ``capacity(asked)`` returns what there will be where so much is asked for, without a 0 in it; it raises DermError
    where that cannot be had.  ``start(capacity)`` returns an :class:`Executor` of it.  ``options`` are its own, as in
    ``derm study run --OPTION VALUE``; ``capacity`` is asked with a value of each.
    """

    kind: ClassVar[str] = "executor"
    hook: ClassVar[str] = "derm_executors"

    name: str
    title: str
    capacity: Callable[[Capacity], Capacity]
    start: Callable[[Capacity], Executor]
    options: tuple[ComponentOption, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_callable("capacity", "start")
        self._require_options()

    def asked(self, workers: int = 0, cores: int = 0, options: Mapping[str, Any] | None = None) -> Capacity:
        """Return what ``capacity`` is asked, with a value of each of its options.

        Raises RequestError for an option that it has not, or a value that it cannot have.
        """
        return Capacity(workers=workers, cores=cores, options=dict(self.component(options).options))
