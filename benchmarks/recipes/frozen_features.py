"""What a backbone with ImageNet's weights makes of each photograph, computed once and kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from derm_cli.evaluation.array_types import Floats
from derm_cli.files import whole

SIDE = 224
"""Side of the photographs in pixels: that of the backbones' own training."""


def kept_features(photographs: list[Path], backbone: str, path: Path) -> Floats:
    """Return the features of photographs, (n, d), from the file ``path``, which is written where it is not there."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        features = compute(photographs, backbone)
        with whole(path) as temporary, temporary.open("wb") as file:
            np.save(file, features)
    kept: Floats = np.load(path, allow_pickle=False)
    if len(kept) != len(photographs):
        path.unlink()
        return kept_features(photographs, backbone, path)
    return kept


def compute(photographs: list[Path], backbone: str) -> Floats:
    """Return the mean over positions of the backbone's output for each photograph, float64 (n, d)."""
    import tensorflow as tf

    from benchmarks.plain_keras import decoder
    from derm_cli.plugin import BackboneSpec
    from derm_cli.plugin.registry import Registry

    network = Registry().get(BackboneSpec, backbone).build(SIDE, "imagenet")
    files = tf.data.Dataset.from_tensor_slices([str(each) for each in photographs])
    batches = files.map(decoder(SIDE), tf.data.AUTOTUNE).batch(32)
    maps = [network(batch, training=False).numpy().mean(axis=(1, 2)) for batch in batches]
    return np.concatenate(maps).astype(np.float64)
