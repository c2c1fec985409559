"""``derm data template``: an empty layout that, once filled in, derm reads."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PIL import Image


def photograph(path, seed: int) -> None:
    """Write a made photograph, of noise alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (96, 96, 3), dtype="uint8")
    Image.fromarray(noise).save(path)


def fill(table, rows: list[dict[str, object]]) -> None:
    """Write rows below the header that the template has, as a spreadsheet would."""
    header = table.read_text(encoding="utf-8").strip().split(",")
    with table.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, header).writerows(rows)


def test_a_clinics_folder_is_filled_in_and_read(place):
    folder = place.data / "dermai"
    assert "cases.csv" in place.derm("data", "template", "dermai", folder).stdout
    rows = []
    for number in range(12):
        file = f"2024/{number}.jpg"
        photograph(folder / "images" / file, number)
        case = {"case": number, "patient": f"P{number // 2}", "file": file, "class": ("Nev", "BCC")[number % 4 // 2]}
        known = {"image_type": "macroscopic", "age": 40, "sex": "female", "site": "head/neck", "fitzpatrick": 3}
        rows.append({**case, **known, "split": "test" if number < 4 else "train"})
    fill(folder / "cases.csv", rows)
    (shown,) = place.json("data", "check", "dermai")["datasets"]
    assert shown["photographs"]["Nev"] == shown["photographs"]["BCC"] == 6
    assert shown["dropped"] == {}


def test_a_table_of_ones_own_classes_is_filled_in_and_read(place, tmp_path):
    folder = tmp_path / "own"
    place.derm("data", "template", "csv", folder)
    rows = []
    for number in range(6):
        photograph(folder / f"{number}.png", number)
        rows.append({"image": f"{number}.png", "label": ("mole", "wart")[number % 2], "patient_id": f"P{number}"})
    fill(folder / "records.csv", rows)
    settings = tmp_path / "derm.toml"
    settings.write_text(f"[datasets.my-clinic]\nreader = 'csv'\npath = '{folder}'\n")
    (shown,) = place.json("data", "check", "my-clinic", DERM_CONFIG=str(settings))["datasets"]
    assert shown["photographs"] == {"mole": 3, "wart": 3}


def test_what_was_written_is_told(place, tmp_path):
    told = place.json("data", "template", "dermai", tmp_path / "new")
    assert told == {
        "name": "dermai",
        "path": str(tmp_path / "new"),
        "written": ["README.txt", "cases.csv", "images/", "masks/"],
    }


def test_an_empty_folder_will_do(place, tmp_path):
    (tmp_path / "empty").mkdir()
    place.derm("data", "template", "csv", tmp_path / "empty")
    assert (tmp_path / "empty" / "records.csv").is_file()


def test_a_folder_with_anything_in_it_is_left_alone(place, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    said = place.refused("data", "template", "dermai", tmp_path)
    assert f"The folder '{tmp_path}' is not empty ('notes.txt' is in it): name a new one." in said
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dermia", "There is no dataset 'dermia'. Did you mean 'dermai'"),
        ("ham10000", "Dataset 'ham10000' has no template (those that have one: csv, dermai)."),
    ],
)
def test_a_dataset_without_a_template_is_refused(name, said, place, tmp_path):
    assert said in place.refused("data", "template", name, tmp_path / "new", exit_status=2)
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written_is_named(place, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    assert f"'{file}' cannot be written (Not a directory)" in place.refused("data", "template", "csv", file)
    assert "cannot be written (Not a directory)" in place.refused("data", "template", "csv", file / "new")
    assert file.read_text() == "mine"
