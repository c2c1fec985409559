"""Features are stored beside stages, in a folder, with a lock and in words of their own."""

from __future__ import annotations

import numpy as np

from derm_cli.runs.feature_store import FeatureStore
from derm_cli.runs.stage_store import StageStore

VALUES = np.arange(600, dtype=np.float32).reshape(20, 30)


def test_features_and_stages_do_not_meet(tmp_path):
    features, stages = FeatureStore(tmp_path, 5000), StageStore(tmp_path, 5000)
    features.keep("a", [VALUES], {"photographs": 20})
    assert stages.find("a") is None
    stages.keep("a", [VALUES + 1], {})
    found = features.find("a")
    np.testing.assert_array_equal(found.arrays[0], VALUES)
    assert found.facts["photographs"] == 20
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")) == [
        *("features/a.bin", "features/features.lock", "stages/a.bin", "stages/stages.lock"),
    ]


def test_they_hold_the_limit_by_themselves(tmp_path, capsys):
    features, stages = FeatureStore(tmp_path, 6000), StageStore(tmp_path, 6000)
    stages.keep("a", [VALUES], {})
    for key in "bcd":
        features.keep(key, [VALUES], {})
    assert [each.path.stem for each in stages.entries()] == ["a"]
    kept = [each.path.stem for each in features.entries()]
    assert len(kept) == 2
    assert "d" in kept
    FeatureStore(tmp_path, 100).keep("e", [VALUES], {})
    assert "A file of features of 0.0 MB was not stored, for all features may take 0.0 MB" in capsys.readouterr().err


def test_what_is_damaged_is_named_and_removed(tmp_path, capsys):
    store = FeatureStore(tmp_path, 10**6)
    store.keep("a", [VALUES], {})
    path = store.folder / "a.bin"
    path.write_bytes(path.read_bytes()[:-1])
    assert store.find("a") is None
    said = capsys.readouterr().err
    assert f"The file of features '{path}' is damaged: it is removed, and they are computed again." in said
