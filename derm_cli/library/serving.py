"""The process of a call: it does the work that it is told, and tells what comes of it; the whole life of a Python."""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

from derm_cli.cli.shared.sentences import refusal, unexpected
from derm_cli.console import warn, warnings_told_to
from derm_cli.engine.stopping import Stopped, StopSignals, reason_of
from derm_cli.errors import DermError
from derm_cli.invocation import invoked, pasteable
from derm_cli.library.progress_reports import ProgressReport
from derm_cli.library.tasks import Done, Failure, Task
from derm_cli.listening import progress_told_to
from derm_cli.plugin import EpochReport, RunFacts, hookimpl
from derm_cli.workflows.session import Session

PAUSE = 0.1
"""Seconds between two reports of the same progress."""


def serve(descriptor: int) -> None:
    """Do the task that comes over a connection, and tell over it of progress, warnings, and what came of it."""
    os.set_inheritable(descriptor, False)
    connection: Connection[Any, Any] = Connection(descriptor)
    task: Task = connection.recv()
    # Who asked for it is gone once the connection ends.
    threading.Thread(target=_stop_at_the_end_of, args=(connection,), daemon=True).start()
    teller = _Teller(connection, task.wants_progress)
    with warnings_told_to(teller.tell), progress_told_to(teller.progress):
        outcome = _outcome(task, teller)
    teller.tell(outcome)


def _stop_at_the_end_of(connection: Connection[Any, Any]) -> None:
    with suppress(EOFError, OSError):
        while True:
            connection.recv()
    os.kill(os.getpid(), signal.SIGTERM)


class _Teller:
    """Tells the caller, from whatever thread."""

    def __init__(self, connection: Connection[Any, Any], wants_progress: bool) -> None:
        self._connection, self._wants_progress = connection, wants_progress
        self._lock = threading.Lock()
        self._last, self._when = "", 0.0

    def tell(self, value: Any) -> None:
        """Tell something; nothing, where nobody listens any more."""
        with self._lock, suppress(OSError):
            self._connection.send(value)

    def progress(self, what: str, done: int, total: int | None, note: str) -> None:
        """Tell of progress, but not of every step."""
        now = time.monotonic()
        if not self._wants_progress or (what == self._last and done != total and now - self._when < PAUSE):
            return
        self._last, self._when = what, now
        self.tell(ProgressReport(what, done, total, note))

    @hookimpl
    def derm_epoch_ended(self, run: RunFacts, epoch: EpochReport) -> None:  # noqa: ARG002 - the hook's
        """Tell of an epoch's figures."""
        if self._wants_progress:
            self.tell(ProgressReport(epoch.phase_name, epoch.epoch + 1, epoch.epochs, epoch=epoch))


def _outcome(task: Task, teller: _Teller) -> Done | Failure:
    surroundings = task.surroundings
    file = surroundings.file or os.environ.get("DERM_CONFIG")
    with invoked(surroundings.folders, file):
        session: Session | None = None
        try:
            with StopSignals():
                session = Session(surroundings.load())
                session.registry.listen("library", teller)
                work = getattr(import_module("derm_cli.library.work"), task.work)
                return Done(work(session, surroundings.folders, *task.arguments, options=task.options))
        except DermError as error:
            return Failure.of(error, pasteable(str(error)))
        except Stopped as stopped:
            sentence = f"The work was {reason_of(stopped)} before it was done: call it again."
            return Failure(sentence, signal=stopped.signal)
        except OSError as error:
            return Failure(pasteable(refusal(error, session.settings if session else None)))
        except Exception as error:
            fault = session.registry.fault_in(error) if session else None
            return Failure(str(fault or unexpected(error)), traceback=traceback.format_exc())
        finally:
            for problem in session.registry.problems if session else ():
                warn(str(problem))
