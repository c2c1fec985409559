"""What a machine makes of what a plan leaves to it, and what is said where it cannot."""

import json
from importlib import metadata

import keras
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from derm_cli.cli import cli
from derm_cli.data.preprocessing import read_photograph
from derm_cli.engine import backend, stepping
from derm_cli.engine.stage_inputs import ComputeOptions
from derm_cli.errors import RequestError
from derm_cli.plan import Execution, Preprocessing
from tests.support import trees
from tests.support.tiny_network import TINY, TrainingLog, made_photographs, made_stage, trainer_for


@pytest.fixture
def accelerators(monkeypatch):
    """Say that the machine has so many accelerators, under this backend."""

    def there(count, framework="jax"):
        monkeypatch.setattr(backend, "devices", lambda: [f"gpu:{number}" for number in range(count)])
        monkeypatch.setattr(keras.config, "backend", lambda: framework)
        monkeypatch.setattr(stepping, "accelerator", lambda: "Made 9000")

    return there


def resolved(batches=(6,), **execution):
    with backend.resolve_execution(Execution(**execution), batches) as found:
        return found


def test_a_cpu_trains_in_float32_one_program_a_phase():
    found = resolved()
    assert (found.precision, found.programs, found.devices) == ("float32", "phase", ("cpu:0",))


def test_an_accelerator_trains_in_bfloat16_one_program_a_stage(accelerators):
    accelerators(1)
    found = resolved()
    assert (found.precision, found.programs, found.devices) == ("bfloat16", "stage", ("gpu:0",))


@pytest.mark.parametrize(
    ("framework", "count", "cores", "ahead"),
    [
        ("tensorflow", 0, 2, True),
        ("tensorflow", 0, 1, False),
        ("tensorflow", 1, 8, False),
        ("jax", 0, 2, False),
    ],
    ids=["a core idles", "one core", "an accelerator", "jax"],
)
def test_programs_are_traced_ahead_where_a_core_idles(accelerators, monkeypatch, framework, count, cores, ahead):
    if count:
        accelerators(count, framework)
    monkeypatch.setattr(keras.config, "backend", lambda: framework)
    monkeypatch.setattr(backend, "usable_cores", lambda: cores)
    assert backend.traces_ahead() == ahead


def test_what_is_asked_for_is_settled(accelerators):
    accelerators(1)
    assert resolved(precision="float32", programs="phase", deterministic=False).to_json() == {
        "precision": "float32",
        "programs": "phase",
        "devices": ["gpu:0"],
        "deterministic": False,
        "machine": "Made 9000",
    }


@pytest.mark.parametrize(
    ("there", "asked", "batches", "said"),
    [
        ((1, "jax"), 2, [6], "--devices is '2', but 1 device is here: gpu:0."),
        ((2, "jax"), 3, [6], "--devices is '3', but 2 devices are here: gpu:0, gpu:1."),
        (
            (2, "tensorflow"),
            2,
            [6],
            "--devices is '2', but only JAX shares a batch among devices: set KERAS_BACKEND=jax.",
        ),
        (
            (4, "jax"),
            4,
            [8, 6],
            "--devices is '4', but a batch of 6 photographs cannot be divided among them: "
            "choose another --per-class or fewer devices.",
        ),
    ],
    ids=["more than the one", "more than there are", "not JAX", "not divisible"],
)
def test_devices_that_cannot_be_had_are_refused(accelerators, there, asked, batches, said):
    accelerators(*there)
    with pytest.raises(RequestError) as caught:
        resolved(batches, devices=asked)
    assert str(caught.value) == said


def test_more_devices_than_a_cpu_has_are_refused():
    with pytest.raises(RequestError, match="--devices is '2', but 1 device is here: cpu:0"):
        resolved(devices=2)


@pytest.mark.parametrize(
    ("framework", "batches", "devices", "warned"),
    [("jax", [6, 12], 3, True), ("jax", [8, 4], 4, False), ("jax", [7], 1, True), ("tensorflow", [8], 1, False)],
)
def test_unasked_each_batch_is_shared_by_as_many_accelerators_as_divide_it(
    accelerators, capsys, monkeypatch, framework, batches, devices, warned
):
    shared = []
    monkeypatch.setattr(keras.distribution, "DataParallel", lambda devices: devices)
    monkeypatch.setattr(keras.distribution, "set_distribution", shared.append)
    accelerators(4, framework)
    found = resolved(batches)
    assert found.devices == tuple(f"gpu:{number}" for number in range(devices))
    assert shared == ([list(found.devices)] if devices > 1 else []) + [None]
    sizes = ", ".join(map(str, sorted(batches)))
    warning = f"Warning: 4 devices are there, but batches of {sizes} photographs divide among {devices}: --per-class.\n"
    assert capsys.readouterr().err == (warning if warned else "")


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize(("precision", "policy"), backend.POLICIES.items())
def test_the_policy_holds_meanwhile_and_is_put_back(precision, policy, fails):
    def compute():
        with backend.resolve_execution(Execution(precision=precision), [6]):
            assert keras.config.dtype_policy().name == policy
            with backend.in_float32():
                assert keras.config.dtype_policy().name == "float32"
            assert keras.config.dtype_policy().name == policy
            if fails:
                raise KeyError

    if fails:
        with pytest.raises(KeyError):
            compute()
    else:
        compute()
    assert keras.config.dtype_policy().name == "float32"
    assert keras.distribution.distribution() is None


def test_the_policy_is_put_back_where_devices_cannot_share(accelerators, monkeypatch):
    def refuse(devices):
        raise KeyError

    monkeypatch.setattr(keras.distribution, "DataParallel", refuse)
    accelerators(2)
    with pytest.raises(KeyError):
        resolved(precision="float16")
    assert keras.config.dtype_policy().name == "float32"


