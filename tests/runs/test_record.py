"""run.json as the code sees it: of any age, and written back as it was."""

import json
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derm_cli.errors import DermError
from derm_cli.runs import record as room
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import ArtefactRecord, EnsembleMember, PrecisionCheck, Process, RunRecord, StageOrigin

STORED = sorted((Path(__file__).parents[1] / "stored" / "runs").glob("*/run.json"))
ARTEFACT = {
    "exporter": "tflite",
    "path": "artefacts/model.tflite",
    "size": 7,
    "photographs": 3,
    "max_difference": 1e-7,
    "agreement": 1.0,
}
FULL = {
    **json.loads(STORED[0].read_text()),
    "reason": "interrupted by the user",
    "elsewhere": {"machine": "another"},
    "artefacts": {"tflite": ARTEFACT | {"of a later derm": [1]}},
}
OPTIONAL = sorted(FULL.keys() - {"format", "status", "request", "files"})
LATER = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@st.composite
def documents(draw):
    """A record of some derm: keys are missing, others are there that this one does not know, in any order."""
    lacking = draw(st.sets(st.sampled_from(OPTIONAL)))
    later = draw(st.dictionaries(st.text().filter(lambda key: key not in FULL and key != "document"), LATER))
    items = {**{key: value for key, value in FULL.items() if key not in lacking}, **later}
    return {key: items[key] for key in draw(st.permutations(list(items)))}


def text(document):
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.parent.name)
def test_a_stored_record_is_written_as_it_was_read(path, tmp_path):
    run = RunFolder(tmp_path)
    run.write(RunFolder(path.parent).record)
    assert (tmp_path / "run.json").read_bytes() == path.read_bytes()


@given(documents())
@settings(deadline=None)
def test_a_record_of_any_derm_is_written_as_it_was_read(document):
    assert text(RunRecord.from_json(deepcopy(document)).to_json()) == text(document)


@given(documents(), st.sampled_from(["failed", "finished"]))
@settings(deadline=None)
def test_a_change_changes_its_key_alone_and_a_new_key_comes_last(document, status):
    record = replace(RunRecord.from_json(deepcopy(document)), status=status, seconds_training=1.5)
    assert text(record.to_json()) == text({**document, "status": status, "seconds_training": 1.5})


def test_a_second_artefact_leaves_the_first_as_it_is():
    record = RunRecord.from_json(deepcopy(FULL))
    onnx = ArtefactRecord("onnx", "artefacts/model.onnx", 9, 3, 0.0, 1.0)
    written = replace(record, artefacts={**record.artefacts, "onnx": onnx}).to_json()
    assert written["artefacts"]["tflite"] == FULL["artefacts"]["tflite"]
    assert list(written["artefacts"]["onnx"]) == list(ARTEFACT)


def test_a_new_record_has_the_keys_of_a_beginning_in_their_order():
    record = RunRecord(
        status="running",
        process=Process("here", 1, "2"),
        started="2026-01-01T00:00:00+00:00",
        request={"chain": ("a", "b")},
        plan="0",
        preprocessing="1",
    )
    assert list(record.to_json()) == [
        *("format", "files", "status", "process", "started", "request", "plan", "preprocessing", "data", "splits"),
        *("synthetic", "environment", "store"),
    ]
    again = RunRecord.from_json(json.loads(json.dumps(record.to_json())))
    ended = replace(
        again,
        status="finished",
        ended="2026-01-01T00:00:01+00:00",
        seconds_training=0.5,
        seconds={"compiling": 0.1},
        stages=(StageOrigin("a", "trained", "x"),),
        precision=PrecisionCheck("float32", 0.0, 1.0),
    )
    assert list(ended.to_json())[-5:] == ["ended", "seconds_training", "seconds", "stages", "precision"]


def test_the_members_of_an_ensemble_are_kept():
    record = RunRecord(status="finished", request={}, members=(EnsembleMember("a", "01"), EnsembleMember("b", "02")))
    written = json.loads(json.dumps(record.to_json()))
    assert written["members"] == [{"run": "a", "model": "01"}, {"run": "b", "model": "02"}]
    assert RunRecord.from_json(written).members == record.members
    assert "members" not in RunRecord(status="finished", request={}).to_json()


def test_a_run_that_went_on_as_it_began_says_so():
    """That nothing was otherwise elsewhere is said; that a run never went on is not."""
    record = RunRecord.from_json({"format": 1, "files": {}, "status": "failed", "request": {}})
    assert record.elsewhere is None
    assert replace(record, elsewhere={}).to_json()["elsewhere"] == {}


def test_what_an_old_record_lacks_has_its_old_meaning():
    record = RunRecord.from_json({"format": 1, "files": {}, "status": "finished", "request": {}})
    assert (record.synthetic, record.store, record.stages, record.artefacts, record.data) == (False, True, (), {}, {})
    assert record.process is None
    assert record.precision is None


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"status": None},
        {"request": []},
        {"files": "plan.json"},
        {"process": 5},
        {"synthetic": "no"},
        {"stages": [5]},
        {"stages": [{"name": "a"}]},
        {"members": {"run": "a"}},
        {"members": [{"run": "a"}]},
        {"artefacts": {"tflite": {}}},
        {"seconds_training": "long"},
    ],
    ids=str,
)
def test_what_has_not_the_form_is_refused_with_what_to_do(tmp_path, change):
    (tmp_path / "run.json").write_text(json.dumps(FULL | change))
    with pytest.raises(DermError, match=r"is not a run record that this version of derm writes \(format 1\)"):
        _ = RunFolder(tmp_path).record


def test_a_process_of_any_name_was_started_at_some_time():
    program = "import sys; open('/proc/self/comm', 'wb').write(b'a) \\xff ('); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        assert str(room._started(process.pid)).isdigit()
        process.communicate()
