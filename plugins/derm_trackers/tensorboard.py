"""TensorBoard's event files in the run's folder, where ``DERM_TENSORBOARD=1`` asks for them.

Each process that trains appends to an event file of its own, which begins with the epochs that the run has already: so
a run that is gone on with, or whose first stages are from the stage store, has one whole curve.  TensorBoard's own
writers buffer behind a thread, or open files through TensorFlow; its record format and its protobufs need neither.
"""

from __future__ import annotations

import json
import time
from typing import IO, TYPE_CHECKING, Any

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
    if not _is_enabled():
        return
    imported("tensorboard.summary.writer.record_writer", "TensorBoard", EXTRA, VARIABLE)
    folder = run.folder / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / f"{EVENTS}{len(_event_files(run)) + 1:04d}").touch()


@hookimpl
def derm_epoch_ended(run: RunFacts) -> None:
    """Append the epoch, and before the first of this process the plan and all epochs before; close the file again."""
    if not _is_enabled():
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


def _is_enabled() -> bool:
    return is_asked(VARIABLE, "TensorBoard's files")


def _event_files(run: RunFacts) -> list[Path]:
    return sorted((run.folder / FOLDER).glob(f"{EVENTS}*"))


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
