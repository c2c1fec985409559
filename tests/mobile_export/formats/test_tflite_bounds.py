"""A TFLite file that leads out of itself, asks for gigabytes or has a program inside is handed to no runtime.

``tests/fuzz/fuzz_models.py`` makes more of them than can be thought of.
"""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.taxonomy import LesionClass
from mobile_export.artefact.seal import SIZE, write_seal
from mobile_export.formats import tflite_bounds
from mobile_export.formats.inspecting import inspect_tflite
from mobile_export.formats.tflite import load
from mobile_export.formats.tflite_bounds import check_bounds
from mobile_export.formats.tflite_graph import network_bytes, read_network
from tests.support.artefact_files import entries_of, made_facts, network_in_front, put_together
from tests.support.mean_colour_tflite import write_tflite

FACTS = made_facts(classes=tuple(LesionClass(name=name, title=name) for name in "abc"))


@pytest.fixture
def sound(tmp_path):
    return write_tflite(tmp_path / "model.tflite", FACTS)


def of_kind(network, kind):
    from ai_edge_litert import schema_py_generated as schema

    code = getattr(schema.BuiltinOperator, kind)
    network.operatorCodes[1].builtinCode, network.operatorCodes[1].deprecatedBuiltinCode = code, min(code, 127)


def first(network):
    return network.subgraphs[0]


SPOILT = {
    "gigabytes": (
        lambda n: setattr(first(n).tensors[1], "shape", [1, 30_000, 30_000, 3]),
        "its operations give more than 17825792 numbers for a photograph",
    ),
    "gigabytes in many arrays": (
        lambda n: (
            setattr(first(n).tensors[1], "shape", [1_000_000]),
            first(n).tensors.extend([first(n).tensors[1]] * 17),
        ),
        "its operations give more than",
    ),
    "a side below 0": (lambda n: setattr(first(n).tensors[3], "shape", [1, -3]), "a side below 0"),
    "an array of no place": (lambda n: setattr(first(n).tensors[2], "buffer", 9), "an array of it has no place"),
    "an operation of no kind": (lambda n: setattr(first(n).operators[0], "opcodeIndex", 7), "is of no kind"),
    "an input that it has not": (lambda n: setattr(first(n).operators[1], "inputs", [1, 99]), "that it has not"),
    "an output that it has not": (lambda n: setattr(first(n).operators[1], "outputs", [-1]), "that it has not"),
    "no input": (lambda n: (setattr(first(n), "inputs", []), setattr(first(n), "outputs", [])), "it takes nothing"),
    "two networks": (lambda n: n.subgraphs.append(first(n)), "it has 2 networks"),
    "a program": (lambda n: of_kind(n, "WHILE"), "it has the operation 'WHILE'"),
    "another's operation": (lambda n: of_kind(n, "CUSTOM"), "it has the operation 'CUSTOM'"),
    "an array of a size of its own": (lambda n: of_kind(n, "FILL"), "it has the operation 'FILL'"),
    "bytes that are taken for numbers": (lambda n: of_kind(n, "FAKE_QUANT"), "it has the operation 'FAKE_QUANT'"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_it_is_refused_by_who_loads_it_and_who_looks_at_it(what, sound, tmp_path):
    change, said = SPOILT[what]
    network = read_network(sound.read_bytes())
    change(network)
    content = network_bytes(network, 4096)
    path = put_together(tmp_path / "spoilt.tflite", content, entries_of(sound), b"0" * SIZE)
    write_seal(path)
    for read in (load, inspect_tflite):
        with pytest.raises(DermError, match=rf"no artefact that derm wrote .*{said}"):
            read(path)


def test_a_great_many_parts_are_told(sound, monkeypatch):
    monkeypatch.setattr(tflite_bounds, "MOST_PARTS", 9)
    with pytest.raises(ValueError, match="it has more than 9 parts"):
        check_bounds(sound.read_bytes())


@pytest.mark.parametrize("content", [b"", b"TFL3", b"\xff" * 100, b"\x10\x00\x00\x00TFL3" + bytes(8)])
def test_what_leads_out_of_itself_is_told(content):
    with pytest.raises(ValueError, match="it"):
        check_bounds(content)


def test_each_beginning_of_a_network_is_told(sound):
    whole = network_in_front(sound)
    for length in range(0, len(whole) - 40, 7):
        with pytest.raises(ValueError, match="it"):
            check_bounds(whole[:length])


def test_an_artefact_is_loaded(sound):
    check_bounds(sound.read_bytes())
    assert load(sound)(np.zeros((2, 16, 16, 3), np.uint8)).shape == (2, 3)


def test_a_network_for_other_photographs_than_its_facts_say_is_one_sentence(sound, tmp_path):
    network = read_network(sound.read_bytes())
    first(network).tensors[0].shape = first(network).tensors[1].shape = [1, 16, 20, 3]
    path = put_together(tmp_path / "wide.tflite", network_bytes(network, 4096), entries_of(sound), b"0" * SIZE)
    write_seal(path)
    with pytest.raises(DermError, match=r"no artefact that derm wrote .*Dimension mismatch"):
        load(path)(np.zeros((1, 16, 16, 3), np.uint8))
