"""The plain script: its rates, what it decays, what it draws, and a training of a tiny network."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from benchmarks import plain_recipe
from benchmarks.plain_recipe import OneCycle, TwoRates, main, training_batches, with_mirror_images
from benchmarks.recipes.folds import FoldTable
from benchmarks.recipes.task import FoldTask
from derm_cli.evaluation.predictions import read_predictions

SIZE, COLOURS = 16, {"dark": 20, "bright": 230}


def tiny_backbone(size: int, weights: str | None = None) -> keras.Model:
    image = keras.Input((size, size, 3))
    maps = keras.layers.Conv2D(4, 3, strides=2)(keras.layers.Rescaling(1 / 128, -1)(image))
    return keras.Model(image, keras.layers.BatchNormalization()(maps))


@pytest.fixture
def task(tmp_path, monkeypatch):
    """Dark and bright photographs, four times as many of the one, in two folds."""
    labels = ["dark"] * 32 + ["bright"] * 8
    for number, label in enumerate(labels):
        Image.new("RGB", (20, 20), (COLOURS[label],) * 3).save(tmp_path / f"{number}.png")
    numbers = np.arange(40)
    texts = [numbers.astype(str), np.array([f"{number}.png" for number in numbers]), np.array(labels)]
    FoldTable(*texts, numbers.astype(str), numbers % 2 + 1).write(tmp_path / "folds.csv")
    backbone = SimpleNamespace(build=tiny_backbone)
    monkeypatch.setattr(plain_recipe, "Registry", lambda: SimpleNamespace(get=lambda *_: backbone))
    return FoldTask(
        method="plain",
        dataset="made",
        root=str(tmp_path),
        folds=str(tmp_path / "folds.csv"),
        fold=1,
        seed=0,
        backbone="tiny",
        size=SIZE,
        epochs=40,
        kept="",
        predictions=str(tmp_path / "predictions.csv"),
    )


@pytest.mark.parametrize(("step", "share"), [(0, 0.04), (15, 0.52), (30, 1.0), (65, 0.5), (100, 0.0)])
def test_the_rate_goes_up_for_three_tenths_and_then_down_to_nothing(step, share):
    assert float(OneCycle(2.0, 100)(step)) == pytest.approx(2 * share, abs=1e-6)


def test_the_test_part_is_answered_and_learnt_from_the_other_fold(task):
    main(task)
    answered = read_predictions(plain_recipe.Path(task.predictions))
    assert answered.case_ids == tuple(map(str, range(0, 40, 2)))
    assert (answered.predictions == answered.labels).mean() == 1


def test_classes_are_drawn_by_the_root_of_their_number(task, tmp_path):
    photographs = np.array([str(tmp_path / f"{number}.png") for number in range(40)])
    batches = training_batches(photographs, np.repeat([0, 1], [32, 8]), 2, task)
    images, targets = zip(*batches.take(40), strict=False)
    assert images[0].shape == (16, SIZE, SIZE, 3)
    # sqrt(32) to sqrt(8) is 2 to 1.
    assert np.concatenate(targets)[:, 0].mean() == pytest.approx(2 / 3, abs=0.06)


def test_norms_and_biases_are_not_decayed_and_the_backbone_has_the_smaller_rate():
    network = TwoRates(tiny_backbone(SIZE), 2, 10)
    for optimizer in (network.backbone_optimizer, network.head_optimizer):
        assert optimizer.weight_decay == 0.01
        names = {
            each.name
            for each in (*network.backbone.trainable_variables, *network.head.trainable_variables)
            if optimizer._use_weight_decay(each)
        }
        assert names == {"kernel"}
    assert (network.head_optimizer._learning_rate.rate, network.backbone_optimizer._learning_rate.rate) == (1e-3, 3e-4)


def test_an_answer_is_the_mean_over_the_photograph_and_its_mirror_image():
    import tensorflow as tf

    images = tf.constant([[[[1.0], [5.0]]]])
    left = lambda batch: tf.stack([batch[:, 0, 0, 0], tf.zeros(len(batch))], axis=1)  # noqa: E731
    expected = (1 / (1 + np.exp(-1)) + 1 / (1 + np.exp(-5))) / 2
    (probabilities,) = with_mirror_images(left, [images])
    assert probabilities == pytest.approx([expected, 1 - expected])
