"""Runs that are what trainings ask for, on today's data and by today's versions: their own, or any that was trained."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from derm_cli.console import warn
from derm_cli.engine import backend
from derm_cli.errors import DermError
from derm_cli.runs.folder import RunFolder
from derm_cli.studies.asking.spec import StudyRun
from derm_cli.studies.executing.taking import answers_of, data_hash, other_versions, request_values, values_of
from derm_cli.studies.storage.record import RunState
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.planning import Prepared
from derm_cli.workflows.training.request import TrainRequest


@dataclass
class FinishedRuns:
    """Finds which trainings of a study have a finished run, and which have no longer the one that they finished as.

    ``again`` has the latter by key: in a few words, why each is trained again.  ``elsewhere`` has runs that another
    study or command trained for the same request by the same versions, the latest first, and ``taken`` those of them
    whose data is today's, each by the key of the training that has no run of its own.
    """

    session: Session
    again: dict[str, str] = field(default_factory=dict)
    elsewhere: dict[str, list[RunFolder]] = field(default_factory=dict)
    taken: dict[str, RunFolder] = field(default_factory=dict)
    _data: dict[str, Mapping[str, str]] = field(default_factory=dict)
    # Beside each hash stand the records that it is of, so that nothing else gets their id.
    _hashes: dict[tuple[Any, ...], tuple[Any, str]] = field(default_factory=dict)

    def look_at(self, runs: Iterable[StudyRun], states: Mapping[str, RunState]) -> None:
        """Find runs by their records; no data is looked at."""
        versions = backend.versions()
        without: dict[str, str] = {}
        for run in runs:
            state = states.get(run.key, RunState())
            if state.is_done and (why := self._difference(run, state, versions)):
                self.again[run.key] = why
            if not state.is_done or run.key in self.again:
                without[run.request.text] = run.key
        if without:
            self._look_elsewhere(without, versions)

    def _look_elsewhere(self, without: Mapping[str, str], versions: Mapping[str, str]) -> None:
        """Find runs for trainings that have none, whose keys ``without`` has by their requests."""
        for run in reversed(self.session.runs.all()):
            key = without.get(json.dumps(values_of(self.session, run), sort_keys=True))
            if key is not None and run.finished and not other_versions(run, versions):
                self.elsewhere.setdefault(key, []).append(run)

    def presumed(self, runs: Iterable[StudyRun], states: Mapping[str, RunState]) -> set[str]:
        """Return the keys of trainings that have a run if no data has changed, and note them as such."""
        for key in self.elsewhere:
            self.again.pop(key, None)
        done = {run.key for run in runs if states.get(run.key, RunState()).is_done}
        return (done - self.again.keys()) | self.elsewhere.keys()

    def is_done(self, run: StudyRun, state: RunState, prepared: Prepared) -> bool:
        """Tell whether a training has a run on the data as they are, its own or one that is noted as ``taken``.

        The contents of photographs are compared.  A dataset is read once for all trainings that prepare it alike; what
        the cache has not is decoded.
        """
        try:
            if state.is_done and run.key not in self.again:
                names = self._changed(self._data.get(run.key, {}), prepared)
                if not names:
                    return True
                quoted = ", ".join(f"'{name}'" for name in names)
                self.again[run.key] = f"files or labels of {quoted} changed since its run began"
            other = next((each for each in self.elsewhere.get(run.key, ()) if self._is_of(each, prepared)), None)
        except DermError as error:
            # What cannot be decoded is told by the training, unless one had finished.
            if state.is_done:
                self.again[run.key] = str(error)
            return False
        if other is None:
            return False
        self.again.pop(run.key, None)
        self.taken[run.key] = other
        return True

    def _is_of(self, run: RunFolder, prepared: Prepared) -> bool:
        return not self._changed(run.record.data, prepared)

    def _changed(self, before: Mapping[str, str], prepared: Prepared) -> list[str]:
        """Return the datasets of a training that are others than they were.  Raises as ``data_hash`` does."""
        return [name for name in prepared.records if before.get(name) != self._hash_of(prepared, name)]

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
        changed = other_versions(folder, versions)
        return f"its run was trained by {', '.join(changed)}" if changed else ""

    def _hash_of(self, prepared: Prepared, name: str) -> str:
        records, plan = prepared.records[name], prepared.plan
        key = (id(records), repr(plan.preprocessing), prepared.request.features, answers_of(plan, name))
        if key not in self._hashes:
            self._hashes[key] = (records, data_hash(self.session, prepared, name))
        return self._hashes[key][1]
