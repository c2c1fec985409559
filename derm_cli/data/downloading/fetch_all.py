"""Fetching every file of a dataset that is not there yet, space looked at first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from derm_cli import console
from derm_cli.data.downloading import space
from derm_cli.data.downloading.fetching import Fetched, fetch
from derm_cli.data.downloading.http import MissingFileError
from derm_cli.data.downloading.listing import kept_page, read_listing, table_of
from derm_cli.data.downloading.selection import Selection
from derm_cli.data.downloading.staging import StagingFolder
from derm_cli.data.locating import LocatedDataset
from derm_cli.errors import DermError
from derm_cli.plugin.downloads import Download

if TYPE_CHECKING:
    import requests

FEW = 10
"""So many optional files, or one in a hundred, may be missing."""
CONNECTIONS = 4
"""Photographs that a list names are fetched so many at a time: they are small, and asking takes longer than sending."""


def all_of(
    located: LocatedDataset, place: StagingFolder, part: Selection, connection: requests.Session
) -> tuple[list[Download], dict[str, bytes]]:
    """Return every file to download, and what lists give as files: tables of their rows, and lists that are kept."""
    files: list[Download] = []
    written: dict[str, bytes] = {}
    for each in located.spec.downloads:
        if isinstance(each, Download):
            files.append(each)
            continue
        chosen = part if each.collection else Selection()
        found, rows = read_listing(each, place.pages, connection, chosen.collection, chosen.limit)
        if not found:
            raise DermError(
                f"The list '{each.address}' names nothing to download: see whether the collection is right."
            )
        files += found
        if each.table:
            written[each.table] = table_of(rows).encode()
        if each.keep:
            written[each.keep] = kept_page(each, place.pages).read_bytes()
    names = {each.name.casefold(): each for each in files}
    if len(names) < len(files):
        # A list that grew while its pages were read names some twice.
        files = list(names.values())
    return files, written


def require_space(
    located: LocatedDataset, place: StagingFolder, downloads: Sequence[Download], sizes: Mapping[str, int]
) -> None:
    """Raise DermError where what is still to be fetched, and the largest archive unpacked, would not fit."""
    done = place.done()
    missing = [each for each in downloads if not place.holds(each, done.get(each.name))]
    begun = sum(path.stat().st_size for path in place.files.rglob("*.part"))
    needed = sum(sizes[each.name] for each in missing) - begun
    largest = max((sizes[each.name] for each in downloads if each.unpack is not None), default=0)
    # An archive goes when it is unpacked, and photographs hardly compress.
    space.require(place.folder, max(0, needed) + largest, f"Dataset '{located.name}'")


def fetch_all(
    located: LocatedDataset,
    place: StagingFolder,
    downloads: Sequence[Download],
    sizes: Mapping[str, int],
    connection: requests.Session,
) -> tuple[Fetched, ...]:
    """Return what was fetched, now or before; optional files that are not there are left out."""
    known = place.done()
    total = sum(sizes.values()) if all(sizes.values()) else None
    few = max(FEW, len(downloads) // 100)
    absent = 0
    missing = [each for each in downloads if not place.holds(each, known.get(each.name))]
    wanted = {each.name for each in missing}
    fetched = {each.name: known[each.name] for each in downloads if each.name not in wanted}
    lock = threading.Lock()
    with console.progress_bar(total, f"Downloading {located.name}", in_bytes=True) as move:

        def advance(count: int) -> None:
            with lock:
                move(count)

        def get(download: Download) -> None:
            nonlocal absent
            try:
                found = fetch(download, place.files, connection, advance)
            except MissingFileError:
                with lock:
                    absent += 1
                # A list of which much is missing is no longer that of the files.
                if not download.optional or absent > few:
                    raise
                return
            with lock:
                place.note(found)
                fetched[download.name] = found

        advance(sum(each.size for each in fetched.values()))
        _at_once(get, [each for each in missing if each.unpack is None])
        for download in missing:
            if download.unpack is not None:
                get(download)
    return tuple(fetched[each.name] for each in downloads if each.name in fetched)


def _at_once(get: Callable[[Download], None], downloads: Sequence[Download]) -> None:
    """Call ``get`` for each download, a few at a time; after one that fails no other one is begun."""
    if len(downloads) <= CONNECTIONS:
        for download in downloads:
            get(download)
        return
    pool = ThreadPoolExecutor(CONNECTIONS)
    try:
        for future in [pool.submit(get, download) for download in downloads]:
            future.result()
    finally:
        pool.shutdown(cancel_futures=True)
