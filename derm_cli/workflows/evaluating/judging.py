"""What ``derm evaluate`` was asked: a run, a run on another dataset, or anybody's table, all judged in one way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derm_cli.data.locating import locate
from derm_cli.evaluation.judging import Judgement, judge
from derm_cli.evaluation.predictions import Predictions, read_predictions
from derm_cli.evaluation.resampling import DRAWS
from derm_cli.evaluation.showing.report import Background, write_report
from derm_cli.evaluation.showing.sheets import Sheet, paper_sheets, sheets_of
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.background import background_of
from derm_cli.workflows.evaluating.evaluate import is_made, judge_run, predictions_of_run, title_of
from derm_cli.workflows.evaluating.predicted import severities_of
from derm_cli.workflows.session import Session


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be judged: ``predictions``, or else ``run`` (the default one where None), on ``data`` or its own part.

    ``classes_of`` names the dataset whose classes the table has, ``validation`` a table to choose thresholds by.
    """

    run: str | None = None
    predictions: Path | None = None
    validation: Path | None = None
    classes_of: str | None = None
    data: str | None = None
    draws: int = DRAWS
    photographs: bool = False


@dataclass(frozen=True)
class Judged:
    """A judgement with what it takes to show it."""

    title: str
    judgement: Judgement
    predictions: Predictions
    made: bool
    notes: tuple[str, ...]
    background: Background = field(default_factory=Background)
    left_out: dict[str, Any] | None = None

    def sheets(self, *, paper: bool = False) -> list[Sheet]:
        """Return every table, or those of the paper's form."""
        if paper:
            return list(paper_sheets(self.judgement.evaluation, self.title))
        return list(sheets_of(self.judgement))

    def to_json(self) -> dict[str, Any]:
        """Return all figures as JSON values."""
        more = {} if self.left_out is None else {"left_out": self.left_out}
        return self.judgement.to_json() | {"synthetic": self.made, **more}

    def write_report(self, path: Path) -> None:
        """Write the page."""
        judgement = replace(self.judgement, notes=self.notes)
        write_report(judgement, self.predictions, path, self.title, self.background, made=self.made)


def judged(session: Session, asked: Asked) -> Judged:
    """Judge what was asked for.  Raises DermError, naming file and line, for a table that is none."""
    if asked.predictions:
        return _table(session, asked, asked.predictions)
    shelf = session.shelf
    run = shelf.find(asked.run) if asked.run else shelf.default()
    if asked.data:
        return _elsewhere(session, asked, run, asked.data)
    judgement = judge_run(run, asked.draws)
    shown = _photographs(session, run) if asked.photographs else ()
    test, _ = predictions_of_run(run)
    return Judged(title_of(run), judgement, test, is_made(run), judgement.notes, background_of(run, shown))


def _table(session: Session, asked: Asked, path: Path) -> Judged:
    located = locate(asked.classes_of, session.settings, session.registry) if asked.classes_of else None
    known = located.spec.classes if located else ()
    if located and not known and located.spec.read_classes:
        known = located.spec.read_classes(located.root)
    classes = tuple(each.name for each in known) or None
    test = read_predictions(path, classes)
    validation = read_predictions(asked.validation, test.classes) if asked.validation else None
    judgement = judge(test, severities_of(known), validation, asked.draws)
    return Judged(f"Predictions in {path.name}", judgement, test, False, judgement.notes)


def _elsewhere(session: Session, asked: Asked, run: RunFolder, name: str) -> Judged:
    from derm_cli.workflows.evaluating.external import judge_elsewhere

    found = judge_elsewhere(session, run, name, asked.draws)
    notes = (*found.judgement.notes, *found.notes)
    left_out = {"unmapped": found.unmapped, "seen": found.seen, "dropped": found.dropped}
    title = f"Run {run.id}, photographs of {name}"
    shown: tuple[Any, ...] = ()
    if asked.photographs:
        from derm_cli.workflows.evaluating.exhibiting import exhibited

        shown = exhibited(run, found.predictions, found.photographs.take)
    return Judged(title, found.judgement, found.predictions, found.made, notes, background_of(run, shown), left_out)


def _photographs(session: Session, run: RunFolder) -> tuple[Any, ...]:
    from derm_cli.workflows.evaluating.exhibiting import photographs_of

    return photographs_of(session, run)
