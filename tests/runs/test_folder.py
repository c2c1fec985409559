from dataclasses import replace

import pytest

from derm_cli.files import leftovers, whole
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.layout import CHECKPOINT, PREVIOUS_CHECKPOINT
from derm_cli.runs.record import RunRecord


@pytest.fixture
def run(tmp_path):
    made = RunFolder(tmp_path / "20260101-000000-abcd")
    made.write(RunRecord(status="running", request={}))
    return made


@pytest.fixture
def half(run):
    """The file that a process was writing when it was killed."""
    with whole(run / "report.html") as temporary:
        temporary.write_text("half")
        kept = temporary.rename(temporary.with_name(temporary.name + "~"))
        temporary.touch()
    (run / "report.html").unlink()
    return kept.rename(temporary)


def test_what_is_no_result_is_not_sealed(run, half):
    for name in (CHECKPOINT, PREVIOUS_CHECKPOINT, "log"):
        (run / name).write_text(name)
    (run / "artefacts").mkdir()
    (run / "artefacts" / "model.tflite").touch()
    run.seal_others(replace(run.record, status="finished"))
    assert sorted(run.record.files) == ["artefacts/model.tflite", "log"]
    assert run.status == "finished"


def test_half_written_files_are_known_by_their_names(run, half):
    (run / "a.part.csv").touch()
    assert leftovers(run.path) == [half]
