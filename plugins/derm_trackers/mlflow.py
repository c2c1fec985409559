"""Runs in MLflow, where ``DERM_MLFLOW=1`` asks for them: parameters, metrics by epoch, files, the chosen run's model.

They go where ``MLFLOW_TRACKING_URI`` says, else into a SQLite file beside the runs.  What could name a patient stays
where it is: predictions, the split, and the report with its photographs.
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

    from derm_cli.plugin import RunFacts

VARIABLE, EXTRA = "DERM_MLFLOW", "mlflow"
EXPERIMENT = "derm"
DATABASE, ARTEFACTS = "mlflow.db", "mlflow-artefacts"
FILES = ("plan.json", "evaluation.json", "history.csv", "confusion.png")
MODEL, MODEL_FOLDER = "model.keras", "model"
ALIAS = "chosen"
TAG = "derm.run"
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
    if is_asked(VARIABLE, "MLflow"):
        _begun[run.id] = _found_or_begun(_client(run), run)


@hookimpl
def derm_epoch_ended(run: RunFacts) -> None:
    """Log every epoch that MLflow does not have yet."""
    if run.id in _begun:
        _log_epochs(_client(run), _begun[run.id], run)


@hookimpl
def derm_run_finished(run: RunFacts, evaluation: dict[str, Any]) -> None:
    """Log the metrics on the test part and the run's files, and end the run in MLflow."""
    if run.id in _begun:
        _finish(_client(run), _begun.pop(run.id), run, evaluation)


@hookimpl
def derm_run_chosen(run: RunFacts) -> None:
    """Register the run's model by the name of its target, with the alias ``chosen``; log the run if it is not there.

    Raises DermError as :func:`derm_run_started` does.
    """
    if not is_asked(VARIABLE, "MLflow"):
        return
    client = _client(run)
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


def _client(run: RunFacts) -> Any:
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    client = imported("mlflow", "MLflow", EXTRA, VARIABLE).MlflowClient
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    where = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{run.folder.resolve().parent / DATABASE}"
    return client(tracking_uri=where, registry_uri=where)


def _experiment(client: Any, run: RunFacts) -> str:
    """Return the id of the experiment, which is made where it is not there."""
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
    experiment = client.get_experiment_by_name(name)
    if experiment is not None:
        return str(experiment.experiment_id)
    # A server knows where its files go.
    is_local = not os.environ.get("MLFLOW_TRACKING_URI")
    place = (run.folder.resolve().parent / ARTEFACTS).as_uri() if is_local else None
    return str(client.create_experiment(name, artifact_location=place))


def _found(client: Any, run: RunFacts) -> str | None:
    """Return MLflow's id of a run that it has already."""
    found = client.search_runs([_experiment(client, run)], f"tags.`{TAG}` = '{run.id}'", max_results=1)
    return str(found[0].info.run_id) if found else None


def _found_or_begun(client: Any, run: RunFacts) -> str:
    """Return MLflow's id of the run, which is begun there, with its parameters, where it is not there yet."""
    from mlflow.entities import Param

    found = _found(client, run)
    if found is not None:
        client.set_terminated(found, "RUNNING")
        return found
    tags = {TAG: run.id, "derm.synthetic": str(run.synthetic)}
    logged = str(client.create_run(_experiment(client, run), run_name=run.id, tags=tags).info.run_id)
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
