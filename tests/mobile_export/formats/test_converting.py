"""Where converters run, and what is said where one fails in a process of its own."""

from __future__ import annotations

import errno
import json
import sys
from types import SimpleNamespace

import keras
import pytest

from mobile_export.formats import converting
from mobile_export.formats.converting import ConversionFailed, converted, serve


class SavedNetwork:
    """A network that has nothing but a file."""

    def save(self, path):
        path.write_bytes(b"network")


def make_converter(monkeypatch, convert):
    monkeypatch.setitem(sys.modules, "a_converter", SimpleNamespace(convert=convert))
    return "a_converter"


def test_beside_tensorflow_it_runs_here(monkeypatch):
    monkeypatch.setattr(keras.config, "backend", lambda: "tensorflow")
    assert converted("network", make_converter(monkeypatch, lambda model: f"of {model}".encode())) == b"of network"


PROGRAM = "import json, os, sys; paths, home, source, target, failure = sys.argv[1:]; "
WRITES = PROGRAM + (
    "assert open(source, 'rb').read() == b'network' and json.loads(paths); "
    "names = ('KERAS_BACKEND', 'CUDA_VISIBLE_DEVICES', 'XLA_FLAGS', 'KERAS_HOME'); "
    "open(target, 'w').write(json.dumps([home, os.path.dirname(source)] + [os.environ.get(each) for each in names]))"
)


def test_beside_another_backend_a_process_with_tensorflow_writes_it(monkeypatch, tmp_path):
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    monkeypatch.setattr(converting, "_PROGRAM", WRITES)
    monkeypatch.setenv("XLA_FLAGS", "--of_jax_alone=1")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    home, folder, *variables = json.loads(converted(SavedNetwork(), "a.format"))
    assert home == "a.format"
    # The folder, which is gone by now, has no keras.json.
    assert variables == ["tensorflow", "-1", None, folder]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("does", "raises", "said"),
    [
        ("print('a word', file=sys.stderr); os.abort()", ConversionFailed, "its process ended with -6: a word"),
        ("sys.exit(3)", ConversionFailed, "its process ended with 3"),
        ("pass", ConversionFailed, "its process ended with 0"),
        (
            "open(failure, 'w').write(json.dumps({'errno': None, 'said': 'no such operation'}))",
            ConversionFailed,
            "no such operation",
        ),
        (
            "open(failure, 'w').write(json.dumps({'errno': 28, 'said': 'No space left on device'}))",
            OSError,
            "[Errno 28] No space left on device",
        ),
    ],
)
def test_what_ends_the_process_is_told(monkeypatch, does, raises, said):
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    monkeypatch.setattr(converting, "_PROGRAM", PROGRAM + does)
    with pytest.raises(raises) as caught:
        converted(SavedNetwork(), "a.format")
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("error", "number", "said"),
    [
        (ValueError("no such operation\nand much more"), None, "no such operation"),
        (KeyError(), None, "KeyError"),
        (OSError(errno.ENOSPC, "No space left on device"), errno.ENOSPC, "No space left on device"),
        (OSError("no reason"), None, "no reason"),
    ],
)
def test_the_process_says_why_it_failed(monkeypatch, tmp_path, error, number, said):
    def fail(_):
        raise error

    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: "network")
    target, failure = tmp_path / "target", tmp_path / "failure"
    serve(make_converter(monkeypatch, fail), "", str(target), str(failure))
    assert json.loads(failure.read_text()) == {"errno": number, "said": said}
    assert not target.exists()


def test_the_process_writes_what_the_converter_makes(monkeypatch, tmp_path):
    monkeypatch.setattr(keras.saving, "load_model", lambda path, **_: f"network of {path}".encode())
    target, failure = tmp_path / "target", tmp_path / "failure"
    serve(make_converter(monkeypatch, lambda model: model), "a.keras", str(target), str(failure))
    assert target.read_bytes() == b"network of a.keras"
    assert not failure.exists()
