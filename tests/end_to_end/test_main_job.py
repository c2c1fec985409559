"""Train, evaluate, export, predict: the main job on made photographs."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from derm_cli.workflows.exporting.variants import requested_variants

pytestmark = pytest.mark.xdist_group("main-job")

FILES = {
    "run.json",
    "plan.json",
    "split.csv",
    "dropped.csv",
    "history.csv",
    "model.keras",
    "predictions.csv",
    "baselines.csv",
    "evaluation.json",
    "confusion.png",
    "report.html",
    "log",
}


def test_a_finished_run_holds_what_it_should(finished):
    place, run = finished
    folder = place.runs / run
    assert {path.name for path in folder.iterdir()} >= FILES
    assert not (folder / "checkpoint.bin").exists()
    record = json.loads((folder / "run.json").read_text())
    assert record["status"] == "finished"
    assert set(record["files"]) == FILES - {"run.json"}
    assert record["environment"]["backend"] == "tensorflow"
    assert record["synthetic"] is False


def test_no_patient_is_on_both_sides(finished):
    place, run = finished
    split = pd.read_csv(place.runs / run / "split.csv")
    patients = split["case_id"].str.extract(r"PAT_(\d+)_")[0]
    assert patients.notna().all()
    assert not set(patients[split["part"] == "train"]) & set(patients[split["part"] == "test"])
    assert split.groupby("label")["part"].nunique().eq(2).all()


def test_predictions_are_the_test_part_s(finished):
    place, run = finished
    predictions = pd.read_csv(place.runs / run / "predictions.csv")
    split = pd.read_csv(place.runs / run / "split.csv")
    assert set(predictions["case_id"]) == set(split.loc[split["part"] == "test", "case_id"])
    columns = [f"p_{name}" for name in ("ACK", "BCC", "MEL", "NEV", "SCC", "SEK")]
    assert list(predictions.columns)[:3] == ["case_id", "label", "prediction"]
    np.testing.assert_allclose(predictions[columns].sum(axis=1), 1, atol=1e-5)


def test_it_has_learnt(finished):
    """Classes of the made tree differ by colour: one epoch of a linear probe on ImageNet features tells them apart."""
    place, run = finished
    assert place.json("evaluate", run)["balanced_accuracy"] > 0.5


def test_evaluate_prints_each_class(finished):
    place, run = finished
    output = place.derm("evaluate").stdout
    assert f"Run {run}, test photographs of pad-ufes-20" in output
    for name in ("ACK", "BCC", "MEL", "NEV", "SCC", "SEK", "balanced accuracy", "sensitivity", "specificity"):
        assert name in output
    evaluation = place.json("evaluate", run)
    assert set(evaluation["per_class"]) == {"ACK", "BCC", "MEL", "NEV", "SCC", "SEK"}
    assert {"support", "sensitivity", "specificity", "precision", "f1", "auc"} <= set(evaluation["per_class"]["MEL"])


def test_evaluate_draws_the_confusion_matrix(finished, tmp_path):
    place, run = finished
    place.derm("evaluate", run, "--picture", tmp_path / "c.png")
    with Image.open(tmp_path / "c.png") as picture:
        assert min(picture.size) > 300


def test_evaluate_takes_anybodys_table(place):
    table = place.root / "table.csv"
    table.write_text("case_id,label,prediction\n1,MEL,MEL\n2,MEL,NV\n3,NV,NV\n4,NV,NV\n")
    evaluation = place.json("evaluate", "--predictions", table)
    assert (evaluation["accuracy"], evaluation["balanced_accuracy"]) == (0.75, 0.75)
    assert evaluation["per_class"]["MEL"]["sensitivity"] == 0.5
    assert evaluation["per_class"]["NV"]["precision"] == pytest.approx(2 / 3)


def test_evaluate_reproduces_the_paper(place, real_data):
    evaluation = place.json("evaluate", "--predictions", real_data.parent / "paper" / "predictions_imagenet.csv")
    figures = {name: round(100 * evaluation[name], 2) for name in ("accuracy", "weighted_f1", "macro_f1")}
    assert figures == {"accuracy": 42.71, "weighted_f1": 44.05, "macro_f1": 28.64}
    assert round(100 * evaluation["per_class"]["MM"]["f1"], 2) == 16.0


@pytest.fixture(scope="session")
def exported(finished, tmp_path_factory):
    """A copy of the finished run's place, with its artefacts."""
    place, run = finished
    root = tmp_path_factory.mktemp("exported") / "place"
    shutil.copytree(place.root, root)
    copy = type(place)(root)
    return copy, run, copy.json("export", run, "--tflite", "--onnx")


def test_export_writes_checked_artefacts(exported):
    place, run, said = exported
    assert [each["exporter"] for each in said["artefacts"]] == ["tflite", "onnx"]
    for each in said["artefacts"]:
        assert each["max_difference"] < 1e-4
        assert each["agreement"] == 1.0
        assert each["photographs"] == place.json("evaluate", run)["cases"]
    folder = place.runs / run / "artefacts"
    assert {path.name for path in folder.iterdir()} == {"model.tflite", "model.onnx"}
    record = json.loads((place.runs / run / "run.json").read_text())
    assert {"artefacts/model.tflite", "artefacts/model.onnx"} <= set(record["files"])


