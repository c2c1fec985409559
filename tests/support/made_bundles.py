"""Bundles made by hand around an ONNX file: what the packager writes, as far as a page needs it."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from derm_cli.data.quality import BLURRED, BRIGHT, DARK, FLAT
from derm_cli.plugin import AnswerEncoding, ArtefactFacts

NO_LIMIT = 1e9
QUALITY = {
    "side": 128,
    "limits": [
        {"fault": "small", "measure": "side", "least": 16, "most": NO_LIMIT},
        {"fault": "blank", "measure": "contrast", "least": FLAT, "most": NO_LIMIT},
        {"fault": "blurred", "measure": "focus", "least": BLURRED, "most": NO_LIMIT},
        {"fault": "dark", "measure": "brightness", "least": DARK, "most": NO_LIMIT},
        {"fault": "bright", "measure": "brightness", "least": 0, "most": BRIGHT},
    ],
}
ADVICE = {"now": "Show this lesion to a doctor now.", "not": "No rule refers this lesion.", "retake": "Take it again."}
WARNING = "NOT FOR COMMERCIAL USE: trained on made photographs. SYNTHETIC: drawn photographs."


def make_bundle(folder: Path, onnx: Path, facts: ArtefactFacts, **changes: Any) -> Path:
    """Write a bundle of ``onnx`` into ``folder``, with a drawn photograph; ``changes`` replace keys of the manifest."""
    (folder / "vectors").mkdir(parents=True)
    shutil.copy(onnx, folder / "model.onnx")
    pixels = np.random.default_rng(0).integers(60, 220, (60, 80, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "vectors" / "drawn.png")
    (folder / "vectors" / "expected.json").write_text("[]")
    write_manifest(folder, manifest_of(folder, facts) | changes)
    return folder


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest of a bundle, as it is."""
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def identity(path: Path) -> dict[str, Any]:
    """Return size and SHA-256 of a file."""
    content = path.read_bytes()
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def manifest_of(folder: Path, facts: ArtefactFacts) -> dict[str, Any]:
    """Return the manifest of what stands in a folder."""
    names = [each.name for each in facts.classes]
    side, last = facts.preprocessing.size, names[-1]
    rules = [{"name": "now", "classes": [names[1], last], "threshold": 0.5, "text": ADVICE["now"]}]
    return {
        "warning": WARNING,
        "medical_device": "This is not a medical device.",
        "format": "derm-bundle",
        "version": 1,
        "task": "classification",
        "description": "made",
        "intended_use": "To test the page.",
        "licences": {"non_commercial": True, "datasets": [], "weights": []},
        "run": {
            **{"id": facts.run, "backbone": facts.backbone, "target": facts.target, "synthetic": facts.made},
            **{"hashes": {}, "data": {}},
        },
        "versions": {"derm": facts.derm},
        "classes": [
            {
                **{"name": each.name, "title": each.title, "titles": {"en": each.title}},
                **{"diagnoses": list(each.diagnoses), "severity": None},
            }
            for each in facts.classes
        ],
        "preprocessing": asdict(facts.preprocessing),
        "views": facts.views.to_json(),
        "questions": None if facts.answers is None else questions_of(facts.answers),
        "temperature": None,
        "inputs": [{"name": "image", "type": "uint8", "shape": ["batch", side, side, 3], "description": ""}],
        "outputs": [{"name": "probabilities", "type": "float32", "shape": ["batch", len(names)], "description": ""}],
        "thresholds": [],
        "advice": {
            "rules": rules,
            "otherwise": {"name": "not", "text": ADVICE["not"]},
            "retake": {"name": "retake", "text": ADVICE["retake"]},
        },
        "quality": QUALITY,
        "models": [
            {
                **{"file": "model.onnx", "exporter": "onnx", "variant": "", "parity": {}},
                **identity(folder / "model.onnx"),
            }
        ],
        "files": {
            each.relative_to(folder).as_posix(): identity(each)
            for each in sorted(folder.rglob("*"))
            if each.is_file() and each.name != "manifest.json"
        },
    }


def questions_of(encoding: AnswerEncoding) -> dict[str, Any]:
    """Return the questions of a manifest."""
    vector: list[dict[str, Any]] = []
    for each in encoding.fields:
        row = {"question": each.field.name, "is": "", "less": 0.0, "over": 1.0}
        if each.field.kind == "number":
            vector.append(row | {"less": each.mean, "over": each.deviation})
        elif each.field.kind == "yes-no":
            vector.append(row | {"is": "yes", "less": each.shares[0], "over": 0.5})
        else:
            rows = zip(each.choices, each.shares, strict=True)
            vector += [row | {"is": choice, "less": share} for choice, share in rows]
    return encoding.to_json() | {"vector": vector}
