"""What surrounds a process: a backend is checked before anything imports it, flags are quoted, settings recorded."""

from __future__ import annotations

import importlib.util
import os
import sys
from types import SimpleNamespace

import pytest

from derm_cli.engine import framework_settings
from derm_cli.engine.framework_settings import recorded_settings, requested_backend, set_flag
from derm_cli.errors import RequestError


@pytest.fixture
def surroundings(monkeypatch):
    """Set ``KERAS_BACKEND``, the backend that Keras was imported with, and packages that are not installed."""
    find = importlib.util.find_spec

    def put(asked, bound=None, missing=()):
        monkeypatch.delenv("KERAS_BACKEND", raising=False)
        if asked is not None:
            monkeypatch.setenv("KERAS_BACKEND", asked)
        keras = SimpleNamespace(config=SimpleNamespace(backend=lambda: bound)) if bound else None
        monkeypatch.setitem(sys.modules, "keras", keras)
        monkeypatch.setattr(framework_settings, "find_spec", lambda name: None if name in missing else find(name))

    return put


@pytest.mark.parametrize(
    ("asked", "bound", "found"),
    [
        (None, None, "tensorflow"),
        ("", None, "tensorflow"),
        ("  ", None, "tensorflow"),
        ("tensorflow", None, "tensorflow"),
        ("jax", None, "jax"),
        (" JAX ", None, "jax"),
        ("TensorFlow", "tensorflow", "tensorflow"),
        (None, "jax", "jax"),
        ("", "jax", "jax"),
    ],
)
def test_the_backend_is_the_one_that_is_named_or_bound(surroundings, asked, bound, found):
    surroundings(asked, bound)
    assert requested_backend() == found


@pytest.mark.parametrize(
    ("asked", "bound", "missing", "said"),
    [
        (
            "jxa",
            None,
            (),
            "KERAS_BACKEND is 'jxa', with which derm does not train: set KERAS_BACKEND. Did you mean 'jax'?",
        ),
        (
            "tensorfow",
            None,
            (),
            "KERAS_BACKEND is 'tensorfow', with which derm does not train: set KERAS_BACKEND. "
            "Did you mean 'tensorflow'?",
        ),
        (
            "torch",
            None,
            (),
            "KERAS_BACKEND is 'torch', with which derm does not train: set KERAS_BACKEND. Known: jax, tensorflow.",
        ),
        (
            None,
            "torch",
            (),
            "Keras was imported with the backend 'torch', with which derm does not train: set KERAS_BACKEND. "
            "Known: jax, tensorflow.",
        ),
        (
            "Jax",
            None,
            ("jax",),
            "KERAS_BACKEND is 'Jax', but jax is not installed: install derm-cli[jax], or set another.",
        ),
        (
            "jax",
            "tensorflow",
            (),
            "KERAS_BACKEND is 'jax', but this process has imported Keras with 'tensorflow' already: set it before "
            "anything imports Keras, or begin another process.",
        ),
    ],
)
def test_a_backend_that_cannot_be_had_is_refused(surroundings, asked, bound, missing, said):
    surroundings(asked, bound, missing)
    with pytest.raises(RequestError) as caught:
        requested_backend()
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "--chain", "synthetic-phone"),
        ("train", "--chain", "synthetic-phone", "--dry-run"),
        ("train", "--chain", "synthetic-phone", "--folds", "2"),
        ("demo",),
    ],
    ids=" ".join,
)
def test_nothing_is_done_before_the_backend_is_refused(place, surroundings, arguments):
    surroundings("torch")
    said = place.refused(*arguments, exit_status=2)
    assert said.startswith("Error: KERAS_BACKEND is 'torch', with which derm does not train")
    assert not list(place.root.rglob("*.jpg"))
    assert not list(place.root.rglob("run.json"))