def test_a_distribution_is_put_back_after_a_failure(accelerators, monkeypatch):
    shared = []
    monkeypatch.setattr(keras.distribution, "DataParallel", lambda devices: devices)
    monkeypatch.setattr(keras.distribution, "set_distribution", shared.append)
    accelerators(2)
    with pytest.raises(KeyError), backend.resolve_execution(Execution(devices=2), [6]):
        raise KeyError
    assert shared == [["gpu:0", "gpu:1"], None]


# What a run's bits depend on.


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ({}, {}, {}),
        ({"TF_ENABLE_ONEDNN_OPTS": "0"}, {"TF_ENABLE_ONEDNN_OPTS": "0"}, {}),
        ({}, {"TF_ENABLE_ONEDNN_OPTS": "0"}, {"TF_ENABLE_ONEDNN_OPTS": "0"}),
        ({"XLA_FLAGS": "--a=1"}, {}, {"XLA_FLAGS": None}),
        ({"OMP_NUM_THREADS": "1"}, {"OMP_NUM_THREADS": "2"}, {"OMP_NUM_THREADS": "2"}),
        ({"numpy": "1.0"}, {}, {"numpy": metadata.version("numpy")}),
        ({"of another derm": "1"}, {}, {}),
    ],
)
def test_what_is_set_from_outside_is_of_the_environment(monkeypatch, before, now, changed):
    execution = backend.ResolvedExecution("float32", "phase", ("cpu:0",), deterministic=True, machine="made")
    for name in ("TF_ENABLE_ONEDNN_OPTS", "OMP_NUM_THREADS", "XLA_FLAGS", "TF_XLA_FLAGS"):
        monkeypatch.delenv(name, raising=False)
    began = backend.environment(execution) | before
    for name, value in now.items():
        monkeypatch.setenv(name, value)
    assert backend.changed_environment(began, execution) == changed


# Training in less than float32.


@pytest.mark.parametrize("by_stage", [False, True])
@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_a_network_learns_in_half_the_bits(precision, by_stage):
    log, stage = TrainingLog(), made_stage([(), ("block2", "block1")], epochs=8, head_rate=3e-2, block_rate=3e-3)
    with backend.resolve_execution(Execution(precision=precision), [6]) as used:
        half = ComputeOptions(half=used.precision == "float16", by_stage=by_stage)
        trainer = trainer_for(TINY, made_photographs(), stage, half, augmentation=None)
        trainer.train(log)
    losses = log.losses
    assert np.isfinite(losses).all()
    assert losses[-1] < 0.6 < losses[0]
    assert log.epochs[-1].accuracy > 0.9
    for network in (trainer.network, trainer.trained):
        weights = [variable for variable in network.model.variables if "seed" not in variable.path]
        assert {keras.backend.standardize_dtype(variable.dtype) for variable in weights} == {"float32"}
        dtypes = {layer.name: layer.compute_dtype for layer in network.model.layers}
        assert {dtypes[name] for name in ("class_map", "logits", "probabilities")} == {"float32"}
        assert {dtypes[name] for name in ("stem_conv", "block1_bn", "block2_conv")} == {precision}


def test_a_step_whose_gradients_overflow_is_left_out_and_the_loss_scaled_less():
    """Micikevicius et al. 2018, section 3.2."""
    stage, seen = made_stage([("block2",)], epochs=1), []

    def look(position):
        if position.phase:
            return
        (scale,) = (variable for variable in trainer.variables() if variable.path.endswith("dynamic_scale"))
        seen.append((float(scale), [np.array(weight) for weight in trainer.network.model.trainable_weights]))
        if position.step == 1:
            scale.assign(2.0**100)

    with backend.resolve_execution(Execution(precision="float16"), [6]):
        trainer = trainer_for(TINY, made_photographs(), stage, ComputeOptions(half=True), augmentation=None)
        trainer.train(TrainingLog(look))
    (first, before), (last, after) = seen
    assert (first, last) == (2.0**15, 2.0 ** (100 - 7))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


# What a run in less than float32 leaves behind.


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_a_run_in_half_the_bits_ends_with_a_model_in_float32(precision, tmp_path):
    photographs = trees.make_pad(tmp_path / "data" / "pad-ufes-20", per_class=4)
    settings = {f"DERM_{name.upper()}": str(tmp_path / name) for name in ("data", "runs", "cache")}
    command = ["train", "--backbone", "effnet-lite0", "--size", "32", "--chain", "imagenet,pad-ufes-20", "--json"]
    options = ["--schedule", "linear-probe", "--epochs", "2", "--precision", precision]
    said = CliRunner().invoke(cli, [*command, *options], env=settings)
    assert said.exit_code == 0, said.output
    folder = tmp_path / "runs" / json.loads(said.stdout)["run"]

    record = json.loads((folder / "run.json").read_text())["precision"]
    assert record["trained"] == precision
    assert 0 < record["max_difference"] < 0.2
    assert 0.5 < record["agreement"] <= 1

    model = keras.saving.load_model(folder / "model.keras", compile=False)
    weights = [variable for variable in model.variables if "seed" not in variable.path]
    assert {keras.backend.standardize_dtype(variable.dtype) for variable in weights} == {"float32"}
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}

    # What was evaluated is what the stored model says.
    files = pd.read_csv(folder / "split.csv").query("part == 'test'").set_index("case_id")["file"]
    predictions = pd.read_csv(folder / "predictions.csv").set_index("case_id")
    pixels = [read_photograph(photographs / files[case], Preprocessing(size=32)) for case in predictions.index]
    probabilities = model.predict(np.stack(pixels).astype("float32"), verbose=0)
    np.testing.assert_allclose(predictions.filter(like="p_"), probabilities, rtol=1e-4, atol=1e-6)
