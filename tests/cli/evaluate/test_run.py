"""``derm evaluate`` on a run and on anybody's table: what is printed, and every file that it writes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from derm_cli.evaluation.predictions import write_predictions
from tests.support import synthetic_tables

PAD = ("ACK", "BCC", "MEL", "NEV", "SCC", "SEK")


def renamed(table, names):
    """Return a made table whose classes have ``names``."""
    places = dict(zip(table.classes, names, strict=True))
    labels, predictions = (np.array([places[each] for each in told]) for told in (table.labels, table.predictions))
    return replace(table, classes=tuple(names), labels=labels, predictions=predictions)


@pytest.fixture
def table(place):
    """A made table of PAD-UFES-20's classes, three cases a patient."""
    path = place.root / "test.csv"
    write_predictions(renamed(synthetic_tables.random_table(0, 300, 6, per_patient=3), PAD), path)
    return path


@pytest.fixture
def validation(place):
    path = place.root / "validation.csv"
    write_predictions(renamed(synthetic_tables.random_table(1, 300, 6), PAD), path)
    return path


def lines_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_figure_of_a_class_stands_there_with_its_interval(finished):
    place, run = finished
    printed = place.derm("evaluate", run, COLUMNS="200").stdout
    heading = next(line for line in printed.splitlines() if line.startswith("class"))
    for figure in ("cases", "sensitivity", "specificity", "PPV", "NPV", "F1", "AUC", "AP"):
        assert figure in heading
    found = place.json("evaluate", run)
    for figures in found["per_class"].values():
        for name in ("sensitivity", "specificity", "npv", "f1", "auc", "average_precision"):
            assert 0 <= figures[name] <= 1
        assert ("sensitivity" in figures["intervals"]) != ("sensitivity" in figures["no_interval"])
        for low, high, method in [figures["intervals"]["sensitivity"]] if "sensitivity" in figures["intervals"] else []:
            assert low <= figures["sensitivity"] <= high
            assert method in {"wilson", "effective"}
    for name in ("accuracy", "balanced_accuracy", "weighted_f1", "macro_f1", "top3"):
        assert (name in found["intervals"]) != (name in found["no_interval"])
        for low, high, _ in [found["intervals"][name]] if name in found["intervals"] else []:
            assert low <= found[name] <= high


def test_what_is_printed_fits_the_terminal(finished):
    place, run = finished
    wide, narrow = (place.derm("evaluate", run, "--draws", "50", COLUMNS=width).stdout for width in ("250", "80"))
    tables = [line for line in narrow.splitlines() if line.startswith(("class ", "---"))]
    assert max(map(len, tables)) <= 80
    assert narrow.count("\nclass ") > wide.count("\nclass ")


def test_it_is_the_same_twice(finished):
    place, run = finished
    assert place.json("evaluate", run) == place.json("evaluate", run)


def test_it_is_what_the_run_stored(finished):
    place, run = finished
    stored = json.loads((place.runs / run / "evaluation.json").read_text())
    found = place.json("evaluate", run)
    assert {name: stored[name] for name in found} == found


def test_a_table_with_thresholds_from_another(place, table, validation):
    asked = ("evaluate", "--predictions", table, "--classes-of", "pad-ufes-20")
    alone = place.json(*asked)
    assert alone["conformal"] is None
    assert alone["triage"]["without_indeterminate"]["points"] == []
    assert "There is no validation part" in " ".join(alone["notes"])
    with_it = place.json(*asked, "--validation", validation)
    assert with_it["conformal"]["chosen_on"] == 300
    points = with_it["triage"]["without_indeterminate"]["points"]
    assert 0.95 in [each["target"] for each in points]
    assert with_it["per_class"] == alone["per_class"]
    printed = place.derm(*asked, "--validation", validation, "--all", COLUMNS="200").stdout
    for said in (
        "Triage thresholds",
        "Referral now, soon",
        "Prediction sets",
        "the least confident go to a person",
    ):
        assert said in printed


def test_patients_are_drawn_whole(place, table):
    found = place.json("evaluate", "--predictions", table)
    assert (found["cases"], found["patients"]) == (300, 100)
    assert found["intervals"]["accuracy"][2] == "effective"
    low, high, _ = found["intervals"]["accuracy"]
    alone = table.with_name("alone.csv")
    alone.write_text(table.read_text().replace("patient", "other", 1))
    other = place.json("evaluate", "--predictions", alone)
    assert other["accuracy"] == found["accuracy"]
    assert other["patients"] is None
    assert high - low > 1.3 * (other["intervals"]["accuracy"][1] - other["intervals"]["accuracy"][0])


