"""A run's backbone begins with random weights, a source's, or those of an earlier run."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from derm_cli.engine import backend
from derm_cli.plan import Preprocessing
from derm_cli.workflows.training.backbone import build_backbone
from derm_cli.workflows.training.planning import Prepared
from tests.support.run_folders import REQUEST
from tests.support.tiny_job import PLAN
from tests.support.tiny_network import TINY


@pytest.mark.parametrize("source", [None, "imagenet"])
def test_a_source_is_left_to_the_backbone_s_own_plugin(source):
    spec = replace(TINY, build=lambda size, weights: (size, weights))
    prepared = Prepared(REQUEST, replace(PLAN, weights=source), spec, {})
    assert build_backbone(prepared) == (16, source)


def test_a_run_s_backbone_has_its_weights_at_another_size(tmp_path):
    backend.start(seed=3)
    from derm_cli.engine.network import add_head

    network = add_head(TINY.build(16, None), TINY, 3)
    network.model.save(tmp_path / "model.keras")
    run = SimpleNamespace(sealed=lambda name: tmp_path / name)
    plan = replace(PLAN, weights="run:one", preprocessing=Preprocessing(size=32))
    backbone = build_backbone(Prepared(REQUEST, plan, TINY, {}, source_run=run))
    assert backbone.input.shape == (None, 32, 32, 3)
    trained = [np.array(each) for layer in network.model.layers[:-3] for each in layer.weights]
    for ours, theirs in zip(backbone.weights, trained, strict=True):
        np.testing.assert_array_equal(np.array(ours), theirs)
