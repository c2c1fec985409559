"""Brings onnxruntime-web for the tests of the page, and serves it: ``python -m tests.support.browser_runtime``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mobile_export.tools.preview.page_server import PageServer, ServedPage, page_server
from mobile_export.tools.preview.served_bundle import read_bundle
from mobile_export.tools.preview.web_runtime import fetch_runtime, is_there, runtime_folder
from tests.support.http_servers import answering
from tests.support.sources import ROOT

CACHE = ROOT / ".venv" / "share" / "derm-tests"
"""The cache of the tests, which each have a home of their own: with the environment, so that it is downloaded once."""


def installed_runtime(cache: Path = CACHE) -> Path:
    """Return the folder of the runtime in a cache; it is fetched where it is not there."""
    folder = runtime_folder(cache)
    if not is_there(folder):
        fetch_runtime(folder)
    return folder


@contextmanager
def served_page(bundle: Path, cache: Path = CACHE) -> Iterator[PageServer]:
    """Serve the page of a bundle, by the runtime in a cache, while a ``with`` block is worked on."""
    with page_server(ServedPage.of(read_bundle(bundle), installed_runtime(cache))) as server, answering(server):
        yield server


if __name__ == "__main__":
    installed_runtime()
