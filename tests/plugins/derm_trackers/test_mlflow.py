"""MLflow, in a real store: a SQLite file, read back by MLflow's own client."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from derm_cli.plugin import DermError, RunFacts, StudyFacts
from derm_cli.plugin.registry import Registry
from derm_trackers import mlflow as tracker
from tests.support.told_runs import EVALUATION, PLACES, PLAN, finish, numbers_of, report, train, write_history

EPOCHS = [report(*place) for place in PLACES]


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory) -> Path:
    """A store's file with its tables, which take seconds to make."""
    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    program = f"from mlflow import MlflowClient; MlflowClient('sqlite:///{path}').search_experiments()"
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, env=environment)
    return path


@pytest.fixture
def run(tmp_path, monkeypatch, empty_store) -> RunFacts:
    monkeypatch.setenv("DERM_MLFLOW", "1")
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name in tracker.DEFAULTS:
        monkeypatch.setenv(name, os.environ.get(name, tracker.DEFAULTS[name]))
    (tmp_path / "runs").mkdir()
    shutil.copy(empty_store, tmp_path / "runs" / "mlflow.db")
    monkeypatch.setattr(tracker, "_begun", {})
    return RunFacts(id="20261128-a-run", folder=tmp_path / "runs" / "20261128-a-run", plan=PLAN, synthetic=True)


def client(run: RunFacts):
    from mlflow import MlflowClient

    where = f"sqlite:///{run.folder.parent / 'mlflow.db'}"
    return MlflowClient(where, registry_uri=where)


def logged(run: RunFacts):
    """Return the one run that the store has, as MLflow reads it."""
    asked = client(run)
    (experiment,) = [each for each in asked.search_experiments() if each.name == "derm"]
    (found,) = asked.search_runs([experiment.experiment_id])
    return found


def curve(run: RunFacts, name: str) -> list[tuple[int, float]]:
    history = client(run).get_metric_history(logged(run).info.run_id, name)
    return sorted((each.step, each.value) for each in history)


def files(run: RunFacts, folder: str | None = None) -> list[str]:
    return sorted(each.path for each in client(run).list_artifacts(logged(run).info.run_id, folder))


def test_parameters_metrics_by_epoch_and_files_are_read_back(run):
    train(tracker, run, EPOCHS)
    assert logged(run).info.status == "RUNNING"
    finish(tracker, run)
    found = logged(run)
    assert (found.info.status, found.info.run_name) == ("FINISHED", run.id)
    assert found.data.tags["derm.run"] == run.id
    assert found.data.tags["derm.synthetic"] == "True"
    parameters = found.data.params
    assert (parameters["backbone"], parameters["target"], parameters["preprocessing.size"]) == ("made", "clinic", "32")
    assert json.loads(parameters["stages"]) == ["edra", "clinic"]
    expected: dict[str, list[tuple[int, float]]] = {}
    for step, epoch in enumerate(EPOCHS, start=1):
        for name, number in numbers_of(epoch).items():
            expected.setdefault(name, []).append((step, number))
    assert {"loss", "accuracy", "validation_loss", "head_rate"} <= set(expected)
    assert {name: curve(run, name) for name in expected} == expected
    tested = {name: value for name, value in found.data.metrics.items() if name.startswith("test.")}
    assert tested == {"test.cases": 44, "test.accuracy": 0.5}
    assert files(run) == ["evaluation.json", "history.csv", "model", "plan.json"], "nothing that could name a patient"
    assert files(run, "model") == ["model/model.keras"]


def test_a_run_that_is_gone_on_with_is_one_run_with_one_curve(run, monkeypatch):
    train(tracker, run, EPOCHS[:5])
    monkeypatch.setattr(tracker, "_begun", {})
    train(tracker, run, EPOCHS[3:], done=EPOCHS[:3])
    assert curve(run, "loss") == [(step, epoch.loss) for step, epoch in enumerate(EPOCHS, start=1)]


def test_the_chosen_run_is_a_registered_model_that_can_be_got(run):
    from mlflow.artifacts import download_artifacts

    other = replace(run, id="another", folder=run.folder.with_name("another"))
    for each in (run, other):
        train(tracker, each, EPOCHS[:1])
        finish(tracker, each)
    for chosen, version in ((run, 1), (other, 2), (run, 1), (run, 1)):
        tracker.derm_run_chosen(run=chosen)
        found = client(run).get_model_version_by_alias("clinic", "chosen")
        assert (int(found.version), found.tags["derm.run"]) == (version, chosen.id)
    (run.folder / "model.keras").unlink()
    folder = download_artifacts(client(run).get_model_version_download_uri("clinic", found.version))
    assert (Path(folder) / "model.keras").read_bytes() == b"a network"


def test_a_run_that_was_trained_without_it_is_logged_when_it_is_chosen(run):
    run.folder.mkdir()
    write_history(run, EPOCHS[:2])
    finish(tracker, run)
    assert client(run).search_experiments(filter_string="name = 'derm'") == []
    tracker.derm_run_chosen(run=run)
    assert len(curve(run, "loss")) == 2
    assert logged(run).data.metrics["test.accuracy"] == EVALUATION["accuracy"]


