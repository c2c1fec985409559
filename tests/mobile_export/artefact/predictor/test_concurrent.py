"""What several threads may ask at once is shared out among the cores, and no answer hangs on that."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from derm_cli.plan import Preprocessing
from mobile_export.artefact import predictor as predictor_module
from mobile_export.artefact.predictor import ArtefactPredictor
from mobile_export.specs import ONNX
from tests.support.artefact_files import made_facts
from tests.support.made_onnx import write_artefact

FACTS = made_facts(preprocessing=Preprocessing(size=8))


@pytest.mark.parametrize(
    ("is_concurrent", "count", "sizes"), [(False, 10, [4, 4, 2]), (True, 10, [4, 4, 2]), (True, 3, [3])]
)
def test_batches_are_computed_beside_each_other_where_they_may_be(monkeypatch, is_concurrent, count, sizes):
    monkeypatch.setattr(predictor_module, "usable_cores", lambda: 3)
    asked, threads, all_at_once = [], set(), threading.Barrier(len(sizes))

    def run(photographs, _):
        asked.append(len(photographs))
        threads.add(threading.current_thread())
        if is_concurrent:
            all_at_once.wait(10)
        share = photographs[:, 0, 0, :1] / np.float32(256)
        return np.concatenate([share, 1 - share], axis=1)

    predictor = ArtefactPredictor(Path("x"), FACTS, run, batch=4, is_sealed=True, is_concurrent=is_concurrent)
    photographs = np.zeros((count, 8, 8, 3), np.uint8)
    photographs[:, 0, 0, 0] = np.arange(count)
    assert predictor(photographs)[:, 0].tolist() == [number / 256 for number in range(count)]
    assert sorted(asked) == sorted(sizes)
    assert (threads == {threading.current_thread()}) == (not is_concurrent or len(sizes) == 1)
    assert predictor(photographs[:0]).shape == (0, 2)


def test_onnx_gives_the_same_bits_on_any_number_of_cores(monkeypatch, tmp_path):
    predictor = ONNX.load(write_artefact(tmp_path / "model.onnx", made_facts(preprocessing=Preprocessing(size=32))))
    assert predictor.is_concurrent
    photographs = np.random.default_rng(0).integers(0, 256, (11, 32, 32, 3), dtype=np.uint8)
    photographs //= np.arange(1, 12, dtype=np.uint8)[:, None, None, None]  # from bright to dark
    found = []
    for cores in (1, 2, 7):
        monkeypatch.setattr(predictor_module, "usable_cores", lambda cores=cores: cores)
        found.append(predictor(photographs))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])
    np.testing.assert_allclose(found[0], np.concatenate([predictor(each[None]) for each in photographs]), atol=1e-6)
    assert np.ptp(found[0][:, 0]) > 0.01