def test_draws(place, table):
    none = place.json("evaluate", "--predictions", table, "--draws", "0")
    assert none["intervals"] == {}
    assert "(" not in place.derm("evaluate", "--predictions", table, "--draws", "0").stdout.split("overall")[0]
    assert "--draws" in place.derm("evaluate", "--predictions", table, "--draws", "-1", exit_status=2).stderr


def test_csv_and_latex_have_what_is_printed(place, table, validation, tmp_path):
    csv_file, latex = tmp_path / "figures.csv", tmp_path / "tables.tex"
    asked = ("evaluate", "--predictions", table, "--validation", validation)
    found = place.json(*asked, "--csv", csv_file, "--latex", latex)
    lines = lines_of(csv_file.read_text())
    mel = next(each for each in lines if (each["sheet"], each["row"], each["figure"]) == ("classes", "MEL", "F1"))
    assert float(mel["value"]) == found["per_class"]["MEL"]["f1"]
    assert [float(mel["low"]), float(mel["high"]), mel["method"]] == found["per_class"]["MEL"]["intervals"]["f1"]
    text = latex.read_text()
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") > 3
    assert r"sensitivity \%" in text


def test_the_paper_s_form(place, real_data, tmp_path):
    table = real_data.parent / "paper" / "predictions_merged.csv"
    printed = place.derm("evaluate", "--paper", "--predictions", table, "--latex", tmp_path / "paper.tex").stdout
    assert "42.57" in printed
    rows = [line.split() for line in printed.splitlines()]
    assert ["SebKer", "237", "53.59", "66.84", "59.48"] in rows
    assert ["MM", "10", "0.00", "0.00", "0.00"] in rows
    assert r"SebKer & 237 & 53.59 & 66.84 & 59.48 \\" in (tmp_path / "paper.tex").read_text()


def test_a_page_of_a_table(place, table, tmp_path):
    place.derm("evaluate", "--predictions", table, "--report", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "Predictions in test.csv" in page
    assert "<img" not in page


def test_photographs_are_on_the_page_only_where_they_are_asked_for(finished, tmp_path):
    place, run = finished
    assert "<img" not in (place.runs / run / "report.html").read_text()
    place.derm("evaluate", run, "--draws", "0", "--report", tmp_path / "page.html", "--photographs")
    page = (tmp_path / "page.html").read_text()
    assert page.count("<img") == page.count('src="data:image/jpeg;base64,') > 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["some-run", "--predictions", "t.csv"], "exclude each other"),
        (["--predictions", "t.csv", "--data", "ham10000"], "--data 'ham10000' asks a run"),
        (["--validation", "v.csv"], "--validation 'v.csv' goes with --predictions alone"),
        (["--classes-of", "ham10000"], "--classes-of 'ham10000' goes with --predictions alone"),
        (["--photographs"], "--photographs goes with --report"),
        (["--predictions", "t.csv", "--report", "r.html", "--photographs"], "a table has no photographs"),
        (
            ["--predictions", "t.csv", "--classes-of", "ham1000"],
            "There is no dataset 'ham1000'. Did you mean 'ham10000'",
        ),
    ],
)
def test_options_that_do_not_go_together(place, options, said):
    assert said in place.refused("evaluate", *options, exit_status=2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            f"case_id,label,{','.join(f'p_{each}' for each in PAD)}\n1,MEL,0,0,1,0,0,0\n2,NEV,0,0,0.9,0.2,0,0\n",
            "line 3: the probabilities sum to '1.1'",
        ),
        ("case_id,label,prediction\n1,MEL,MEL\n2,MELL,NEV\n", "line 3: unknown label 'MELL'"),
        ("case_id,label,prediction\n1,MEL,MEL\n1,NEV,NEV\n", "line 3: case '1' is already on line 2"),
    ],
)
def test_a_wrong_line_of_a_table_is_named(place, content, said):
    file = place.root / "table.csv"
    file.write_text(content)
    assert said in place.refused("evaluate", "--predictions", file, "--classes-of", "pad-ufes-20")


def test_a_table_is_judged_without_the_training_framework(place, table):
    """In an interpreter of its own: in this one others have imported it."""
    program = (
        "import sys; from click.testing import CliRunner; from derm_cli.cli import cli; "
        "done = CliRunner().invoke(cli, ['evaluate', '--predictions', sys.argv[1], '--report', sys.argv[2]]); "
        "assert done.exit_code == 0, done.output; "
        "print(sorted(set(sys.modules) & {'tensorflow', 'keras', 'jax', 'torch'}))"
    )
    command = [sys.executable, "-c", program, table, place.root / "page.html"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
