"""Bundles around an ONNX file, with the packager's own manifest, but without its proof, which needs a run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from derm_cli.data.quality import quality_asked
from derm_cli.plugin import ArtefactFacts, Licence, PackedModel, PackRequest
from mobile_export.bundle.layout import EXPECTED, MANIFEST, VECTORS
from mobile_export.bundle.manifest import manifest_of

DRAWN = f"{VECTORS}/drawn.png"
LICENCE = Licence(name="made", title="Made photographs", licence="CC BY-NC 4.0", non_commercial=True)
THRESHOLD = 0.6
"""Of the rule: a lesion whose malignant classes have this much together is to be seen now."""


def make_bundle(folder: Path, onnx: Path, facts: ArtefactFacts, **changes: Any) -> Path:
    """Write a bundle of ``onnx`` into ``folder``, with a drawn photograph; ``changes`` replace keys of the manifest.

    All classes but the first are malignant.
    """
    (folder / VECTORS).mkdir(parents=True)
    shutil.copy(onnx, folder / "model.onnx")
    pixels = np.random.default_rng(0).integers(60, 220, (60, 80, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / DRAWN)
    (folder / EXPECTED).write_text("[]", encoding="utf-8")
    names = [each.name for each in facts.classes]
    request = PackRequest(
        facts=facts,
        models=(PackedModel(path=onnx, exporter="onnx"),),
        run={},
        evaluation={"referral": [{"name": "now", "sought": ["malignant"], "threshold": THRESHOLD}]},
        limitations=(),
        datasets=(LICENCE,),
        weights=(),
        severities={name: "malignant" if number else "benign" for number, name in enumerate(names)},
        quality=quality_asked(facts.preprocessing.size),
        answer=lambda asked: np.zeros((len(asked), len(names))),
    )
    write_manifest(folder, manifest_of(request, [("model.onnx", request.models[0])], folder) | changes)
    return folder


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a bundle, as it is."""
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