def test_the_doctor_says_which_backend_cannot_be_had_and_what_changes_results(place, surroundings, monkeypatch):
    surroundings("torch")
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    lines = place.derm("doctor", exit_status=1).stdout.splitlines()
    (backend,) = [line.split(maxsplit=2) for line in lines if "KERAS_BACKEND is 'torch'" in line]
    assert backend[:2] == ["PROBLEM", "backend"]
    assert any(line.split() == ["TF_ENABLE_ONEDNN_OPTS", "0", "(changes", "results)"] for line in lines)


# Compiler flags.


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        ("", "a", "true", "--a=true"),
        ("--b=1", "a", "true", "--b=1 --a=true"),
        ("--a=false", "a", "true", "--a=false --a=true"),
        ("--a=true --b", "a", "true", "--a=true --b"),
        ("--a=trueish", "a", "true", "--a=trueish --a=true"),
        ("", "a", "/my files/x", '--a="/my files/x"'),
        ("", "a", "q\"u\\o'te", '--a="q\\"u\\\\o\'te"'),
        ('--a="/my files/x"', "a", "/my files/x", '--a="/my files/x"'),
    ],
)
def test_a_flag_is_given_last_once_and_quoted(monkeypatch, before, name, value, after):
    monkeypatch.setenv("XLA_FLAGS", before)
    set_flag("XLA_FLAGS", name, value)
    assert os.environ["XLA_FLAGS"] == after


def test_a_flag_of_the_user_s_may_hold(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--a='/my files' --b=1")
    set_flag("XLA_FLAGS", "a", "/derm's", over=False)
    assert os.environ["XLA_FLAGS"] == "--a='/my files' --b=1"


def test_a_file_of_flags_is_read(monkeypatch, tmp_path):
    """XLA takes what does not begin with a hyphen for the name of a file, with whatever stands behind it."""
    (tmp_path / "my flags").write_text("--b=1\n--c=2\n")
    monkeypatch.setenv("XLA_FLAGS", str(tmp_path / "my flags"))
    assert recorded_settings()["XLA_FLAGS"] == "--b=1 --c=2"
    set_flag("XLA_FLAGS", "a", "true")
    assert os.environ["XLA_FLAGS"].split() == ["--b=1", "--c=2", "--a=true"]


def test_what_is_neither_flag_nor_file_is_refused(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "xla_gpu_autotune_level=0")
    with pytest.raises(RequestError) as caught:
        set_flag("XLA_FLAGS", "a", "true")
    assert str(caught.value) == (
        "XLA_FLAGS is 'xla_gpu_autotune_level=0', which is neither a flag, as in --name=value, nor a file of flags "
        "that can be read: mend or unset it."
    )


# What a run's environment records.


@pytest.mark.parametrize(
    ("variables", "recorded"),
    [
        ({}, {}),
        ({"TF_ENABLE_ONEDNN_OPTS": "0", "OMP_NUM_THREADS": " "}, {"TF_ENABLE_ONEDNN_OPTS": "0"}),
        ({"NVIDIA_TF32_OVERRIDE": "0"}, {"NVIDIA_TF32_OVERRIDE": "0"}),
        ({"TF_NUM_INTRAOP_THREADS": "1"}, {"TF_NUM_INTRAOP_THREADS": "1"}),
        ({"JAX_DEFAULT_MATMUL_PRECISION": "highest"}, {"JAX_DEFAULT_MATMUL_PRECISION": "highest"}),
        ({"XLA_FLAGS": "--b=2 --a=1"}, {"XLA_FLAGS": "--a=1 --b=2"}),
        ({"XLA_FLAGS": "--xla_gpu_deterministic_ops=true --xla_dump_to='/home/me and you'"}, {}),
        ({"TF_XLA_FLAGS": '--tf_xla_auto_jit=2 --tf_xla_persistent_cache_directory="/a b"'},
         {"TF_XLA_FLAGS": "--tf_xla_auto_jit=2"}),
        ({"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}, {}),
    ],
)  # fmt: skip
def test_what_changes_bits_is_recorded_and_no_path_is(monkeypatch, variables, recorded):
    for name in (*framework_settings.RECORDED, *framework_settings.FLAG_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert recorded_settings() == recorded
