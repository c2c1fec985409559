"""Whether the runs that trainings finished as are still what these ask for: on today's data, by today's versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from derm_cli.console import warn
from derm_cli.engine import backend
from derm_cli.errors import DermError
from derm_cli.runs.folder import RunFolder
from derm_cli.studies.asking.spec import StudyRun
from derm_cli.studies.executing.taking import answers_of, data_hash, request_values, values_of
from derm_cli.studies.storage.record import RunState
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.planning import Prepared
from derm_cli.workflows.training.request import TrainRequest


@dataclass
class FinishedRuns:
    """Finds which of a study's finished trainings have no longer the run that they ask for.

    ``again`` has these by key: in a few words, why each is trained again.
    """

    session: Session
    again: dict[str, str] = field(default_factory=dict)
    _data: dict[str, Mapping[str, str]] = field(default_factory=dict)
    # Beside each hash stand the records that it is of, so that nothing else gets their id.
    _hashes: dict[tuple[Any, ...], tuple[Any, str]] = field(default_factory=dict)

    def look_at(self, runs: Iterable[StudyRun], states: Mapping[str, RunState]) -> None:
        """Note those whose run is gone, was trained for something else, or by other versions; no data is looked at."""
        versions = backend.versions()
        for run in runs:
            state = states.get(run.key, RunState())
            if state.is_done and (why := self._difference(run, state, versions)):
                self.again[run.key] = why

    def has_same_data(self, run: StudyRun, prepared: Prepared) -> bool:
        """Tell whether the run of a finished training learnt from the data as they are, and note it where it did not.

        The contents of photographs are compared.  A dataset is read once for all trainings that prepare it alike; what
        the cache has not is decoded.
        """
        before = self._data.get(run.key, {})
        try:
            names = [name for name in prepared.records if before.get(name) != self._hash_of(prepared, name)]
        except DermError as error:
            self.again[run.key] = str(error)
            return False
        if names:
            quoted = ", ".join(f"'{name}'" for name in names)
            self.again[run.key] = f"files or labels of {quoted} changed since its run began"
        return not names

    def warn_of_them(self) -> None:
        """Warn of each reason, with how many trainings have it."""
        for why, count in Counter(self.again.values()).items():
            what = "a training that was finished is" if count == 1 else f"{count} trainings that were finished are"
            warn(f"{what} work again: {why.rstrip('.')}.")

    def _difference(self, run: StudyRun, state: RunState, versions: Mapping[str, str]) -> str:
        folder = RunFolder(self.session.runs.root / (state.run or "gone"))
        try:
            if not folder.finished:
                return "its run is not finished any more"
            record, values = folder.record, values_of(self.session, folder)
            asked = TrainRequest.from_json(values or {})
        except DermError:
            return "its run is gone, or cannot be read"
        if request_values(asked) != request_values(run.request):
            return "its run was trained for something else"
        self._data[run.key] = record.data
        changed = [
            f"{package} {record.environment.get(package, 'unknown')} in place of {version}"
            for package, version in versions.items()
            if record.environment.get(package) != version
        ]
        return f"its run was trained by {', '.join(changed)}" if changed else ""

    def _hash_of(self, prepared: Prepared, name: str) -> str:
        records, plan = prepared.records[name], prepared.plan
        key = (id(records), repr(plan.preprocessing), prepared.request.features, answers_of(plan, name))
        if key not in self._hashes:
            self._hashes[key] = (records, data_hash(self.session, prepared, name))
        return self._hashes[key][1]
