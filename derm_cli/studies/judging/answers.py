"""What the trainings of a study's rows answered: a predictions table a row, its runs, and what they took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from derm_cli.errors import DermError
from derm_cli.evaluation.averaged_predictions import averaged_predictions
from derm_cli.evaluation.metrics.classification import Evaluation, evaluation_of
from derm_cli.evaluation.predictions import Predictions
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import Runs
from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.judging.same_cases import cases_apart
from derm_cli.studies.judging.same_data import Answered, difference_between, difference_within
from derm_cli.studies.storage.folder import StudyFolder, as_left
from derm_cli.studies.storage.record import SPLITS_OF_SEEDS, RunState, StudyRecord
from derm_cli.workflows.evaluating.pooled_folds import pooled_predictions
from derm_cli.workflows.evaluating.run_evaluation import is_synthetic, tested_predictions, validation_predictions
from derm_cli.workflows.runs.ensemble import Member, ensembles_by_members, members_as_they_are
from derm_cli.workflows.session import Session

Part = Literal["test", "choice"]
"""What rows are judged on: ``test`` parts, or what a row is chosen by: its folds, and without these its validation
part."""
NO_VALIDATION = "has no validation part: give the study folds = 5, or validation-share = 0.1"
BEGIN_ANEW = (
    "begin the study under another name, with 'derm study run' and --name; its seeds then have one split, and runs "
    "that fit are taken"
)


@dataclass(frozen=True)
class Training:
    """A training of a row: its key, seed and fold, its state, and its run, None where there is none to read.

    ``reason`` says why there is none; it is empty where there is.
    """

    key: str
    seed: int
    fold: int
    state: RunState
    run: RunFolder | None
    reason: str = ""

    @cached_property
    def tested(self) -> Predictions:
        """The answers on its test part.  Raises DermError where they were changed, or nobody was kept for a test."""
        assert self.run is not None
        return tested_predictions(self.run)

    @cached_property
    def validated(self) -> Predictions | None:
        """The answers on its validation part, None without one.  Raises DermError where they were changed."""
        assert self.run is not None
        return validation_predictions(self.run)

    @cached_property
    def evaluation(self) -> Evaluation:
        """The metrics of its test part, without intervals."""
        return evaluation_of(self.tested, draws=0)

    def answered(self, part: Part) -> Predictions | None:
        """Return the answers on a part, None without a validation part.  Raises as :attr:`tested` does."""
        return self.tested if part == "test" or self.fold else self.validated


@dataclass(frozen=True)
class RowAnswers:
    """A row of a study with its trainings, judged on ``part``.

    ``fault`` says why there are no figures of it, and what to do; it is empty where all trainings finished, can be
    read, and are of the data that the reference was trained on.  ``has_splits_of_seeds`` says whether an earlier derm
    gave each seed a split of its own.  ``ensembles`` are the runs that were made of the folds of one of its seeds.
    """

    row: StudyRow
    trainings: tuple[Training, ...]
    fault: str = ""
    part: Part = "test"
    has_splits_of_seeds: bool = False
    ensembles: tuple[RunFolder, ...] = ()

    @property
    def name(self) -> str:
        """The row's name."""
        return self.row.name

    @property
    def finished(self) -> tuple[Training, ...]:
        """The trainings that finished."""
        return tuple(each for each in self.trainings if each.run is not None)

    @property
    def runs(self) -> tuple[RunFolder, ...]:
        """The runs of those that finished."""
        return tuple(each.run for each in self.trainings if each.run is not None)

    @property
    def exported(self) -> tuple[RunFolder, ...]:
        """Those of its trainings' runs that were exported; where none was, its ensembles that were."""
        of_trainings = tuple(run for run in self.runs if run.record.artefacts)
        return of_trainings or tuple(each for each in self.ensembles if each.record.artefacts)

    @property
    def smallest_export(self) -> int | None:
        """The bytes of the smallest file that one of :attr:`exported` was exported to, None where none was."""
        return smallest_export(self.exported)

    @cached_property
    def predictions(self) -> Predictions:
        """The answers of all trainings as one table: over folds each case once, over seeds the mean.

        Raises DermError where seeds of one split were judged on different cases.
        """
        return averaged_predictions(self.tables, of_same_cases=self.has_same_cases)

    @property
    def has_same_cases(self) -> bool:
        """Whether all seeds are judged on the same cases: those of one split, or all, as folds are."""
        return not self.has_splits_of_seeds or bool(self.trainings[0].fold)

    @property
    def of_seeds(self) -> dict[int, list[Training]]:
        """The trainings of each seed: its folds, or one."""
        seeds: dict[int, list[Training]] = {}
        for each in self.trainings:
            seeds.setdefault(each.seed, []).append(each)
        return seeds

    @cached_property
    def tables(self) -> list[Predictions]:
        """The answers of each seed on the part that is judged: those of its folds as one table."""
        return [
            pooled_predictions([answered for each in trainings if (answered := each.answered(self.part)) is not None])
            for trainings in self.of_seeds.values()
        ]

    @property
    def answered(self) -> list[Answered]:
        """Each training's run with its answers on the part that is judged."""
        return [
            Answered(each.run, table)
            for each in self.trainings
            if each.run is not None and (table := each.answered(self.part)) is not None
        ]

    @property
    def evaluations(self) -> list[Evaluation]:
        """The metrics of each training by itself."""
        return [each.evaluation for each in self.trainings]


