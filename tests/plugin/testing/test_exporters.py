"""Exporters and packagers: what breaks their contracts is told in words."""

from __future__ import annotations

import json
import pickle
from contextlib import nullcontext
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from keras import Model, ops

from derm_cli.plugin import DermError, ExporterSpec, ExporterVariant, PackagerSpec, Verification
from derm_cli.plugin.artefact import ArtefactFacts
from derm_cli.plugin.testing import check_exporter, check_packager

NETWORKS: dict[str, Model] = {}
"""What a made format keeps of networks: a file of it has but the name of one."""


def export(model, facts, path, calibration=None):
    NETWORKS[str(path)] = model
    path.write_text(facts.to_json())


class Loaded:
    """Answers by the network that the file was written of."""

    def __init__(self, path, factor=1.0, dtype=None):
        try:
            self.facts = ArtefactFacts.from_json(path.read_bytes(), str(path))
        except DermError as error:
            raise DermError("It is none.") from error
        self.model, self.factor = NETWORKS[str(path)], factor

    def __call__(self, photographs, answers=None):
        pixels = photographs.astype("float32")
        return self.factor * ops.convert_to_numpy(self.model([pixels, answers] if answers is not None else pixels))


class Forgetful(Loaded):
    """Does not know that it takes answers."""

    def __init__(self, path):
        super().__init__(path)
        self.facts = replace(self.facts, answers=None)


class AnswersUnread(Loaded):
    """Takes answers and passes over them."""

    def __call__(self, photographs, answers=None):
        return super().__call__(photographs, None if answers is None else 0 * answers)


def variant(**changes):
    values = {"name": "half", "title": "Half", "export": export, "tolerance": 0.1}
    return (ExporterVariant(**values | changes),)


GOOD = ExporterSpec(name="made", title="Made", suffix=".made", export=export, load=Loaded)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"variants": variant()}, ""),
        ({"export": lambda model, facts, path: None}, "the file is not there after 'export'"),
        ({"load": Forgetful}, "the file has not the facts that were given"),
        ({"load": AnswersUnread}, "answers photographs and answers otherwise than the network"),
        ({"load": lambda path: Loaded(path, 1.1)}, "by 0.0.*, more than its tolerance of 0.0001"),
        (
            {"load": lambda path: Loaded(path, np.ones((2, 1, 1)))},
            r"with the shape \(2, 6, 3\) to photographs, but must",
        ),
        ({"load": lambda path: Loaded(path, np.nan)}, "not finite"),
        ({"load": lambda path: Loaded(path) if path.stem != "other" else None}, "'load' takes a file that is none"),
        (
            {"load": lambda path: Loaded(path) if path.stem != "other" else pickle.loads(path.read_bytes())},
            "'load' raises UnpicklingError for a file that is none of derm's. Raise DermError",
        ),
        ({"inspect": lambda path: {}}, "'inspect' gives {}, which is no derm_cli.plugin.Inspection"),
        ({"variants": variant(export=lambda *given: None)}, "the variant 'half' is not there after"),
        (
            {
                "variants": variant(
                    export=lambda model, facts, *others: export(model, replace(facts, variant=""), *others)
                )
            },
            "the variant 'half' has not the facts",
        ),
    ],
)
def test_an_exporter(changes, said):
    spec = replace(GOOD, **changes)
    with pytest.raises(AssertionError, match=said) if said else nullcontext():
        check_exporter(spec)


def pack(request, folder):
    answers = request.answer([(request.models[0].path, {})])
    (folder / "list.json").write_text(json.dumps([request.facts.run, answers.round(3).tolist()]))
    (folder / "model.made").write_bytes(request.models[0].path.read_bytes())


TIMES = count()


def pack_with_time(request, folder):
    pack(request, folder)
    (folder / "time").write_text(str(next(TIMES)))


PACKAGER = PackagerSpec(
    name="box",
    title="Box",
    marker="list.json",
    pack=pack,
    verify=lambda folder, request: Verification(),
    models=lambda folder: (folder / "model.made",),
    exporters=("made",),
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"marker": "other.json"}, "it writes no 'other.json'"),
        ({"exporters": ("no-such",)}, "it asks for the exporter 'no-such', which no plugin adds"),
        ({"models": lambda folder: ()}, "'models' gives no artefact"),
        ({"models": lambda folder: (folder / "none",)}, "none', which is not there"),
        ({"verify": lambda folder, request: None}, "'verify' gives None"),
        ({"verify": lambda folder, request: Verification(faults=("a hole",))}, r"finds a fault in .* \(a hole\)"),
        ({"pack": pack_with_time}, "the same request gives other bytes"),
    ],
)
def test_a_packager(changes, said):
    registry = SimpleNamespace(all=lambda kind: {"made": GOOD})

    def read(path, preprocessing):
        return np.zeros((preprocessing.size, preprocessing.size, 3), dtype=np.uint8)

    spec = replace(PACKAGER, **changes)
    with pytest.raises(AssertionError, match=said) if said else nullcontext():
        check_packager(spec, registry, read)
