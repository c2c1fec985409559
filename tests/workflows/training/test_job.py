"""A training job tells hooks of its run, and builds its backbone anew."""

import numpy as np

from tests.support.tiny_job import PLAN, make_job


def test_hooks_are_given_the_run(tmp_path):
    job = make_job(tmp_path)
    job.call_hook("derm_epoch_ended", epoch="any")
    ((name, facts),) = job.session.registry.calls
    assert (name, facts["epoch"]) == ("derm_epoch_ended", "any")
    assert (facts["run"].id, facts["run"].folder, facts["run"].plan) == ("one", job.run.path, PLAN)
    assert not facts["run"].synthetic


def test_a_backbone_that_is_built_once_more_is_another_of_the_same_layers(tmp_path):
    job = make_job(tmp_path)
    rebuilt = job.rebuild_backbone()
    assert [type(layer) for layer in rebuilt.layers] == [type(layer) for layer in job.backbone.layers]
    first, second = (np.array(model.get_layer("stem_conv").kernel) for model in (job.backbone, rebuilt))
    assert (first != second).any()