@dataclass(frozen=True)
class StudyAnswers:
    """A study with the answers of its rows, in the order in which it names them."""

    folder: StudyFolder
    record: StudyRecord
    rows: tuple[RowAnswers, ...]
    is_synthetic: bool = False

    @property
    def whole(self) -> list[RowAnswers]:
        """The rows without a fault: first the reference, or what stands in its place."""
        whole = [each for each in self.rows if not each.fault]
        return sorted(whole, key=lambda each: each.name != self.record.spec.reference)

    @property
    def stands_in(self) -> str:
        """The row that others are held against where the reference has a fault, else ''."""
        whole = self.whole
        return whole[0].name if whole and whole[0].name != self.record.spec.reference else ""


def study_answers(session: Session, folder: StudyFolder, part: Part = "test") -> StudyAnswers:
    """Return what the trainings of a study answered on a part.

    A row some of whose trainings did not finish, whose files cannot be read or were changed, or that was trained on
    other data than the reference (:mod:`.same_data`), has a fault in the place of figures: those of fewer trainings, or
    of other data, cannot be held against the others'.  Where the reference has one, the first row without stands in.
    """
    record, found = folder.record, Runs(session.runs.root).all()
    made = ensembles_by_members(found) if record.spec.folds else {}
    rows = []
    for row in trained_rows(folder, record, found, part):
        answers = replace(row, ensembles=_ensembles(row, made))
        rows.append(_with_fault(answers, _fault(answers, folder.name)))
    synthetic = any(is_synthetic(run) for row in rows for run in row.runs)
    answered = StudyAnswers(folder, record, tuple(rows), synthetic)
    return replace(answered, rows=tuple(_held_against_reference(answered)))


def trained_rows(
    folder: StudyFolder, record: StudyRecord, runs: Iterable[RunFolder], part: Part = "test"
) -> Iterator[RowAnswers]:
    """Yield the rows of a study with their trainings as these ended, by ``runs`` of the runs folder, not judged."""
    states = as_left(folder.states, folder.is_carried_out)
    found = {run.id: run for run in runs}
    for row in record.spec.rows:
        trainings = []
        for planned in (each for each in record.runs if each.row == row.name):
            state = states.get(planned.key, RunState())
            run, reason = _read_run(found, state)
            trainings.append(Training(planned.key, planned.seed, planned.fold, state, run, reason))
        yield RowAnswers(row, tuple(trainings), part=part, has_splits_of_seeds=record.has_splits_of_seeds)


