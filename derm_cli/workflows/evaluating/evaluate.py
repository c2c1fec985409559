"""Judging a model by its predictions: ``derm evaluate``."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from derm_cli.console import as_json
from derm_cli.evaluation.judging import Judgement, judge
from derm_cli.evaluation.predictions import Predictions, read_predictions, write_predictions
from derm_cli.evaluation.resampling import DRAWS
from derm_cli.evaluation.showing.drawing.confusion import draw_confusion
from derm_cli.evaluation.showing.report import Background, Photograph, write_report
from derm_cli.evaluation.showing.sheets import Figure, Sheet
from derm_cli.files import write_text
from derm_cli.runs import folder as names
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.shelf import require_finished
from derm_cli.workflows.evaluating.predicted import severities_of
from derm_cli.workflows.training.parts import split_text


def record_evaluation(
    run: RunFolder, test: Predictions, validation: Predictions | None, made: bool, **more: Any
) -> dict[str, Any]:
    """Write a run's predictions, their judgement, its picture and its page; return the judgement as JSON values.

    ``more`` is stored with it.
    """
    write_predictions(test, run / names.PREDICTIONS)
    if validation is not None:
        write_predictions(validation, run / names.VALIDATION)
    judgement = judge(test, severities_of(run.plan.classes), validation)
    content = judgement.to_json() | {"synthetic": made, **more}
    write_text(run / names.EVALUATION, as_json(content) + "\n")
    title = title_of(run)
    draw_confusion(judgement.evaluation, run / names.CONFUSION, title, made=made)
    write_report(judgement, test, run / names.REPORT, title, background_of(run), made=made)
    return content


def predictions_of_run(run: RunFolder) -> tuple[Predictions, Predictions | None]:
    """Return a finished run's test and validation predictions, the latter None where it has no validation part.

    Raises DermError where a file was changed.
    """
    require_finished(run)
    classes = tuple(each.name for each in run.plan.classes)
    test = read_predictions(run.sealed(names.PREDICTIONS), classes)
    known = names.VALIDATION in run.record["files"]
    return test, read_predictions(run.sealed(names.VALIDATION), classes) if known else None


def judge_run(run: RunFolder, draws: int = DRAWS, seed: int = 0) -> Judgement:
    """Judge a finished run's predictions on its target's test part.  Raises DermError where they were changed."""
    test, validation = predictions_of_run(run)
    return judge(test, severities_of(run.plan.classes), validation, draws, seed)


def title_of(run: RunFolder) -> str:
    """Return what stands above a run's figures."""
    return f"Run {run.id}, test photographs of {run.plan.target}"


def is_made(run: RunFolder) -> bool:
    """Tell whether a run was trained or tested on photographs made by a program."""
    return bool(run.record.get("synthetic", False))


def stored_evaluation(run: RunFolder) -> dict[str, Any]:
    """Return the evaluation that a finished run stored.  Raises DermError where it was changed."""
    content: dict[str, Any] = json.loads(run.sealed(names.EVALUATION).read_text(encoding="utf-8"))
    return content


def background_of(run: RunFolder, photographs: tuple[Photograph, ...] = ()) -> Background:
    """Return what a reader of a run's figures must know of it."""
    history = _rows(run / names.HISTORY)
    return Background(_facts(run), (_phases(run), *_data(run)), history, photographs)


def _facts(run: RunFolder) -> dict[str, str]:
    record, plan = run.record, run.plan
    request = record["request"]
    return {
        "backbone": plan.backbone,
        "chain": ", ".join(request["chain"]),
        "strategy": f"{request['strategy']}, {request['schedule']}",
        "photographs": plan.preprocessing.text(),
        "test part": split_text(plan, plan.target),
        "begun": record["started"],
        "environment": ", ".join(f"{name} {value}" for name, value in record["environment"].items() if value),
        "plan": record["plan"],
        **{f"data of {name}": fingerprint for name, fingerprint in record["data"].items()},
    }


def _phases(run: RunFolder) -> Sheet:
    rows = tuple(
        (
            stage.name,
            phase.name,
            ", ".join(("head", *phase.blocks)),
            phase.epochs,
            Figure(phase.head_rate, scale=1, decimals=6),
            Figure(phase.block_rate if phase.blocks else None, scale=1, decimals=6),
        )
        for stage in run.plan.stages
        for phase in stage.phases
    )
    return Sheet(
        "phases", "Chain and phases", ("stage", "phase", "unfrozen", "epochs", "head rate", "block rate"), rows
    )


def _data(run: RunFolder) -> tuple[Sheet, ...]:
    """Return how many photographs of each dataset were in each part, and why others were dropped."""
    from collections import Counter

    parts = Counter((row["dataset"], row["part"]) for row in _rows(run / names.SPLIT))
    reasons = Counter((row["dataset"], row["reason"]) for row in _rows(run / names.DROPPED))
    counted = tuple((*key, count) for key, count in sorted(parts.items()))
    dropped = tuple((*key, count) for key, count in sorted(reasons.items()))
    sheets = [Sheet("parts", "Photographs by part", ("dataset", "part", "photographs"), counted)]
    if dropped:
        sheets.append(Sheet("dropped", "Photographs left out", ("dataset", "reason", "photographs"), dropped))
    return tuple(sheets)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]
