"""The process of a unit of work: it trains, and writes what came of it; the whole life of a Python."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from derm_cli import config
from derm_cli.engine.stopping import StopSignals, reason_of
from derm_cli.errors import DermError, Interrupted
from derm_cli.plugin import StudyFacts
from derm_cli.runs.folder import RunFolder
from derm_cli.studies.executing.assignment import Assignment, UnitOutcome
from derm_cli.studies.executing.beginnings import train_beginning
from derm_cli.studies.executing.measuring import CostWriter
from derm_cli.studies.executing.progress import ProgressWriter
from derm_cli.studies.executing.taking import EarlierRuns, take_or_train
from derm_cli.studies.storage.record import FAILED, FINISHED, INTERRUPTED
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.request import TrainRequest

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from derm_cli.studies.executing.worker import serve; sys.exit(serve(sys.argv[2]))"
)
PATIENCE = 86400.0
"""Seconds that a training waits for another process that trains the same: then its run is taken."""


def worker_command(assignment: Path) -> tuple[str, ...]:
    """Return the command of the process that does what the file ``assignment`` says."""
    return (sys.executable, "-P", "-c", _PROGRAM, json.dumps(sys.path), str(assignment))


def serve(assignment: str) -> int:
    """Do what a file says, and write what came of it beside it; 0 where that could be written."""
    path = Path(assignment)
    task = Assignment.read(path)
    _stop_with_standard_input()
    outcome = carry_out_assignment(task, path.parent)
    outcome.write(path.parent, task.key)
    return 0


def carry_out_assignment(task: Assignment, folder: Path) -> UnitOutcome:
    """Train what is asked for, and return what came of it; how far it is is written into ``folder`` meanwhile."""
    reporter = ProgressWriter(folder, task.key, task.until)
    try:
        with StopSignals(), ExitStack() as measuring:
            session = Session(config.load(task.settings, {**os.environ, **_variables(task.settings)}))
            if task.study:
                told = task.study
                session.study = StudyFacts(name=told["name"], folder=Path(told["folder"]), title=told["title"])
                session.row = task.row
            session.registry.listen("study", reporter)
            cost = measuring.enter_context(CostWriter(folder, task.key))
            session.registry.listen("study-cost", cost)
            request = TrainRequest.from_json(task.request)
            if task.until is None:
                run, _ = take_or_train(session, request, EarlierRuns(session), PATIENCE)
                return UnitOutcome(FINISHED, run.id)
            place = RunFolder(Path(task.folder))
            train_beginning(session, request, task.until, place, outlines=task.outlines, patience=PATIENCE)
            return UnitOutcome(FINISHED)
    except Interrupted as stopped:
        return UnitOutcome(INTERRUPTED, reporter.run, str(stopped))
    except KeyboardInterrupt as stopped:
        return UnitOutcome(INTERRUPTED, reporter.run, reason_of(stopped))
    except DermError as error:
        return UnitOutcome(FAILED, reporter.run, str(error))
    except Exception as error:
        import traceback

        # For the log: the table of the study has room for a sentence.
        traceback.print_exc()
        return UnitOutcome(FAILED, reporter.run, f"{type(error).__name__}: {error}")


def _variables(settings: dict[str, str]) -> dict[str, str]:
    """Return the settings that no option gives, as variables."""
    return {f"DERM_{name.upper()}": value for name, value in settings.items() if name not in config.DEFAULT_FOLDERS}


def _stop_with_standard_input() -> None:
    """Have this process told to stop once its standard input ends: who began it is gone, or wants it to."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
