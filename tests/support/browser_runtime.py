"""Brings onnxruntime-web for the tests of the page: ``python -m tests.support.browser_runtime``."""

from __future__ import annotations

from pathlib import Path

from mobile_export.tools.preview.web_runtime import fetch_runtime, is_there, runtime_folder
from tests.support.sources import ROOT

CACHE = ROOT / ".venv" / "share" / "derm-tests"
"""The cache of the tests, which each have a home of their own: with the environment, so that it is downloaded once."""


def installed_runtime() -> Path:
    """Return the folder of the runtime; it is fetched where it is not there."""
    folder = runtime_folder(CACHE)
    if not is_there(folder):
        fetch_runtime(folder)
    return folder


if __name__ == "__main__":
    installed_runtime()
