"""A stranger's .keras file is refused where it would take more memory than it has bytes, or would run a program."""

from __future__ import annotations

import io
import json
import random
import resource
import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.plugin import keras_models, read_keras_model
from tests.support.artefact_files import entries_of, put_together

HUGE = 1 << 30


def weights(fill) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as arrays:
        arrays["layers/dense/vars/0"] = np.zeros(8, np.float32)
        fill(arrays)
    return file.getvalue()


def entry(content, **more):
    return {"model.weights.h5": content, "config.json": b"{}", **more}


SPOILT = {
    "an array of nothing but its size": weights(lambda file: file.create_dataset("x", (HUGE,), "f4")),
    "an array in pieces, packed": weights(
        lambda file: file.create_dataset("x", data=np.zeros(100_000), chunks=True, compression="gzip")
    ),
    "an array in another file": weights(
        lambda file: file.create_dataset("x", (10,), "f4", external=[("/etc/passwd", 0, 40)])
    ),
    "a link to another file": weights(lambda file: file.__setitem__("x", h5py.ExternalLink("other.h5", "/x"))),
    "a link to another place": weights(lambda file: file.__setitem__("x", h5py.SoftLink("/layers"))),
}


@pytest.mark.parametrize("what", SPOILT)
def test_arrays_that_are_not_wholly_in_the_file_are_refused(what, tmp_path):
    path = put_together(tmp_path / "model.keras", b"", entry(SPOILT[what]))
    with pytest.raises(DermError, match=r"no artefact that derm wrote .its (array|part)"):
        read_keras_model(path)


def test_one_array_under_many_names_counts_as_often(tmp_path):
    large = weights(
        lambda file: [
            file.create_dataset("large", data=np.zeros(10_000, np.float32)),
            *(file.__setitem__(f"y{each}", file["large"]) for each in range(9)),
        ]
    )
    with pytest.raises(DermError, match="its arrays would take 400032 bytes"):
        read_keras_model(put_together(tmp_path / "model.keras", b"", entry(large)))


@pytest.mark.parametrize("name", ["model.weights.h5", "config.json", "assets/x"])
def test_a_packed_part_is_refused_before_it_is_inflated(name, tmp_path):
    parts = entry(weights(lambda _: None)) | {name: bytes(100_000_000)}
    path = put_together(tmp_path / "model.keras", b"", parts, packed=(name,))
    tracemalloc.start()
    with pytest.raises(DermError, match="Keras packs no entry"):
        read_keras_model(path)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_part_that_lies_of_its_size_is_refused(tmp_path):
    path = put_together(tmp_path / "model.keras", b"", entry(weights(lambda _: None)))
    content = bytearray(path.read_bytes())
    start = content.rindex(b"PK\1\2")
    content[start + 24 : start + 28] = (HUGE).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(DermError, match="its entries would take"):
        read_keras_model(path)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small model's file, with a layer of each kind that is spoilt here."""
    import keras
    from keras import layers

    entry = keras.Input((8, 8, 3), name="image")
    flow = layers.Conv2D(4, 3, name="convolution")(layers.UpSampling2D(1, name="larger")(entry))
    flow = layers.GlobalAveragePooling2D(name="flat")(flow)
    model = keras.Model(entry, layers.Dense(3, name="dense")(layers.Activation("relu", name="activation")(flow)))
    path = tmp_path_factory.mktemp("small") / "model.keras"
    model.save(path)
    return path


def spoilt_layer(source, path, name, changes):
    """Write the model of ``source`` to ``path`` with other settings of a layer: in ``layer`` its kind, else its own."""
    parts = entries_of(source)
    config = json.loads(parts["config.json"])
    (layer,) = [each for each in config["config"]["layers"] if each["config"]["name"] == name]
    layer.update(changes.pop("layer", {}))
    layer["config"] = layer["config"] | changes
    return put_together(path, b"", parts | {"config.json": json.dumps(config).encode()})


