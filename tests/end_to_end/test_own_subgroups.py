"""A dataset of a plugin with columns of its own: from its records over predictions to JSON, page, terminal and CSV."""

from __future__ import annotations

import csv
import json
import re
import sys

import pytest

from tests.support import trees
from tests.support.commands import TINY

PLUGIN = """
from derm_cli.plugin import DatasetSpec, LesionClass, SubgroupColumn, hookimpl

def records(root):
    import pandas as pd
    files = sorted(path.relative_to(root).as_posix() for path in root.glob("*/*.*"))
    number = range(len(files))
    return pd.DataFrame({
        "case_id": files, "file": files, "label": [each.split("/")[0] for each in files], "diagnosis": "",
        "patient": [f"P{each}" for each in number],
        "camera": [("phone", "dermatoscope", "Dr Smith's")[each % 3] for each in number],
        "breslow": [each % 4 for each in number],
        "by_doctor": "Dr Smith", "notes": "said by Dr Smith",
    })

CAMERA = SubgroupColumn(
    name="camera", title="camera model", kind="categories", choices=("phone", "dermatoscope", "microscope")
)
BRESLOW = SubgroupColumn(name="breslow", title="Breslow thickness", kind="bins", edges=(1, 2), unit="mm")

@hookimpl
def derm_datasets():
    facts = dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "none")
    classes = tuple(LesionClass(name=name, title=name) for name in {names})
    return [DatasetSpec(name="ours", title="Ours", classes=classes, records=records, modality="clinical",
                        subgroups=(CAMERA, BRESLOW), **facts)]
"""
FOUND = {
    "by_camera model": {"phone", "dermatoscope", "unknown"},
    "by_Breslow thickness": {"under 1 mm", "1 to under 2 mm", "2 mm and over"},
}


@pytest.fixture(scope="module")
def ours(place_in, tmp_path_factory, tiny_backbone):
    """A place with a project whose plugin reads such a dataset, its run, and the variables by which derm knows it."""
    place = place_in(tmp_path_factory.mktemp("ours"), TINY)
    trees.make_folder(place.data / "ours", per_class=20)
    (place.root / "derm.toml").touch()
    names = sorted(each.name for each in (place.data / "ours").iterdir() if each.is_dir())
    (place.root / "derm_plugin.py").write_text(PLUGIN.replace("{names}", repr(names)))
    project = {"DERM_CONFIG": str(place.root / "derm.toml")}
    run = place.train("ours", "--no-augment", "--test-share", "0.4", **project)["run"]
    yield place, run, project
    sys.modules.pop("derm_plugin", None)


def test_predictions_tell_of_declared_columns_by_their_subgroups_and_of_no_other(ours):
    place, run, _ = ours
    text = (place.runs / run / "predictions.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    own = {name: {row[name] for row in rows} - {""} for name in rows[0] if name.startswith("by_")}
    assert own == {name: values - {"unknown"} for name, values in FOUND.items()}
    assert "Smith" not in text
    assert not {"camera", "breslow", "notes"} & set(rows[0])


@pytest.mark.parametrize("project_is_there", [True, False])
def test_evaluations_cut_by_them_and_show_their_titles(ours, tmp_path, project_is_there):
    """The run's files are enough: an evaluation without the plugin says the same."""
    place, run, project = ours
    project = project if project_is_there else {}
    stored = json.loads((place.runs / run / "evaluation.json").read_text())["slices"]
    judged = place.json("evaluate", run, "--draws", "100", **project)["slices"]
    for slices in (stored, judged):
        assert {name: {each["value"] for each in slices if each["column"] == name} for name in FOUND} == FOUND
    printed = place.derm("evaluate", run, "--all", "--draws", "0", "--csv", tmp_path / "m.csv", **project).stdout
    page = (place.runs / run / "report.html").read_text()
    for text in (printed, page, (tmp_path / "m.csv").read_text()):
        assert "Breslow thickness" in text
        assert "dermatoscope" in text
        assert not re.search(r"by_camera|by_Breslow|Smith", text)


def test_a_dataset_that_is_evaluated_beside_is_cut_by_its_own_columns(ours):
    place, run, project = ours
    judged = place.json("evaluate", run, "--data", "ours", "--draws", "0", **project)["slices"]
    assert {name: {each["value"] for each in judged if each["column"] == name} for name in FOUND} == FOUND


def test_values_that_were_not_declared_are_told_of_by_the_check(ours):
    place, _, project = ours
    said = place.json("data", "check", "ours", **project)
    (finding,) = [each for each in said["findings"] if each["kind"] == "impossible-value"]
    assert "camera 'Dr Smith's'" in json.dumps(finding)