@pytest.mark.parametrize("value", [None, "", "0"])
def test_it_is_off_by_default(run, monkeypatch, value):
    monkeypatch.delenv("DERM_MLFLOW") if value is None else monkeypatch.setenv("DERM_MLFLOW", value)
    before = (run.folder.parent / "mlflow.db").read_bytes()
    train(tracker, run, EPOCHS[:1])
    finish(tracker, run)
    tracker.derm_run_chosen(run=run)
    study = StudyFacts(name="s", folder=run.folder.parent / "studies" / "s")
    tracker.derm_study_started(study=study)
    tracker.derm_study_ended(study=study, rows={run.id: "row"}, failed=0)
    assert (run.folder.parent / "mlflow.db").read_bytes() == before


def test_another_value_is_refused(run, monkeypatch):
    monkeypatch.setenv("DERM_MLFLOW", "yes")
    with pytest.raises(DermError, match="DERM_MLFLOW is 'yes', but must be 1 for MLflow, or 0"):
        train(tracker, run, [])


def test_without_the_library_a_sentence_names_the_extra_and_the_run_goes_on(run, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.split(".")[0] == "mlflow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(DermError, match=r"pip install 'derm-cli\[mlflow\]', or unset DERM_MLFLOW"):
        train(tracker, run, [])
    # What could not begin is not asked for again.
    write_history(run, EPOCHS[:1])
    tracker.derm_epoch_ended(run=run)
    finish(tracker, run)
    registry = Registry(only=["mlflow"])
    for event, facts in (("derm_run_started", {}), ("derm_epoch_ended", {"epoch": EPOCHS[0]})):
        registry.tell(event, run=run, **facts)
    assert capsys.readouterr().err.count("pip install 'derm-cli[mlflow]'") == 1


def test_a_server_that_is_not_there_is_told_of_soon_and_the_run_goes_on(run, monkeypatch, capsys):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "*")
        run.folder.mkdir()
        registry = Registry(only=["mlflow"])
        registry.tell("derm_run_started", run=run)
        registry.tell("derm_epoch_ended", run=run, epoch=EPOCHS[0])
    said = capsys.readouterr().err
    assert said.count("derm_run_started") == 1
    assert "mlflow" in said


def test_importing_the_plugin_imports_nothing_heavy():
    program = (
        "import sys, derm_trackers.mlflow, derm_trackers.wandb\n"
        "print(sorted({'mlflow', 'wandb', 'sqlalchemy', 'tensorflow', 'keras', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


@pytest.fixture
def study(run) -> StudyFacts:
    return StudyFacts(name="backbones", folder=run.folder.parent / "studies" / "backbones", title="Which backbone")


def of_rows(run, study, rows) -> list[RunFacts]:
    return [replace(run, id=row, folder=run.folder.with_name(row), study=study, row=f"row {row}") for row in rows]


def in_experiment(run) -> dict[str, Any]:
    """Return every run that the store has, by its name."""
    asked = client(run)
    (experiment,) = [each for each in asked.search_experiments() if each.name == "derm"]
    return {each.info.run_name: each for each in asked.search_runs([experiment.experiment_id])}


def test_a_study_is_a_run_above_those_of_its_rows_while_they_are_trained(run, study):
    tracker.derm_study_started(study=study)
    first, second = of_rows(run, study, ("first", "second"))
    train(tracker, first, EPOCHS[:1])
    found = in_experiment(run)
    above, below = found["backbones"], found["first"]
    assert (above.info.status, above.data.tags["mlflow.note.content"]) == ("RUNNING", "Which backbone")
    assert (below.data.tags["mlflow.parentRunId"], below.data.tags["derm.row"]) == (above.info.run_id, "row first")
    # It is gone on with as one, and ended with what came of it.
    tracker.derm_study_started(study=study)
    train(tracker, second, EPOCHS[:1])
    for each in (first, second):
        finish(tracker, each)
    tracker.derm_study_ended(study=study, rows={"first": "row first", "second": "row second"}, failed=0)
    found = in_experiment(run)
    assert sorted(found) == ["backbones", "first", "second"]
    assert {each.info.status for each in found.values()} == {"FINISHED"}
    assert found["second"].data.tags["mlflow.parentRunId"] == above.info.run_id


def test_a_run_that_was_trained_before_stands_below_a_study_that_takes_it(run, study):
    train(tracker, run, EPOCHS[:1])
    finish(tracker, run)
    assert "mlflow.parentRunId" not in in_experiment(run)[run.id].data.tags
    tracker.derm_study_started(study=study)
    tracker.derm_study_ended(study=study, rows={run.id: "row", "never logged": "other"}, failed=2)
    found = in_experiment(run)
    assert found[run.id].data.tags["mlflow.parentRunId"] == found["backbones"].info.run_id
    assert found["backbones"].info.status == "FAILED"


def test_stages_that_rows_share_are_no_run(run, study):
    tracker.derm_study_started(study=study)
    train(tracker, replace(run, study=study, row=""), EPOCHS[:1])
    assert list(in_experiment(run)) == ["backbones"]
