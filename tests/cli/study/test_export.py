"""``derm study export``: what it prints; that files are written is shown in tests/end_to_end/test_studies.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import ArtefactRecord


@pytest.fixture
def exported(studied):
    """The place, whose study's first row was exported."""
    run = RunFolder(studied.runs / "made-0001")
    path = "artefacts/model.tflite"
    (run / path).parent.mkdir()
    (run / path).write_text("made")
    run.seal(path, record=replace(run.record, artefacts={"tflite": ArtefactRecord("tflite", path, 3_200_000, 3, 0, 1)}))
    return studied


def test_what_was_exported_before_is_told_and_what_comes_next(exported):
    text = exported.derm("study", "export", "made", "--tflite", "--row", "first").stdout
    (line,) = (line.split() for line in text.splitlines() if line.startswith("first "))
    assert line == ["first", "tflite", "3.2", "MB", "0.0e+00", "100.0%", "there", "before"]
    path = exported.runs / "made-0001" / "artefacts" / "model.tflite"
    benchmark, report = (line for line in text.splitlines() if line.startswith("Next: "))
    assert benchmark.endswith(f" benchmark {path}")
    assert report.endswith(" study report made")


def test_a_row_that_cannot_be_exported_is_told_below_the_others(exported):
    done = exported.derm("study", "export", "made", "--tflite", exit_status=1)
    assert "Not exported: 'second': " in done.stdout
    assert done.stdout.index("first ") < done.stdout.index("Not exported")
    assert "1 of 2 rows could not be exported: mend that, and give the same command again" in done.stderr


def test_as_json(exported):
    values = exported.json("study", "export", "made", "--tflite", "--row", "first")
    (row,) = values["rows"]
    assert (values["study"], row["row"], row["run"], row["reason"]) == ("made", "first", "made-0001", None)
    (artefact,) = row["artefacts"]
    assert (artefact["exporter"], artefact["size"], artefact["is_new"]) == ("tflite", 3_200_000, False)
    assert artefact["path"] == str(exported.runs / "made-0001" / "artefacts" / "model.tflite")


def test_without_a_format_nothing_is_exported(studied):
    assert "No format is asked for: give one or more of --" in studied.refused("study", "export", "made", exit_status=2)