LARGE = {
    "units": ("dense", {"units": 2_000_000_000}, "its layers would take 10000000112 numbers, but it has 127"),
    "filters": ("convolution", {"filters": 100_000_000, "layer": {"build_config": None}}, ""),
    "a kernel": (
        "convolution",
        {"kernel_size": [40_000, 40_000], "padding": "same"},
        "its layers would take 19200000019 numbers",
    ),
    "feature maps": ("larger", {"size": [4_000, 4_000]}, "its layer 'larger' would give 3072000000 numbers"),
    "another kind": (
        "activation",
        {"layer": {"class_name": "Embedding", "config": {"name": "activation"}}, "input_dim": 10**9, "output_dim": 16},
        "",
    ),
}


@pytest.mark.parametrize("what", LARGE)
def test_layers_larger_than_the_weights_are_refused_before_they_are_made(what, small, tmp_path, monkeypatch):
    import keras

    name, changes, said = LARGE[what]
    path = spoilt_layer(small, tmp_path / "model.keras", name, dict(changes))
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: pytest.fail("it was loaded"))
    before, state = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, random.getstate()
    with pytest.raises(DermError, match=rf"no artefact that derm wrote .*{said}"):
        read_keras_model(path)
    assert random.getstate() == state
    # What was described is not made by the layers that are made next.
    keras.layers.Dense(2).build((None, 3))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_a_layer_that_carries_a_program_is_refused_before_it_runs(small, tmp_path):
    import keras

    written = tmp_path / "written"
    entry = keras.Input((8,))
    program = f"__import__('pathlib').Path({str(written)!r}).touch()"
    model = keras.Model(entry, keras.layers.Lambda(eval(f"lambda x: [x, {program}][0]"), output_shape=(8,))(entry))
    model.save(tmp_path / "lambda.keras")
    written.unlink(missing_ok=True)
    with pytest.raises(DermError, match="its layer of the kind 'Lambda' would run a program that it carries"):
        read_keras_model(tmp_path / "lambda.keras")
    for module in ("os", "subprocess", "keras.src.utils.file_utils"):
        changes = {"layer": {"class_name": "system", "module": module, "registered_name": "system"}}
        path = spoilt_layer(small, tmp_path / "other.keras", "dense", changes)
        with pytest.raises(DermError, match="damaged, or no artefact that derm wrote"):
            read_keras_model(path)
    assert not written.exists()


@pytest.mark.parametrize("kind", ["TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "__lambda__"])
def test_each_kind_of_layer_that_carries_a_program_is_refused(kind, small, tmp_path):
    path = spoilt_layer(small, tmp_path / "model.keras", "dense", {"layer": {"class_name": kind}})
    with pytest.raises(DermError, match=f"its layer of the kind '{kind}' would run a program"):
        read_keras_model(path)


def test_a_model_is_the_one_that_was_saved_and_leaves_no_trace_of_its_check(small):
    import keras

    plain = keras.saving.load_model(small, compile=False)
    names = [keras.layers.Dense(1).name for _ in range(2)]
    found = read_keras_model(small)
    assert [each.path for each in found.weights] == [each.path for each in plain.weights]
    for one, other in zip(found.weights, plain.weights, strict=True):
        assert np.array_equal(one, other)
    last = int(names[-1].rsplit("_", 1)[1])
    assert keras.layers.Dense(1).name == f"dense_{last + 1}"


@pytest.mark.parametrize("missing", ["config.json", "model.weights.h5"])
def test_a_part_that_is_not_there_is_told(missing, small, tmp_path):
    parts = {name: content for name, content in entries_of(small).items() if name != missing}
    with pytest.raises(DermError, match=missing):
        read_keras_model(put_together(tmp_path / "model.keras", b"", parts))


def test_a_description_longer_than_any_is_refused(small, tmp_path):
    parts = entries_of(small) | {"config.json": b" " * (1 << 22) + b"{}"}
    with pytest.raises(DermError, match=r"its 'config\.json' has 4194306 bytes"):
        read_keras_model(put_together(tmp_path / "model.keras", b"", parts))


def test_no_module_of_derm_loads_a_model_by_another_door():
    root = Path(keras_models.__file__).parents[2]
    own = Path("derm_cli/plugin/keras_models.py")
    found = {
        path.relative_to(root)
        for folder in ("derm_cli", "mobile_export", "plugins")
        for path in (root / folder).rglob("*.py")
        if "saving.load_model(" in path.read_text() or "models.load_model(" in path.read_text()
    }
    # A converter's process reads what derm wrote a moment before.
    assert found == {own, Path("mobile_export/formats/converting.py")}
