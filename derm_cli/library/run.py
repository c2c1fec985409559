"""A run, as Python callers have it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.library.call_options import CallOptions, FilePath, Surroundings

if TYPE_CHECKING:
    from typing import Unpack

    from derm_cli.plan import Plan
    from derm_cli.runs.folder import RunFolder


@dataclass(frozen=True)
class Run:
    """A run: its folder ``path``.  Calls that are given it use the folders and settings by which it was made.

    ::

        run = derm.find_run("latest")
        run.status, run.plan.classes, run.evaluation["macro_f1"]
    """

    path: Path
    surroundings: Surroundings = field(default_factory=lambda: Surroundings({}), repr=False, compare=False)

    @property
    def id(self) -> str:
        """The run's id, which is its folder's name."""
        return self.path.name

    @property
    def status(self) -> str:
        """``running``, ``finished``, ``failed`` or ``interrupted``.  Raises DermError where the folder is no run."""
        return self._folder.status

    @property
    def plan(self) -> Plan:
        """What was trained: stages, phases, every number.  Raises DermError where it was changed."""
        return self._folder.plan

    @property
    def evaluation(self) -> dict[str, Any]:
        """What stands in evaluation.json.  Raises DermError where the run is not finished, or the file was changed."""
        from derm_cli.workflows.evaluating.run_evaluation import stored_evaluation

        return stored_evaluation(self._folder)

    @property
    def _folder(self) -> RunFolder:
        from derm_cli.runs.folder import RunFolder

        return RunFolder(self.path)


def find_run(name: FilePath | None = None, **options: Unpack[CallOptions]) -> Run:
    """Return the run with this id, beginning of an id, or folder; ``latest``; without a name the chosen or last one.

    Raises RequestError where there is none, with the nearest.
    """
    from derm_cli.runs.runs import Runs

    given = dict(options)
    surroundings = Surroundings.taken_from(given)
    runs = Runs(surroundings.load().runs.value)
    found = runs.default() if name is None else runs.find(str(name))
    return Run(found.path.absolute(), surroundings)
