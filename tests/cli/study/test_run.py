"""``derm study run``: begins a study, or goes on with it, and tells what becomes of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from derm_cli.plugin import ComponentOption
from derm_cli.studies import studying
from derm_cli.studies.storage.record import RunState
from derm_executors import local


@pytest.fixture
def carried_out(monkeypatch):
    """What becomes of the trainings of a study, by their keys, in place of training them."""
    fates = {}

    def carry_out(session, folder, tell, options):
        fates["options"] = options
        folder.write_states({run.key: RunState("running") for run in folder.record.runs})
        tell(folder)
        states = {run.key: fates.get(run.key, RunState("finished", "r")) for run in folder.record.runs}
        folder.write_states(states)
        tell(folder)
        return states

    monkeypatch.setattr(studying, "carry_out", carry_out)
    return fates


def test_a_study_is_begun_and_each_change_is_a_line(place, study_file, carried_out):
    done = place.derm("study", "run", study_file, "--workers", "1", "--cores", "1")
    record = json.loads((place.runs / "studies" / "chains" / "study.json").read_text())
    assert (record["executor"], record["workers"], record["cores"], len(record["runs"])) == ("local", 1, 1, 2)
    assert "chain imagenet,pad-ufes-20: running\n" in done.stderr
    assert "chain imagenet,pad-ufes-20: finished\n" in done.stderr
    assert "2 of 2 trainings finished (2 finished)" in done.stdout
    assert "study report chains" in done.stdout.splitlines()[-1]


def test_the_first_training_is_the_one_with_everything_at_its_default(place, study_file, carried_out):
    grid = 'recipe = ["paper", "strong"]\nbackbone = ["resnet50", "effnet-b3"]\n'
    study_file.write_text(f'[options]\nchain = "pad-ufes-20"\n[grid]\n{grid}')
    place.derm("study", "run", study_file, DERM_TRAIN_RECIPE="strong")
    record = json.loads((place.runs / "studies" / "chains" / "study.json").read_text())
    asked = [(run["request"].get("recipe"), run["request"]["backbone"]) for run in record["runs"]]
    assert asked[0] == ("strong", "effnet-b3")
    assert len(asked) == 4


def test_a_study_that_an_earlier_derm_began_goes_on_with_its_splits(place, study_file, carried_out):
    seeds = ("--set", "seeds=0,1")
    place.derm("study", "run", study_file, *seeds)
    stored = place.runs / "studies" / "chains" / "study.json"
    record = json.loads(stored.read_text())
    assert [run["request"].pop("split_seed", None) for run in record["runs"]] == [None, 0, None, 0]
    before = json.dumps(record)
    stored.write_text(before)
    for command in (("run", study_file, *seeds), ("resume", "chains")):
        assert "each seed has a split of its own" in " ".join(place.derm("study", *command).stderr.split())
        assert stored.read_text() == before
    planned = place.json("study", "plan", study_file, *seeds)
    assert [run["seed"] for run in planned["runs"]] == [0, 1, 0, 1]


def test_what_failed_is_told_with_the_command_to_go_on(place, study_file, carried_out):
    carried_out["0002"] = RunState("failed", reason="The loss is not a number.")
    sentence = place.refused("study", "run", study_file)
    assert "1 of 2 trainings finished (0002: The loss is not a number): mend that, and go on with" in sentence
    assert "study resume chains'" in sentence


def test_as_json_it_is_the_view(place, study_file, carried_out):
    view = place.json("study", "run", study_file, "--name", "other")
    assert (view["study"], view["counts"]) == ("other", {"finished": 2})


@pytest.fixture
def executor(monkeypatch):
    """The executor ``local``, as if it had an address and a number of its own."""
    options = (
        ComponentOption(name="queue", default="any", title="where it waits"),
        ComponentOption(name="cards_of_each", default=1, most=8, title="cards"),
    )
    monkeypatch.setattr(local, "LOCAL", replace(local.LOCAL, options=options))


def test_an_executor_s_own_options_are_in_the_help_and_reach_it(place, study_file, carried_out, executor):
    for command in ("run", "resume", "plan"):
        text = " ".join(place.derm("study", command, "--help").stdout.split())
        assert "--queue VALUE With --executor local: where it waits, a text. [default: any]" in text
        assert "--cards-of-each VALUE With --executor local: cards, a whole number from 0 to 8. [default: 1]" in text
    place.derm("study", "run", study_file, "--queue", "night", "--cards-of-each", "2")
    record = json.loads((place.runs / "studies" / "chains" / "study.json").read_text())
    assert record["options"] == {"queue": "night", "cards_of_each": 2}
    assert carried_out["options"] == record["options"]
    place.derm("study", "resume", "chains", "--queue", "day")
    assert carried_out["options"] == {"queue": "day"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--cards-of-each", "9"),
            "--cards-of-each '9': 'cards_of_each' of the executor 'local' must be a whole number",
        ),
        (("--queue", " "), "--queue ' ': 'queue' of the executor 'local' must be a text, as in queue=any."),
        (("--address", "auto"), "The executor 'local' has no option 'address'."),
    ],
)
def test_an_option_that_the_executor_cannot_have_is_refused(place, study_file, executor, arguments, sentence):
    assert sentence in place.refused("study", "run", study_file, *arguments, exit_status=2)


def test_the_same_command_goes_on_and_another_of_the_name_is_refused(place, study_file, carried_out):
    place.derm("study", "run", study_file)
    place.derm("study", "run", study_file)
    sentence = place.refused("study", "run", study_file, "--set", "epochs=7", exit_status=2)
    assert "There is a study 'chains' that asks for other trainings, with epochs" in sentence
    assert "in place of '7' in row 'chain imagenet,pad-ufes-20': give this one another name with --name" in sentence


def test_defaults_of_derm_toml_and_variables_are_beneath_the_study_s_own(place, study_file, carried_out):
    from pathlib import Path

    Path("derm.toml").write_text("[train]\nepochs = 5\nsize = 64\n")
    place.derm("study", "run", study_file, DERM_TRAIN_PER_CLASS="2", DERM_TRAIN_BACKBONE="resnet50")
    record = json.loads((place.runs / "studies" / "chains" / "study.json").read_text())
    names = ("epochs", "size", "per_class", "backbone")
    asked = {tuple(run["request"][name] for name in names) for run in record["runs"]}
    assert asked == {(5, 32, 2, "effnet-lite0")}
