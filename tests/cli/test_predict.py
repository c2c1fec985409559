"""``derm predict``: answers as they come, in each form, and never by another model than was named."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from derm_cli import console
from tests.support.artefact_files import made_facts
from tests.support.mean_colour_onnx import write_onnx

FACTS = made_facts()
DERM = Path(sys.executable).with_name("derm")
DIGITS = tuple(str(digit).encode() for digit in range(10))


@pytest.fixture
def asked(place, tmp_path):
    """A place, an artefact that costs no training, and a folder with photographs, one of which cannot be read."""
    folder = tmp_path / "asked"
    folder.mkdir()
    for number in range(5):
        Image.new("RGB", (32, 32), (40 * number, 90, 200 - 40 * number)).save(folder / f"{number}.jpg")
    (folder / "3.jpg").write_bytes(b"no photograph")
    return place, write_onnx(tmp_path / "model.onnx", FACTS), folder


def test_the_answers_are_the_same_in_each_form(asked, tmp_path):
    place, model, folder = asked
    table = tmp_path / "new" / "answers.csv"
    whole = place.derm("predict", model, folder, "--json", "--csv", table, exit_status=1)
    document = json.loads(whole.stdout)
    assert list(document) == ["run", "synthetic", "answers"]
    answers = document["answers"]
    assert [each["file"] for each in answers] == [f"{folder}/{number}.jpg" for number in range(5)]
    # As all at once would be printed.
    assert whole.stdout == json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    assert f"Error: '{folder}/3.jpg' is not answered (not an image)" in whole.stderr
    lines = place.derm("predict", model, folder, "--jsonl", exit_status=1).stdout.splitlines()
    run = {"run": FACTS.run, "synthetic": document["synthetic"]}
    assert [json.loads(line) for line in lines] == [run | each for each in answers]
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [each["file"] for each in answers]
    for row, each in zip(rows, answers, strict=True):
        assert row["prediction"] == (each["prediction"] or "")
        assert row["reason"] == (each["reason"] or "")
        assert row["run"] == FACTS.run
        for name, probability in (each["probabilities"] or {}).items():
            assert float(row[f"p_{name}"]) == probability
    printed = place.derm("predict", model, folder, exit_status=1).stdout.splitlines()
    start = next(number for number, line in enumerate(printed) if line.startswith("photograph"))
    assert printed[start + 1].startswith("-----")
    assert [line.split()[:2] for line in printed[start + 2 :]] == [
        [each["file"], each["prediction"]] for each in answers if each["prediction"]
    ]
    assert len({line.index(line.split()[1]) for line in printed[start + 2 :]}) == 1


def test_each_way_to_name_photographs_gives_the_same_answers(asked, monkeypatch):
    place, model, folder = asked
    names = [f"{number}.jpg" for number in (0, 1, 2, 4)]
    monkeypatch.chdir(folder)
    expected = place.json("predict", model, *names)
    Path("list.txt").write_text("\n".join(names))
    for arguments in (["[0124].jpg"], ["@list.txt"], ["0.jpg", "[12].jpg", "4.jpg"]):
        assert place.json("predict", model, *arguments) == expected
    command = [DERM, "predict", model, "-", "--json"]
    done = subprocess.run(command, input="\n".join(names).encode(), capture_output=True, check=True)
    assert json.loads(done.stdout) == expected


@pytest.mark.parametrize("form", ["--json", "--jsonl", "table"])
def test_an_answer_is_there_before_the_next_photograph_is_named_and_a_stop_keeps_it(asked, form, tmp_path):
    _, model, folder = asked
    table, form_options = tmp_path / "answers.csv", [] if form == "table" else [form]
    command = [DERM, "predict", model, "-", *form_options, "--csv", table]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        printed = b""
        for number in range(2):
            process.stdin.write(f"{folder}/{number}.jpg\n".encode())
            process.stdin.flush()
            # Nothing else is to come before the answer, which ends with the probabilities.
            while f"{number}.jpg".encode() not in printed or not printed.rstrip().endswith((b"}", *DIGITS)):
                printed += os.read(process.stdout.fileno(), 1 << 16)
            with table.open(newline="") as file:
                assert len(list(csv.DictReader(file))) >= number
        process.send_signal(signal.SIGINT)
        printed += process.stdout.read()
        assert process.wait(20) == 1, process.stderr.read()
    lines = printed.decode().splitlines()
    kept = {
        "--json": lambda: json.loads(printed)["answers"],
        "--jsonl": lambda: list(map(json.loads, lines)),
        "table": lambda: [{"file": line.split()[0]} for line in lines if line.startswith(str(folder))],
    }[form]()
    with table.open(newline="") as file:
        assert [row["file"] for row in csv.DictReader(file)] == [each["file"] for each in kept]
    assert [each["file"] for each in kept] == [f"{folder}/{number}.jpg" for number in range(2)]


def test_a_bundle_is_asked_like_its_artefact(calibrated, bundled, tmp_path):
    """As a folder and as a zip, away from the run."""
    place, photograph = calibrated.place, next((calibrated.place.data / "ham10000").rglob("*.jpg"))
    expected = place.json("predict", calibrated.folder / "artefacts" / "model.tflite", photograph)
    shutil.copytree(bundled.folder / "bundle", tmp_path / "bundle")
    shutil.copy(bundled.folder / "bundle.zip", tmp_path / "bundle.zip")
    for each in (tmp_path / "bundle", tmp_path / "bundle.zip"):
        assert place.json("predict", each, photograph) == expected
        assert "no photograph is named" in place.refused("predict", each, exit_status=2)


NEITHER = {
    "of another program": ("model.pt", b"PK", "'model.pt' is neither a photograph nor a model that derm knows"),
    "that is not there": ("model.pt", None, "'model.pt' is neither a photograph nor a model that derm knows"),
    "without an ending": ("weights", b"PK", "'weights' is neither a photograph nor a model that derm knows"),
    "an archive that is not there": ("model.zip", None, "There is no bundle 'model.zip'"),
    "another archive": ("model.zip", b"PK", "'model.zip' ends as no bundle's zip does"),
    "an empty folder": ("models/", None, "'models/' is a folder without a photograph, and neither a run nor a bundle"),
}


@pytest.mark.parametrize("what", NEITHER)
def test_no_other_model_answers_in_the_place_of_one_that_derm_does_not_know(asked, what):
    """Else the default run did, and nobody was told."""
    place, _, folder = asked
    name, content, said = NEITHER[what]
    if name.endswith("/"):
        Path(name).mkdir()
    elif content is not None:
        Path(name).write_bytes(content)
    done = place.derm("predict", name, folder / "0.jpg", exit_status=1 if "ends as" in said else 2)
    assert said in done.stderr
    assert done.stdout == ""


def test_a_model_behind_photographs_is_no_photograph(asked):
    place, model, folder = asked
    said = place.refused("predict", folder / "0.jpg", model, exit_status=2)
    assert f"'{model}' is a model, and stands where a photograph should" in said


def test_a_photograph_is_known_by_its_contents_where_its_name_does_not_tell(calibrated):
    source = next((calibrated.place.data / "ham10000").rglob("*.jpg"))
    Path("IMG_0001").write_bytes(source.read_bytes())
    Path("odd.scan").write_bytes(source.read_bytes())
    (expected,) = calibrated.place.json("predict", source)["answers"]
    for name in ("IMG_0001", "odd.scan"):
        said = calibrated.place.json("predict", name)
        assert said["run"] == calibrated.run
        assert said["answers"] == [expected | {"file": name}]


def test_both_forms_of_json_exclude_each_other(asked):
    place, model, folder = asked
    said = place.refused("predict", model, folder / "0.jpg", "--json", "--jsonl", exit_status=2)
    assert "--json and --jsonl exclude each other" in said


def test_a_table_that_derm_did_not_write_stays(asked, tmp_path):
    place, model, folder = asked
    table = tmp_path / "answers.csv"
    table.write_text("mine")
    said = place.refused("predict", model, folder / "0.jpg", "--csv", table, exit_status=2)
    assert "is there already, and derm did not write it" in said
    assert table.read_text() == "mine"
    place.derm("predict", model, folder / "0.jpg", "--csv", table, "--force")
    place.derm("predict", model, folder / "1.jpg", "--csv", table)
    assert len(table.read_text().splitlines()) == 2


def test_a_bar_is_shown_on_a_terminal_alone(asked, monkeypatch):
    place, model, folder = asked
    shown = []

    @contextmanager
    def bar(total, label, **_):
        shown.append((total, label))
        yield shown.append

    monkeypatch.setattr(console, "progress_bar", bar)
    place.derm("predict", model, folder, exit_status=1)
    assert shown == [(5, "Predicting"), 1, 1, 1, 1, 1]
