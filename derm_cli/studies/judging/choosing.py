"""The chosen run of a study: the best row by a rule, judged on validation parts or folds, never on a test part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derm_cli.errors import DermError, one_line
from derm_cli.runs.folder import RunFolder
from derm_cli.studies.judging.answers import study_answers
from derm_cli.studies.judging.chosen_run import run_of_row
from derm_cli.studies.judging.judged_rows import JudgedRow, judged_rows
from derm_cli.studies.judging.optimism import CorrectedChoice, corrected_choice
from derm_cli.studies.judging.row_names import quoted
from derm_cli.studies.judging.rule import Rule
from derm_cli.studies.storage.folder import StudyFolder
from derm_cli.studies.storage.record import SPLITS_OF_SEEDS
from derm_cli.workflows.session import Session

MOST_REASONS = 3


@dataclass(frozen=True)
class StudyChoice:
    """What a rule came to: all rows, the chosen one, its run, and on what rows were judged, in words.

    ``seed`` is the one whose run it is, or that is trained anew with; None where the study has a single one.
    ``bounds`` says of what they are kept, where the rule has some.  ``correction`` tells what is left of the row's
    figure for patients that it was not chosen by; None where there was nothing to choose among.
    """

    rows: tuple[JudgedRow, ...]
    chosen: str
    run: RunFolder
    judged_on: str
    seed: int | None = None
    bounds: str = ""
    correction: CorrectedChoice | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "chosen": self.chosen,
            "run": self.run.id,
            "seed": self.seed,
            "judged_on": self.judged_on,
            "bounds": self.bounds or None,
            "chance": self.correction.to_json() if self.correction else None,
            "rows": [each.to_json() for each in self.rows],
        }


def choose_run(session: Session, folder: StudyFolder, rule: Rule) -> StudyChoice:
    """Choose the best row by ``rule``, and make its run the one that commands take by default.

    With folds, rows are judged on the answers that each case had of the model that had not seen it; else on the
    validation part.  No answer on a test part is looked at.  What the run of the chosen row is, is told by
    :func:`derm_cli.studies.judging.chosen_run.run_of_row`.  Raises DermError where no row can be judged so, or none is
    within the rule's bounds, and what that function raises.
    """
    answers = study_answers(session, folder, "choice")
    judged = judged_rows(answers, rule)
    fitting = [each for each in judged if not each.fault and each.value is not None]
    if not fitting:
        raise DermError(f"No row of study '{folder.name}' can be chosen by this rule: {_told(left_out(judged))}.")
    best = max(fitting, key=lambda each: each.value or 0.0)
    row = next(each for each in answers.rows if each.name == best.name)
    assert best.seed is not None
    candidates = {each.name for each in judged if each.is_candidate}
    correction = corrected_choice(
        {each.name: each.tables for each in answers.rows if each.name in candidates}, rule, best.name
    )
    run = run_of_row(session, answers.record, row, best.seed, rule.refit)
    session.runs.choose(run)
    on = (
        "the folds, each case answered by the model that had not seen it"
        if row.trainings[0].fold
        else "validation parts"
    )
    on += f"; {SPLITS_OF_SEEDS}" if answers.record.has_splits_of_seeds else ""
    several = len(row.of_seeds) > 1
    return StudyChoice(
        tuple(judged), best.name, run, on, best.seed if several else None, _bounds(rule, several), correction
    )


def _bounds(rule: Rule, has_several_seeds: bool) -> str:
    if not rule.floors:
        return ""
    if rule.refit:
        of = "the mean of the seeds" if has_several_seeds else "what was judged"
        return f"The bounds are kept by {of}: the model that is trained anew is judged on nothing"
    return "The bounds are kept by the mean of the seeds, and by the chosen one itself" if has_several_seeds else ""


def left_out(rows: Sequence[JudgedRow]) -> list[str]:
    """Return why rows are no choice, with what to do: each reason once, after the rows that have it."""
    of_reason: dict[str, list[str]] = {}
    for each in rows:
        if each.fault:
            of_reason.setdefault(each.fault, []).append(each.name)
    return [f"{quoted(names, MOST_REASONS)}: {one_line(reason).rstrip('.')}" for reason, names in of_reason.items()]


def _told(reasons: Sequence[str]) -> str:
    more = len(reasons) - MOST_REASONS
    return "; ".join(reasons[:MOST_REASONS]) + (f"; and {more} more reasons" if more > 0 else "")
