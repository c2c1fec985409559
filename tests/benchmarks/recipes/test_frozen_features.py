"""Features are computed once."""

from __future__ import annotations

import numpy as np

from benchmarks.recipes import frozen_features


def test_features_are_kept_until_there_are_other_photographs(tmp_path, monkeypatch):
    computed = []

    def compute(photographs, backbone):
        computed.append((len(photographs), backbone))
        return np.full((len(photographs), 2), 0.5)

    monkeypatch.setattr(frozen_features, "compute", compute)
    file = tmp_path / "kept" / "features.npy"
    for count in (3, 3, 4):
        features = frozen_features.kept_features([tmp_path / str(number) for number in range(count)], "b", file)
        assert features.tolist() == [[0.5, 0.5]] * count
    assert computed == [(3, "b"), (4, "b")]
