"""Features of a target's photographs by the backbone as it was before training, computed once and kept in the cache.

It needs a training framework: import it after :func:`derm_cli.engine.backend.start`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from derm_cli import __version__
from derm_cli.data.ingesting import BESIDE_FILE
from derm_cli.data.photographs import Photographs
from derm_cli.data.preprocessing import Pixels
from derm_cli.data.samples import Samples
from derm_cli.engine import backend
from derm_cli.engine.cutting import cut_network
from derm_cli.engine.features import compute_features
from derm_cli.engine.frozen_check import weights_hash
from derm_cli.engine.network import add_head
from derm_cli.runs.feature_store import FeatureStore
from derm_cli.workflows.training.job import TrainingJob
from derm_cli.workflows.training.stage_keys import layer_settings

_NOT_OF_FEATURES = ("precision", "programs")
"""Of the environment: features are in float32, and no training step's program is made for them."""


@dataclass(frozen=True)
class FeatureTable:
    """The features of photographs, float32 (n, channels), and the row of each by the contents of its file."""

    values: npt.NDArray[np.float32]
    rows: dict[str, int]

    def of(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Return the features of samples that are among the photographs, float32 (samples, channels)."""
        return self.values[[self.rows[content] for content in _contents(samples)]]


@dataclass(frozen=True)
class _Ordered:
    """Photographs in another order."""

    photographs: Photographs
    order: npt.NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.order), *self.photographs.shape[1:])

    @property
    def nbytes(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.photographs.dtype

    def take(self, indices: npt.NDArray[np.integer]) -> Pixels:
        return self.photographs.take(self.order[indices])


def frozen_features(job: TrainingJob, parts: Sequence[Samples]) -> FeatureTable:
    """Return the features of the photographs of ``parts``: the mean of the feature map over positions, unaugmented.

    They are those of the backbone that the chain begins with, in float32, and the same bits however the photographs
    are divided among the parts: they are computed in the order of their contents.  So another fold, or another run on
    the same photographs, finds them in the cache.
    """
    photographs = Photographs(tuple(each for part in parts for each in part.photographs.parts))
    first: dict[str, int] = {}
    for index, content in enumerate(content for part in parts for content in _contents(part)):
        first.setdefault(content, index)
    contents = sorted(first)
    with backend.in_float32():
        backbone = job.rebuild_backbone()
    store = FeatureStore(job.session.settings.cache_folder, job.session.settings.cache_limit_bytes)
    key = _key(job, backbone, contents)
    stored = store.find(key) if job.use_store else None
    rows = {content: row for row, content in enumerate(contents)}
    if stored is not None:
        return FeatureTable(stored.arrays[0], rows)
    source = _Ordered(photographs, np.array([first[content] for content in contents], dtype=np.intp))
    values = _computed(job, backbone, source)
    facts = {
        "backbone": job.plan.backbone,
        "weights": job.plan.weights,
        "photographs": len(contents),
        "features": values.shape[1],
        "run": job.run.id,
    }
    if job.keep_stages and np.isfinite(values).all():
        store.keep(key, [values], facts)
    return FeatureTable(values, rows)


def _computed(job: TrainingJob, backbone: keras.Model, source: _Ordered) -> npt.NDArray[np.float32]:
    with backend.in_float32():
        # Cut at the head: what is below it gives the mean over the map.
        cut = cut_network(add_head(backbone, job.prepared.backbone, len(job.plan.classes)), ())
        values = compute_features(cut, source, backend.uses_xla(), f"Features of {job.plan.target}").values
    return values.reshape(len(values), -1)


def _key(job: TrainingJob, backbone: keras.Model, contents: Sequence[str]) -> str:
    """Return a SHA-256 of all that the bits of the features depend on, 64 hexadecimal digits."""
    environment = job.run.record.environment
    content = {
        "derm": __version__,
        "environment": {name: value for name, value in environment.items() if name not in _NOT_OF_FEATURES},
        "layers": [layer_settings(layer) for layer in backbone.layers],
        "weights": weights_hash(backbone.weights),
        "preprocessing": job.plan.preprocessing.fingerprint(),
        "photographs": list(contents),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _contents(samples: Samples) -> list[str]:
    """Return what tells each photograph's pixels: the hash of its file, and of its mask or vector."""
    contents = samples.cases["sha256"].astype(str)
    for column in BESIDE_FILE:
        if column in samples.cases:
            contents = contents + ":" + samples.cases[column].fillna("").astype(str)
    return contents.tolist()
