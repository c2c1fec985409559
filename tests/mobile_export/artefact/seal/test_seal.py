"""One seal over everything: facts, labels, preprocessing and network; and what an older derm sealed is still read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from derm_cli.errors import DermError
from mobile_export import derm_exporters
from mobile_export.artefact.seal import SIZE, check_whole_seal, write_seal
from tests.support.artefact_files import as_older_derm_wrote, entries_of, network_in_front, put_together

SPECS = {spec.name: spec for spec in derm_exporters()}
each_format = pytest.mark.parametrize("name", SPECS)
each_archive = pytest.mark.parametrize("name", ["tflite", "keras"])


@each_format
def test_the_last_bytes_are_the_seal_of_all_that_stands_before(name, artefacts):
    content = artefacts[name].read_bytes()
    assert content[-64:].decode() == hashlib.sha256(content[:-64]).hexdigest()


@pytest.mark.parametrize(
    ("content", "sealed"), [(b"abc" + b"0" * SIZE, b"abc"), (b"0" * SIZE, b""), (b"x" * 3_000_000, b"x" * 2_999_936)]
)
def test_a_seal_is_read_piece_by_piece(tmp_path, content, sealed):
    path = tmp_path / "file"
    path.write_bytes(content)
    write_seal(path)
    assert path.read_bytes() == sealed + hashlib.sha256(sealed).hexdigest().encode()
    check_whole_seal(path)


@pytest.mark.parametrize("content", [b"", b"short", b"0" * SIZE, b"abc" + b"0" * SIZE])
def test_what_bears_no_seal_is_refused(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(DermError, match="not those that were sealed"):
        check_whole_seal(path)


SWAPS = {
    "the names of two classes": (b'"name": "NEV"', b'"name": "MEL"'),
    "the rule of preprocessing": (b'"resize": "squash"', b'"resize": "crop"  '),
    "the run": (b"20261124-000000-abcd", b"20261124-000000-abce"),
    "a label": (b"NEV\nMEL", b"MEL\nNEV"),
    "a title": (b"Class NEV", b"Class MEL"),
}


@each_format
@pytest.mark.parametrize("what", SWAPS)
def test_nothing_is_swapped_under_an_intact_seal(name, what, artefacts, tmp_path):
    old, new = SWAPS[what]
    content = artefacts[name].read_bytes()
    assert old in content
    path = tmp_path / artefacts[name].name
    path.write_bytes(content.replace(old, new))
    with pytest.raises(DermError, match=r"its bytes are not those that were sealed|is damaged"):
        SPECS[name].load(path)


def swapped(entries):
    """Entries that say MEL where the network means NEV."""
    facts = json.loads(entries["derm.json"])
    facts["classes"][:2] = facts["classes"][1::-1]
    return entries | {"derm.json": json.dumps(facts).encode(), "labels.txt": "MEL\nNEV\né\n".encode()}


@each_archive
@pytest.mark.parametrize("comment", [b"", b"0" * 64, b"of another"])
def test_an_archive_written_anew_with_other_facts_is_refused(name, comment, artefacts, tmp_path):
    path, entries = tmp_path / artefacts[name].name, swapped(entries_of(artefacts[name]))
    put_together(path, network_in_front(artefacts[name]), entries, comment)
    with pytest.raises(DermError, match=r"lost its seal|not those that were sealed|no archive that derm wrote"):
        SPECS[name].load(path)


@each_archive
def test_an_archive_to_which_something_was_added_is_refused(name, artefacts, tmp_path):
    path, entries = tmp_path / artefacts[name].name, entries_of(artefacts[name])
    seal = artefacts[name].read_bytes()[-64:]
    put_together(path, network_in_front(artefacts[name]), entries | {"more": b"x"}, seal)
    with pytest.raises(DermError, match="not those that were sealed"):
        SPECS[name].load(path)


@each_archive
def test_a_newer_derm_s_is_told(name, artefacts, tmp_path):
    path, entries = tmp_path / artefacts[name].name, entries_of(artefacts[name])
    put_together(path, network_in_front(artefacts[name]), entries | {"derm.format": b"3\n"}, b"0" * 64)
    with pytest.raises(DermError, match="a newer derm may have written it"):
        SPECS[name].load(path)


@each_format
def test_what_derm_writes_is_wholly_sealed(name, artefacts):
    assert SPECS[name].load(artefacts[name]).is_sealed


@each_archive
def test_an_older_derm_s_file_is_read_and_known_to_be_sealed_otherwise(name, artefacts, facts, photographs, tmp_path):
    path = as_older_derm_wrote(artefacts[name], tmp_path / artefacts[name].name)
    predictor = SPECS[name].load(path)
    assert not predictor.is_sealed
    assert predictor.facts == facts
    expected = SPECS[name].load(artefacts[name])(photographs[:2])
    np.testing.assert_array_equal(predictor(photographs[:2]), expected)


def test_the_network_of_an_older_tflite_file_is_still_held_against_its_seal(artefacts, tmp_path):
    path = as_older_derm_wrote(artefacts["tflite"], tmp_path / "model.tflite")
    content = bytearray(path.read_bytes())
    content[len(network_in_front(path)) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DermError, match="not those that were sealed"):
        SPECS["tflite"].load(path)


def test_an_older_onnx_file_without_titles_was_wholly_sealed(artefacts, facts, tmp_path):
    network = onnx.load(artefacts["onnx"])
    kept = [
        onnx.StringStringEntryProto.FromString(each.SerializeToString())
        for each in network.metadata_props
        if each.key in ("derm", "labels")
    ]
    del network.metadata_props[:]
    network.metadata_props.extend(kept)
    entry = onnx.ModelProto()
    entry.metadata_props.add(key="derm.sha256", value="0" * 64)
    path = Path(tmp_path / "model.onnx")
    path.write_bytes(network.SerializeToString() + entry.SerializeToString())
    write_seal(path)
    predictor = SPECS["onnx"].load(path)
    assert predictor.is_sealed
    assert predictor.facts == facts
