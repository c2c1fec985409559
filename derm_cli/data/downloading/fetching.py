"""One file, from its address to a folder: gone on with where it was cut, checked, and only then under its name."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import os
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.data.downloading import http, space
from derm_cli.data.downloading.http import PassingError, opened, translated
from derm_cli.data.downloading.retrying import patiently
from derm_cli.errors import DermError
from derm_cli.files import sha256_of, write_text
from derm_cli.plugin.downloads import Download

if TYPE_CHECKING:
    import requests

CHUNK = 1 << 16
LARGEST_UNTOLD = 2 * 10**9
"""Bytes that are taken at most of a file of which neither the publisher nor the server tells the size."""


@dataclass(frozen=True)
class Fetched:
    """A file that is there: its name, address, size in bytes and SHA-256.

    ``checked`` is the checksum that it was compared with, the publisher's or the server's; '' where there is none.
    """

    name: str
    address: str
    size: int
    sha256: str
    checked: str


@dataclass(frozen=True)
class _Seen:
    """What is known of the file whose first bytes are there, so that the rest is asked of the same file."""

    address: str = ""
    etag: str = ""
    modified: str = ""
    total: int | None = None
    told: str = ""


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
    resuming = _Resuming(download, path, folder.with_name("refused"), session, advance)
    if path.is_file():
        advance(path.stat().st_size)
    pooch.retrieve(
        download.address,
        download.checksum or None,
        fname=path.name,
        path=path.parent,
        downloader=resuming,
    )
    checked = download.checksum or resuming.seen().told
    resuming.part.unlink(missing_ok=True)
    resuming.notes.unlink(missing_ok=True)
    return Fetched(download.name, download.address, path.stat().st_size, sha256_of(path), checked)


class _Resuming:
    """A downloader for pooch, which has none that goes on: pooch gives the address, and a name to write to."""

    def __init__(
        self,
        download: Download,
        path: Path,
        refused: Path,
        session: requests.Session,
        advance: Callable[[int], object],
    ) -> None:
        self.download, self.refused, self.session, self.advance = download, refused, session, advance
        self.part = path.with_name(f"{path.name}.part")
        self.notes = path.with_name(f"{path.name}.part.json")

    def __call__(self, url: str, output_file: str, _: Any) -> None:
        self.advance(self.got())
        patiently(url, self._attempt, self.got)
        expected = self.download.size
        if expected is not None and self.got() != expected:
            raise DermError(f"'{url}' has {self.got():,} bytes where {expected:,} are expected: nothing was kept.")
        self._check()
        with self.part.open("rb+") as file:
            os.fsync(file.fileno())
        _lend(self.part, Path(output_file))

    def got(self) -> int:
        """Return the number of bytes that are there."""
        return self.part.stat().st_size if self.part.is_file() else 0

    def seen(self) -> _Seen:
        """Return what is known of the file that was begun; nothing where it is of another address, or unreadable."""
        try:
            seen = _Seen(**json.loads(self.notes.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return _Seen()
        return seen if _place(seen.address) == _place(self.download.address) else _Seen()

    def _attempt(self) -> None:
        seen, have = self.seen(), self.got()
        validator = seen.etag if seen.etag and not seen.etag.startswith("W/") else seen.modified
        # A file that cannot be told from a changed one is gone on with only where its checksum would tell.
        if have and not (seen.address and (validator or self.download.checksum)):
            self._forget()
            have = 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        if have and validator:
            headers["If-Range"] = validator
        with opened(self.session, self.download.address, headers) as response:
            total = self._total(response, have, seen)
            if total is not None and have == total:
                return
            start = have if response.status_code == 206 else 0
            self._refuse_lies(total)
            if start == 0:
                self._forget()
                write_text(self.notes, json.dumps(asdict(_noted(self.download.address, response, total))))
            self._write(response, start, total)

    def _total(self, response: requests.Response, have: int, seen: _Seen) -> int | None:
        """Return the size of the whole file as the server tells it.  Raises PassingError for a range not asked for."""
        told = response.headers.get("Content-Range", "")
        if response.status_code == 200:
            length = response.headers.get("Content-Length", "")
            return int(length) if length.isdecimal() else None
        if response.status_code == 416:
            match = re.fullmatch(r"bytes \*/(\d+)", told)
            if have and match and int(match[1]) == have and seen.total in (None, have):
                return have
            self._forget()
            raise PassingError("the server has not the rest of the file")
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", told)
        etag = response.headers.get("ETag", "")
        same = match and int(match[1]) == have and seen.total in (None, int(match[3])) and etag in ("", seen.etag)
        if not have or not match or not same:
            self._forget()
            raise PassingError(f"the server sent the range '{told}', which was not asked for")
        return int(match[3])

    def _refuse_lies(self, total: int | None) -> None:
        expected = self.download.size
        if total is not None and expected is not None and total != expected:
            self._forget()
            raise DermError(
                f"'{self.download.address}' has {total:,} bytes where {expected:,} are expected: nothing was kept; "
                "see whether the publisher has changed it."
            )

    def _write(self, response: requests.Response, start: int, total: int | None) -> None:
        size = total if total is not None else self.download.size
        chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
        if size is None and not chunked:
            raise DermError(f"The server of '{self.download.address}' tells no size, so a cut would not be seen.")
        if size is not None:
            space.require(self.part.parent, size - start, f"'{self.download.name}'")
        limit = LARGEST_UNTOLD if size is None else size
        patience = http.PATIENCE
        at, since, until = start, start, time.monotonic() + patience.read
        # Without a buffer: what was received is there even after a kill.
        with self.part.open("ab", buffering=0) as file:
            while True:
                with translated(self.download.address):
                    # Returns with what there is, so that a server that drips is noticed.
                    chunk = response.raw.read1(CHUNK)
                if not chunk:
                    break
                at += len(chunk)
                if at > limit:
                    file.close()
                    self._forget()
                    raise DermError(
                        f"'{self.download.address}' sends more than the {limit:,} bytes that it may have: nothing was "
                        "kept."
                    )
                file.write(chunk)
                self.advance(len(chunk))
                if time.monotonic() > until:
                    if at - since < patience.slowest * patience.read:
                        raise PassingError("the server all but stopped sending")
                    since, until = at, time.monotonic() + patience.read
                    space.require(self.part.parent, 0 if size is None else size - at, f"'{self.download.name}'")
        if size is not None and at < size:
            raise PassingError(f"the server stopped after {at:,} of {size:,} bytes")

    def _check(self) -> None:
        """Compare the checksum.  Raises DermError with both where they differ, and sets the file aside."""
        import pooch

        wanted = self.download.checksum or self.seen().told
        if not wanted:
            return
        algorithm = wanted.partition(":")[0]
        found = f"{algorithm}:{pooch.file_hash(str(self.part), alg=algorithm)}"
        if found == wanted:
            return
        self.refused.mkdir(parents=True, exist_ok=True)
        aside = self.refused / f"{self.part.stem.replace('/', '-')}.{found[-8:]}"
        self.part.replace(aside)
        self._forget()
        raise DermError(
            f"'{self.download.address}' has the checksum '{found}' where '{wanted}' is expected: it was set aside as "
            f"'{aside}' and is not used; give the command again, and ask its publisher if it stays so."
        )

    def _forget(self) -> None:
        self.advance(-self.got())
        self.part.unlink(missing_ok=True)
        self.notes.unlink(missing_ok=True)


def _lend(part: Path, name: Path) -> None:
    """Let ``part`` have pooch's ``name`` too: pooch removes what it is stopped over, and the part is to stay."""
    name.unlink()
    try:
        name.hardlink_to(part)
    except OSError:  # a file system without links
        part.replace(name)


def _place(address: str) -> str:
    """Return the address without its query, in which signatures change from day to day while the file is the same."""
    return address.partition("?")[0] if "Signature" in address else address


def _noted(address: str, response: requests.Response, total: int | None) -> _Seen:
    return _Seen(
        address,
        response.headers.get("ETag", ""),
        response.headers.get("Last-Modified", ""),
        total,
        _told_md5(response.headers.get("x-goog-hash", "")),
    )


def _told_md5(header: str) -> str:
    """Return the MD5 in Google Cloud Storage's header x-goog-hash ('crc32c=…,md5=<base64>') as 'md5:…', or ''."""
    match = re.search(r"md5=([A-Za-z0-9+/=]+)", header)
    try:
        digest = base64.b64decode(match[1], validate=True) if match else b""
    except binascii.Error:
        return ""
    return f"md5:{digest.hex()}" if len(digest) == 16 else ""