def _read_run(found: dict[str, RunFolder], state: RunState) -> tuple[RunFolder | None, str]:
    """Return the run of a training that finished, and why there is none where there is not."""
    if not state.is_done:
        return None, state.reason
    run = found.get(state.run)
    if run is None:
        return None, f"run '{state.run}' is gone"
    try:
        assert run.record is not None
    except DermError as error:
        return None, str(error)
    return run, ""


def _ensembles(row: RowAnswers, made: Mapping[frozenset[Member], Sequence[RunFolder]]) -> tuple[RunFolder, ...]:
    """Return the ensembles that were ``made`` of all folds of one seed of a row, as these are now."""
    if not made:
        return ()
    runs_of_seeds = ([each.run for each in trainings if each.run is not None] for trainings in row.of_seeds.values())
    return tuple(each for runs in runs_of_seeds for each in made.get(members_as_they_are(runs), ()))


def _fault(row: RowAnswers, study: str) -> str:
    """Return why a row by itself has no figures, empty where it has."""
    missing = [each for each in row.trainings if each.run is None]
    if missing:
        first = missing[0]
        of = f"{len(missing)} of {len(row.trainings)} trainings"
        said = f"{of} did not finish" if any(not each.state.is_done for each in missing) else f"{of} cannot be read"
        reason = f": {first.reason}" if first.reason else ""
        why = f"{said} ({first.key} is {first.state.status}{reason})".replace(".)", ")")
        return f"{why}; 'derm study resume {study}' goes on"
    try:
        if any(each.answered(row.part) is None for each in row.trainings):
            return NO_VALIDATION
        fault = difference_within(row.answered, study) or _cases_apart(row, study) or _validated_on_tests(row)
        # What cannot be averaged is told here.
        assert fault or row.predictions is not None
    except DermError as error:
        return str(error)
    return fault


def _cases_apart(row: RowAnswers, study: str) -> str:
    answered = iter(row.answered)
    seeds = {seed: [next(answered) for _ in trainings] for seed, trainings in row.of_seeds.items()}
    return cases_apart(seeds, study, of_one_split=row.has_same_cases)


def _validated_on_tests(row: RowAnswers) -> str:
    """Return why a row cannot be chosen by validation parts of splits that seeds have of their own, '' where it can."""
    if row.part != "choice" or row.trainings[0].fold or not row.has_splits_of_seeds:
        return ""
    kept = {
        each.seed: set(each.tested.case_ids) for each in row.trainings if each.run and each.run.plan.keeps_test_part
    }
    leaking = {
        case
        for each, table in zip(row.trainings, row.tables, strict=True)
        for seed, tested in kept.items()
        if seed != each.seed
        for case in tested.intersection(table.case_ids)
    }
    if not leaking:
        return ""
    return (
        f"{SPLITS_OF_SEEDS}, and {len(leaking)} cases that one is judged by are test cases of another, whose figures "
        f"would no longer be of cases that nothing was chosen by: {BEGIN_ANEW}"
    )


def _held_against_reference(answers: StudyAnswers) -> Sequence[RowAnswers]:
    """Return the rows, with a fault those that were trained on other data than the reference."""
    whole = answers.whole
    if not whole:
        return answers.rows
    reference, study = whole[0], answers.folder.name
    return [
        row
        if row.fault or row is reference
        else _with_fault(row, difference_between(reference.answered, row.answered, reference.name, study))
        for row in answers.rows
    ]


def _with_fault(row: RowAnswers, fault: str) -> RowAnswers:
    """Return a row with a fault; itself, with what was computed of it, where there is none."""
    return replace(row, fault=fault) if fault else row


def smallest_export(runs: Sequence[RunFolder]) -> int | None:
    """Return the bytes of the smallest file that runs were exported to, None where none was."""
    return min((artefact.size for run in runs for artefact in run.record.artefacts.values()), default=None)


def seconds_of(training: Training) -> float | None:
    """Return the seconds of training of a run, None where it does not tell."""
    seconds: Any = training.run.record.seconds_training if training.run else None
    return float(seconds) if isinstance(seconds, int | float) else None
