"""A bundle without a network: what reads one as data sees no difference."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from derm_cli.data.quality import quality_asked
from derm_cli.plugin import COMMON_FIELDS, AnswerEncoding, EncodedField, PackedModel, PackRequest, ThresholdFacts
from mobile_export.bundle.manifest import manifest_of
from mobile_export.bundle.vectors import write_vectors
from tests.support.artefact_files import made_facts

ANSWERS = AnswerEncoding((EncodedField(field=COMMON_FIELDS["age"], mean=50.0, deviation=20.0),))
THRESHOLD = ThresholdFacts(find=("malignant",), classes=("a",), sensitivity=0.9, threshold=0.5, cases=30, groups=20)


def make_bundle(folder: Path) -> Path:
    """Write a bundle of a few bytes in the place of a network into ``folder``, and return that."""
    folder.mkdir(parents=True)
    (folder / "model.tflite").write_bytes(b"no network")
    (folder / "labels.txt").write_text("a\nb\n")
    models = (PackedModel(path=folder / "model.tflite", exporter="tflite"),)
    request = PackRequest(
        facts=made_facts(answers=ANSWERS, thresholds=(THRESHOLD,)),
        models=models,
        run={"hashes": {"plan": "0" * 64}, "data": {"made": "1" * 64}, "versions": {"keras": "3"}},
        evaluation={"referral": [{"name": "now", "sought": ["malignant"], "threshold": 0.5}]},
        limitations=(),
        datasets=(),
        weights=(),
        severities={"a": "malignant", "b": "benign"},
        quality=quality_asked(16),
        answer=lambda asked: np.tile([0.25, 0.75], (len(asked), 1)),
    )
    write_vectors(request, folder)
    manifest = manifest_of(request, [("model.tflite", models[0])], folder)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
