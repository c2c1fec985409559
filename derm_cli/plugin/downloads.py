"""What a dataset's plugin tells of its download: files with their addresses, and lists that name more of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from derm_cli.errors import SpecError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Hosts that are this machine: what is asked of them leaves it not, so they may be asked without encryption."""

_CHECKSUM = re.compile(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}")


def is_safe(address: str) -> bool:
    """Tell whether ``address`` is https with a host and without a password, or of this machine itself."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or re.search(r"[\s\x00-\x1f]", address):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def is_inside(name: str) -> bool:
    """Tell whether ``name`` is a relative path with forward slashes that stays inside its folder on every system."""
    parts = name.split("/")
    return all(part not in ("", ".", "..") for part in parts) and not re.search(r'[\x00-\x1f\x7f\\:*?"<>|]', name)


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file to download.

    ``name`` is its path in the dataset's folder.  ``size`` in bytes and ``checksum`` (``sha256:…`` or ``md5:…``) are
    the publisher's, and left out where the publisher tells none.  ``unpack`` is the folder into which an archive (zip
    or tar) is unpacked, '' for the dataset's own; None keeps the file as it is.  One that is ``optional`` is left out
    where the publisher has not got it, as a list may name a photograph that was withdrawn.  Raises SpecError for an
    address that is not https, a name that would leave the folder, and the like.
    """

    name: str
    address: str
    size: int | None = None
    checksum: str = ""
    unpack: str | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        for field_, value, holds, wanted in (
            ("name", self.name, is_inside(self.name), "a path that stays in the dataset's folder"),
            ("address", self.address, is_safe(self.address), "an https address"),
            ("size", self.size, self.size is None or self.size > 0, "a positive number of bytes, or left out"),
            (
                "checksum",
                self.checksum,
                not self.checksum or _CHECKSUM.fullmatch(self.checksum),
                "'sha256:' or 'md5:' with its hexadecimal digits, or left out",
            ),
            (
                "unpack",
                self.unpack,
                not self.unpack or is_inside(self.unpack),
                "a folder in the dataset's, or left out",
            ),
        ):
            if not holds:
                raise SpecError(f"download '{self.name}': field '{field_}' is {value!r}, but must be {wanted}.")


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page of a list names: downloads, a row of metadata for each where the list has a table, the next page."""

    downloads: tuple[Download, ...]
    rows: tuple[Mapping[str, str], ...] = ()
    following: str = ""

    def __post_init__(self) -> None:
        if self.rows and len(self.rows) != len(self.downloads):
            raise SpecError(f"a page has {len(self.rows)} rows, but {len(self.downloads)} downloads.")


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list that is fetched first, and names what to download.

    ``read`` is a pure function from a page's text to a :class:`Page`; it raises DermError or ValueError where the text
    is not such a list.  A list that is a file of the dataset itself is kept as ``keep``; the rows of all pages are
    written to the CSV ``table``.  ``collection`` is the name of the address's parameter that chooses a part of a set
    which nobody wants whole; such a list is asked for with ``--collection`` or ``--limit``.
    """

    address: str
    read: Callable[[str], Page] = field(repr=False)
    keep: str = ""
    table: str = ""
    collection: str = ""

    def __post_init__(self) -> None:
        if not is_safe(self.address):
            raise SpecError(f"list: field 'address' is {self.address!r}, but must be an https address.")
        for name in filter(None, (self.keep, self.table)):
            if not is_inside(name):
                raise SpecError(f"list '{self.address}': '{name}' must be a path that stays in the dataset's folder.")

    @property
    def content(self) -> bool:
        """Whether the list is a part of the dataset, which is fetched only when its licence is accepted."""
        return bool(self.keep or self.table)
