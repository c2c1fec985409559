"""A small network with the layers of real ones, and its artefacts in all formats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from derm_cli.engine import backend
from derm_cli.plan import Preprocessing
from derm_cli.plugin import (
    COMMON_FIELDS,
    AnswerEncoding,
    ArtefactFacts,
    CalibrationPhotographs,
    EncodedField,
    LesionClass,
)

SIZE = 32
FACTS = ArtefactFacts(
    run="20261124-000000-abcd",
    classes=tuple(LesionClass(name=name, title=f"Class {name}", diagnoses=("Benign",)) for name in ("NEV", "MEL", "é")),
    preprocessing=Preprocessing(size=SIZE),
    backbone="made",
    target="made",
    made=True,
    derm="0",
)

ANSWERS = AnswerEncoding(
    (
        EncodedField(field=COMMON_FIELDS["age"], mean=50.0, deviation=20.0),
        EncodedField(field=COMMON_FIELDS["bleed"], shares=(0.25,)),
        EncodedField(field=COMMON_FIELDS["site"], choices=("head/neck", "torso"), shares=(0.5, 0.5)),
    )
)


@pytest.fixture(scope="session")
def facts():
    return FACTS


@pytest.fixture(scope="session")
def network():
    backend.start(seed=5)
    import keras
    from keras import layers

    entry = keras.Input((SIZE, SIZE, 3))
    flow = layers.Rescaling(1 / 127.5, offset=-1)(entry)
    flow = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(flow)
    flow = layers.ReLU(6.0)(layers.BatchNormalization()(flow))
    flow = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(flow)
    flow = layers.ReLU(6.0)(layers.BatchNormalization()(flow))
    flow = layers.Conv2D(3, 1, name="class_map")(flow)
    model = keras.Model(entry, layers.Softmax()(layers.GlobalAveragePooling2D()(flow)))
    draw = np.random.default_rng(0)
    model.set_weights(
        [
            np.abs(draw.normal(1, 0.5, w.shape)) * draw.choice([-1, 1], w.shape[-1:]) ** (w.ndim > 1)
            for w in model.get_weights()
        ]
    )
    return model


@pytest.fixture(scope="session")
def artefacts(network, facts, tmp_path_factory):
    """The path of the artefact in each format, by name."""
    from mobile_export import derm_exporters

    folder = tmp_path_factory.mktemp("artefacts")
    paths = {spec.name: folder / f"model{spec.suffix}" for spec in derm_exporters()}
    for spec in derm_exporters():
        spec.export(network, facts, paths[spec.name])
    return paths


@pytest.fixture(scope="session")
def facts_with_answers():
    return replace(FACTS, answers=ANSWERS)


@pytest.fixture(scope="session")
def network_with_answers(network):
    """The same network with a second input, whose logits are added to its own."""
    import keras

    answers = keras.Input((ANSWERS.width,), name="answers")
    dense = keras.layers.Dense(3, use_bias=False)
    both = keras.layers.Add()([network.layers[-2].output, dense(answers)])
    model = keras.Model([network.inputs[0], answers], keras.layers.Softmax()(both))
    dense.set_weights([np.random.default_rng(1).normal(size=(ANSWERS.width, 3)).astype(np.float32)])
    return model


@pytest.fixture(scope="session")
def artefacts_with_answers(network_with_answers, facts_with_answers, tmp_path_factory):
    """The path of the artefact with answers in each format, by name."""
    from mobile_export import derm_exporters

    folder = tmp_path_factory.mktemp("artefacts-with-answers")
    paths = {spec.name: folder / f"model{spec.suffix}" for spec in derm_exporters()}
    for spec in derm_exporters():
        spec.export(network_with_answers, facts_with_answers, paths[spec.name])
    return paths


@pytest.fixture(scope="session")
def photographs(real_data):
    """Real photographs and made noise, uint8 (n, 32, 32, 3)."""
    files = sorted(real_data.joinpath("pad-ufes-20").rglob("*.png"))[:24]
    real = [np.asarray(Image.open(path).convert("RGB").resize((32, 32), Image.Resampling.NEAREST)) for path in files]
    noise = np.random.default_rng(0).integers(0, 256, (17, 32, 32, 3), dtype=np.uint8)
    return np.concatenate([np.stack(real), noise])


@pytest.fixture(scope="session")
def deep_network(network):
    """A network that halves the photograph four times, so that something of it is quantized."""
    import keras
    from keras import layers

    entry = keras.Input((SIZE, SIZE, 3))
    flow = layers.Rescaling(1 / 127.5, offset=-1)(entry)
    for filters in (8, 16, 32, 32):
        flow = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(flow)
        flow = layers.ReLU(6.0)(layers.BatchNormalization()(flow))
    for _ in range(2):
        beside = layers.Conv2D(32, 1, use_bias=False)(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(flow))
        flow = layers.Add()([flow, layers.BatchNormalization()(beside)])
    flow = layers.Conv2D(3, 1, name="class_map")(flow)
    model = keras.Model(entry, layers.Softmax()(layers.GlobalAveragePooling2D()(flow)))
    draw = np.random.default_rng(7)

    def drawn(shape):
        if len(shape) == 1:
            return np.abs(draw.normal(1, 0.1, shape))
        # The head is steep, so that photographs differ.
        return draw.normal(0, (6 if shape[-1] == 3 else 1.4) / np.sqrt(np.prod(shape[:-1])), shape)

    model.set_weights([drawn(each.shape) for each in model.get_weights()])
    return model


@pytest.fixture(scope="session")
def calibration(photographs):
    """Some of the photographs."""
    return CalibrationPhotographs(photographs=photographs[::2], sha256=("0" * 64,) * len(photographs[::2]))


@pytest.fixture(scope="session")
def variants(deep_network, facts, calibration, tmp_path_factory):
    """The path of the TFLite file in each variant, by name, with titles in two languages; ``none`` as it is."""
    from mobile_export.specs import TFLITE

    folder, spoken = tmp_path_factory.mktemp("variants"), replace(facts, titles={"pt": ("nevo", "melanoma", "outro")})
    paths = {name: folder / f"model-{name}.tflite" for name in ("none", *(each.name for each in TFLITE.variants))}
    TFLITE.export(deep_network, spoken, paths["none"])
    for each in TFLITE.variants:
        named = replace(spoken, variant=each.name)
        each.export(deep_network, named, paths[each.name], calibration if each.calibrated else None)
    return paths
