"""What is kept of a study: what was asked for, once, and what has become of each of its trainings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from derm_cli.errors import DermError
from derm_cli.studies.asking.grid import shown_value
from derm_cli.studies.asking.spec import StudyRow, StudyRun, StudySpec
from derm_cli.workflows.training.request import TrainRequest

FORMAT = 1
SPLITS_OF_SEEDS = "each seed has a split of its own, as an earlier derm gave it"
WAITING, RUNNING, FINISHED, FAILED, INTERRUPTED = "waiting", "running", "finished", "failed", "interrupted"


@dataclass(frozen=True)
class StudyRecord:
    """A study as it was begun: what it asks, its trainings, and by whom and with how much they are carried out.

    Each of ``workers`` processes has ``cores`` cores, by which bits may differ: so a study that is gone on with has
    those that it began with, unless it is told others.  ``options`` are the own ones of who carries it out, those that
    were given.
    """

    spec: StudySpec
    runs: tuple[StudyRun, ...]
    executor: str
    workers: int
    cores: int
    options: Mapping[str, Any] = field(default_factory=dict)

    def asks_as(self, other: StudyRecord) -> bool:
        """Tell whether another record asks for the same trainings, held against the same reference."""
        return self._asked() == other._asked()

    def difference_from(self, other: StudyRecord) -> str:
        """Return in words the first thing by which another record asks for something else, this one's first.

        It is '' where both ask for the same.
        """
        if self.asks_as(other):
            return ""
        for name in ("reference", "seeds", "folds"):
            mine, theirs = getattr(self.spec, name), getattr(other.spec, name)
            if mine != theirs:
                return f"its {name} '{shown_value(mine)}' in place of '{shown_value(theirs)}'"
        rows, rows_of_other = ({row.name: row.options for row in each.spec.rows} for each in (self, other))
        for row in (*rows, *rows_of_other):
            if (row in rows) != (row in rows_of_other):
                return f"{'a' if row in rows else 'no'} row '{row}'"
            if said := _difference_of(rows[row], rows_of_other[row]):
                return f"{said} in row '{row}'"
        # What is the same in the study's file may differ by derm.toml, variables and what a chain begins with.
        requests_of_other = {each.row: each.request for each in other.runs}
        for row, request in {each.row: each.request for each in self.runs}.items():
            if said := _difference_of(request.to_json(), requests_of_other[row].to_json()):
                return f"{said} in row '{row}'"
        return "its rows in another order"

    @property
    def has_splits_of_seeds(self) -> bool:
        """Whether seeds of a row have splits of their own, as every study's had that an earlier derm began."""
        splits = {(each.row, each.request.seed_of_split) for each in self.runs}
        return len(splits) > len({row for row, _ in splits})

    def split_as(self, begun: StudyRecord) -> StudyRecord:
        """Return what is asked for with the splits that it was ``begun`` with, where a row names none by itself.

        So a study whose seeds an earlier derm gave splits of their own goes on by the same command.
        """
        if not begun.has_splits_of_seeds:
            return self
        named = {row.name for row in self.spec.rows if "split-seed" in row.options}
        return replace(self, runs=tuple(each if each.row in named else _split_by_seed(each) for each in self.runs))

    def _asked(self) -> str:
        trainings = [(each.row, each.seed, each.fold, each.request.to_json()) for each in self.runs]
        return json.dumps([self.spec.reference, trainings], sort_keys=True)

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values; :meth:`from_json` is the way back."""
        return {
            "format": FORMAT,
            "study": asdict(self.spec),
            "executor": self.executor,
            "workers": self.workers,
            "cores": self.cores,
            **({"options": dict(self.options)} if self.options else {}),
            "runs": [
                {"row": each.row, "seed": each.seed, "fold": each.fold, "request": each.request.to_json()}
                for each in self.runs
            ],
        }

    @classmethod
    def from_json(cls, values: Any) -> StudyRecord:
        """Rebuild a record.  Raises DermError where it has not the form."""
        try:
            if values["format"] != FORMAT:
                raise ValueError(f"format {values['format']}")
            study = values["study"]
            rows = tuple(StudyRow(each["name"], each["options"], each["published"]) for each in study["rows"])
            spec = StudySpec(**{**study, "rows": rows, "seeds": tuple(study["seeds"])})
            runs = tuple(
                StudyRun(each["row"], each["seed"], each["fold"], TrainRequest.from_json(each["request"]), number)
                for number, each in enumerate(values["runs"], start=1)
            )
            return cls(spec, runs, values["executor"], values["workers"], values["cores"], values.get("options", {}))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DermError(
                f"The study's record is not one of this derm's ({error}): put back the file that derm wrote, or begin "
                "the study under another name."
            ) from error


def _split_by_seed(run: StudyRun) -> StudyRun:
    return replace(run, request=replace(run.request, splitting=replace(run.request.splitting, split_seed=None)))


def _difference_of(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """Return in words the first option whose values differ, '' where none does."""
    for name in dict.fromkeys((*mine, *theirs)):
        if mine.get(name) != theirs.get(name):
            of_both = (shown_value(each[name]) if name in each else "not given" for each in (mine, theirs))
            return name.replace("_", "-") + " " + " in place of ".join(f"'{value}'" for value in of_both)
    return ""


@dataclass(frozen=True)
class RunState:
    """What has become of a training: its ``status``, the id of its run where there is one, and why it did not finish.

    ``seconds`` are those that its process took, the last time.
    """

    status: str = WAITING
    run: str = ""
    reason: str = ""
    seconds: float = 0.0

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.status == FINISHED

    def with_end(self, status: str, run: str, reason: str, seconds: float) -> RunState:
        """Return the state after its process has ended; a run that it had before stays where it names none."""
        return replace(self, status=status, run=run or self.run, reason=reason, seconds=seconds)


def states_to_json(states: Mapping[str, RunState]) -> dict[str, Any]:
    """Return states by the keys of trainings as JSON values, without what says nothing."""
    return {
        key: {name: value for name, value in vars(state).items() if value or name == "status"}
        for key, state in states.items()
    }


def states_from_json(values: Any) -> dict[str, RunState]:
    """Rebuild states.  Raises DermError where they have not the form."""
    try:
        return {key: RunState(**state) for key, state in values.items()}
    except (TypeError, AttributeError) as error:
        raise DermError(
            f"The states of the study are not this derm's ({error}): remove the file state.json, and 'derm study "
            "resume' finds again what was trained."
        ) from error
