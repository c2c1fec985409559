"""Which run a file is of, its folder's record says, and not what folders are called."""

from __future__ import annotations

import json
import shutil

import pytest

from derm_cli.errors import DermError
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.home import home_of
from derm_cli.runs.record import RunRecord

FILES = ("model.keras", "artefacts/model.tflite")


@pytest.fixture
def run(tmp_path):
    run = RunFolder(tmp_path / "20260101-000000-abcd")
    (run / "artefacts").mkdir(parents=True)
    for name in FILES:
        (run / name).write_text(name)
    run.write(RunRecord(status="finished", request={}))
    run.seal(*FILES)
    return run


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_a_run_sealed_is_of_that_run_whatever_its_folder_is_called(run, name, tmp_path):
    assert home_of(run / name) == run
    renamed = tmp_path / "a copy" / "for the clinic"
    shutil.copytree(run.path, renamed)
    assert home_of(renamed / name) == RunFolder(renamed)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_or_another_s_in_its_place_is_refused(run, name):
    (run / name).write_text("another")
    with pytest.raises(DermError, match="was changed since run '20260101-000000-abcd' wrote it"):
        home_of(run / name)


def test_a_file_that_the_run_did_not_seal_is_none_of_its_own(run, tmp_path):
    for place in (run / "artefacts" / "other.tflite", run / "deep" / "er" / "model.tflite", tmp_path / "model.tflite"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
        assert home_of(place) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": "a web app", "files": ["x"]}', '{"format": 7}'])
def test_a_record_of_another_program_does_not_matter(tmp_path, content):
    (tmp_path / "run.json").write_text(content)
    (tmp_path / "model.tflite").touch()
    assert home_of(tmp_path / "model.tflite") is None


def test_a_record_further_up_does_not_matter(run, tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(run.record.to_json()))
    assert home_of(run / "model.keras") == run
