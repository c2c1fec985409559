"""The last model: trained on everything, judged by the cross-validation of its plan, and the folds' models as one."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd
import pytest

from tests.support import trees
from tests.support.commands import TINY, Place

PAD = "pad-ufes-20"
OPTIONS = [*TINY, "--chain", f"imagenet,{PAD}", "--no-augment", "--validation-share", "0.2"]
LAST = [*OPTIONS, "--test-share", "0"]


@dataclass(frozen=True)
class Trained:
    """A place with a last model, then a cross-validation of its plan with an ensemble, then the same last model."""

    place: Place
    first: dict
    said: str
    folds: dict
    again: str

    def evaluation(self, run: str) -> dict:
        return json.loads((self.place.runs / run / "evaluation.json").read_text())

    def parts(self, run: str) -> dict[str, int]:
        return pd.read_csv(self.place.runs / run / "split.csv")["part"].value_counts().to_dict()


@pytest.fixture(scope="module")
def trained(tmp_path_factory, tiny_backbone) -> Trained:
    place = Place(tmp_path_factory.mktemp("last"))
    trees.make_pad(place.data / PAD, per_class=12)
    trees.make_ham(place.data / "ham10000", per_class=3)
    first = place.json("train", *LAST)
    said = place.derm("train", *OPTIONS, "--folds", "2", "--ensemble").stdout
    folds = place.json("train", *OPTIONS, "--folds", "2", "--ensemble")
    return Trained(place, first, said, folds, place.derm("train", *LAST).output)


def test_it_learns_from_everything_and_says_that_nobody_was_kept_for_a_test(trained):
    run = trained.first["run"]
    assert set(trained.parts(run)) == {"train", "validation"}
    assert sum(trained.parts(run).values()) == 72
    evaluation = trained.first["evaluation"]
    assert (evaluation["cases"], evaluation["accuracy"], evaluation["cross_validation"]) == (0, None, None)
    assert evaluation["notes"][0].startswith("Nobody was kept for a test: this model learnt from every photograph of")
    assert "but for a validation part" in evaluation["notes"][0]
    folder = trained.place.runs / run
    assert not (folder / "predictions.csv").exists()
    assert (folder / "validation.csv").exists()
    assert "No test photographs: nobody was kept for a test." in (folder / "report.html").read_text()


def test_the_folds_are_one_table_and_one_judgement_of_all_cases(trained):
    pooled = trained.folds["pooled"]
    tables = [pd.read_csv(trained.place.runs / each["run"] / "predictions.csv") for each in trained.folds["runs"]]
    folder = trained.place.runs / "cross-validations"
    (kept,) = folder.iterdir()
    assert pooled["path"] == str(kept)
    table = pd.read_csv(kept / "predictions.csv")
    pd.testing.assert_frame_equal(table, pd.concat(tables, ignore_index=True))
    assert table["case_id"].is_unique
    assert len(table) == 72
    assert pooled["evaluation"]["cases"] == 72
    right = (table["label"] == table["prediction"]).mean()
    assert pooled["evaluation"]["accuracy"] == pytest.approx(right)
    stored = json.loads((kept / "evaluation.json").read_text())
    assert [each["run"] for each in stored["runs"]] == [each["run"] for each in trained.folds["runs"]]
    assert stored["accuracy"] == pooled["evaluation"]["accuracy"]
    assert f"Cross-validation, 2 folds of {PAD} as one table" in trained.said
    assert "each case was answered by the model that had not seen it" in trained.said
    page = (kept / "report.html").read_text()
    assert "These figures are of 2 models, of which none is the one to be used" in page
    assert trained.folds["runs"][0]["run"] in page
    # Anybody's command reads it as any table.
    assert trained.place.json("evaluate", "--predictions", kept / "predictions.csv", "--draws", "0")["cases"] == 72


def test_the_folds_models_are_one_run_that_is_made_once(trained):
    run = trained.folds["ensemble"]
    assert f"Run {run} in {trained.place.runs / run}, the mean of the 2 models of the folds" in trained.said
    record = trained.place.json("runs", "show", run)
    assert [each["run"] for each in record["members"]] == [each["run"] for each in trained.folds["runs"]]
    (artefact,) = trained.place.json("export", run, "--keras")["artefacts"]
    assert (artefact["photographs"], artefact["agreement"]) == (trained.parts(run)["validation"], 1.0)
    shown = trained.place.derm("evaluate", run, "--draws", "0").stdout
    assert f"Run {run}, without a test of its own: cross-validation of its members on {PAD}" in shown
    assert "In its place stand the figures of its 2 members" in shown


def test_the_cross_validation_of_its_plan_stands_beside_as_that_of_other_models(trained):
    run = trained.first["run"]
    # It was not there yet when the run was finished.
    shown = trained.place.json("runs", "show", run)["evaluation"]
    assert shown["accuracy"] is None
    assert shown["cross_validation"]["runs"] == [each["run"] for each in trained.folds["runs"]]
    pooled = trained.folds["pooled"]["evaluation"]
    assert shown["cross_validation"]["evaluation"]["accuracy"] == pooled["accuracy"]
    evaluated = trained.place.json("evaluate", run)
    assert evaluated["accuracy"] == pooled["accuracy"]
    assert "In its place stand the figures of 2 other models of the same plan" in evaluated["notes"][1]
    report = trained.place.root / "page.html"
    trained.place.derm("evaluate", run, "--report", report)
    assert "cross-validation of other models of its plan" in report.read_text()
    assert "In its place stand the figures of 2 other models of the same plan" in trained.again
    later = trained.place.json("runs", "list")[-1]["id"]
    assert trained.evaluation(later)["cross_validation"]["evaluation"]["accuracy"] == pooled["accuracy"]


def test_it_warns_of_runs_that_are_tested_on_what_it_learns_from(trained):
    one, other = (each["run"] for each in trained.folds["runs"])
    assert f"this run learns from photographs that earlier runs are tested on: 36 of run '{other}', 36" in trained.again
    assert one in trained.again
    assert "It has seen them" in trained.again


def test_it_is_exported_predicted_with_evaluated_elsewhere_listed_and_chosen(trained):
    place, run = trained.place, trained.first["run"]
    (artefact,) = place.json("export", run, "--onnx")["artefacts"]
    assert artefact["photographs"] == trained.parts(run)["validation"], "checked on what it did not learn from"
    assert artefact["agreement"] == 1.0
    photograph = next((place.data / PAD).rglob("*.png"))
    assert photograph.name in place.derm("predict", run, photograph).stdout
    external = place.json("evaluate", run, "--data", "ham10000")
    assert external["cases"] > 0
    assert "No photograph of 'pad-ufes-20' is left" in place.refused("evaluate", run, "--data", PAD)
    (line,) = (each for each in place.json("runs", "list") if each["id"] == run)
    assert (line["tested"], line["macro_f1"]) == (False, None)
    assert "no test" in place.derm("runs", "list").stdout
    place.derm("runs", "choose", run)
    assert f"Run {run}, without a test of its own" in place.derm("evaluate", "--draws", "0").stdout


def test_who_asks_for_its_test_answers_is_told_that_there_are_none(trained):
    place, run, fold = trained.place, trained.first["run"], trained.folds["runs"][0]["run"]
    assert f"Run '{run}' kept nobody for a test" in place.refused("runs", "compare", fold, run)
    photographs = ["--report", place.root / "p.html", "--photographs"]
    assert f"Run '{run}' kept nobody for a test" in place.refused("evaluate", run, *photographs)
    place.derm("export", run, "--keras")
    said = place.refused("evaluate", place.runs / run / "artefacts" / "model.keras")
    assert f"'derm evaluate {run} --data NAME'" in said


def test_a_chain_that_begins_with_it_has_nothing_left_to_be_tested_on(trained):
    run = trained.first["run"]
    said = trained.place.refused("train", *TINY, "--chain", f"run:{run},{PAD}")
    assert f"Run '{run}', whose weights the chain begins with, has learnt from" in said
    assert "--test-share 0" in said


def test_it_is_repeated_to_the_same_bits_whatever_stands_in_the_place_of_a_test(trained):
    assert "are the same, bit for bit" in trained.place.derm("train", "--repeat", trained.first["run"]).stdout


def test_it_is_gone_on_with(place, monkeypatch, tiny_backbone):
    from derm_cli.engine.checkpoint import Checkpoints

    def stop(*_):
        raise KeyboardInterrupt

    trees.make_pad(place.data / PAD, per_class=4)
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", stop)
        place.refused("train", *LAST)
    (run,) = (each["id"] for each in place.json("runs", "list"))
    assert "Nobody was kept for a test" in place.derm("train", "--resume", run).stdout
    assert place.json("runs", "list")[0]["status"] == "finished"


def test_its_plan_says_so_before_anything_is_done(trained):
    text = trained.place.derm("train", *LAST, "--dry-run").stdout
    assert f"Tested on nobody of {PAD} (--test-share 0)" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([*LAST, "--ensemble"], "'--ensemble' is of the models of all folds: give --folds too"),
        ([*OPTIONS, "--fold", "1/2", "--ensemble"], "'--ensemble' is of the models of all folds: give --folds too"),
    ],
)
def test_an_ensemble_of_no_folds_is_refused(trained, options, said):
    assert said in trained.place.refused("train", *options, exit_status=2)


def test_an_official_test_part_is_trained_on_with_a_split_of_one_s_own_alone(place, tiny_backbone):
    trees.make_edra(place.data / "edra", per_class=8)
    options = [*TINY, "--chain", "imagenet,edra", "--test-share", "0", "--dry-run"]
    kept = place.derm("train", *options)
    assert "--test-share 0 leaves the test part of an official split to the test (edra: " in kept.stderr
    assert "Tested on the test part of edra's official split" in kept.stdout
    own = place.derm("train", *options, "--split", "own")
    assert "Tested on nobody of edra (--test-share 0)" in own.stdout
    assert "official split to the test" not in own.stderr


def test_a_cross_validation_is_a_study_of_one_row(trained):
    place, name = trained.place, trained.folds["study"]
    assert f"It is kept as study {name}: derm" in trained.said
    (line,) = place.json("study", "list")
    assert (line["study"], line["rows"], line["runs"], line["finished"]) == (name, 1, 2, 2)
    shown = place.json("study", "show", name)
    assert [(each["fold"], each["run"], each["status"]) for each in shown["runs"]] == [
        (each["fold"], each["run"], "finished") for each in trained.folds["runs"]
    ]
    assert "2 of 2 trainings finished" in place.derm("study", "resume", name).stdout
    report = place.json("study", "report", name)
    (row,) = report["rows"].values()
    pooled = trained.folds["pooled"]["evaluation"]
    assert (row["cases"], row["accuracy"]) == (pooled["cases"], pooled["accuracy"])
    # The answers of the folds are a table that evaluation takes.
    answers = place.runs / "studies" / name / "report" / "answers" / "0001.csv"
    judged = place.json("evaluate", "--predictions", answers)
    assert (judged["cases"], judged["macro_f1"]) == (row["cases"], row["macro_f1"])
    chosen = place.json("study", "choose", name)
    assert chosen["run"] == trained.folds["ensemble"]
    # A last model of the row's plan is there, and is taken: nothing is trained for it again.
    runs = set(place.runs.iterdir())
    refitted = place.json("study", "choose", name, "--refit")
    assert set(place.runs.iterdir()) == runs
    assert set(trained.parts(refitted["run"])) == {"train", "validation"}
    assert trained.evaluation(refitted["run"])["cross_validation"]["folds"] == 2
    (as_ensemble,), (as_one,) = chosen["rows"], refitted["rows"]
    # An ensemble that another test exported has the size of its file, else that of its two models.
    assert as_ensemble["megabytes"] == pytest.approx(2 * as_one["megabytes"], rel=0.1)
