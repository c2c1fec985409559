"""One run of each row is exported, nothing twice, and a row that cannot be has its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.errors import DermError, RequestError
from derm_cli.plugin.registry import Registry
from derm_cli.runs.record import ArtefactRecord
from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.exporting import row_exports
from derm_cli.studies.exporting.row_exports import export_rows
from tests.support.studies import made_session, made_study, twenty_answers

ROWS = (StudyRow("first", {}), StudyRow("second", {}), StudyRow("third", {}))
GIVEN = {(name, seed, 0): twenty_answers(5) for name in ("first", "second") for seed in (0, 1)}


@pytest.fixture
def session(tmp_path):
    session = made_session(tmp_path)
    session.registry = Registry()
    return session


@pytest.fixture
def study(session):
    """Two rows of two seeds each, and one that did not finish."""
    return made_study(session, ROWS, GIVEN, seeds=(0, 1))


@pytest.fixture
def exported(monkeypatch):
    """What was exported, by run, with files that say nothing; a run that stands in ``exported.refused`` is refused."""
    calls = []

    def export(_, run, exporters, variants):
        if run.id in refused:
            raise DermError(f"Run '{run.id}' cannot be exported.")
        calls.append((run.id, tuple(exporters), tuple(variants)))
        for exporter in exporters:
            for variant in variants if exporter == "tflite" else ["none"]:
                name = exporter if variant == "none" else f"{exporter}:{variant}"
                path = f"artefacts/model-{variant}.{exporter}"
                (run / path).parent.mkdir(exist_ok=True)
                (run / path).write_text(name)
                artefact = ArtefactRecord(exporter, path, len(name), 3, 0.0, 1.0)
                record = run.record
                run.seal(path, record=replace(record, artefacts={**record.artefacts, name: artefact}))

    refused: set[str] = set()
    monkeypatch.setattr(row_exports, "export", export)
    return calls, refused


def test_one_run_of_each_row_is_exported_once(session, study, exported):
    calls, _ = exported
    first, second, third = export_rows(session, study, ["tflite"])
    assert calls == [("made-0001", ("tflite",), ("none",)), ("made-0003", ("tflite",), ("none",))]
    assert (first.written, first.run.id, list(first.artefacts)) == (("tflite",), "made-0001", ["tflite"])
    assert first.path_of(first.artefacts["tflite"]).read_text() == "tflite"
    assert third.to_json() == {
        "row": "third",
        "run": None,
        "artefacts": [],
        "reason": "no training of it has finished (0005 is failed: no more memory)",
    }
    assert second.reason == ""

    first, second, third = export_rows(session, study, ["tflite"])
    assert len(calls) == 2
    assert first.written == second.written == ()
    assert list(second.artefacts) == ["tflite"]


def test_what_lacks_is_exported_and_what_was_changed_is_exported_again(session, study, exported):
    calls, _ = exported
    (first,) = export_rows(session, study, ["tflite"], rows=["first"])
    (first,) = export_rows(session, study, ["tflite", "onnx"], ["none"], ["first"])
    assert calls[1:] == [("made-0001", ("onnx",), ("none",))]
    assert first.written == ("onnx",)
    (first,) = export_rows(session, study, ["tflite"], ["none", "int8"], ["first"])
    assert calls[2:] == [("made-0001", ("tflite",), ("int8",))]
    assert (first.written, list(first.artefacts)) == (("tflite:int8",), ["tflite", "tflite:int8"])
    first.path_of(first.artefacts["tflite:int8"]).write_text("changed")
    (first,) = export_rows(session, study, ["tflite"], ["int8"], ["first"])
    assert first.written == ("tflite:int8",)
    assert first.path_of(first.artefacts["tflite:int8"]).read_text() == "tflite:int8"


def test_the_run_of_a_row_that_was_exported_before_stands_for_it(session, study, exported):
    calls, _ = exported
    (other,) = (run for run in session.runs.all() if run.id == "made-0002")
    artefact = ArtefactRecord("onnx", "artefacts/model.onnx", 9, 3, 0.0, 1.0)
    other.write(replace(other.record, artefacts={"onnx": artefact}))
    (first,) = export_rows(session, study, ["tflite"], rows=["first"])
    assert first.run.id == "made-0002"
    assert calls == [("made-0002", ("tflite",), ("none",))]


def test_a_row_that_cannot_be_exported_has_its_reason_and_the_others_go_on(session, study, exported):
    _, refused = exported
    refused.add("made-0001")
    first, second, _ = export_rows(session, study, ["tflite"])
    assert first.reason == "Run 'made-0001' cannot be exported."
    assert first.artefacts == {}
    assert second.written == ("tflite",)


def test_rows_and_variants_that_there_are_not_are_refused_before_anything_is_exported(session, study, exported):
    calls, _ = exported
    with pytest.raises(RequestError, match=r"Study 'made' has no row 'frist': .* Did you mean 'first'"):
        export_rows(session, study, ["tflite"], rows=["frist"])
    with pytest.raises(RequestError, match=r"There is no variant 'int9' of 'tflite'"):
        export_rows(session, study, ["tflite"], ["int9"])
    assert calls == []
