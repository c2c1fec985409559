"""The version of the plugins' face, and that nothing of it changes, is left out, or goes undocumented, unnoticed."""

from __future__ import annotations

import builtins
import importlib
import inspect
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derm_cli.plugin as face
from derm_cli.errors import DermError
from derm_cli.plugin import from_json, to_json
from derm_cli.plugin.interface import written_need
from derm_cli.plugin.spec import Spec
from tests.support.public_face import STORED, annotations, face_text, names_in

DOCS = Path(__file__).parents[2] / "docs"
ELSEWHERE = frozenset({"Any", "Callable", "Collection", "Iterable", "Iterator", "Mapping", "Path", "Sequence"})
ELSEWHERE |= {"T", "click", "keras", "np", "npt", "pd", "zipfile", *vars(builtins)}
"""What annotations mention that is Python's own, or a library's."""


def test_the_face_is_the_one_that_is_stored():
    assert face_text() == STORED.read_text(encoding="utf-8"), (
        "The plugins' face changed. If that is meant, 'python -m tests.support.public_face' stores it anew. Where "
        "plugins can need what is new, raise INTERFACE of derm_cli/plugin/interface.py; where something goes, let it "
        "be deprecated for a version first."
    )


def test_every_type_that_the_face_mentions_is_of_the_face():
    mentioned = {name: where for where, annotation in annotations() for name in names_in(annotation)}
    missing = mentioned.keys() - set(face.__all__) - ELSEWHERE
    assert {name: mentioned[name] for name in missing} == {}
    assert {"Plan", "Predictor", "Answers", "EpochReport"} <= mentioned.keys()


@pytest.fixture(scope="module")
def face_examples():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DOCS)
        yield importlib.import_module("generated.face_examples")


PROTOCOLS = frozenset({"Average", "Executor", "Mixing", "Predictor", "UpdateRule", "NearPaths", "VectorFile"})
"""What is no data."""
WITH_FUNCTIONS = frozenset({"ExporterVariant", "Listing", "PackRequest", "ReportPlot"})
"""Data with functions, or a figure, among them."""


def classes() -> dict[str, Any]:
    """Return the classes of the face that are neither specs nor errors."""
    found = {name: getattr(face, name) for name in face.__all__}
    left_out = (Spec, Exception)
    return {name: each for name, each in found.items() if inspect.isclass(each) and not issubclass(each, left_out)}


def test_every_class_of_data_has_an_example(face_examples):
    assert classes().keys() - face_examples.examples().keys() == PROTOCOLS | WITH_FUNCTIONS


def test_the_examples_of_the_page_are_python_that_makes_them(face_examples):
    page = (DOCS / "reference/plugin-types.md").read_text(encoding="utf-8")
    space = {name: getattr(face, name) for name in face.__all__} | {"Path": Path, "np": np}
    for name, example in face_examples.examples().items():
        text = face_examples.example_text(example)
        assert f"## `{name}`" in page
        assert f"```python\n{text}\n```" in page
        assert same(eval(text, dict(space)), example), name


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal, those with arrays by what they have."""
    return bool(type(one) is type(other) and (repr(one) == repr(other)))


def test_every_class_is_described_on_a_page():
    pages = ("guides/plugins.md", "reference/specs.md", "reference/plugin-types.md")
    text = "".join((DOCS / page).read_text(encoding="utf-8") for page in pages)
    assert [name for name in classes() if f"`{name}`:" not in text and f"`{name}`\n" not in text] == []
    assert [name for name, each in classes().items() if not (each.__doc__ or "").strip()] == []


def test_what_is_data_goes_to_json_and_back(face_examples):
    for name, example in face_examples.examples().items():
        if not is_dataclass(example):
            continue
        values = to_json(example)
        assert to_json(from_json(type(example), values)) == values, name
        assert same(from_json(type(example), values), example), name


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (face.Block, {"name": "a", "layer": []}, "it has no field 'layer'. Did you mean 'layers'?"),
        (face.Block, {"name": "a"}, "its field 'layers' is not there"),
        (face.Block, [], "[] has no fields"),
        (face.Block, {"name": 7, "layers": []}, "but a Block with 'name' the int 7, which is no str"),
        (face.Phase, {"name": "a"}, "These values are no Phase (its field 'blocks' is not there)"),
        (
            face.Tensor,
            {"name": "a", "type": "b", "shape": "x"},
            "with 'shape' the str 'x', which is no tuple[int | str,",
        ),
    ],
)
def test_other_values_are_refused(kind, values, said):
    with pytest.raises(DermError) as caught:
        from_json(kind, values)
    assert said in str(caught.value)


def test_what_is_no_data_has_no_json():
    with pytest.raises(DermError, match=r"<built-in function len> is no data and has no form in JSON"):
        to_json({"a": (len,)})


@pytest.mark.parametrize(
    ("name", "source", "need"),
    [
        ("a_need.py", "requires_interface = 7\nimport no_such_library", 7),
        ("b_need/__init__.py", "requires_interface = 7", 7),
        ("c_need.py", "x = 7", None),
        ("d_need.py", "def f(:", None),
        ("e_need.py", "requires_interface = 'x'", None),
    ],
)
def test_the_need_of_a_module_is_read_without_running_it(tmp_path, monkeypatch, name, source, need):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    assert written_need(name.partition(".")[0].partition("/")[0]) == need
    assert written_need("no_such_module") is None
