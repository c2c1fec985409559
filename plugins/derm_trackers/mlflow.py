"""Runs in MLflow, where ``DERM_MLFLOW=1`` asks for them: parameters, metrics by epoch, files, the chosen run's model.

They go where ``MLFLOW_TRACKING_URI`` says, else into a SQLite file beside the runs.  What could name a patient stays
where it is: predictions, the split, and the report with its photographs.  A study is a run above those of its rows.
"""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING, Any

from derm_cli.plugin import hookimpl
from derm_trackers.asking import imported, is_asked
from derm_trackers.evaluations import test_metrics
from derm_trackers.history import numbers, read_epochs, timed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from derm_cli.plugin import RunFacts, StudyFacts

VARIABLE, EXTRA = "DERM_MLFLOW", "mlflow"
EXPERIMENT = "derm"
DATABASE, ARTEFACTS = "mlflow.db", "mlflow-artefacts"
FILES = ("plan.json", "evaluation.json", "history.csv", "confusion.png")
MODEL, MODEL_FOLDER = "model.keras", "model"
ALIAS = "chosen"
TAG, STUDY_TAG, ROW_TAG = "derm.run", "derm.study", "derm.row"
PARENT_TAG = "mlflow.parentRunId"
"""MLflow's own, by which it shows a run below another."""
MOST_AT_ONCE, MOST_PARAMETERS_AT_ONCE = 1000, 100
# MLflow itself would wait minutes for a server that is not there, and tell its makers how it is used.
DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
}
_begun: dict[str, str] = {}
"""MLflow's id of each run that this process trains, by the run's own."""


@hookimpl
def derm_run_started(run: RunFacts) -> None:
    """Begin the run in MLflow, or go on with it there.

    Raises DermError where the variable has another value than 0 or 1, or where MLflow is not installed.
    """
    # Of stages that rows share, every row that takes them has the epochs.
    if is_asked(VARIABLE, "MLflow") and not (run.study and not run.row):
        _begun[run.id] = _found_or_begun(_client(run.folder.parent), run)


@hookimpl
def derm_epoch_ended(run: RunFacts) -> None:
    """Log every epoch that MLflow does not have yet."""
    if run.id in _begun:
        _log_epochs(_client(run.folder.parent), _begun[run.id], run)


@hookimpl
def derm_run_finished(run: RunFacts, evaluation: dict[str, Any]) -> None:
    """Log the metrics on the test part and the run's files, and end the run in MLflow."""
    if run.id in _begun:
        _finish(_client(run.folder.parent), _begun.pop(run.id), run, evaluation)


@hookimpl
def derm_study_started(study: StudyFacts) -> None:
    """Begin the study in MLflow, above the runs of its rows, or go on with it there.

    Raises DermError as :func:`derm_run_started` does.
    """
    if not is_asked(VARIABLE, "MLflow"):
        return
    client, runs = _client(study.folder.parent.parent), study.folder.parent.parent
    found = _found_study(client, runs, study)
    if found is not None:
        client.set_terminated(found, "RUNNING")
        return
    tags = {STUDY_TAG: study.name} | ({"mlflow.note.content": study.title} if study.title else {})
    client.create_run(_experiment(client, runs), run_name=study.name, tags=tags)


@hookimpl
def derm_study_ended(study: StudyFacts, rows: dict[str, str], failed: int) -> None:
    """End the study in MLflow; runs that were trained before stand below it too."""
    if not is_asked(VARIABLE, "MLflow"):
        return
    runs = study.folder.parent.parent
    client = _client(runs)
    above = _found_study(client, runs, study)
    if above is None:
        return
    for run, row in rows.items():
        logged = _logged(client, runs, run)
        if logged is not None:
            _set_below(client, logged, above, row)
    client.set_terminated(above, "FAILED" if failed else "FINISHED")


@hookimpl
def derm_run_chosen(run: RunFacts) -> None:
    """Register the run's model by the name of its target, with the alias ``chosen``; log the run if it is not there.

    Raises DermError as :func:`derm_run_started` does.
    """
    if not is_asked(VARIABLE, "MLflow"):
        return
    client = _client(run.folder.parent)
    logged = _found(client, run)
    if logged is None:
        logged = _found_or_begun(client, run)
        path = run.folder / "evaluation.json"
        _finish(client, logged, run, json.loads(path.read_text(encoding="utf-8")) if path.exists() else {})
    name = run.plan.target
    versions = [each for each in client.search_model_versions(f"run_id = '{logged}'") if each.name == name]
    if not versions:
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name)
        source = f"{client.get_run(logged).info.artifact_uri}/{MODEL_FOLDER}"
        versions = [client.create_model_version(name, source=source, run_id=logged, tags={TAG: run.id})]
    client.set_registered_model_alias(name, ALIAS, versions[0].version)