def test_variants_are_written_checked_and_answered_from(exported, monkeypatch):
    place, run, _ = exported
    folder = place.runs / run / "artefacts"

    def lenient(*asked):
        return [
            (spec, each and replace(each, agreement=0.9, recall_loss=0.1)) for spec, each in requested_variants(*asked)
        ]

    # Of a network that learnt for a minute, one answer of a dozen is a tie: 98 % of them, and of a class, would be all.
    monkeypatch.setattr("derm_cli.workflows.exporting.export.requested_variants", lenient)
    said = place.json("export", run, "--tflite", "--quantize", "float16,int8", "--labels", "en,pt")["artefacts"]
    assert [each["variant"] for each in said] == ["float16", "int8"]
    half, int8 = said
    assert half["max_difference"] < 1e-2
    assert int8["max_difference"] < 0.1
    assert int8["agreement"] >= 0.9
    assert [each["name"] for each in int8["recall"]] == ["ACK", "BCC", "MEL", "NEV", "SCC", "SEK"]
    assert all(round((each["before"] - each["after"]) * each["cases"]) <= 1 for each in int8["recall"])
    assert int8["size"] < half["size"] < (folder / "model.tflite").stat().st_size
    record = json.loads((place.runs / run / "run.json").read_text())
    split = pd.read_csv(place.runs / run / "split.csv").set_index("sha256")
    assert set(split.loc[int8["calibration"], "part"]) == {"train"}
    photograph = next(place.data.rglob("*.png"))
    for each in said:
        file = folder / f"model-{each['variant']}.tflite"
        assert record["artefacts"][f"tflite:{each['variant']}"] == each | {"path": f"artefacts/{file.name}"}
        with zipfile.ZipFile(file) as archive:
            assert archive.read("labels-pt.txt").decode().splitlines()[3] == "nevo"
        assert place.json("predict", file, photograph)["answers"][0]["prediction"]


def test_a_variant_or_a_language_that_there_is_none_of_is_one_sentence(exported):
    place, run, _ = exported
    assert "There is no variant 'int4' of 'tflite'" in place.refused(
        "export", run, "--tflite", "--quantize", "int4", exit_status=2
    )
    assert "--labels names 'tlh'" in place.refused("export", run, "--tflite", "--labels", "tlh", exit_status=2)


def test_predict_gives_the_same_answer_from_every_file(exported):
    place, run, _ = exported
    photographs = sorted(place.data.rglob("*.png"))[:3]
    folder = place.runs / run
    models = [run, folder / "model.keras", folder / "artefacts" / "model.tflite", folder / "artefacts" / "model.onnx"]
    answers = [place.json("predict", model, *photographs)["answers"] for model in models]
    for answered in answers:
        assert [each["prediction"] for each in answered] == [each["prediction"] for each in answers[0]]
        for one, other in zip(answered, answers[0], strict=True):
            assert list(one["probabilities"].values()) == pytest.approx(list(other["probabilities"].values()), abs=1e-4)


def test_predict_gives_the_answers_of_the_run_s_own_table(exported):
    place, run, _ = exported
    split = pd.read_csv(place.runs / run / "split.csv").set_index("case_id")
    predictions = pd.read_csv(place.runs / run / "predictions.csv").set_index("case_id")
    case = predictions.index[0]
    (answer,) = place.json("predict", run, place.data / "pad-ufes-20" / split.loc[case, "file"])["answers"]
    for name, probability in answer["probabilities"].items():
        assert probability == pytest.approx(predictions.loc[case, f"p_{name}"], abs=1e-5)


def test_predict_answers_what_it_can_and_names_the_rest(exported, tmp_path):
    place, run, _ = exported
    good = next(place.data.rglob("*.png"))
    (tmp_path / "half.png").write_bytes(good.read_bytes()[:90])
    result = place.derm(
        "predict", place.runs / run / "artefacts" / "model.onnx", good, tmp_path / "half.png", exit_status=1
    )
    assert str(good) in result.stdout
    assert f"Error: '{tmp_path / 'half.png'}' is not answered (" in result.stderr


def test_a_run_is_repeated_to_the_bit(finished, tmp_path_factory):
    place, run = finished
    root = tmp_path_factory.mktemp("repeated") / "place"
    shutil.copytree(place.root, root)
    copy = type(place)(root)
    said = copy.json("train", "--repeat", run)
    assert said["run"] != run
    assert said["note"] == f"Runs '{run}' and '{said['run']}' are the same, bit for bit."
    files = [copy.runs / each / "predictions.csv" for each in (run, said["run"])]
    first, second = (pd.read_csv(file, dtype=str, keep_default_na=False) for file in files)
    # Each home has a salt of its own, so patients are the same but not their hashes.
    hashes = [table.pop("patient") for table in (first, second)]
    assert (hashes[0] != hashes[1]).all()
    np.testing.assert_array_equal(*(pd.factorize(each)[0] for each in hashes))
    pd.testing.assert_frame_equal(first, second)
