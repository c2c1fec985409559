"""The whole program: a training, an evaluation and the page say whether the run is better than its baselines."""

from __future__ import annotations

import csv
import json
import shutil

import pytest

LINE = "etter than frozen features"
"""Whichever it is: a made run of a moment may be better or not."""


@pytest.fixture
def copy(finished, tmp_path):
    """A copy of the place with the finished run, which may be changed, and the run's id."""
    place, run = finished
    copied = type(place)(tmp_path / "place")
    shutil.copytree(place.root, copied.root)
    return copied, run


def test_it_is_said_printed_stored_and_on_the_page(finished, tmp_path):
    place, run = finished
    folder = place.runs / run
    stored = json.loads((folder / "evaluation.json").read_text())
    assert list(stored["baselines"]) == ["most-frequent", "frozen-features"]
    frozen = stored["baselines"]["frozen-features"]
    difference = frozen["differences"]["macro_f1"]
    assert difference["difference"] == pytest.approx(stored["macro_f1"] - frozen["macro_f1"])
    # Of a training of a moment: all photographs are given one class by both.
    assert difference["interval"] is None
    assert difference["reason"] == "no answer differs in any patient"
    record = json.loads((folder / "run.json").read_text())
    assert "baselines.csv" in record["files"]
    assert record["seconds"]["baselines"] > 0
    with (folder / "predictions.csv").open() as file:
        cases = [row["case_id"] for row in csv.DictReader(file)]
    with (folder / "baselines.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["case_id"] for row in rows if row["baseline"] == "frozen-features"] == cases
    printed = place.derm("evaluate", run).stdout
    (line,) = (each for each in printed.splitlines() if LINE in each)
    points = f"{100 * difference['difference']:.1f} points of macro F1, without an interval"
    assert line == f"Not shown to be better than frozen features: {points}: {difference['reason']}."
    assert place.json("evaluate", run)["baselines"] == stored["baselines"]
    page = (folder / "report.html").read_text()
    assert 'id="baselines"' in page
    assert line in page
    assert "Paired differences, points more than each baseline" in place.derm("evaluate", run, "--all").stdout
    place.derm("evaluate", run, "--csv", tmp_path / "figures.csv")
    assert "baseline_differences,frozen features,macro F1," in (tmp_path / "figures.csv").read_text()


def test_a_training_says_it_and_another_run_finds_the_features(copy):
    place, _ = copy
    options = (*("--backbone", "effnet-lite0", "--size", "32", "--epochs", "1"), "--schedule", "linear-probe")
    asked = ("train", *options, "--chain", "imagenet,pad-ufes-20", "--no-augment", "--baselines")
    first = place.derm(*asked, DERM_CACHE_LIMIT="1 GB")
    assert LINE in first.stdout
    assert "etter than the most frequent class" in first.stdout
    (features,) = (place.root / "cache" / "features").glob("*.bin")
    written = features.read_bytes()
    place.derm(*asked, "--seed", "3", "--fold", "1/3", DERM_CACHE_LIMIT="1 GB")
    assert list((place.root / "cache" / "features").glob("*.bin")) == [features]
    assert features.read_bytes() == written


def test_a_table_that_was_changed_is_refused(copy):
    place, run = copy
    path = place.runs / run / "baselines.csv"
    path.write_text(path.read_text().replace("most-frequent", "most-rare"))
    assert "baselines.csv' was changed since run" in place.refused("evaluate", run)
