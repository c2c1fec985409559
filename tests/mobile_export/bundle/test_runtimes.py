"""Runtimes are had, or there is a sentence that says why not; what a process says is checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from derm_cli.errors import DermError
from mobile_export.bundle.runtimes import RUNTIMES, NoRuntime, answers_of, python_of

LITERT, OLDER = RUNTIMES["litert"], RUNTIMES["tflite-runtime"]


@pytest.mark.parametrize(
    ("runtime", "has_cache", "said"),
    [
        (replace(LITERT, module="no_such_module"), True, "'litert' is not installed"),
        (replace(OLDER, newest_python=(3, 1)), True, "no packages for a Python later than 3.1"),
        (OLDER, False, "needs a folder for its environment: name one with --cache DIR"),
        (replace(OLDER, packages=("./no-such-folder",), newest_python=None), True, "cannot be installed in '.*'"),
    ],
)
def test_what_cannot_be_had_is_said(tmp_path, runtime, has_cache, said):
    with pytest.raises(NoRuntime, match=said):
        python_of(runtime, tmp_path if has_cache else None)
    assert not list(tmp_path.rglob(".ready"))
    assert not list(tmp_path.rglob("python"))


def test_what_fails_in_its_process_is_a_sentence(packed):
    python = python_of(LITERT, None)
    with pytest.raises(DermError, match=r"'model.tflite' cannot be asked in 'litert' .*no-photograph.*export it again"):
        answers_of(LITERT, python, packed, "model.tflite", [(Path("no-photograph"), {})])


@pytest.mark.parametrize("printed", ["", "no JSON", "[[0.5"])
def test_what_says_something_else_is_a_sentence(packed, tmp_path, printed):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho '{printed}'\n")
    python.chmod(0o755)
    with pytest.raises(DermError, match=r"'model.tflite' cannot be asked in 'litert'"):
        answers_of(LITERT, python, packed, "model.tflite", [])
