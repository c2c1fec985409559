"""A beginning that several trainings share, trained once by all studies that have a cache folder in common."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from derm_cli.console import warn
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.layout import RECORD
from derm_cli.runs.lease import lock_held
from derm_cli.runs.stage_store import StageStore
from derm_cli.studies.executing.taking import InTraining, await_end
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.train import train_stages


def train_beginning(
    session: Session, request: TrainRequest, until: int, folder: RunFolder, *, outlines: Sequence[str], patience: float
) -> None:
    """Train the stages of ``request`` up to the one of index ``until`` into the stage store, in ``folder``.

    ``outlines`` are those of the stages that are trained.  Where another process trains one of them as the beginning of
    this study or another it is waited for, and what it has stored is not trained again.  Raises InTraining where it is
    not done after ``patience`` seconds, and what the training raises.
    """
    store = StageStore(session.settings.cache_folder, session.settings.cache_limit_bytes)
    with ExitStack() as locked:
        # In their order, as all take them whose stages begin so: no two wait for each other.
        for outline in outlines:
            locked.enter_context(_only_one(store, outline, patience))
        if store.mark_used(outlines[-1:]):
            shutil.rmtree(folder.path, ignore_errors=True)
            return
        if (folder / RECORD).exists():
            await_end(folder, patience)
        train_stages(session, request, until, folder)


@contextmanager
def _only_one(store: StageStore, outline: str, patience: float) -> Iterator[None]:
    """Be the only process that trains a stage as a beginning, in a ``with`` block.

    The lock is the system's, so that of a process that is killed is free.
    """
    path = store.folder / f".{outline}.lock"
    refusal = InTraining(f"another process trains the same stages, and holds '{path}'.")
    with ExitStack() as held:
        try:
            _hold(held, path, refusal, 0)
        except InTraining:
            warn(f"Another process trains the same stages, and holds '{path}': what it stores is waited for.")
            _hold(held, path, refusal, patience)
        except OSError:
            # Where no lock can be written no stage can be stored: each training will do its own.
            pass
        yield


def _hold(held: ExitStack, path: Path, refusal: InTraining, patience: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    held.enter_context(lock_held(path, refusal, patience))
