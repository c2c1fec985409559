"""``derm runs ensemble``."""

from __future__ import annotations

import pandas as pd
import pytest


def test_it_is_predicted_with_evaluated_and_exported_as_any_run(two, tmp_path):
    """Of a run and its copy, so that what it must answer is known."""
    place, first, second = two
    made = place.json("runs", "ensemble", first, second)
    run = made["run"]
    assert made["members"] == [first, second]
    tables = [
        pd.read_csv(place.runs / each / "predictions.csv", dtype=str, keep_default_na=False) for each in (first, run)
    ]
    columns = [column for column in tables[0] if not column.startswith("p_")]
    pd.testing.assert_frame_equal(tables[0][columns], tables[1][columns])
    for column in tables[0].columns.difference(columns):
        assert tables[1][column].astype(float).to_list() == pytest.approx(tables[0][column].astype(float).to_list())
    alone, together = (place.json("evaluate", each, "--draws", "0") for each in (first, run))
    assert together["accuracy"] == alone["accuracy"]
    assert together["cases"] == alone["cases"] == made["evaluation"]["cases"] > 0
    for artefact in place.json("export", run, "--tflite", "--onnx")["artefacts"]:
        assert artefact["photographs"] == together["cases"]
        assert artefact["max_difference"] < 1e-5
        assert artefact["agreement"] == 1.0
    photograph = next((place.data / "pad-ufes-20").rglob("*.png"))
    answers = [place.json("predict", each, photograph) for each in (first, run, f"{made['path']}/artefacts/model.onnx")]
    for answer in answers[1:]:
        predicted, expected = (each["answers"][0]["probabilities"] for each in (answer, answers[0]))
        assert predicted == pytest.approx(expected, abs=1e-5)
    (line,) = (each for each in place.json("runs", "list") if each["id"] == run)
    assert (line["backbone"], line["status"]) == ("2 x effnet-lite0", "finished")
    place.derm("runs", "choose", run)
    shown = place.derm("runs", "show", run).stdout
    assert "member 1" in shown
    page = (place.runs / run / "report.html").read_text()
    assert f"derm runs ensemble {first} {second}" in page
    assert "The members of the ensemble" in page
    assert "the same, bit for bit" not in place.refused("runs", "compare", "--exact", first, run)


def test_it_says_what_it_made_and_what_comes_next(two):
    place, first, second = two
    said = place.derm("runs", "ensemble", first, second).stdout
    run = place.json("runs", "list")[1]["id"]
    assert f"Run {run}, test photographs of pad-ufes-20" in said
    assert f"Run {run} in {place.runs / run}, the mean of 2 models" in said
    assert f"export {run} --tflite" in said


def test_one_run_is_none(two):
    place, first, _ = two
    assert "name two runs or more" in place.refused("runs", "ensemble", first, exit_status=2)
    assert "There is no run 'nothing'" in place.refused("runs", "ensemble", first, "nothing", exit_status=2)
