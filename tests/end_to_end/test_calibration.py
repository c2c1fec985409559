"""One temperature for all: it is stored in the run, and whatever answers for the run has it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from derm_cli.evaluation.metrics.calibration import calibration_of, fit_temperature, softmax
from derm_cli.evaluation.predictions import read_predictions

pytestmark = pytest.mark.xdist_group("calibrated")


@pytest.fixture
def temperature(calibrated):
    return json.loads((calibrated.folder / "evaluation.json").read_text())["temperature"]


def test_the_run_stores_the_temperature_and_what_it_did(calibrated, temperature):
    validation = read_predictions(calibrated.folder / "validation.csv")
    assert temperature["cases"] == len(validation.case_ids) >= 30
    assert abs(temperature["value"] - 1) > 0.05
    before, after = temperature["log_loss"]
    assert after < before


def test_its_predictions_are_calibrated_so_nothing_is_left_to_mend(calibrated, temperature):
    validation = read_predictions(calibrated.folder / "validation.csv")
    truth = validation.class_indices(validation.labels)
    logits = np.log(validation.probabilities)
    assert fit_temperature(logits, truth) == pytest.approx(1, abs=0.01)
    found = calibration_of(validation.probabilities, truth)
    assert found.log_loss == pytest.approx(temperature["log_loss"][1], abs=1e-4)
    assert found.ece == pytest.approx(temperature["ece"][1], abs=1e-4)
    # As hot as it was before, it loses as much as is told of before.
    raw = calibration_of(softmax(logits, 1 / temperature["value"]), truth)
    assert raw.log_loss == pytest.approx(temperature["log_loss"][0], abs=1e-3)


@pytest.mark.parametrize("answering", ["", "model.keras", "artefacts/model.tflite", "artefacts/model.onnx"])
def test_whatever_answers_for_the_run_is_calibrated(calibrated, answering):
    test = read_predictions(calibrated.folder / "predictions.csv")
    split = pd.read_csv(calibrated.folder / "split.csv", dtype=str).set_index("case_id")
    row = int(np.argsort(test.probabilities.max(axis=1))[len(test.case_ids) // 2])
    photograph = calibrated.place.data / "pad-ufes-20" / split.loc[test.case_ids[row], "file"]
    model = calibrated.folder / answering if answering else calibrated.run
    (answer,) = calibrated.place.json("predict", model, photograph)["answers"]
    expected = dict(zip(test.classes, test.probabilities[row], strict=True))
    assert answer["probabilities"] == pytest.approx(expected, abs=2e-4)


def test_both_are_printed_and_on_the_page(calibrated, temperature):
    printed = calibrated.place.derm("evaluate", calibrated.run, "--draws", "0").stdout
    told = f"logits were divided by {temperature['value']:.2f}, fitted on {temperature['cases']} validation photographs"
    assert told in " ".join(printed.split()), "a narrow terminal wraps it"
    line = next(each for each in printed.splitlines() if each.startswith("log loss, nats") and len(each.split()) == 5)
    assert [float(each) for each in line.split()[-2:]] == pytest.approx(temperature["log_loss"], abs=1e-4)
    assert told in (calibrated.folder / "report.html").read_text()


def test_the_stage_store_keeps_the_network_as_it_was_trained(calibrated, tmp_path):
    """Were it calibrated, the run that takes it from there would find nothing to mend, or mend it twice."""
    place = calibrated.place
    elsewhere = {"DERM_CACHE_LIMIT": "1 GB", "DERM_RUNS": str(tmp_path / "runs")}
    shared = place.json("train", "--chain", "imagenet,pad-ufes-20", *calibrated.options, **elsewhere)
    record = json.loads((tmp_path / "runs" / shared["run"] / "run.json").read_text())
    assert [each["source"] for each in record["stages"]] != ["trained"]
    again = json.loads((tmp_path / "runs" / shared["run"] / "evaluation.json").read_text())["temperature"]
    assert again == json.loads((calibrated.folder / "evaluation.json").read_text())["temperature"]
    compared = place.json("runs", "compare", "--exact", calibrated.folder, tmp_path / "runs" / shared["run"])
    assert {each["part"]: each["outcome"] for each in compared["parts"]}["weights"] == "same"


def test_too_few_photographs_give_no_temperature_and_that_is_said(finished):
    place, run = finished
    stored = json.loads((place.runs / run / "evaluation.json").read_text())["temperature"]
    assert stored["value"] == 1
    assert stored["cases"] < 30
    assert stored["log_loss"] is None
    said = f"With {stored['cases']} validation photographs no temperature could be fitted"
    assert said in (place.runs / run / "report.html").read_text()


def test_a_run_that_was_to_have_no_baselines_says_nothing_of_them(calibrated):
    assert "baselines" not in json.loads((calibrated.folder / "evaluation.json").read_text())
    assert not (calibrated.folder / "baselines.csv").exists()
    assert "etter than" not in calibrated.place.derm("evaluate", calibrated.run, "--draws", "0").stdout
