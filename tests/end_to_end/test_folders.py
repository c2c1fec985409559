"""A folder is a dataset by its path: checked, planned, trained on, and known by its name from then on."""

from __future__ import annotations

from tests.support import trees
from tests.support.commands import QUICK


def test_a_folder_is_checked_and_planned_by_its_path_and_nothing_is_remembered_of_that(place):
    trees.make_folder(place.root / "photos")
    assert "photos" in place.derm("data", "check", place.root / "photos").stdout
    for options in (
        ("--chain", f"imagenet,{place.root}/photos"),
        ("--chain", "imagenet", "--target", place.root / "photos"),
    ):
        plan = place.json("train", *QUICK, *options, "--dry-run")
        assert plan["target"] == "photos"
    assert not place.runs.exists()


def test_a_run_on_a_folder_makes_its_name_known(place):
    trees.make_folder(place.root / "photos")
    run = place.train("imagenet", "--target", str(place.root / "photos"), "--no-store")["run"]
    (listed,) = [each for each in place.json("data", "list") if each["name"] == "photos"]
    assert listed["path"] == str(place.root / "photos")
    assert place.json("train", *QUICK, "--chain", "imagenet,photos", "--dry-run")["target"] == "photos"
    shown = place.derm("runs", "show", COLUMNS="80").stdout
    assert run in shown
    ending = place.derm("evaluate").stdout.splitlines()[-2:]
    assert ending[0].startswith(f"Report: {place.runs / run / 'report.html'} (shown by derm runs open {run})")
    assert ending[1] == f"Next: derm export {run} --tflite"
    exported = place.derm("export", "--keras").stdout.splitlines()[-1]
    assert exported == f"Next: derm predict {place.runs / run / 'artefacts' / 'model.keras'} PHOTOGRAPH.jpg"
