"""The schedule of ``derm train`` as a plain Keras script: ``python -m benchmarks.plain_keras TASK.json``.

What a good user would write: a tf.data pipeline that decodes the files each epoch on all cores, draws class-balanced
batches of shuffled photographs and augments them ahead of the network; ``fit``; for each phase, layers unfrozen and
the model compiled anew.  Without XLA, which Keras would choose by itself and which is slower on a CPU.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from benchmarks.timeline import Epoch, Timeline
from benchmarks.training_task import TrainingTask
from derm_cli.plugin import BackboneSpec
from derm_cli.plugin.registry import Registry


def main(task: TrainingTask) -> None:
    """Train, write the model, and print the balanced accuracy on the test photographs."""
    timeline = Timeline()
    keras.utils.set_random_seed(task.seed)
    spec = Registry().get(BackboneSpec, task.backbone)
    backbone = spec.build(task.size, task.weights)
    scores = keras.layers.Conv2D(task.classes, 1, name="class_map")(backbone.output)
    logits = keras.layers.GlobalAveragePooling2D(name="logits")(scores)
    model = keras.Model(backbone.input, logits)

    batches = training_batches(task)
    timeline.stage_began = time.monotonic()
    for number, phase in enumerate(task.phases):
        unfreeze(backbone, spec, phase.blocks)
        model.compile(
            optimizer=keras.optimizers.Adam(phase.block_rate if phase.blocks else phase.head_rate),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile=False,
        )
        callback = TimelineCallback(timeline, number, phase.name, task.steps * task.classes * task.per_class)
        model.fit(batches, epochs=phase.epochs, steps_per_epoch=task.steps, verbose=0, callbacks=[callback])
    model.save(Path(task.model))
    files, labels = map(list, zip(*task.test, strict=True))
    photographs = tf.data.Dataset.from_tensor_slices(files).map(decoder(task.size), tf.data.AUTOTUNE).batch(32)
    correct = model.predict(photographs, verbose=0).argmax(axis=1) == labels
    recalls = [correct[np.equal(labels, label)].mean() for label in sorted(set(labels))]
    timeline.write()
    sys.stdout.write(f"balanced accuracy {np.mean(recalls):.3f}\n")


def training_batches(task: TrainingTask) -> tf.data.Dataset:
    """Return endless batches of ``per_class`` photographs of each class, decoded and augmented as they are needed."""
    by_class = []
    for label in range(task.classes):
        files = [file for file, class_index in task.train if class_index == label]
        photographs = tf.data.Dataset.from_tensor_slices((files, [label] * len(files)))
        by_class.append(photographs.shuffle(len(files), seed=task.seed + label).repeat())
    decode, augment = decoder(task.size), augmentation(task)
    return (
        tf.data.Dataset.choose_from_datasets(by_class, tf.data.Dataset.range(task.classes).repeat())
        .map(lambda file, label: (decode(file), label), tf.data.AUTOTUNE)
        .batch(task.classes * task.per_class)
        .map(lambda images, labels: (augment(images, training=True), labels), tf.data.AUTOTUNE)
        .prefetch(tf.data.AUTOTUNE)
    )


def decoder(size: int) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return what reads a file into float32 RGB 0..255 (size, size, 3)."""

    def decode(file: tf.Tensor) -> tf.Tensor:
        image = tf.io.decode_image(tf.io.read_file(file), channels=3, expand_animations=False)
        return tf.cast(tf.image.resize(image, (size, size), method="nearest"), tf.float32)

    return decode


def augmentation(task: TrainingTask) -> keras.Sequential:
    """Return Keras's layers for the paper's augmentation, with derm's ranges."""
    ranges = task.augmentation.options
    shift, (dark, bright) = ranges["shift"][1], ranges["brightness"]
    return keras.Sequential(
        [
            keras.layers.RandomRotation(ranges["rotation"][1] / 360, fill_mode="reflect"),
            keras.layers.RandomFlip("horizontal"),
            keras.layers.RandomZoom((-ranges["zoom"][1], -ranges["zoom"][0]), fill_mode="reflect"),
            keras.layers.RandomTranslation(shift, shift, fill_mode="reflect"),
            keras.layers.RandomBrightness((dark - 1, bright - 1), value_range=(0, 255)),
        ]
    )


def unfreeze(backbone: keras.Model, spec: BackboneSpec, blocks: tuple[str, ...]) -> None:
    """Freeze all of the backbone but the layers of ``blocks``."""
    patterns = [pattern for block in spec.blocks if block.name in blocks for pattern in block.layers]
    for layer in backbone.layers:
        layer.trainable = any(fnmatchcase(layer.name, pattern) for pattern in patterns)


class TimelineCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Records the first step and the end of each epoch of a phase in the timeline."""

    async_safe = True  # so that fit waits for it no more than for its own

    def __init__(self, timeline: Timeline, phase: int, name: str, images: int) -> None:
        super().__init__()
        self.timeline, self.phase, self.name, self.images = timeline, phase, name, images

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:  # noqa: ARG002
        self.timeline.stepped()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        self.timeline.epochs.append(Epoch(self.phase, self.name, self.images, time.monotonic()))


if __name__ == "__main__":
    main(TrainingTask.read(Path(sys.argv[1])))
