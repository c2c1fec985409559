"""onnxruntime-web is had once, by npm or without it, and nothing but the published package is used."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tarfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from derm_cli.cli import cli
from derm_cli.plugin import DermError
from mobile_export.tools.preview import web_runtime
from mobile_export.tools.preview.web_runtime import FILES, PACKAGE, fetch_runtime, is_there, runtime_folder
from tests.support.browser_runtime import installed_runtime
from tests.support.http_servers import answering

CONTENTS = {name: f"made {name}".encode() for name in FILES}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small package in the place of the published one, and no network."""
    path = tmp_path / "published" / PACKAGE
    path.parent.mkdir()
    with tarfile.open(path, "w:gz") as archive:
        for name, content in {**CONTENTS, "ort.js": b"not needed"}.items():
            entry = tarfile.TarInfo(f"package/dist/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    digest = hashlib.sha512(path.read_bytes()).digest()
    monkeypatch.setattr(web_runtime, "INTEGRITY", base64.b64encode(digest).decode())
    monkeypatch.setattr(
        web_runtime, "FILES", {name: hashlib.sha256(each).hexdigest() for name, each in CONTENTS.items()}
    )
    monkeypatch.setattr(web_runtime, "ADDRESS", "http://127.0.0.1:9/nobody.tgz")
    monkeypatch.setenv("PATH", "")
    return path


def with_npm(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program named npm on the path."""
    folder.mkdir()
    (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def assert_installed(folder: Path) -> None:
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == CONTENTS
    assert is_there(folder)
    # Nothing is left beside it.
    assert [each.name for each in folder.parent.iterdir()] == [folder.name]


def test_a_package_that_was_brought_is_unpacked_as_far_as_needed(package, tmp_path):
    folder = runtime_folder(tmp_path / "cache")
    assert not is_there(folder)
    fetch_runtime(folder, package)
    assert_installed(folder)


def test_npm_packs_it_where_it_is_installed(package, tmp_path, monkeypatch):
    with_npm(tmp_path / "bin", monkeypatch, f'echo "$@" > {tmp_path}/asked; cp {package} .')
    folder = runtime_folder(tmp_path / "cache")
    fetch_runtime(folder)
    assert_installed(folder)
    assert (tmp_path / "asked").read_text().split() == ["pack", "--silent", "onnxruntime-web@1.30.0"]


@pytest.mark.parametrize("npm", ["", "exit 1", "exit 0"])
def test_without_npm_or_where_it_fails_the_package_is_downloaded(package, tmp_path, monkeypatch, npm):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None: ...

    if npm:
        with_npm(tmp_path / "bin", monkeypatch, npm)
    folder = runtime_folder(tmp_path / "cache")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(package.parent)))
    with server, answering(server):
        monkeypatch.setattr(web_runtime, "ADDRESS", f"http://127.0.0.1:{server.server_address[1]}/{PACKAGE}")
        fetch_runtime(folder)
    assert_installed(folder)


def test_without_a_network_it_says_how_to_bring_the_package(package, tmp_path):
    with pytest.raises(DermError, match=r"cannot be downloaded .+ get \S+ on another machine .+ '--runtime"):
        fetch_runtime(runtime_folder(tmp_path / "cache"))
    assert not runtime_folder(tmp_path / "cache").exists()


@pytest.mark.parametrize("way", ["brought", "by npm"])
def test_another_package_is_refused_whoever_brings_it(package, tmp_path, monkeypatch, way):
    package.write_bytes(package.read_bytes() + b"\0")
    folder = runtime_folder(tmp_path / "cache")
    if way == "by npm":
        with_npm(tmp_path / "bin", monkeypatch, f"cp {package} .")
    with pytest.raises(DermError, match=r"is not onnxruntime-web 1\.30\.0 as it was published"):
        fetch_runtime(folder, package if way == "brought" else None)
    assert not folder.exists()


def test_files_that_were_changed_in_the_cache_are_not_used(package, tmp_path):
    folder = runtime_folder(tmp_path / "cache")
    fetch_runtime(folder, package)
    (folder / next(iter(FILES))).write_bytes(b"evil")
    assert not is_there(folder)
    fetch_runtime(folder, package)
    assert_installed(folder)


def test_derm_cache_lists_and_removes_it(package, tmp_path):
    fetch_runtime(runtime_folder(tmp_path / "cache"), package)
    call = partial(CliRunner().invoke, cli)
    listed = call(["--cache", str(tmp_path / "cache"), "cache", "list"])
    assert re.search(r"runtimes +.*onnxruntime-web-1\.30\.0", listed.output)
    call(["--cache", str(tmp_path / "cache"), "cache", "clean", "--kind", "runtimes", "--all", "--yes"])
    assert not is_there(runtime_folder(tmp_path / "cache"))


def test_a_folder_that_cannot_be_written_is_a_sentence(package, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(DermError, match=r"cannot be put into '.+cache.+' \(.+\): check the permission .+ --cache"):
        fetch_runtime(runtime_folder(tmp_path / "cache"), package)


def test_the_published_package_has_the_files_that_are_pinned():
    """Those that the page's tests compute with."""
    assert is_there(installed_runtime())
    head = (installed_runtime() / "ort.wasm.bundle.min.mjs").read_text(encoding="utf-8")[:200]
    assert "ONNX Runtime Web v1.30.0" in head
    assert "MIT License" in head
