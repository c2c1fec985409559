"""Reading lists that name what to download, page by page; a page that is there is not asked for again."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from derm_cli.csv_cells import inert, row_writer
from derm_cli.data.downloading.http import TransientError, open_response, translate_network_errors
from derm_cli.data.downloading.retrying import retry
from derm_cli.errors import DermError
from derm_cli.files import whole
from derm_cli.plugin.downloads import Download, Listing, Page

if TYPE_CHECKING:
    import requests

LARGEST_PAGE = 64 * 2**20
PAGES = 100_000


def read_listing(
    listing: Listing, pages: Path, session: requests.Session, collection: str = "", limit: int | None = None
) -> tuple[list[Download], list[Mapping[str, str]]]:
    """Return the downloads that a list names, and their rows; the first ``limit`` of both if it is given.

    Pages are kept in the folder ``pages``.  Raises DermError where a page cannot be had or is no such list, leads to
    another host, or comes again.
    """
    address = listing.address
    if collection:
        separator = "&" if "?" in address else "?"
        address += f"{separator}{listing.collection}={quote(collection, safe='')}"
    downloads: list[Download] = []
    rows: list[Mapping[str, str]] = []
    visited: set[str] = set()
    while address and (limit is None or len(downloads) < limit):
        if address in visited or len(visited) >= PAGES:
            raise DermError(
                f"The list '{listing.address}' does not end ('{address}' comes again): tell derm's authors."
            )
        if urlsplit(address)[:2] != urlsplit(listing.address)[:2]:
            raise DermError(f"The list '{listing.address}' leads on to another host ('{address}'): it is not followed.")
        visited.add(address)
        page = _parsed_page(listing, address, _page_text(address, pages, session), pages)
        downloads += page.downloads
        rows += page.rows
        address = page.following
    return downloads[:limit], rows[:limit]


def first_page_path(listing: Listing, pages: Path) -> Path:
    """Return the file in ``pages`` that has the first page of a list."""
    return pages / hashlib.sha256(listing.address.encode()).hexdigest()[:16]


def csv_text(rows: Sequence[Mapping[str, str]]) -> str:
    """Return rows as CSV, with the columns of all in the order in which they first come."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO(newline="")
    writer = row_writer(text)
    writer.writerow(map(inert, columns))
    writer.writerows([inert(row.get(column, "")) for column in columns] for row in rows)
    return text.getvalue()


def _parsed_page(listing: Listing, address: str, text: str, pages: Path) -> Page:
    try:
        return listing.read(text)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        shutil.rmtree(pages, ignore_errors=True)
        raise DermError(
            f"'{address}' is not the list that it was ({type(error).__name__}: {error}): give the command again, and "
            "tell derm's authors if it stays so."
        ) from error


def _page_text(address: str, pages: Path, session: requests.Session) -> str:
    path = pages / hashlib.sha256(address.encode()).hexdigest()[:16]
    if not path.is_file():
        content = retry(address, lambda: _fetch_page(address, session))
        with whole(path) as temporary:
            temporary.write_bytes(content)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        path.unlink()
        raise DermError(f"The list '{address}' is no UTF-8 text: tell derm's authors.") from error


def _fetch_page(address: str, session: requests.Session) -> bytes:
    with open_response(session, address) as response:
        length = response.headers.get("Content-Length", "")
        content = bytearray()
        with translate_network_errors(address):
            while chunk := response.raw.read1(1 << 16):
                content += chunk
                if len(content) > LARGEST_PAGE:
                    raise DermError(f"The list '{address}' is longer than {LARGEST_PAGE:,} bytes: it was not read.")
        if length.isdecimal() and len(content) < int(length):
            raise TransientError(f"the server stopped after {len(content):,} of {length} bytes")
    return bytes(content)
