"""Bundles of the small network, packed once, with what a packager is given of a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from derm_cli.data.preprocessing import read_photograph
from derm_cli.data.quality import quality_asked
from derm_cli.plugin import Licence, PackedModel, PackRequest, ThresholdFacts
from mobile_export.bundle.packing import pack

SEVERITIES = {"NEV": "benign", "MEL": "malignant", "é": None}
EVALUATION = {
    "cases": 40,
    "per_class": {
        "NEV": {"support": 30, "sensitivity": 0.5, "intervals": {"sensitivity": [0.4, 0.6, "wilson"]}},
        "MEL": {"support": 10, "sensitivity": None, "intervals": {}},
        "é": {"support": 0, "sensitivity": None},
    },
    "triage": {
        "without_indeterminate": {
            "positive": ["malignant"],
            "cases": 40,
            "positives": 10,
            "points": [
                {
                    "target": 0.9,
                    "threshold": 0.25,
                    "sensitivity": 0.9,
                    "specificity": 0.6,
                    "precision": 0.4,
                    "npv": None,
                    "referred": 0.5,
                    "intervals": {"sensitivity": [0.6, 0.98, "wilson"], "npv": None},
                }
            ],
        }
    },
    "referral": [
        {"name": "now", "sought": ["malignant"], "threshold": 0.25},
        {"name": "soon", "sought": ["indeterminate", "malignant"], "threshold": 0.1},
        {"name": "not", "sought": [], "threshold": None},
    ],
    "slices": [{"column": "sex", "value": "female | male", "cases": 9, "balanced_accuracy": 0.5, "gap": 0.125}],
}
THRESHOLD = ThresholdFacts(find=("malignant",), classes=("MEL",), sensitivity=0.9, threshold=0.25, cases=30, groups=20)


@pytest.fixture(scope="session")
def request_of():
    """Make what a packager is given: facts, a network by Keras, and the models to be packed by exporter."""

    def make(facts, network, models: dict[str, Path], **changes) -> PackRequest:
        def answer(asked):
            pixels = np.stack([read_photograph(path, facts.preprocessing) for path, _ in asked]).astype("float32")
            if facts.answers is None:
                return network.predict(pixels, verbose=0).astype(np.float64)
            vectors = np.stack([facts.answers.encode(answers) for _, answers in asked])
            return network.predict([pixels, vectors], verbose=0).astype(np.float64)

        values = {
            "facts": facts,
            "models": tuple(PackedModel(path=path, exporter=name) for name, path in models.items()),
            "run": {"hashes": {"plan": "0" * 64}, "data": {"made": "1" * 64}, "versions": {"keras": "3"}},
            "evaluation": EVALUATION,
            "limitations": ("Nothing is known of hands.",),
            "datasets": (Licence(name="made", licence="CC BY-NC 4.0", non_commercial=True),),
            "weights": (),
            "severities": SEVERITIES,
            "quality": quality_asked(facts.preprocessing.size),
            "answer": answer,
        }
        return PackRequest(**values | changes)

    return make


@pytest.fixture(scope="session")
def pack_request(request_of, facts, network, artefacts):
    from dataclasses import replace

    shipped = {name: path for name, path in artefacts.items() if name != "keras"}
    return request_of(replace(facts, thresholds=(THRESHOLD,)), network, shipped)


@pytest.fixture(scope="session")
def packed(pack_request, tmp_path_factory) -> Path:
    """A bundle: look, but do not change it."""
    folder = tmp_path_factory.mktemp("packed") / "bundle"
    folder.mkdir()
    pack(pack_request, folder)
    return folder


@pytest.fixture(scope="session")
def packed_with_answers(request_of, facts_with_answers, network_with_answers, artefacts_with_answers, tmp_path_factory):
    """A bundle of a model that takes answers: look, but do not change it."""
    folder = tmp_path_factory.mktemp("packed-with-answers") / "bundle"
    folder.mkdir()
    shipped = {name: path for name, path in artefacts_with_answers.items() if name != "keras"}
    pack(request_of(facts_with_answers, network_with_answers, shipped), folder)
    return folder


@pytest.fixture
def bundle(packed, tmp_path) -> Path:
    """A copy of the bundle, to be changed."""
    shutil.copytree(packed, tmp_path / "bundle")
    return tmp_path / "bundle"
