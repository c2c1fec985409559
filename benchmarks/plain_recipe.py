"""What a good user would write today without derm: ``python -m benchmarks.plain_recipe TASK.json``.

The whole network is trained at once, 15 epochs of 16 photographs a batch: AdamW with a decay of .01, none on norms and
biases; one cycle up and down, the head at 1e-3 and the backbone at 3e-4; photographs drawn by 1/sqrt(n) of their class;
label smoothing .1, dropout .2, flips; at the end the mean over the photograph and its mirror image.  Photographs are
decoded once and kept in memory; without XLA, which is slower on a CPU.
"""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from benchmarks.plain_keras import decoder
from benchmarks.recipes.folds import FoldTable
from benchmarks.recipes.task import FoldTask
from derm_cli.evaluation.array_types import Floats, Indices
from derm_cli.plugin import BackboneSpec
from derm_cli.plugin.registry import Registry

BATCH = 16
HEAD_RATE, BACKBONE_RATE, DECAY = 1e-3, 3e-4, 0.01
SMOOTHING, DROPOUT = 0.1, 0.2
HEAD = "head"


def main(task: FoldTask) -> None:
    """Train on all folds but the task's, and hand over what the network makes of the task's own."""
    keras.utils.set_random_seed(task.seed)
    table = FoldTable.read(Path(task.folds))
    test, labels = table.is_test(task.fold), table.class_indices
    photographs = np.array([str(each) for each in task.photographs(table)])
    steps = math.ceil(int((~test).sum()) / BATCH)
    backbone = Registry().get(BackboneSpec, task.backbone).build(task.size, "imagenet")
    network = TwoRates(backbone, len(table.classes), steps * task.epochs)
    batches = training_batches(photographs[~test], labels[~test], len(table.classes), task)
    network.fit(batches, epochs=task.epochs, steps_per_epoch=steps, shuffle=False, verbose=0)
    files = tf.data.Dataset.from_tensor_slices(photographs[test].tolist())
    task.hand_over(table, test, with_mirror_images(network, files.map(decoder(task.size), tf.data.AUTOTUNE).batch(32)))


class TwoRates(keras.Model):  # type: ignore[misc]
    """A backbone with a new head, trained together, each at a rate of its own."""

    def __init__(self, backbone: keras.Model, classes: int, steps: int) -> None:
        super().__init__()
        self.backbone, self.pool = backbone, keras.layers.GlobalAveragePooling2D()
        self.dropout = keras.layers.Dropout(DROPOUT)
        self.head = keras.layers.Dense(classes, name=HEAD)
        self.backbone_optimizer = optimizer(BACKBONE_RATE, steps)
        self.head_optimizer = optimizer(HEAD_RATE, steps)
        self.smoothed_loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=SMOOTHING)
        self(keras.ops.zeros((1, *backbone.input_shape[1:])))
        # Only so that fit has something compiled; what updates the weights stands in train_step.
        self.compile(optimizer="sgd", loss=self.smoothed_loss, jit_compile=False)

    def call(self, images: Any, training: bool = False) -> Any:
        """Return the logits, (n, classes), of RGB 0..255 (n, size, size, 3)."""
        features = self.pool(self.backbone(images, training=training))
        return self.head(self.dropout(features, training=training))

    def train_step(self, data: Any) -> dict[str, Any]:
        """Update the backbone and the head, each by its own optimizer."""
        images, targets = data
        with tf.GradientTape() as tape:
            loss = self.smoothed_loss(targets, self(images, training=True))
        parts = (self.backbone.trainable_variables, self.head.trainable_variables)
        gradients = tape.gradient(loss, parts)
        optimizers = (self.backbone_optimizer, self.head_optimizer)
        for each, gradient, variables in zip(optimizers, gradients, parts, strict=True):
            each.apply(gradient, variables)
        return {"loss": loss}


def optimizer(rate: float, steps: int) -> keras.optimizers.Optimizer:
    """Return AdamW that decays neither norms nor biases, along one cycle of ``steps`` steps up to ``rate``."""
    adamw = keras.optimizers.AdamW(OneCycle(rate, steps), weight_decay=DECAY)
    adamw.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return adamw


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """The one-cycle rate (Smith and Topin 2018): up from 1/25 of ``rate`` in 30 % of the steps, then down to 0."""

    def __init__(self, rate: float, steps: int) -> None:
        super().__init__()
        self.rate, self.steps, self.warm = rate, max(steps, 1), max(0.3 * steps, 1.0)

    def __call__(self, step: Any) -> Any:
        step = keras.ops.cast(step, "float32")
        up = 0.04 + 0.96 * 0.5 * (1 - keras.ops.cos(math.pi * keras.ops.minimum(step / self.warm, 1.0)))
        share = keras.ops.clip((step - self.warm) / max(self.steps - self.warm, 1.0), 0.0, 1.0)
        down = 0.5 * (1 + keras.ops.cos(math.pi * share))
        return self.rate * keras.ops.where(step < self.warm, up, down)


def training_batches(photographs: Any, labels: Indices, classes: int, task: FoldTask) -> tf.data.Dataset:
    """Return endless batches of flipped photographs with one-hot targets, a class drawn in proportion to sqrt(n)."""
    by_class, weights = [], []
    for label in np.unique(labels).tolist():
        files = photographs[labels == label].tolist()
        one_hot = np.eye(classes, dtype=np.float32)[[label] * len(files)]
        decoded = tf.data.Dataset.from_tensor_slices((files, one_hot)).map(_decoded(task.size), tf.data.AUTOTUNE)
        by_class.append(decoded.cache().shuffle(len(files), seed=task.seed + label).repeat())
        weights.append(math.sqrt(len(files)))
    shares = (np.array(weights) / sum(weights)).tolist()
    drawn = tf.data.Dataset.sample_from_datasets(by_class, weights=shares, seed=task.seed)
    return drawn.map(_flipped, tf.data.AUTOTUNE).batch(BATCH).prefetch(tf.data.AUTOTUNE)


def _decoded(size: int) -> Any:
    decode = decoder(size)
    return lambda file, target: (tf.cast(decode(file), tf.uint8), target)


def _flipped(image: tf.Tensor, target: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    flipped = tf.image.random_flip_up_down(tf.image.random_flip_left_right(image))
    return tf.cast(flipped, tf.float32), target


def with_mirror_images(network: keras.Model, photographs: tf.data.Dataset) -> Floats:
    """Return the mean of the probabilities of each photograph and its mirror image, (n, classes)."""
    sums = [
        (tf.nn.softmax(network(images)) + tf.nn.softmax(network(tf.image.flip_left_right(images)))).numpy() / 2
        for images in photographs
    ]
    probabilities = np.concatenate(sums).astype(np.float64)
    return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True))


if __name__ == "__main__":
    main(FoldTask.read(Path(sys.argv[1])))
