"""The study that a cross-validation is: one row over its folds, kept as every study is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import PurePath
from types import TracebackType

from derm_cli.console import warn
from derm_cli.cores import usable_cores
from derm_cli.errors import DermError
from derm_cli.runs.lease import lock_held
from derm_cli.studies.asking.grid import row_name
from derm_cli.studies.asking.spec import StudyRow, StudyRun, StudySpec
from derm_cli.studies.executing.measuring import CostWriter
from derm_cli.studies.executing.progress import ProgressWriter
from derm_cli.studies.storage.folder import STATES, WORK, Studies, StudyFolder
from derm_cli.studies.storage.record import RUNNING, RunState, StudyRecord
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.request import TrainRequest

EXECUTOR = "local"
"""Who goes on with it by ``derm study resume``."""
PATIENCE = 5.0
"""Seconds that the folder is waited for, which another process may look at."""


def study_of_folds(request: TrainRequest) -> StudyRecord:
    """Return the study that ``request`` is, over all of its folds.

    Its name hangs on what is asked for alone, so that the same command finds the same study.
    """
    folds, target = request.splitting.folds, request.datasets[-1]
    digest = hashlib.sha256(request.with_fold(0).text.encode()).hexdigest()
    called = re.sub(r"[^A-Za-z0-9]+", "-", PurePath(target).name).strip("-")[:40] or "target"
    options = {"backbone": request.backbone, "chain": ",".join(request.chain), "recipe": request.recipe}
    row = StudyRow(row_name(options), options)
    spec = StudySpec(
        f"{called}-folds{folds}-{digest[:8]}",
        (row,),
        title=f"Cross-validation, {folds} folds of {PurePath(target).name}",
        seeds=(request.seed,),
        folds=folds,
    )
    runs = (StudyRun(row.name, request.seed, fold, request.with_fold(fold), fold) for fold in range(1, folds + 1))
    return StudyRecord(spec, tuple(runs), EXECUTOR, 1, usable_cores())


class FoldStudy(AbstractContextManager["FoldStudy"]):
    """Keeps what becomes of each fold in the folder of a study, which is made once a fold has a run.

    In a ``with`` block, in which the study is carried out.  What keeps the folder from being written keeps no fold from
    being trained: it is warned of, once.
    """

    def __init__(self, session: Session, request: TrainRequest) -> None:
        self._session, self._record = session, study_of_folds(request)
        self._folder: StudyFolder | None = None
        self._is_kept, self._held = True, ExitStack()

    @property
    def name(self) -> str:
        """The study's name; '' where it has no folder."""
        return self._folder.name if self._folder and self._is_kept else ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def note(self, fold: int, state: RunState) -> None:
        """Keep what has become of a fold; the states that another process wrote of others stay."""
        if not self._is_kept:
            return
        try:
            folder = self._begun()
            refusal = DermError(f"'{folder.path / STATES}' is being written by another process.")
            with lock_held(folder.path / f"{STATES}.lock", refusal, PATIENCE):
                folder.write_states(folder.states | {f"{fold:04d}": state})
        except (DermError, OSError) as error:
            self._is_kept = False
            warn(f"the cross-validation is not kept as a study, its runs are: {error}")

    @contextmanager
    def telling(self, fold: int) -> Iterator[None]:
        """Tell in a ``with`` block how far the training of ``fold`` is, and what it takes."""
        work = Studies(self._session.runs.root).root / self._record.spec.name / WORK
        key, listening = f"{fold:04d}", self._session.registry.listening

        def begun(run: str) -> None:
            self.note(fold, RunState(RUNNING, run))

        with (
            CostWriter(work, key) as cost,
            listening("study", ProgressWriter(work, key, begun=begun)),
            listening("study-cost", cost),
        ):
            yield

    def _begun(self) -> StudyFolder:
        if self._folder is None:
            self._folder = Studies(self._session.runs.root).begin(self._record)
            # Where another process trains other folds of it at this moment, each notes its own.
            with suppress(DermError):
                self._held.enter_context(self._folder.held(PATIENCE))
        return self._folder
