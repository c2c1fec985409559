"""What is packed is the same each time, names nobody, and is not there where a model answers otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from derm_cli.errors import DermError, RequestError
from derm_cli.phase_options import Component
from mobile_export.bundle import client
from mobile_export.bundle.packing import pack


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_holds_what_an_app_takes(packed):
    vectors = {name for name in contents(packed) if name.startswith("vectors/")}
    assert contents(packed).keys() - vectors == {
        *("MODEL_CARD.md", "labels-en.txt", "labels.txt", "manifest.json", "model.onnx", "model.tflite"),
        *("parity.json", "run.py"),
    }
    assert len(vectors) == 12
    assert (packed / "labels.txt").read_text() == "NEV\nMEL\né\n"
    assert (packed / "labels-en.txt").read_text() == "Class NEV\nClass MEL\nClass é\n"
    assert (packed / "run.py").read_bytes() == Path(client.__file__).read_bytes()


def test_its_parity_is_with_the_run_and_from_the_file(packed, pack_request):
    found = json.loads((packed / "parity.json").read_text())
    assert [each["file"] for each in found["with_the_run"]] == ["model.tflite", "model.onnx"]
    assert [(each["runtime"], each["photographs"], each["fault"]) for each in found["from_the_file"]] == [
        *(("litert", 11, ""), ("onnxruntime", 11, ""))
    ]


def test_the_same_request_gives_the_same_bytes(pack_request, packed, tmp_path):
    pack(pack_request, tmp_path)
    assert contents(tmp_path) == contents(packed)


def test_it_names_no_folder_of_this_machine(packed, pack_request):
    folders = {str(Path.home()), str(Path.cwd()), *(str(each.path.parent) for each in pack_request.models)}
    for name, content in contents(packed).items():
        for folder in folders:
            assert folder.encode() not in content, name


def test_a_model_that_answers_otherwise_than_the_run_is_not_packed(pack_request, tmp_path):
    def turned(asked):
        return pack_request.answer(asked)[:, ::-1]

    with pytest.raises(DermError, match=r"The bundle of run '.*' is not written: .*Worst: vectors/.*Train again"):
        pack(replace(pack_request, answer=turned), tmp_path)
    assert not (tmp_path / "parity.json").exists()


def test_a_constant_network_is_said_to_prove_nothing(pack_request, tmp_path):
    def constant(asked):
        return np.full((len(asked), 3), 1 / 3)

    with pytest.raises(DermError, match=r"the answers differ by 0 between 11 photographs.*proves nothing"):
        pack(replace(pack_request, answer=constant), tmp_path)


def test_views_that_the_client_does_not_know_are_refused(pack_request, tmp_path):
    facts = replace(pack_request.facts, views=Component(name="crops"))
    with pytest.raises(RequestError, match="views 'crops' of a plugin are not known to the client"):
        pack(replace(pack_request, facts=facts), tmp_path)
    assert list(tmp_path.iterdir()) == []
