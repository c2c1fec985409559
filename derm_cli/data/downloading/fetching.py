"""Fetching one file: gone on with where it was cut, its checksum compared, and only then under its name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.data.downloading.resuming import ResumableDownload
from derm_cli.files import sha256_of
from derm_cli.plugin.downloads import Download

if TYPE_CHECKING:
    import requests


@dataclass(frozen=True)
class Fetched:
    """A downloaded file: its name, address, size in bytes and SHA-256.

    ``checked`` is the checksum that it was compared with, the publisher's or the server's; '' where there is none.
    """

    name: str
    address: str
    size: int
    sha256: str
    checked: str


def fetch(download: Download, folder: Path, session: requests.Session, advance: Callable[[int], object]) -> Fetched:
    """Download a file into ``folder``, or find it there, and compare its checksum.

    What is cut stays as NAME.part, and the next call goes on after its last byte, unless the file has changed since.
    ``advance`` is told of each byte that is there.  A file with another checksum is set aside in the folder
    ``refused`` beside ``folder``.  Raises DermError where the file cannot be had whole.
    """
    import pooch

    # It would tell of each file; derm does so itself.
    pooch.get_logger().setLevel(logging.ERROR)
    path = folder / download.name
    path.parent.mkdir(parents=True, exist_ok=True)
    downloader = ResumableDownload(download, path, folder.with_name("refused"), session, advance)
    if path.is_file():
        advance(path.stat().st_size)
    pooch.retrieve(
        download.address,
        download.checksum or None,
        fname=path.name,
        path=path.parent,
        downloader=downloader,
    )
    checked = download.checksum or downloader.read_notes().told
    downloader.part.unlink(missing_ok=True)
    downloader.notes_path.unlink(missing_ok=True)
    return Fetched(download.name, download.address, path.stat().st_size, sha256_of(path), checked)
