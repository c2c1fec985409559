"""Judging a model by its predictions: ``derm evaluate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from derm_cli.console import as_json
from derm_cli.evaluation.confusion import draw_confusion
from derm_cli.evaluation.figures import Evaluation, evaluate
from derm_cli.evaluation.predictions import Predictions, read_predictions, write_predictions
from derm_cli.evaluation.report import write_report
from derm_cli.files import write_text
from derm_cli.runs import folder as names
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.shelf import require_finished
from derm_cli.taxonomy import LesionClass
from derm_cli.workflows.parts import split_text

if TYPE_CHECKING:
    from derm_cli.workflows.lessons import Part


def judge(
    run: RunFolder, classes: tuple[LesionClass, ...], test: Part, found: npt.NDArray[np.float32], made: bool
) -> dict[str, Any]:
    """Write a run's predictions, their evaluation, its picture and its page; return the evaluation as JSON values."""
    labels = np.array([each.name for each in classes])
    predictions = Predictions(
        classes=tuple(labels.tolist()),
        case_ids=tuple(test.cases["case_id"].astype(str)),
        labels=labels[test.labels],
        predictions=labels[found.argmax(axis=1)],
        probabilities=found.astype(np.float64),
    )
    write_predictions(predictions, run / names.PREDICTIONS)
    evaluation = evaluate(predictions)
    content = evaluation.to_json() | {"synthetic": made}
    write_text(run / names.EVALUATION, as_json(content) + "\n")
    picture, title = run / names.CONFUSION, title_of(run)
    draw_confusion(evaluation, picture, title, made=made)
    write_report(evaluation, picture, run / names.REPORT, title, _facts(run), made=made)
    return content


def _facts(run: RunFolder) -> dict[str, str]:
    """Return what a reader of a run's figures must know of it, as text."""
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


def evaluate_run(run: RunFolder) -> Evaluation:
    """Evaluate a finished run's predictions on its target's test part.  Raises DermError where they were changed."""
    require_finished(run)
    classes = tuple(each.name for each in run.plan.classes)
    return evaluate(read_predictions(run.sealed(names.PREDICTIONS), classes))


def evaluate_table(path: Path) -> Evaluation:
    """Evaluate anybody's predictions table.  Raises DermError, naming the line, where it is not one."""
    return evaluate(read_predictions(path))


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
