"""A plugin's step of preprocessing from the command line: the same pixels everywhere, and no answer without it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import pandas as pd
import pytest

from tests.support import trees
from tests.support.commands import TINY, Place
from tests.support.preprocessing_steps import write_project

pytestmark = pytest.mark.xdist_group("preprocessing-steps")
STORING = {"DERM_CACHE_LIMIT": "1GB"}
"""With it the stages of a training are stored."""
STORED = {"name": "dimmed", "options": {"left": 2}, "version": 1}


@dataclass(frozen=True)
class Stepped:
    """A run whose photographs a project's plugin changes, and the variables of its project and of another version's."""

    place: Place
    run: str
    project: dict[str, str]
    newer: dict[str, str]

    def derm(self, *arguments, **options):
        return self.place.derm(*arguments, **self.project, **options)

    def json(self, *arguments):
        return self.place.json(*arguments, **self.project)

    @property
    def predictions(self) -> pd.DataFrame:
        return pd.read_csv(self.place.runs / self.run / "predictions.csv", index_col="case_id")

    @property
    def photographs(self) -> dict[str, str]:
        """The file of each test photograph, by case."""
        split = pd.read_csv(self.place.runs / self.run / "split.csv", index_col="case_id")
        files = split.loc[self.predictions.index, "file"]
        return {case: str(self.place.data / "pad-ufes-20" / file) for case, file in files.items()}


@pytest.fixture(scope="module")
def stepped(place_in, tmp_path_factory, tiny_backbone):
    place = place_in(tmp_path_factory.mktemp("stepped"), TINY)
    trees.make_pad(place.data / "pad-ufes-20", per_class=4)
    project = write_project(place.root / "project")
    newer = write_project(place.root / "newer", version=2, more=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place.root)
        run = place.train("pad-ufes-20", "--no-augment", "--preprocess", "dimmed:left=2", **project, **STORING)["run"]
    yield Stepped(place, run, project, newer)
    sys.modules.pop("derm_plugin", None)


def answered(stepped, model, **variables):
    """Return the probabilities of the test photographs as ``derm predict`` gives them."""
    found = stepped.place.json("predict", model, *stepped.photographs.values(), **variables)
    return pd.DataFrame([each["probabilities"] for each in found["answers"]]).to_numpy()


def of_the_run(stepped):
    table = stepped.predictions
    return table[[name for name in table if name.startswith("p_")]].to_numpy()


def test_the_step_is_in_plan_request_and_words(stepped):
    folder = stepped.place.runs / stepped.run
    assert json.loads((folder / "plan.json").read_text())["preprocessing"]["steps"] == [STORED]
    assert json.loads((folder / "run.json").read_text())["request"]["preprocess"] == ["dimmed:left=2"]
    options = ("train", "--chain", "pad-ufes-20", *TINY, "--preprocess", "dimmed", "--dry-run")
    assert "dimmed (version 1, left 1)" in " ".join(stepped.derm(*options).stdout.split())
    assert stepped.json("plugins", "list")["plugins"][-1]["preprocessing_steps"] == ["dimmed"]
    assert "preprocessing steps" in stepped.derm("plugins", "list").stdout
    said = " ".join(stepped.derm("train", "--help").stdout.split())
    assert "dimmed:left=VALUE columns that are cut off on the left, a whole number from 0 to 9. [default: 1]" in said


def test_predicting_and_evaluating_give_the_run_s_own_answers(stepped):
    assert answered(stepped, stepped.run, **stepped.project) == pytest.approx(of_the_run(stepped), abs=1e-5)
    judged = stepped.json("evaluate", stepped.run, "--data", "pad-ufes-20", "--draws", "0")
    stored = json.loads((stepped.place.runs / stepped.run / "evaluation.json").read_text())
    assert (judged["cases"], judged["accuracy"]) == (len(stepped.predictions), stored["accuracy"])


def test_the_file_of_the_model_names_the_step_and_answers_as_the_run_where_the_plugin_is(stepped):
    exported = stepped.derm("export", stepped.run, "--keras", "--json")
    assert "no phone runs a plugin: an app has to do the same to the byte" in " ".join(exported.stderr.split())
    assert "dimmed (version 1, left 2)" in " ".join(exported.stderr.split())
    (artefact,) = json.loads(exported.stdout)["artefacts"]
    assert answered(stepped, artefact["path"], **stepped.project) == pytest.approx(of_the_run(stepped), abs=1e-4)
    told = stepped.json("inspect", artefact["path"])["models"][0]
    assert "dimmed" in json.dumps(told)
    assert "dimmed (version 1, left 2)" in " ".join(stepped.derm("inspect", artefact["path"]).stdout.split())
    assert "step 'dimmed' (version 1)" in stepped.place.refused("predict", artefact["path"], "a.jpg", exit_status=2)


def test_no_bundle_is_made_of_it_and_nothing_is_written(stepped):
    before = sorted(each.name for each in (stepped.place.runs / stepped.run).rglob("*"))
    said = stepped.place.refused("export", stepped.run, "--bundle", exit_status=2, **stepped.project)
    assert "its photographs go through a plugin's preprocessing ('dimmed'), which no client of a bundle can do" in said
    assert said.endswith("or train with --preprocess none.")
    assert sorted(each.name for each in (stepped.place.runs / stepped.run).rglob("*")) == before


WITHOUT = "needs the preprocessing step 'dimmed' (version 1) of a plugin, and no plugin here has it: install"
ANOTHER = "needs the preprocessing step 'dimmed' (version 1) of a plugin, and plugin 'derm_plugin.py' has version 2"


@pytest.mark.parametrize("command", ["predict", "evaluate", "export", "repeat", "resume"])
def test_without_the_plugin_or_with_another_version_of_its_step_nothing_is_done(stepped, command):
    if command == "resume":
        record = stepped.place.runs / stepped.run / "run.json"
        kept = record.read_text()
        record.write_text(json.dumps(json.loads(kept) | {"status": "interrupted"}))
    photograph = next(iter(stepped.photographs.values()))
    arguments = {
        "predict": ("predict", stepped.run, photograph),
        "evaluate": ("evaluate", stepped.run, "--data", "pad-ufes-20"),
        "export": ("export", stepped.run, "--keras"),
        "repeat": ("train", "--repeat", stepped.run),
        "resume": ("train", "--resume", stepped.run),
    }[command]
    try:
        assert WITHOUT in stepped.place.refused(*arguments, exit_status=2)
        assert ANOTHER in stepped.place.refused(*arguments, exit_status=2, **stepped.newer)
    finally:
        if command == "resume":
            record.write_text(kept)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dimmed:lift=2", "The preprocessing step 'dimmed' has no option 'lift'. Did you mean 'left'? Options: left."),
        ("dimmed:left=10", "--preprocess 'dimmed:left=10': 'left' of the preprocessing step 'dimmed' must be a whole"),
        ("dimed", "There is no preprocessing step 'dimed'. Did you mean 'dimmed'?"),
    ],
)
def test_a_step_that_is_not_there_is_refused_with_the_nearest(stepped, text, said):
    options = ("train", "--chain", "pad-ufes-20", *TINY, "--preprocess", text)
    assert said in stepped.place.refused(*options, exit_status=2, **stepped.project)


def test_ingesting_and_showing_take_the_step_too(stepped, tmp_path):
    step = ("pad-ufes-20", "--size", "32", "--preprocess", "dimmed:left=2")
    ingested = stepped.json("data", "ingest", *step)
    assert (ingested["decoded"], ingested["preprocessing"]["steps"]) == (0, [STORED])
    shown = stepped.json("data", "show", *step, "--per-class", "1", "--to", tmp_path / "sheet.html")
    assert "dimmed (version 1, left 2)" in shown["preprocessing"]


def test_a_recipe_that_names_the_step_is_the_same_training(stepped):
    """Its stages have the same keys, so all of them are in the store."""
    asked = ("--no-augment", "--recipe", "stepped")
    run = stepped.place.train("pad-ufes-20", *asked, **stepped.project, **STORING)["run"]
    folder = stepped.place.runs / run
    record = json.loads((folder / "run.json").read_text())
    assert [(each["source"], each["run"]) for each in record["stages"]] == [("store", stepped.run)]
    assert (record["request"]["recipe"], record["request"]["preprocess"]) == ("stepped", ["dimmed:left=2"])
    assert json.loads((folder / "plan.json").read_text())["preprocessing"]["steps"] == [STORED]
    answers = pd.read_csv(folder / "predictions.csv", index_col="case_id")
    assert answers["p_NEV"].equals(stepped.predictions["p_NEV"]), "to the bit"
    # Of a recipe's run too, nothing is answered without the plugin.
    assert WITHOUT in stepped.place.refused("predict", run, "a.jpg", exit_status=2)


def planned(stepped, *options, **variables):
    asked = ("train", "--chain", "pad-ufes-20", *TINY, *options, "--dry-run")
    return stepped.place.json(*asked, **{**stepped.project, **variables})


@pytest.mark.parametrize(
    ("given", "variables", "left", "beside"),
    [
        ((), {}, [2], ""),
        (("--preprocess", "dimmed:left=2"), {}, [2], ""),
        (("--preprocess", "dimmed:left=3"), {}, [3], "dimmed:left=3"),
        (("--preprocess", "dimmed"), {}, [1], "dimmed"),
        (("--preprocess", "none"), {}, [], "none"),
        ((), {"DERM_TRAIN_PREPROCESS": "none"}, [], "none"),
    ],
)
def test_what_is_given_beside_the_recipe_stands_in_the_place_of_its_steps(stepped, given, variables, left, beside):
    plan = planned(stepped, "--recipe", "stepped", *given, **variables)
    assert [each["options"]["left"] for each in plan["preprocessing"].get("steps", [])] == left
    assert plan["recipe"].startswith("stepped with --")
    assert plan["recipe"].partition(" --preprocess ")[2] == beside
    # The plan's hash is that of the same training by the paper's recipe, whatever named the step.
    asked = [f"--preprocess=dimmed:left={each}" for each in left]
    assert plan["fingerprint"] == planned(stepped, "--recipe", "paper", *asked)["fingerprint"]


@pytest.mark.parametrize(("text", "left"), [("['dimmed:left=4']", [4]), ("[]", []), ("['none']", [])])
def test_derm_toml_wins_over_a_recipe_too(stepped, tmp_path, text, left):
    (tmp_path / "derm.toml").write_text(f"[train]\npreprocess = {text}\n")
    (tmp_path / "derm_plugin.py").write_text((stepped.place.root / "project" / "derm_plugin.py").read_text())
    plan = planned(stepped, "--recipe", "stepped", DERM_CONFIG=str(tmp_path / "derm.toml"))
    assert [each["options"]["left"] for each in plan["preprocessing"].get("steps", [])] == left
    assert f"--preprocess {f'dimmed:left={left[0]}' if left else 'none'}" in plan["recipe"]


def test_a_dry_run_shows_the_step_of_the_recipe(stepped):
    asked = ("train", "--chain", "pad-ufes-20", *TINY, "--recipe", "stepped", "--dry-run")
    assert "dimmed (version 1, left 2)" in " ".join(stepped.derm(*asked).stdout.split())


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (
            "lost",
            "The recipe 'lost' asks for the preprocessing 'brushed', which cannot be had here: install or enable the "
            "plugin that adds it as the recipe needs it, or give --preprocess none (There is no preprocessing step "
            "'brushed'.",
        ),
        ("wide", "The recipe 'wide' asks for the preprocessing 'dimmed:left=10', which cannot be had here: install"),
    ],
)
def test_a_recipe_whose_step_cannot_be_had_is_named(stepped, recipe, said):
    asked = ("train", "--chain", "pad-ufes-20", *TINY, "--recipe", recipe, "--dry-run")
    assert said in stepped.place.refused(*asked, exit_status=2, **stepped.project)
    assert planned(stepped, "--recipe", recipe, "--preprocess", "none")["preprocessing"].get("steps", []) == []
