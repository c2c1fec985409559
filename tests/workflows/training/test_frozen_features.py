"""Features of the backbone before training: what they are, and that they are computed once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derm_cli.data.ingesting import MASK_CONTENT
from derm_cli.data.samples import Samples
from derm_cli.engine import backend
from derm_cli.plan import Preprocessing
from tests.support.tiny_job import PLAN, make_job
from tests.support.tiny_network import SIZE

backend.start()

from derm_cli.workflows.training import frozen_features as module  # noqa: E402
from derm_cli.workflows.training.frozen_features import frozen_features  # noqa: E402


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Make a job whose backbone, built again, has the weights that it began with, as one with a weight source has."""

    def built(prepared):
        import keras

        keras.utils.set_random_seed(11)
        return prepared.backbone.build(SIZE, None)

    monkeypatch.setattr("derm_cli.workflows.training.job.build_backbone", built)
    return lambda run="one", plan=PLAN, **fields: make_job(tmp_path, run, replace(plan, weights="imagenet"), **fields)


@pytest.fixture
def computed(monkeypatch) -> list[int]:
    """Return how many photographs were computed, each time that some were."""
    counts = []

    def noting(cut, photographs, *more):
        counts.append(photographs.shape[0])
        return original(cut, photographs, *more)

    original = module.compute_features
    monkeypatch.setattr(module, "compute_features", noting)
    return counts


def parts_of(job) -> list[Samples]:
    return [job.run_data.training[-1], job.run_data.test]


def test_they_are_the_mean_over_the_map_of_the_backbone_as_it_was(make):
    import keras

    job = make()
    backbone = job.rebuild_backbone()
    for variable in job.backbone.trainable_variables:
        variable.assign(variable + 1)
    train, test = parts_of(job)
    table = frozen_features(job, [train, test])
    for part in (train, test):
        count = len(part.labels)
        pixels = part.photographs.take(np.arange(count)).astype(np.float32)
        expected = keras.ops.convert_to_numpy(backbone(pixels, training=False)).mean(axis=(1, 2))
        np.testing.assert_allclose(table.of(part), expected, rtol=1e-5, atol=1e-5)


def test_a_second_run_and_another_fold_find_them(make, computed):
    job = make()
    train, test = parts_of(job)
    before = frozen_features(job, [train, test])
    assert computed == [48]
    again = frozen_features(make("two", replace(PLAN, seed=4)), [train, test])
    other_fold = frozen_features(make("three"), [test, train])
    assert computed == [48]
    for table in (again, other_fold):
        np.testing.assert_array_equal(table.of(train), before.of(train))
    rows = np.arange(12)
    twice = Samples(test.photographs.select(rows), test.labels, test.cases)
    frozen_features(make("four"), [train, twice, test])
    assert computed == [48], "a photograph of several cases is one"


def test_the_bits_do_not_hang_on_how_photographs_are_divided(make):
    job = make()
    train, test = parts_of(job)
    tables = [frozen_features(make(use_store=False), order) for order in ([train, test], [test, train])]
    np.testing.assert_array_equal(tables[0].of(train), tables[1].of(train))


@pytest.mark.parametrize(
    "changed",
    [
        lambda make: make("two", replace(PLAN, preprocessing=Preprocessing(size=SIZE, resize="stretch"))),
        lambda make: make("two", use_store=False),
    ],
)
def test_what_would_differ_is_computed_anew(make, computed, changed):
    frozen_features(make(), parts_of(make()))
    frozen_features(changed(make), parts_of(make()))
    assert computed == [48, 48]


def test_other_weights_and_masks_are_computed_anew(make, computed, monkeypatch):
    job = make()
    train, test = parts_of(job)
    frozen_features(job, [train, test])
    masked = Samples(test.photographs, test.labels, test.cases.assign(**{MASK_CONTENT: "0f"}))
    frozen_features(make("two"), [train, masked])
    assert computed == [48, 48]
    backbone = job.rebuild_backbone()
    backbone.trainable_variables[0].assign(backbone.trainable_variables[0] + 1)
    monkeypatch.setattr("derm_cli.workflows.training.job.build_backbone", lambda prepared: backbone)
    frozen_features(make("three"), [train, test])
    assert computed == [48, 48, 48]


def test_what_is_no_number_is_not_kept(make, computed, monkeypatch, tmp_path):
    backbone = make().rebuild_backbone()
    backbone.trainable_variables[0].assign(np.nan * np.array(backbone.trainable_variables[0]))
    monkeypatch.setattr("derm_cli.workflows.training.job.build_backbone", lambda prepared: backbone)
    table = frozen_features(make(), parts_of(make()))
    assert np.isnan(table.values).all()
    assert not list((tmp_path / "cache").rglob("*.bin"))


def test_a_run_that_went_on_elsewhere_keeps_none(make, tmp_path):
    frozen_features(make(keep_stages=False), parts_of(make()))
    assert not list((tmp_path / "cache").rglob("*.bin"))
