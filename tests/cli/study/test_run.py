"""``derm study run``: begins a study, or goes on with it, and tells what becomes of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import derm_executors
from derm_cli.engine.stopping import Stopped
from derm_cli.plugin import ComponentOption, hookimpl
from derm_cli.studies import studying
from derm_cli.studies.executing import driving
from derm_cli.studies.storage.folder import StudyFolder
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


def stored(place):
    return json.loads((place.runs / "studies" / "chains" / "study.json").read_text())


def test_a_corrected_title_and_what_was_published_are_taken(place, study_file, carried_out):
    text = study_file.read_text().replace("[grid]", "[never]").partition("[never]")[0]
    row = '[[rows]]\nname = "a"\nchain = "pad-ufes-20"\n'
    study_file.write_text(text + row)
    place.derm("study", "run", study_file)
    study_file.write_text(text.replace("Which chain", "Which one") + row + "published = { accuracy = 50 }\n")
    done = place.derm("study", "run", study_file)
    assert "Study chains: Which one" in done.stdout
    study = stored(place)["study"]
    assert (study["title"], study["rows"][0]["published"]) == ("Which one", {"accuracy": 0.5})
    assert "keeps what it began with" not in done.stderr


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ((), ()),
        (("--workers", "1", "--cores", "1", "--executor", "local"), ()),
        (("--workers", "2"), ("workers '1', not '2'",)),
        (("--executor", "far", "--cores", "2"), ("executor 'local', not 'far'", "cores '1', not '2'")),
    ],
)
def test_what_it_keeps_of_what_it_began_with_is_warned_of_once(
    place, study_file, carried_out, monkeypatch, asked, words
):
    queue = (ComponentOption(name="queue", default="any", title="where it waits"),)
    far = replace(local.LOCAL, name="far", options=queue, capacity=lambda capacity: capacity)
    monkeypatch.setattr(local, "usable_cores", lambda: [0, 1])
    monkeypatch.setattr(derm_executors, "derm_executors", hookimpl(lambda: [local.LOCAL, far]))
    place.derm("study", "run", study_file, "--workers", "1", "--cores", "1")
    before = stored(place)
    far_s_own = ("--queue", "night") if "far" in asked else ()
    said = " ".join(place.derm("study", "run", study_file, *asked, *far_s_own).stderr.split())
    assert said.count("study 'chains' keeps what it began with, since bits may differ by it: ") == bool(words)
    assert all(word in said for word in words)
    assert ("study resume chains' takes other --workers and --cores" in said) == bool(words)
    assert stored(place) == before
    # Another executor's own options are none of its.
    assert carried_out["options"] == {}


def test_rows_that_come_to_the_same_training_are_refused(place, study_file, carried_out):
    row = '[[rows]]\nname = "{0}"\nchain = "pad-ufes-20"\nsize = {1}\n'
    study_file.write_text(row.format("small", 32) + row.format("large", 64))
    for command in ("plan", "run"):
        sentence = place.refused("study", command, study_file, "--set", "size=32", exit_status=2)
        assert "Rows 'small' and 'large' of study 'chains' are the same training: leave one of them out" in sentence
    place.derm("study", "run", study_file)


def test_a_target_is_the_same_by_both_options(place, study_file, carried_out):
    place.derm("study", "run", "paper-table-4", "--set", "target=pad-ufes-20", "--name", "chains")
    record = stored(place)
    assert not any(row["published"] for row in record["study"]["rows"])
    assert {run["request"]["chain"][-1] for run in record["runs"]} == {"pad-ufes-20"}
    # Else it would be refused as another study.
    place.derm("study", "run", "paper-table-4", "--target", "pad-ufes-20", "--name", "chains")
    place.derm("study", "plan", "recipes", "--set", "target=pad-ufes-20")


@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_signal_while_a_study_is_planned_is_a_sentence(place, study_file, monkeypatch, command):
    def stop(*_, **__):
        raise Stopped(2)

    for module in (studying, driving):
        monkeypatch.setattr(module, "plan_study", stop)
    again = "give the command again" if command == "plan" else "study resume chains'"
    said = place.refused("study", command, study_file, exit_status=130)
    assert "Study 'chains' was interrupted before anything was trained: " in said
    assert again in said


def test_what_was_asked_is_read_once_however_often_it_is_told_how_far_it_is(place, study_file, monkeypatch):
    read = []
    record = StudyFolder.record

    def carry_out(session, folder, tell, options):
        read.clear()
        folder.write_states({"0001": RunState("running")})
        for _ in range(3):
            tell(folder)
        assert read == []
        return {"0001": RunState("finished", "r"), "0002": RunState("finished", "r")}

    monkeypatch.setattr(studying, "carry_out", carry_out)
    monkeypatch.setattr(StudyFolder, "record", property(lambda self: read.append(1) or record.fget(self)))
    place.derm("study", "run", study_file)
    assert read == []


def test_defaults_of_derm_toml_and_variables_are_beneath_the_study_s_own(place, study_file, carried_out):
    from pathlib import Path

    Path("derm.toml").write_text("[train]\nepochs = 5\nsize = 64\n")
    place.derm("study", "run", study_file, DERM_TRAIN_PER_CLASS="2", DERM_TRAIN_BACKBONE="resnet50")
    record = json.loads((place.runs / "studies" / "chains" / "study.json").read_text())
    names = ("epochs", "size", "per_class", "backbone")
    asked = {tuple(run["request"][name] for name in names) for run in record["runs"]}
    assert asked == {(5, 32, 2, "effnet-lite0")}
