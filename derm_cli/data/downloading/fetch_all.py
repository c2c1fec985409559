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
from derm_cli.data.downloading.listing import csv_text, first_page_path, read_listing
from derm_cli.data.downloading.selection import Selection
from derm_cli.data.downloading.staging import StagingFolder
from derm_cli.data.locating import LocatedDataset
from derm_cli.errors import DermError
from derm_cli.plugin.downloads import Download

if TYPE_CHECKING:
    import requests

MISSING_ALLOWED = 10
"""So many optional files, or one in a hundred, may be missing."""
CONNECTIONS = 4
"""Photographs that a list names are fetched so many at a time: they are small, and asking takes longer than sending."""


def files_to_download(
    located: LocatedDataset, staging: StagingFolder, selection: Selection, connection: requests.Session
) -> tuple[list[Download], dict[str, bytes]]:
    """Return every file to download, and the contents of files from lists: tables of their rows, and kept pages."""
    files: list[Download] = []
    contents: dict[str, bytes] = {}
    for each in located.spec.downloads:
        if isinstance(each, Download):
            files.append(each)
            continue
        selected = selection if each.collection else Selection()
        downloads, rows = read_listing(each, staging.pages, connection, selected.collection, selected.limit)
        if not downloads:
            raise DermError(
                f"The list '{each.address}' names nothing to download: see whether the collection is right."
            )
        files += downloads
        if each.table:
            contents[each.table] = csv_text(rows).encode()
        if each.keep:
            contents[each.keep] = first_page_path(each, staging.pages).read_bytes()
    by_name = {each.name.casefold(): each for each in files}
    if len(by_name) < len(files):
        # A list that grew while its pages were read names some twice.
        files = list(by_name.values())
    return files, contents


def require_space(
    located: LocatedDataset, staging: StagingFolder, downloads: Sequence[Download], sizes: Mapping[str, int]
) -> None:
    """Raise DermError where what is still to be fetched, and the largest archive unpacked, would not fit."""
    fetched = staging.fetched_files()
    missing = [each for each in downloads if not staging.has(each, fetched.get(each.name))]
    partial_bytes = sum(path.stat().st_size for path in staging.files.rglob("*.part"))
    needed = sum(sizes[each.name] for each in missing) - partial_bytes
    largest = max((sizes[each.name] for each in downloads if each.unpack is not None), default=0)
    # An archive goes when it is unpacked, and photographs hardly compress.
    space.require_free(staging.folder, max(0, needed) + largest, f"Dataset '{located.name}'")


def fetch_all(
    located: LocatedDataset,
    staging: StagingFolder,
    downloads: Sequence[Download],
    sizes: Mapping[str, int],
    connection: requests.Session,
) -> tuple[Fetched, ...]:
    """Return what was fetched, now or before; optional files that are not there are left out."""
    fetched_before = staging.fetched_files()
    total = sum(sizes.values()) if all(sizes.values()) else None
    missing_allowed = max(MISSING_ALLOWED, len(downloads) // 100)
    absent = 0
    missing = [each for each in downloads if not staging.has(each, fetched_before.get(each.name))]
    missing_names = {each.name for each in missing}
    fetched = {each.name: fetched_before[each.name] for each in downloads if each.name not in missing_names}
    lock = threading.Lock()
    with console.progress_bar(total, f"Downloading {located.name}", in_bytes=True) as move_bar:

        def advance(count: int) -> None:
            with lock:
                move_bar(count)

        def fetch_one(download: Download) -> None:
            nonlocal absent
            try:
                fetched_file = fetch(download, staging.files, connection, advance)
            except MissingFileError:
                with lock:
                    absent += 1
                # A list of which much is missing is no longer that of the files.
                if not download.optional or absent > missing_allowed:
                    raise
                return
            with lock:
                staging.record_fetched(fetched_file)
                fetched[download.name] = fetched_file

        advance(sum(each.size for each in fetched.values()))
        _call_concurrently(fetch_one, [each for each in missing if each.unpack is None])
        for download in missing:
            if download.unpack is not None:
                fetch_one(download)
    return tuple(fetched[each.name] for each in downloads if each.name in fetched)


def _call_concurrently(call: Callable[[Download], None], downloads: Sequence[Download]) -> None:
    """Do ``call`` with each download, a few at a time; after one that fails no other one is begun."""
    if len(downloads) <= CONNECTIONS:
        for download in downloads:
            call(download)
        return
    pool = ThreadPoolExecutor(CONNECTIONS)
    try:
        for future in [pool.submit(call, download) for download in downloads]:
            future.result()
    finally:
        pool.shutdown(cancel_futures=True)
