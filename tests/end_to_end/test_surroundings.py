"""What surrounds a process does not change a result, or is recorded: a tiny training in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("surroundings")

ROOT = Path(__file__).parents[2]
KERAS_JSON = {
    "backend": "torch",
    "floatx": "float16",
    "epsilon": 0.1,
    "image_data_format": "channels_first",
    "nnx_enabled": True,
}
SET_BY_DERM = {
    "KERAS_NNX_ENABLED": "1",
    "TF_DETERMINISTIC_OPS": "0",
    "JAX_ENABLE_X64": "1",
    "JAX_DEFAULT_PRNG_IMPL": "rbg",
    "JAX_THREEFRY_PARTITIONABLE": "0",
    "JAX_NUMPY_DTYPE_PROMOTION": "strict",
    "JAX_NUMPY_RANK_PROMOTION": "raise",
    "JAX_DISABLE_JIT": "1",
}
OF_NO_INFLUENCE = {
    "PYTHONHASHSEED": "7",
    "TZ": "Asia/Tokyo",
    "LANG": "de_DE.UTF-8",
    "LC_ALL": "de_DE.UTF-8",
    "LC_NUMERIC": "de_DE.UTF-8",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "KERAS_MAX_EPOCHS": "0",
    "KERAS_MAX_STEPS_PER_EPOCH": "1",
}
CHANGES_BITS = {"TF_ENABLE_ONEDNN_OPTS": "0"}
"""On every CPU; the others that are recorded need a GPU, or more cores than a machine may have."""


def tiny_training(folder: Path, keras_json: object = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Train in a process that has these variables alone of all that a framework reads, and a cache with a blank."""
    home = folder / "keras"
    home.mkdir()
    if keras_json is not None:
        (home / "keras.json").write_text(json.dumps(keras_json))
    prefixes = ("TF_", "JAX_", "XLA_", "KERAS_", "ONEDNN_", "DNNL_", "OMP_", "LC_", "LANG")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    return subprocess.run(
        [sys.executable, "-m", "tests.support.tiny_training", folder / "a cache" / "programs"],
        env={**inherited, "PYTHONPATH": os.pathsep.join(sys.path), "KERAS_HOME": str(home), **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """What the training comes to under a backend where nothing is set."""
    found = {}

    def trained(backend):
        if backend not in found:
            folder = tmp_path_factory.mktemp("plain")
            done = tiny_training(folder, KERAS_BACKEND=backend)
            assert done.returncode == 0, done.stderr
            found[backend] = json.loads(done.stdout)
        return found[backend]

    return trained


@pytest.mark.parametrize(("backend", "named"), [("tensorflow", ""), ("jax", "JAX")])
def test_what_surrounds_a_process_changes_no_bit(plain, tmp_path, backend, named):
    """Neither keras.json nor variables do; where nobody names a backend, that of keras.json is not taken."""
    done = tiny_training(tmp_path, KERAS_JSON, KERAS_BACKEND=named, **SET_BY_DERM, **OF_NO_INFLUENCE)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found == plain(backend)
    assert found["environment"]["backend"] == backend


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_versions_are_told_without_binding_keras(plain, backend):
    """Folds that are looked for among earlier runs are compared by them before the backend is set."""
    assert plain(backend)["imported"] == []


def test_what_changes_bits_is_recorded(plain, tmp_path):
    done = tiny_training(tmp_path, **CHANGES_BITS)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["bits"] != plain("tensorflow")["bits"]
    assert found["environment"] == plain("tensorflow")["environment"] | CHANGES_BITS
    # A blank in the path of the cache is part of it.
    assert [each.parent for each in tmp_path.rglob("xla_compile_cache*")] == [tmp_path / "a cache" / "programs"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"floatx": "int8"}, "Invalid `floatx` configuration. Expected one of"),
        ({"epsilon": 1}, "Invalid `epsilon` configuration. Expected a float."),
        ([], "'list' object has no attribute 'get'"),
    ],
    ids=["floatx", "epsilon", "no table"],
)
def test_a_keras_json_that_keras_refuses_is_named(tmp_path, content, said):
    done = tiny_training(tmp_path, content)
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"derm_cli.errors.DermError: Keras does not start with the backend 'tensorflow' ({said}")
    assert f"'{tmp_path / 'keras' / 'keras.json'}'" in last


def test_an_unknown_compiler_flag_is_named(tmp_path):
    """XLA ends the process, with a line on standard error that is not held back."""
    done = tiny_training(tmp_path, KERAS_BACKEND="jax", XLA_FLAGS="--no_such_flag=1")
    assert done.returncode != 0
    assert "Unknown flag in XLA_FLAGS: --no_such_flag=1" in done.stderr
