"""A download that is resumed: gone on with after its last byte, where the server still has the same file."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.data.downloading import http, space
from derm_cli.data.downloading.http import TransientError, open_response, translate_network_errors
from derm_cli.data.downloading.retrying import retry
from derm_cli.errors import DermError
from derm_cli.files import write_text
from derm_cli.plugin.downloads import Download

if TYPE_CHECKING:
    import requests

CHUNK = 1 << 16
LARGEST_UNSIZED = 2 * 10**9
"""Bytes that are taken at most of a file of which neither the publisher nor the server tells the size."""


@dataclass(frozen=True)
class PartialNotes:
    """Notes on a partial download: what the server said of the file, so that the rest is of the same file.

    It is kept as NAME.part.json; ``told`` is the checksum in the headers.
    """

    address: str = ""
    etag: str = ""
    modified: str = ""
    total: int | None = None
    told: str = ""


class ResumableDownload:
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
        self.notes_path = path.with_name(f"{path.name}.part.json")

    def __call__(self, url: str, output_file: str, _: Any) -> None:
        self.advance(self.bytes_so_far())
        retry(url, self._attempt, self.bytes_so_far)
        expected = self.download.size
        if expected is not None and self.bytes_so_far() != expected:
            size = self.bytes_so_far()
            raise DermError(f"'{url}' has {size:,} bytes where {expected:,} are expected: nothing was kept.")
        self._verify_checksum()
        with self.part.open("rb+") as file:
            os.fsync(file.fileno())
        _link_for_pooch(self.part, Path(output_file))

    def bytes_so_far(self) -> int:
        """Return the number of bytes that are there."""
        return self.part.stat().st_size if self.part.is_file() else 0

    def read_notes(self) -> PartialNotes:
        """Return what is known of the file that was begun; nothing where it is of another address, or unreadable."""
        try:
            notes = PartialNotes(**json.loads(self.notes_path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return PartialNotes()
        is_same_file = _without_signature(notes.address) == _without_signature(self.download.address)
        return notes if is_same_file else PartialNotes()

    def _attempt(self) -> None:
        notes, size = self.read_notes(), self.bytes_so_far()
        validator = notes.etag if notes.etag and not notes.etag.startswith("W/") else notes.modified
        # A file that cannot be told from a changed one is gone on with only where its checksum would tell.
        if size and not (notes.address and (validator or self.download.checksum)):
            self._discard()
            size = 0
        headers = {"Range": f"bytes={size}-"} if size else {}
        if size and validator:
            headers["If-Range"] = validator
        with open_response(self.session, self.download.address, headers) as response:
            total = self._total_size(response, size, notes)
            if total is not None and size == total:
                return
            start = size if response.status_code == 206 else 0
            self._refuse_other_size(total)
            if start == 0:
                self._discard()
                notes = _notes_of(self.download.address, response, total)
                write_text(self.notes_path, json.dumps(asdict(notes)))
            self._write(response, start, total)

    def _total_size(self, response: requests.Response, size: int, notes: PartialNotes) -> int | None:
        """Return the size of the whole file by the response.  Raises TransientError for a range not asked for."""
        content_range = response.headers.get("Content-Range", "")
        if response.status_code == 200:
            length = response.headers.get("Content-Length", "")
            return int(length) if length.isdecimal() else None
        if response.status_code == 416:
            match = re.fullmatch(r"bytes \*/(\d+)", content_range)
            if size and match and int(match[1]) == size and notes.total in (None, size):
                return size
            self._discard()
            raise TransientError("the server has not the rest of the file")
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", content_range)
        etag = response.headers.get("ETag", "")
        is_same_file = (
            match and int(match[1]) == size and notes.total in (None, int(match[3])) and etag in ("", notes.etag)
        )
        if not size or not match or not is_same_file:
            self._discard()
            raise TransientError(f"the server sent the range '{content_range}', which was not asked for")
        return int(match[3])

    def _refuse_other_size(self, total: int | None) -> None:
        expected = self.download.size
        if total is not None and expected is not None and total != expected:
            self._discard()
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
            space.require_free(self.part.parent, size - start, f"'{self.download.name}'")
        limit = LARGEST_UNSIZED if size is None else size
        policy = http.RETRY_POLICY
        position, window_start, window_end = start, start, time.monotonic() + policy.read
        # Without a buffer: what was received is there even after a kill.
        with self.part.open("ab", buffering=0) as file:
            while True:
                with translate_network_errors(self.download.address):
                    # Returns with what there is, so that a server that drips is noticed.
                    chunk = response.raw.read1(CHUNK)
                if not chunk:
                    break
                position += len(chunk)
                if position > limit:
                    file.close()
                    self._discard()
                    raise DermError(
                        f"'{self.download.address}' sends more than the {limit:,} bytes that it may have: nothing was "
                        "kept."
                    )
                file.write(chunk)
                self.advance(len(chunk))
                if time.monotonic() > window_end:
                    if position - window_start < policy.slowest * policy.read:
                        raise TransientError("the server all but stopped sending")
                    window_start, window_end = position, time.monotonic() + policy.read
                    missing = 0 if size is None else size - position
                    space.require_free(self.part.parent, missing, f"'{self.download.name}'")
        if size is not None and position < size:
            raise TransientError(f"the server stopped after {position:,} of {size:,} bytes")

    def _verify_checksum(self) -> None:
        """Compare the checksum.  Raises DermError with both where they differ, and sets the file aside."""
        import pooch

        expected = self.download.checksum or self.read_notes().told
        if not expected:
            return
        algorithm = expected.partition(":")[0]
        actual = f"{algorithm}:{pooch.file_hash(str(self.part), alg=algorithm)}"
        if actual == expected:
            return
        self.refused.mkdir(parents=True, exist_ok=True)
        aside = self.refused / f"{self.part.stem.replace('/', '-')}.{actual[-8:]}"
        self.part.replace(aside)
        self._discard()
        raise DermError(
            f"'{self.download.address}' has the checksum '{actual}' where '{expected}' is expected: it was set aside "
            f"as '{aside}' and is not used; give the command again, and ask its publisher if it stays so."
        )

    def _discard(self) -> None:
        self.advance(-self.bytes_so_far())
        self.part.unlink(missing_ok=True)
        self.notes_path.unlink(missing_ok=True)


def _link_for_pooch(part: Path, name: Path) -> None:
    """Let ``part`` have pooch's ``name`` too: pooch removes what it is stopped over, and the part is to stay."""
    name.unlink()
    try:
        name.hardlink_to(part)
    except OSError:  # a file system without links
        part.replace(name)


def _without_signature(address: str) -> str:
    """Return the address without its query, in which signatures change from day to day while the file is the same."""
    return address.partition("?")[0] if "Signature" in address else address


def _notes_of(address: str, response: requests.Response, total: int | None) -> PartialNotes:
    return PartialNotes(
        address,
        response.headers.get("ETag", ""),
        response.headers.get("Last-Modified", ""),
        total,
        _md5_in_header(response.headers.get("x-goog-hash", "")),
    )


def _md5_in_header(header: str) -> str:
    """Return the MD5 in Google Cloud Storage's header x-goog-hash ('crc32c=…,md5=<base64>') as 'md5:…', or ''."""
    match = re.search(r"md5=([A-Za-z0-9+/=]+)", header)
    try:
        digest = base64.b64decode(match[1], validate=True) if match else b""
    except binascii.Error:
        return ""
    return f"md5:{digest.hex()}" if len(digest) == 16 else ""
