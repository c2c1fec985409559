"""What ``derm evaluate`` was asked: a run, a run on another dataset, or anybody's table, all judged in one way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derm_cli.data.locating import locate
from derm_cli.evaluation import REFER_AT
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.predictions import Predictions, read_predictions
from derm_cli.evaluation.reporting.report import Background, Photograph, write_report
from derm_cli.evaluation.reporting.tables.classes import paper_tables
from derm_cli.evaluation.reporting.tables.judgement import judgement_tables
from derm_cli.evaluation.reporting.tables.table import Table
from derm_cli.evaluation.resampling import DRAWS
from derm_cli.plugin import Predictor
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.predicted import JudgementOptions, judge_classes
from derm_cli.workflows.evaluating.run_evaluation import (
    is_made,
    named,
    predictions_of_artefact,
    predictions_of_run,
    title_of,
)
from derm_cli.workflows.evaluating.run_facts import background_of
from derm_cli.workflows.predicting.predict import is_artefact, load
from derm_cli.workflows.session import Session

TOLD = {"mapping": "overall", "temperature": "calibration"}
"""The sheets of a run's background that stand with its figures, and after which."""


@dataclass(frozen=True, kw_only=True)
class EvaluationRequest:
    """What is to be judged: ``predictions``, or else ``run`` (the default one where None), on ``data`` or its own part.

    ``run`` may be an artefact of a run.  ``classes_of`` names the dataset whose classes the table has, ``validation`` a
    table to choose thresholds by; ``refer_at`` are the sensitivities for which it is chosen who is referred now, soon.
    """

    run: str | None = None
    predictions: Path | None = None
    validation: Path | None = None
    classes_of: str | None = None
    data: tuple[str, ...] = ()
    draws: int = DRAWS
    refer_at: tuple[float, float] = REFER_AT
    photographs: bool = False

    @property
    def terms(self) -> JudgementOptions:
        """How it is judged."""
        return JudgementOptions(self.draws, self.refer_at)


@dataclass(frozen=True)
class EvaluationResult:
    """A judgement with what it takes to show it."""

    title: str
    judgement: Judgement
    predictions: Predictions
    made: bool
    notes: tuple[str, ...]
    background: Background = field(default_factory=Background)
    left_out: dict[str, Any] | None = None

    def sheets(self, *, paper: bool = False) -> list[Table]:
        """Return every table, or those of the paper's form."""
        if paper:
            return list(paper_tables(self.judgement.evaluation, self.title))
        told = {each.name: each for each in self.background.sheets}
        found = []
        for sheet in judgement_tables(self.judgement):
            found += [sheet, *(told[name] for name, before in TOLD.items() if before == sheet.name and name in told)]
        return found

    def to_json(self) -> dict[str, Any]:
        """Return all figures as JSON values."""
        more = {} if self.left_out is None else {"left_out": self.left_out}
        return self.judgement.to_json() | {"synthetic": self.made, **more}

    def write_report(self, path: Path) -> None:
        """Write the page."""
        judgement = replace(self.judgement, notes=self.notes)
        write_report(judgement, self.predictions, path, self.title, self.background, made=self.made)


def judged(session: Session, asked: EvaluationRequest) -> EvaluationResult:
    """Judge what was asked for.  Raises DermError, naming file and line, for a table that is none."""
    if asked.predictions:
        return _table(session, asked, asked.predictions)
    artefact = asked.run if asked.run and is_artefact(session, asked.run) else None
    predictor = load(session, artefact) if artefact else None
    runs = session.runs
    name = predictor.facts.run if predictor else asked.run
    run = runs.find(name) if name else runs.default()
    if asked.data:
        return _elsewhere(session, asked, run, predictor or load(session, str(run.path)), named(run, artefact))
    test, validation = predictions_of_artefact(session, run, predictor) if predictor else predictions_of_run(run)
    judgement = judge_classes(run.plan.classes, test, validation, asked.terms)
    shown: tuple[Photograph, ...] = ()
    if asked.photographs:
        from derm_cli.workflows.evaluating.example_photographs import photographs_of

        shown = photographs_of(session, run)
    return EvaluationResult(
        title_of(run, artefact), judgement, test, is_made(run), judgement.notes, background_of(run, shown)
    )


def _table(session: Session, asked: EvaluationRequest, path: Path) -> EvaluationResult:
    located = locate(asked.classes_of, session.settings, session.registry) if asked.classes_of else None
    known = located.spec.classes if located else ()
    if located and not known and located.spec.read_classes:
        known = located.spec.read_classes(located.root)
    classes = tuple(each.name for each in known) or None
    test = read_predictions(path, classes)
    validation = read_predictions(asked.validation, test.classes) if asked.validation else None
    judgement = judge_classes(known, test, validation, asked.terms)
    return EvaluationResult(f"Predictions in {path.name}", judgement, test, False, judgement.notes)


def _elsewhere(
    session: Session, asked: EvaluationRequest, run: RunFolder, predictor: Predictor, whose: str
) -> EvaluationResult:
    from derm_cli.workflows.evaluating.external import judge_elsewhere

    found = judge_elsewhere(session, run, asked.data, predictor, asked.terms)
    shown: tuple[Photograph, ...] = ()
    if asked.photographs:
        from derm_cli.workflows.evaluating.example_photographs import exhibited

        shown = exhibited(run, found.predictions, found.photographs.take)
    background = background_of(run, shown)
    return EvaluationResult(
        f"{whose}, photographs of {', '.join(asked.data)}",
        found.judgement,
        found.predictions,
        found.made,
        (*found.judgement.notes, *found.notes),
        replace(background, sheets=(*background.sheets, found.sheet())),
        {each.dataset: each.to_json() for each in found.datasets},
    )
