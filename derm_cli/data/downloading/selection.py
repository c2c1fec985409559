"""The terms of a download, shown before it begins, and the selection of a part of the dataset."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.data.downloading import space
from derm_cli.data.downloading.http import TransientError, new_session, open_response
from derm_cli.data.downloading.listing import read_listing
from derm_cli.data.locating import LocatedDataset
from derm_cli.errors import DermError, RequestError
from derm_cli.plugin.downloads import Download, Listing

if TYPE_CHECKING:
    import requests


@dataclass(frozen=True)
class DownloadTerms:
    """The terms of a download, shown before anything is fetched: licence, citation, files and sizes.

    ``files`` are those that are known before the licence is accepted, ``size`` the bytes of those of them whose size
    is known, ``unsized`` the names of the others, and ``lists`` the addresses of lists that name more.
    """

    name: str
    title: str
    licence: str
    citation: str
    homepage: str
    target: Path
    files: tuple[Download, ...]
    lists: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of the files whose size is known."""
        return sum(each.size or 0 for each in self.files)

    @property
    def unsized(self) -> tuple[str, ...]:
        """Names of the files whose size is not known."""
        return tuple(each.name for each in self.files if each.size is None)

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Names of the files for which nobody tells a checksum."""
        return tuple(each.name for each in self.files if not each.checksum)

    @property
    def free(self) -> int:
        """Free bytes where the dataset will lie."""
        return space.free_bytes(self.target.parent)

    def to_json(self) -> dict[str, Any]:
        """Return the terms as JSON values."""
        return {
            "name": self.name,
            "licence": self.licence,
            "citation": self.citation,
            "homepage": self.homepage,
            "path": str(self.target),
            "bytes": self.size,
            "unsized": list(self.unsized),
            "free": self.free,
            "files": [asdict(each) for each in self.files],
            "lists": list(self.lists),
        }


@dataclass(frozen=True)
class Selection:
    """Which part of a set is wanted that nobody wants whole: a collection, the first ``limit`` photographs, or both."""

    collection: str = ""
    limit: int | None = None

    @property
    def is_partial(self) -> bool:
        """Whether any part is named."""
        return bool(self.collection) or self.limit is not None

    def text(self) -> str:
        """Return it as a person reads it: 'collection 65, the newest 100'."""
        phrases = [f"collection {self.collection}"] if self.collection else []
        phrases += [f"the newest {self.limit}"] if self.limit is not None else []
        return ", ".join(phrases) or "all of it"


def check_selection(located: LocatedDataset, selection: Selection) -> None:
    """Raise RequestError or DermError for what is wrong with the request, before anything is asked of a server."""
    spec, name = located.spec, located.name
    if spec.synthetic:
        raise RequestError(f"Dataset '{name}' is made by derm itself at its first use: there is nothing to download.")
    if spec.reader or not spec.downloads:
        raise DermError(
            f"Dataset '{name}' cannot be downloaded by derm: {spec.obtain} ({spec.homepage}; licence: {spec.licence}), "
            f"and put it into '{located.root}'."
        )
    selectable = [each for each in spec.downloads if isinstance(each, Listing) and each.collection]
    if selectable and not selection.is_partial:
        raise RequestError(
            f"Dataset '{name}' is more than anybody wants whole: name a part, with --collection ID, --limit N or both."
        )
    if selection.is_partial and not selectable:
        raise RequestError(f"Dataset '{name}' is downloaded whole: leave --collection and --limit out.")


def terms_of(located: LocatedDataset) -> DownloadTerms:
    """Return what a download of a dataset means, with the sizes that the servers tell; no file of it is fetched."""
    with new_session() as connection:
        files, lists = _known_before_accepting(located, connection)
    spec = located.spec
    return DownloadTerms(
        located.name, spec.title, spec.licence, spec.citation, spec.homepage, located.root, tuple(files), tuple(lists)
    )


def _known_before_accepting(located: LocatedDataset, connection: requests.Session) -> tuple[list[Download], list[str]]:
    """Return the files that are known before the licence is accepted, and the addresses of lists that name more."""
    files, lists = [], []
    for each in located.spec.downloads:
        if isinstance(each, Download):
            files.append(each)
        elif each.content:
            lists.append(each.address)
        else:
            # Not in the download's own folder: nothing is accepted yet.
            with tempfile.TemporaryDirectory() as pages:
                files += read_listing(each, Path(pages), connection)[0]
    return [each if each.size else replace(each, size=_asked_size(each, connection)) for each in files], lists


def _asked_size(download: Download, connection: requests.Session) -> int | None:
    """Return the size that the server tells of a file; None if it does not, for it is asked again soon."""
    try:
        with open_response(connection, download.address, method="HEAD") as response:
            length = response.headers.get("Content-Length", "")
            return int(length) if length.isdecimal() and int(length) > 0 else None
    except (TransientError, DermError):
        return None