def _client(runs: Path) -> Any:
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    client = imported("mlflow", "MLflow", EXTRA, VARIABLE).MlflowClient
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    where = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{runs.resolve() / DATABASE}"
    return client(tracking_uri=where, registry_uri=where)


def _experiment(client: Any, runs: Path) -> str:
    """Return the id of the experiment, which is made where it is not there."""
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
    experiment = client.get_experiment_by_name(name)
    if experiment is not None:
        return str(experiment.experiment_id)
    # A server knows where its files go.
    is_local = not os.environ.get("MLFLOW_TRACKING_URI")
    place = (runs.resolve() / ARTEFACTS).as_uri() if is_local else None
    return str(client.create_experiment(name, artifact_location=place))


def _found(client: Any, run: RunFacts) -> str | None:
    """Return MLflow's id of a run that it has already."""
    return _logged(client, run.folder.parent, run.id)


def _logged(client: Any, runs: Path, run: str) -> str | None:
    return _with_tag(client, runs, TAG, run)


def _found_study(client: Any, runs: Path, study: StudyFacts) -> str | None:
    return _with_tag(client, runs, STUDY_TAG, study.name)


def _with_tag(client: Any, runs: Path, tag: str, value: str) -> str | None:
    found = client.search_runs([_experiment(client, runs)], f"tags.`{tag}` = '{value}'", max_results=1)
    return str(found[0].info.run_id) if found else None


def _set_below(client: Any, logged: str, above: str, row: str) -> None:
    client.set_tag(logged, PARENT_TAG, above)
    client.set_tag(logged, ROW_TAG, row)


def _found_or_begun(client: Any, run: RunFacts) -> str:
    """Return MLflow's id of the run, which is begun there, with its parameters, where it is not there yet."""
    from mlflow.entities import Param

    found = _found(client, run)
    above = _found_study(client, run.folder.parent, run.study) if run.study else None
    if found is not None:
        client.set_terminated(found, "RUNNING")
        if above is not None:
            _set_below(client, found, above, run.row)
        return found
    tags = {TAG: run.id, "derm.synthetic": str(run.synthetic)}
    tags |= {} if above is None else {PARENT_TAG: above, ROW_TAG: run.row}
    logged = str(client.create_run(_experiment(client, run.folder.parent), run_name=run.id, tags=tags).info.run_id)
    plan = {name: value for name, value in run.plan.to_json().items() if name != "stages"}
    plan["stages"] = [each.name for each in run.plan.stages]
    parameters = [Param(name, text) for name, text in _flat(plan).items()]
    for start in range(0, len(parameters), MOST_PARAMETERS_AT_ONCE):
        client.log_batch(logged, params=parameters[start : start + MOST_PARAMETERS_AT_ONCE])
    return logged


def _flat(values: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Return nested values as text by dotted name: lists as JSON, what is None left out."""
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{before}{name}.")
        elif value is not None:
            flat[before + name] = value if isinstance(value, str) else json.dumps(value)
    return flat


def _log_epochs(client: Any, logged: str, run: RunFacts) -> None:
    """Log the epochs whose steps MLflow lacks: one that is trained again after an interruption has the same bits."""
    from mlflow.entities import Metric

    known = {each.step for each in client.get_metric_history(logged, "loss")}
    metrics = [
        Metric(name, number, round(1000 * ended), step)
        for step, ended, epoch in timed(read_epochs(run))
        if step not in known
        for name, number in numbers(epoch).items()
    ]
    for start in range(0, len(metrics), MOST_AT_ONCE):
        client.log_batch(logged, metrics=metrics[start : start + MOST_AT_ONCE])


def _finish(client: Any, logged: str, run: RunFacts, evaluation: Mapping[str, Any]) -> None:
    _log_epochs(client, logged, run)
    for name, value in test_metrics(evaluation).items():
        client.log_metric(logged, name, value)
    for file in FILES:
        if (run.folder / file).exists():
            client.log_artifact(logged, str(run.folder / file))
    client.log_artifact(logged, str(run.folder / MODEL), MODEL_FOLDER)
    client.set_terminated(logged, "FINISHED")
