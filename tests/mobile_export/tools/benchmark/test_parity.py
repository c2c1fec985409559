"""What is known of a model's answers: its run's record by SHA-256, else its bundle's manifest, else nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derm_cli.plugin import Inspection
from mobile_export.tools.benchmark.models import MeasuredModel
from mobile_export.tools.benchmark.parity import parity_of
from tests.support.artefact_files import made_facts

ARTEFACT = {"path": "model.onnx", "photographs": 10, "agreement": 0.9}
RECORD = {"artefacts": {"onnx": ARTEFACT}, "files": {"model.onnx": "right"}}


def model(sha256="right", told=None, run="made-run"):
    inspection = Inspection(facts=made_facts(run=run), is_sealed=True, inputs=(), outputs=(), operations={}, weights={})
    here = Path("model.onnx")
    return MeasuredModel(
        name="model.onnx", source=here, path=here, size=1, sha256=sha256, inspection=inspection, told=told or {}
    )


@pytest.mark.parametrize(
    ("record", "asked", "source"),
    [
        (json.dumps(RECORD), model(), "run made-run"),
        (json.dumps(RECORD), model("another"), None),
        (json.dumps(RECORD), model("another", {"parity": {"agreement": 0.8, "photographs": 3}}), "manifest"),
        (json.dumps({"artefacts": {"onnx": {}}}), model(), None),
        ("[]", model(), None),
        ("no JSON", model(), None),
        (json.dumps(RECORD), model(run="../runs/made-run"), None),
        (json.dumps(RECORD), model(told={"parity": {}}, run="other-run"), None),
    ],
)
def test_where_it_is_known_from(record, asked, source, tmp_path):
    (tmp_path / "made-run").mkdir()
    (tmp_path / "made-run" / "run.json").write_text(record)
    found = parity_of(asked, tmp_path)
    assert (found and found.source) == source
    assert found is None or (found.agreement, found.worst_class) in {(0.9, None), (0.8, None)}
