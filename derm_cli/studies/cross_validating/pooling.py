"""What the folds of a cross-validation come to as one table, judged once and kept in files beside the runs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derm_cli.console import as_json
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.metrics.spread import MetricSpreads
from derm_cli.evaluation.predictions import Predictions, write_predictions
from derm_cli.evaluation.reporting.plugin_sections import plugin_sections
from derm_cli.evaluation.reporting.report import ReportFacts, write_report
from derm_cli.evaluation.reporting.tables.spread import spread_table
from derm_cli.files import sha256_of, write_text
from derm_cli.runs import layout
from derm_cli.studies.cross_validating.cross_validation import CrossValidation
from derm_cli.workflows.evaluating.plugin_additions import with_plugins
from derm_cli.workflows.evaluating.pooled_folds import PooledFolds, fold_key
from derm_cli.workflows.evaluating.report_facts import report_facts
from derm_cli.workflows.session import Session

FOLDER = "cross-validations"
"""In the folder of the runs; no folder in it is a run."""
OF_MODELS = "These figures are of {folds} models, of which none is the one to be used: they tell how good the plan is."


@dataclass(frozen=True)
class PooledEvaluation:
    """The pooled answers of all folds and their judgement, kept in ``path``: a folder with the files of ``FILES``."""

    path: Path
    title: str
    predictions: Predictions
    judgement: Judgement
    synthetic: bool

    def to_json(self) -> dict[str, Any]:
        """Return where it is kept, and the judgement, as JSON values."""
        return {"path": str(self.path), "evaluation": self.judgement.to_json()}


def pool(session: Session, result: CrossValidation) -> PooledEvaluation | None:
    """Judge the folds as one table, and write that beside the runs; None where not all folds have finished.

    The folder's name hangs on the plan, the data and the number of folds, so that the same folds are kept once.  It has
    predictions.csv, evaluation.json with the runs and the SHA-256 of their tables, and report.html.  Raises DermError
    where a run's file was changed, or a case is in two folds.
    """
    folds = result.pooled
    if folds is None:
        return None
    options = with_plugins(session.registry)
    predictions, judgement = folds.judge(options)
    path = session.runs.root / FOLDER / _folder_name(folds)
    path.mkdir(parents=True, exist_ok=True)
    spreads = result.spreads()
    synthetic = folds.is_synthetic
    title = f"Cross-validation, {len(folds.runs)} folds of {folds.plan.target} as one table"
    write_predictions(predictions, path / layout.PREDICTIONS)
    values = {
        "folds": len(folds.runs),
        "runs": [
            {"fold": run.plan.fold, "run": run.id, "predictions": sha256_of(run / layout.PREDICTIONS)}
            for run in folds.runs
        ],
        "plan": fold_key(folds.plan),
        "synthetic": synthetic,
        **judgement.to_json(),
        "spread": spreads.to_json("folds"),
    }
    write_text(path / layout.EVALUATION, as_json(values) + "\n")
    write_report(
        judgement,
        predictions,
        path / layout.REPORT,
        title,
        _report_facts(folds, spreads),
        synthetic=synthetic,
        added=plugin_sections(options.sections, title, judgement, predictions, values, synthetic=synthetic),
    )
    return PooledEvaluation(path, title, predictions, judgement, synthetic)


def _folder_name(folds: PooledFolds) -> str:
    content = {"plan": fold_key(folds.plan), "data": folds.runs[0].record.data}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return f"{digest[:12]}-folds{len(folds.runs)}"


def _report_facts(folds: PooledFolds, spreads: MetricSpreads) -> ReportFacts:
    """Return what the folds have in common: model and environment as the first has them, the runs, and their spread."""
    first = report_facts(folds.runs[0])
    runs = {f"fold {run.plan.fold} of {len(folds.runs)}": f"run {run.id}" for run in folds.runs}
    kept = {name: group for name, group in first.details.items() if name in ("Model", "Environment")}
    return ReportFacts(
        details={"Runs": runs, **kept},
        tables=(spread_table("spread", f"Spread over {len(folds.runs)} folds, a model each", spreads),),
        training_datasets=first.training_datasets,
        limitations=(OF_MODELS.format(folds=len(folds.runs)),),
    )
