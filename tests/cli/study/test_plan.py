"""``derm study plan``."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from derm_cli.engine import backend
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunRecord
from derm_cli.runs.runs import Runs
from derm_cli.studies import studying
from derm_cli.studies.storage.folder import Studies
from derm_cli.studies.storage.record import RunState
from tests.support.studies import states_of


def test_it_tells_what_is_trained_what_is_shared_and_that_nobody_measured_it(place, study_file):
    text = place.derm("study", "plan", study_file, "--set", "folds=2").stdout
    assert "Study chains: Which chain" in text
    assert "2 rows, each over seed 0, 2 folds: 4 trainings" in text
    assert "ham10000 > pad-ufes-20" in text
    told = "6 stages in all. To train, each once: 5, of which several rows or folds share 1; in the store: 0."
    assert f"{told} The others are compared with: chain imagenet,pad-ufes-20" in text
    assert "How long it takes is not known" in text
    assert "'derm study run' tells the time left as soon as a first training has finished." in text
    assert not place.runs.exists()


def test_as_json_it_has_the_graph(place, study_file):
    plan = place.json("study", "plan", study_file, "--set", "folds=2", "--set", "seeds=0,1")
    assert (plan["seeds"], plan["folds"], len(plan["runs"])) == ([0, 1], 2, 8)
    shared = [unit for unit in plan["work"] if unit["shared"]]
    assert len(shared) == 2
    assert all(unit["after"] in ([], *([each["unit"]] for each in shared)) for unit in plan["work"])


@pytest.mark.parametrize(("workers", "needed", "advised"), [(1, "27.3 MB", "33.0 MB"), (2, "41.0 MB", "50.0 MB")])
def test_a_store_that_is_too_small_is_told_of_with_what_to_set(
    place, study_file, monkeypatch, workers, needed, advised
):
    monkeypatch.setenv("DERM_CACHE_LIMIT", "14 MB")
    told = place.derm("study", "plan", study_file, "--set", "folds=2", "--workers", workers, "--cores", 1).stderr
    assert told.count(f"about {needed}, but the store of stages may have 14.0 MB") == 1
    assert f"set 'cache_limit' to '{advised}' or more" in told


@pytest.mark.parametrize(
    ("seconds", "size", "words"),
    [
        (600.0, 1_000_000_000, "minutes one after another, and 2.0 GB of disk, by 1 measured run."),
        (0.1, 2_000_000, "About 1 minute one after another, and 45."),
    ],
)
def test_time_and_disk_come_from_runs_that_were_measured(place, study_file, monkeypatch, seconds, size, words):
    from derm_cli.studies.planning.estimating import MeasuredRun, Measurements

    run = MeasuredRun("effnet-lite0", 32, "frozen-block", seconds=seconds, images=100, beside=0.0, bytes=size)
    monkeypatch.setattr(Measurements, "of", lambda *_: Measurements([run]))
    assert words in place.derm("study", "plan", study_file, "--workers", "1").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing"], "There is no built-in study 'nothing', and a file's name ends with .toml."),
        (["{root}/chains"], "chains': did you mean the file '"),
        (["paper-table-5"], "Did you mean 'paper-table-4'"),
        (["recipes"], "The study 'recipes' has no target of its own"),
        (["gone.toml"], "The study 'gone.toml' cannot be read"),
        (["{file}", "--set", "epochs"], "--set is 'epochs', but must be NAME=VALUE"),
        (["{file}", "--set", "folds=x"], "--set is 'folds=x', but folds must be whole numbers"),
        (["{file}", "--set", "epohcs=3"], "the command: 'derm train' has no option 'epohcs'. Did you mean 'epochs'"),
        (["{file}", "--set", "epochs=x"], "'epochs' in the command is 'x', but is wrong: 'x' is not a valid integer."),
        (["{file}", "--set", "chain=imagenet,x"], "'chain' is varied under [grid], but the command gives it too"),
        (["{file}", "--name", "a/b"], "A study cannot be called 'a/b'"),
        (["{file}", "--executor", "locale"], "There is no executor 'locale'. Did you mean 'local'?"),
        (["{file}", "--workers", "999"], "'999' workers with"),
    ],
)
def test_what_cannot_be_meant_is_refused(place, study_file, arguments, sentence):
    words = [each.replace("{file}", str(study_file)).replace("{root}", str(place.root)) for each in arguments]
    assert sentence in place.refused("study", "plan", *words, exit_status=2)


def test_a_row_that_cannot_be_trained_has_its_reason_below_the_table(place, study_file):
    study_file.write_text(study_file.read_text().replace("imagenet,ham10000,", "imagenet,nowhere,"))
    lines = place.derm("study", "plan", study_file, COLUMNS="80").stdout.splitlines()
    assert max(map(len, lines[:7])) <= 80
    assert any("cannot be trained" in " ".join(line.split()) for line in lines[:9])
    assert "chain imagenet,nowhere,pad-ufes-20: There is no dataset 'nowhere'." in "\n".join(lines)


def test_a_reason_that_several_rows_have_is_told_once(place, study_file):
    values = ", ".join(map(str, range(32, 42)))
    study_file.write_text(f'[options]\nchain = "imagenet,nowhere"\n[grid]\nsize = [{values}]\n')
    text = place.derm("study", "plan", study_file, exit_status=2).stdout
    assert text.count("There is no dataset 'nowhere'") == 1
    assert "size 32, size 33, size 34, size 35, size 36 and 5 more: There is no dataset 'nowhere'" in text


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_where_no_row_can_be_trained_that_is_said_and_not_that_nothing_is_left(place, study_file, more):
    study_file.write_text(study_file.read_text().replace("imagenet,", "imagenet,nowhere,"))
    done = place.refused("study", "plan", study_file, *more, exit_status=2)
    assert "No row of study 'chains' can be trained: mend what is said of each, and plan again." in done
    assert "Nothing is left" not in done


def test_a_long_reason_is_told_over_several_lines(place, study_file):
    study_file.write_text(study_file.read_text().replace("imagenet,ham10000,", "imagenet,nowhere,"))
    lines = place.derm("study", "plan", study_file, COLUMNS="80").stdout.splitlines()
    reason = lines[lines.index("", 4) + 1 :]
    assert len(reason[0]) <= 80
    assert "chain imagenet,nowhere,pad-ufes-20: There is no dataset 'nowhere'." in " ".join(reason)


@pytest.fixture
def trained(place, study_file, monkeypatch):
    """The study of the file, each training finished as a run that is called by its key."""

    def carry_out(session, folder, tell, options):
        states = {run.key: RunState("finished", f"run-{run.key}") for run in folder.record.runs}
        for run in folder.record.runs:
            record = RunRecord(status="finished", request=run.request.to_json(), environment=backend.versions())
            RunFolder(session.runs.root / states[run.key].run).write(record)
        folder.write_states(states)
        return states

    monkeypatch.setattr(studying, "carry_out", carry_out)
    place.derm("study", "run", study_file)
    return Runs(place.runs)


def test_what_is_finished_is_no_work_but_its_photographs_were_not_looked_at(place, study_file, trained):
    done = place.derm("study", "plan", study_file)
    assert (
        "Nothing is left to train.\n2 trainings finished before. Whether photographs or labels changed" in done.stdout
    )
    assert "is not looked at here: 'derm study run' does" in done.stdout
    assert place.json("study", "plan", study_file)["uncompared"] == 2
    # So it is for another study of the same trainings, and not for one of others.
    assert place.json("study", "plan", study_file, "--name", "new")["uncompared"] == 2
    assert (
        "Whether photographs" not in place.derm("study", "plan", study_file, "--set", "seeds=7", "--name", "7").stdout
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": "failed"}, "its run is not finished any more."),
        ({"environment": {}}, "its run was trained by "),
        ({}, "its run is gone, or cannot be read."),
    ],
)
def test_a_finished_training_whose_run_is_gone_or_another_is_work_again(place, study_file, trained, change, why):
    run = trained.find("run-0002")
    if change:
        run.write(replace(run.record, **change))
    else:
        trained.remove(run)
    done = place.derm("study", "plan", study_file)
    assert f"a training that was finished is work again: {why}" in " ".join(done.stderr.split())
    assert "1 training finished before." in done.stdout
    plan = place.json("study", "plan", study_file)
    assert [unit["run"] for unit in plan["work"]] == ["0002"]
    # Nothing is written by a plan.
    assert states_of(Studies(place.runs).find("chains"))["0002"]["status"] == "finished"


@pytest.mark.parametrize("name", ["paper-table-3", "paper-table-4", "recipes"])
def test_a_built_in_study_takes_any_target(place, study_file, name):
    plan = place.json("study", "plan", name, "--target", "pad-ufes-20")
    found = {row["name"]: row["fault"] for row in plan["rows"]}
    assert any(fault is None for fault in found.values())
    # EDRA and Dermofit are not here.
    assert all("edra" in fault for fault in found.values() if fault)


def test_the_options_of_every_row_may_be_set_repeated_ones_too(place, study_file):
    words = ("--set", "phase=epochs=2", "--set", "phase=head:epochs=5", "--set", "baselines=no")
    plan = place.json("study", "plan", study_file, *words)
    other = place.json("study", "plan", study_file)
    assert [row["images"] for row in plan["rows"]] != [row["images"] for row in other["rows"]]


def test_no_framework_is_imported(place, study_file):
    code = (
        "import sys; from click.testing import CliRunner; from derm_cli.cli import cli; "
        f"result = CliRunner().invoke(cli, ['study', 'plan', {str(study_file)!r}]); assert result.exit_code == 0; "
        "print([name for name in ('tensorflow', 'keras', 'jax') if name in sys.modules])"
    )
    variables = {"DERM_DATA": str(place.data), "DERM_RUNS": str(place.runs), "DERM_CACHE": str(place.root / "cache")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **variables})
    assert done.stdout.strip() == "[]"
