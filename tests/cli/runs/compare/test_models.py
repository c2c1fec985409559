"""``derm runs compare``: runs and anybody's tables against each other on the same test photographs."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import pytest

from derm_cli.evaluation.predictions import write_predictions
from tests.support import run_folders
from tests.support.synthetic_tables import random_table, small


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    return run_folders.make_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def pair(place, models):
    """Two runs; the second is wrong about one of two cases."""
    first, second = (run_folders.make_run(place.runs, name, models[0]) for name in ("run-1", "run-2"))
    run_folders.rewrite(second, "predictions.csv", "c,MEL,MEL,0.75,0.25", "c,MEL,NEV,0.25,0.75")
    return first, second


@pytest.fixture
def paper(real_data):
    return [real_data.parent / "paper" / f"predictions_{name}.csv" for name in ("imagenet", "merged")]


def test_two_runs(place, pair):
    found = place.json("runs", "compare", "run-1", "run-2")
    assert list(found["runs"]) == ["run-1", "run-2"]
    assert [each["accuracy"] for each in found["runs"].values()] == [1.0, 0.5]
    difference = found["differences"]["run-2"]
    assert (difference["only_first"], difference["only_second"], difference["mcnemar"]) == (1, 0, 1.0)
    accuracy = next(each for each in difference["overall"] if each["name"] == "accuracy")
    assert accuracy["difference"] == -0.5
    assert difference["per_class"]["MEL"][0] == accuracy | {
        "name": "sensitivity",
        "first": 1.0,
        "second": 0.0,
        "difference": -1.0,
        "interval": None,
        "reason": "1 case, fewer than 5",
    }
    printed = place.derm("runs", "compare", "run-1", "run-2", COLUMNS="200").stdout
    assert printed.startswith("Test photographs of clinic")
    for said in ("same test photographs", "Paired differences, points more than run-1", "McNemar's p", "by class"):
        assert said in printed


def test_the_paper_s_own_tables(place, paper, tmp_path):
    """Table IV: 42.71 and 42.57 % of accuracy, a difference that is chance; of naevi, one that is not."""
    files = ("--csv", tmp_path / "figures.csv", "--latex", tmp_path / "tables.tex")
    found = json.loads(place.derm("runs", "compare", *paper, *files, "--json").stdout)
    difference = found["differences"]["predictions_merged.csv"]
    assert [round(100 * each["accuracy"], 2) for each in found["runs"].values()] == [42.71, 42.57]
    assert difference["mcnemar"] > 0.9
    naevi = difference["per_class"]["Nev"][0]
    assert naevi["interval"][1] < 0
    with (tmp_path / "figures.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    line = next(each for each in lines if (each["row"], each["figure"]) == ("Nev", "sensitivity"))
    assert (line["sheet"], float(line["value"])) == ("changes1", naevi["difference"])
    text = (tmp_path / "tables.tex").read_text()
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 3
    assert r"predictions\_merged.csv" in text


def test_a_run_and_a_table(place, pair, tmp_path):
    table = tmp_path / "stranger.csv"
    table.write_text("case_id,label,prediction\nd,NEV,MEL\nc,MEL,MEL\n")
    found = place.json("runs", "compare", "run-1", table, "run-2", "--draws", "20")
    assert {name: each["accuracy"] for name, each in found["runs"].items()} == {
        "run-1": 1.0,
        "stranger.csv": 0.5,
        "run-2": 0.5,
    }
    assert [each["holm"] for each in found["differences"].values()] == [1.0, 1.0]
    assert "p, all together" in place.derm("runs", "compare", "run-1", table, "run-2", COLUMNS="200").stdout


def test_tables_of_one_name_are_told_apart_by_their_folders(place, tmp_path):
    paths = [tmp_path / name / "predictions.csv" for name in ("a", "b")]
    for seed, path in enumerate(paths):
        write_predictions(replace(random_table(seed, 60, 3), labels=random_table(0, 60, 3).labels), path)
    assert list(place.json("runs", "compare", *paths, "--draws", "5")["runs"]) == [str(each) for each in paths]


def test_what_cannot_be_compared_is_refused(place, pair, tmp_path):
    other, wrong = tmp_path / "other.csv", tmp_path / "wrong.csv"
    other.write_text("case_id,label,prediction\nc,MEL,MEL\ne,NEV,NEV\n")
    write_predictions(replace(small("MN", "MN", "MN"), case_ids=("c", "d")), wrong)
    refused = ("runs", "compare", "run-1")
    assert "not judged on the same cases ('d' is one of 1 that only 'run-1' has)" in place.refused(*refused, other)
    assert "have not the same classes" in place.refused(*refused, wrong)
    assert "'run-1' is named twice" in place.refused(*refused, "run-2", "run-1", exit_status=2)
    assert "is named twice" in place.refused("runs", "compare", other, other, exit_status=2)
    assert "cannot be read" in place.refused(*refused, tmp_path / "none.csv")
    assert "'1' runs are named" in place.refused(*refused, exit_status=2)


def test_labels_and_cases_of_two_tables_that_look_the_same_are_the_same(place):
    """What a spreadsheet made of a table: blanks, decomposed letters, '1.0' for '1', capitals."""
    rows = [
        ("\u00e9 1", "1", "n\u00e6vus"),
        ("\u00e9 2", "n\u00e6vus", "n\u00e6vus"),
        ("3", "mel", "mel"),
        ("4", "mel", "1"),
    ]
    spelled = {"\u00e9 1": "e\u0301\u00a01 ", "3": "3.0", "1": "1.0", "n\u00e6vus": "n\u00e6vus\u00a0", "mel": "MEL"}
    for name, words in (("a.csv", {}), ("b.csv", spelled)):
        lines = [",".join(words.get(cell, cell) for cell in row) for row in rows[:: -1 if words else 1]]
        (place.root / name).write_text("\n".join(["case_id,label,prediction", *lines]) + "\n", encoding="utf-8")
    asked = ("runs", "compare", place.root / "a.csv", place.root / "b.csv", "--draws", "0")
    compared = json.loads(place.derm(*asked, "--json").stdout)
    assert compared["differences"]["b.csv"]["cases"] == 4
    first, second = compared["runs"].values()
    assert first["per_class"] == second["per_class"]
    assert first["accuracy"] == second["accuracy"] == 0.5
    said = place.derm(*asked).stderr
    assert "'b.csv' names classes of 'a.csv' with other capitals, hyphens or leading zeros (1)" in said
    assert "give the same answer to every case" in said


@pytest.mark.parametrize("words", [("evaluate", "--predictions"), ("runs", "compare", "a.csv")])
def test_the_number_of_draws_has_a_bound(place, words):
    sentence = place.refused(*words, "b.csv", "--draws", "1000000000", exit_status=2)
    assert "1000000000 is not in the range 0<=x<=100000" in sentence
