"""``derm data check``: what it prints, the page, and when it fails."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.support import synthetic_photographs


@pytest.fixture
def clinic(place):
    """A folder of made photographs of two classes, put to use by derm.toml; returns the call of ``derm``'s settings."""
    for label, first in (("nevus", 0), ("wart", 50)):
        folder = place.data / "clinic" / label
        folder.mkdir(parents=True)
        for number in range(12):
            synthetic_photographs.picture(first + number).save(folder / f"{number}.png")
    toml = place.root / "derm.toml"
    toml.write_text(f"[datasets.clinic]\nreader = 'folder'\npath = '{place.data / 'clinic'}'\n")
    return {"DERM_CONFIG": str(toml)}


def contradict(place):
    shutil.copy(place.data / "clinic" / "nevus" / "0.png", place.data / "clinic" / "wart" / "x.png")


def test_the_last_line_tells_whether_the_data_are_fit(place, clinic):
    said = place.derm("data", "check", "clinic", **clinic).stdout
    assert said.splitlines()[-1] == "Fit to train on: 24 of 24 photographs; 2 notes."
    assert "class  photographs  groups" in said
    assert "nevus           12      12" in said
    contradict(place)
    said = place.derm("data", "check", "clinic", **clinic).stdout
    assert said.splitlines()[-1] == (
        "Not fit to train on as it is: the same file under contradicting classes (1 error, 2 notes); "
        "usable: 25 of 25 photographs."
    )


def test_the_first_line_counts_photographs_that_are_not_read(place, clinic):
    (place.data / "clinic" / "wart" / "IMG_1.CR2").touch()
    said = place.derm("data", "check", "clinic", **clinic).stdout
    assert said.splitlines()[0].endswith("; 1 photograph not read: 1 .cr2 (develop and save as JPEG)")


def test_the_worst_is_told_first_with_a_few_cases(place, clinic):
    contradict(place)
    for number in range(5):
        (place.data / "clinic" / "wart" / f"bad{number}.png").touch()
    lines = place.derm("data", "check", "clinic", **clinic).stdout.splitlines()
    told = [line for line in lines if line.startswith(("error", "dropped", "warning", "note"))]
    assert told[0].startswith("error    the same file under contradicting classes")
    assert "nevus/0.png (nevus) = wart/x.png (wart)" in told[0]
    assert told[1].startswith("dropped  an empty file")
    assert told[1].endswith("wart/bad0.png (wart, empty file); wart/bad1.png (wart, empty file); …")


def test_json_has_every_case(place, clinic):
    for number in range(5):
        (place.data / "clinic" / "wart" / f"bad{number}.png").touch()
    report = place.json("data", "check", "clinic", **clinic)
    (dataset,) = report["datasets"]
    assert (report["fit"], report["strictly_fit"]) == (True, False)
    assert dataset["dropped"] == {"empty file": [f"wart/bad{number}.png" for number in range(5)]}
    (finding,) = (each for each in report["findings"] if each["severity"] == "dropped")
    assert [group[0]["file"] for group in finding["groups"]] == [f"wart/bad{number}.png" for number in range(5)]
    assert {"kind", "severity", "title", "detail", "advice", "groups"} == set(finding)


def test_strict_fails_after_all_is_told(place, clinic):
    place.derm("data", "check", "clinic", "--strict", **clinic)
    (place.data / "clinic" / "wart" / "bad.png").touch()
    place.derm("data", "check", "clinic", **clinic)
    for option in ((), ("--json",)):
        result = place.derm("data", "check", "clinic", "--strict", *option, exit_status=1, **clinic)
        assert "an empty file" in result.stdout
        assert "--strict" in result.stderr
        assert "Traceback" not in result.output
    assert json.loads(result.stdout)["strictly_fit"] is False


def test_strict_does_not_mind_notes_but_warnings(place, clinic):
    synthetic_photographs.see_through(90, 255).save(place.data / "clinic" / "wart" / "a.png")
    place.derm("data", "check", "clinic", "--strict", **clinic)
    synthetic_photographs.see_through(91, 90).save(place.data / "clinic" / "wart" / "b.png")
    place.derm("data", "check", "clinic", "--strict", exit_status=1, **clinic)


@pytest.mark.parametrize(("options", "shown"), [((), 2), (("--no-photographs",), 0)])
def test_a_page_with_and_without_photographs(place, clinic, options, shown):
    contradict(place)
    page = place.root / "check.html"
    said = place.derm("data", "check", "clinic", "--html", page, *options, **clinic).stdout
    assert f"Written: {page}" in said
    assert page.read_text(encoding="utf-8").count("data:image/jpeg;base64,") == shown


def test_several_datasets_are_checked_together(place, clinic):
    other = place.data / "other"
    shutil.copytree(place.data / "clinic", other)
    with (place.root / "derm.toml").open("a") as toml:
        toml.write(f"[datasets.other]\nreader = 'folder'\npath = '{other}'\n")
    report = place.json("data", "check", "clinic", "other", **clinic)
    assert [each["name"] for each in report["datasets"]] == ["clinic", "other"]
    (copies,) = (each for each in report["findings"] if each["kind"] == "copies-across")
    assert len(copies["groups"]) == 24
    said = place.derm("data", "check", "clinic", "other", **clinic).stdout
    assert "nevus/0.png (clinic, nevus) = nevus/0.png (other, nevus)" in said
    assert "48 of 48 photographs (clinic 24, other 24)" in said.splitlines()[-1]


def test_names_that_are_wrong(place, clinic):
    assert "'clinc'" in place.refused("data", "check", "clinc", exit_status=2, **clinic)
    assert "named twice" in place.refused("data", "check", "clinic", "clinic", exit_status=2, **clinic)
    assert "Missing argument" in place.derm("data", "check", exit_status=2, **clinic).stderr


def test_a_page_that_cannot_be_written(place, clinic):
    (place.root / "file").touch()
    page = place.root / "file" / "page.html"
    said = place.refused("data", "check", "clinic", "--html", page, exit_status=2, **clinic)
    assert f"--html '{page}' cannot be written: a file stands where its folder should be" in said
