"""TensorBoard's event files in the run's folder, where ``DERM_TENSORBOARD=1`` asks for them.

Those of a study are in the study's folder, a folder for each row.

Each process that trains appends to an event file of its own, which begins with the epochs that the run has already: so
a run that is gone on with, or whose first stages are from the stage store, has one whole curve.  TensorBoard's own
writers buffer behind a thread, or open files through TensorFlow; its record format and its protobufs need neither.
"""

from __future__ import annotations

import json
import time
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from derm_cli.plugin import hookimpl
from derm_trackers.asking import imported, is_asked
from derm_trackers.history import TEXTS, numbers, read_epochs, timed

if TYPE_CHECKING:
    from pathlib import Path

    from derm_cli.plugin import RunFacts

VARIABLE, EXTRA = "DERM_TENSORBOARD", "tensorboard"
FOLDER = "tensorboard"
EVENTS = "events.out.tfevents."


@hookimpl
def derm_run_started(run: RunFacts) -> None:
    """Make the event file of this process.

    Raises DermError where the variable has another value than 0 or 1, or where TensorBoard is not installed.
    """
    if not _is_enabled(run):
        return
    imported("tensorboard.summary.writer.record_writer", "TensorBoard", EXTRA, VARIABLE)
    folder = _folder(run)
    folder.mkdir(exist_ok=True, parents=True)
    (folder / f"{EVENTS}{len(_event_files(run)) + 1:04d}").touch()


@hookimpl
def derm_epoch_ended(run: RunFacts) -> None:
    """Append the epoch, and before the first of this process the plan and all epochs before; close the file again."""
    if not _is_enabled(run):
        return
    epochs, now = read_epochs(run), time.time()
    with _event_files(run)[-1].open("ab") as file:
        continued = file.tell() > 0
        if not continued:
            _append_event(file, now, file_version="brain.Event:2")
            # From here on, TensorBoard forgets what earlier files say.
            _append_event(file, now, step=0, session_log={"status": "START"})
            _append_text(file, now, 0, "plan", _plan_markdown(run))
        for step, ended, epoch in timed(epochs):
            if not continued or step == len(epochs):
                _append_epoch(file, ended, step, epoch)


def _is_enabled(run: RunFacts) -> bool:
    # Of stages that rows share, every row that takes them has the epochs.
    return is_asked(VARIABLE, "TensorBoard's files") and not (run.study and not run.row)


def _event_files(run: RunFacts) -> list[Path]:
    return sorted(_folder(run).glob(f"{EVENTS}*"))


def _folder(run: RunFacts) -> Path:
    """Return where a run's files are: its folder, or of a study's run the row's below the study's folder."""
    if run.study is None:
        return run.folder / FOLDER
    # TensorBoard names a curve by its folder.  What is no name of a file becomes one that no other row has.
    row = quote(run.row, safe=" ,=+()")
    if row.startswith("."):
        row = row.replace(".", "%2E", 1)
    of_row = f"seed {run.plan.seed}" + (f", fold {run.plan.fold}" if run.plan.fold else "")
    return run.study.folder / FOLDER / row / of_row


def _plan_markdown(run: RunFacts) -> str:
    """Return the plan as Markdown, which is how TensorBoard shows a text."""
    notice = "Synthetic photographs are among those of this run.\n\n" if run.synthetic else ""
    return f"{notice}```json\n{json.dumps(run.plan.to_json(), indent=2)}\n```"


def _append_epoch(file: IO[bytes], wall_time: float, step: int, epoch: dict[str, str]) -> None:
    """Append every number of an epoch, and where its phase begins, the names."""
    if epoch["epoch"] == "0":
        for name in TEXTS:
            if name in epoch:
                _append_text(file, wall_time, step, name, epoch[name])
    for name, number in numbers(epoch).items():
        _append_event(file, wall_time, step=step, summary={"value": [{"tag": name, "simple_value": number}]})


def _append_text(file: IO[bytes], wall_time: float, step: int, name: str, text: str) -> None:
    from tensorboard.plugins.text.summary_v2 import text_pb

    _append_event(file, wall_time, step=step, summary=text_pb(name, text))


def _append_event(file: IO[bytes], wall_time: float, **fields: Any) -> None:
    """Append an event; ``wall_time`` is in seconds since 1970."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    RecordWriter(file).write(Event(wall_time=wall_time, **fields).SerializeToString())
