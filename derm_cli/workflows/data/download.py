"""Downloading a dataset whose licence allows it: asked for, fetched, checked, unpacked, read once, and then there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from derm_cli import console
from derm_cli.config import expanded
from derm_cli.data.downloading.fetch_all import fetch_all, files_to_download, require_space
from derm_cli.data.downloading.fetching import Fetched
from derm_cli.data.downloading.http import new_session
from derm_cli.data.downloading.selection import DownloadTerms, Selection, check_selection
from derm_cli.data.downloading.selection import terms_of as _terms_of
from derm_cli.data.downloading.staging import RECORD, StagingFolder
from derm_cli.data.locating import LocatedDataset, locate
from derm_cli.errors import DermError, Interrupted
from derm_cli.files import whole, write_text
from derm_cli.workflows.session import Session

__all__ = ["DownloadTerms", "Downloaded", "Selection", "download_dataset", "terms_of"]


@dataclass(frozen=True)
class Downloaded:
    """A dataset that is there: its photographs that can be used, the records that cannot by reason, and its files.

    ``elsewhere`` tells that it is not where derm looks for it; ``obtain`` how its photographs are got where its list
    alone was downloaded, and is '' otherwise.  ``absent`` names what a list names and its publisher has not got.
    """

    name: str
    path: Path
    photographs: int
    dropped: dict[str, int]
    files: tuple[Fetched, ...]
    already: bool
    elsewhere: bool = False
    obtain: str = ""
    absent: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "name": self.name,
            "path": str(self.path),
            "photographs": self.photographs,
            "dropped": self.dropped,
            "already": self.already,
            "bytes": sum(each.size for each in self.files),
            "absent": list(self.absent),
            "files": [asdict(each) for each in self.files],
        }


def download_dataset(
    session: Session,
    name: str,
    accept: Callable[[DownloadTerms], bool],
    to: Path | None = None,
    part: Selection | None = None,
) -> Downloaded:
    """Download dataset ``name`` into its folder, or go on with it, when ``accept`` says that the terms are accepted.

    The folder appears when everything is there and was read.  Raises RequestError for a wrong request, Interrupted when
    the user stops it, and DermError for everything else that stops it; what was fetched stays for the next time.
    """
    part = part or Selection()
    located = target_of(session, name, to)
    check_selection(located, part)
    elsewhere = located.root.resolve() != locate(name, session.settings, session.registry).root.resolve()
    earlier = _already(located, part)
    if earlier is not None:
        StagingFolder(located.root).remove_leftovers()
        return replace(earlier, elsewhere=elsewhere)
    terms = _terms_of(located)
    if not accept(terms):
        raise DermError(f"The licence of '{name}' was not accepted: nothing was downloaded.")
    staging = StagingFolder(located.root)
    try:
        with staging.locked():
            downloaded = _complete(located, staging, part, {each.name: each.size for each in terms.files if each.size})
    except KeyboardInterrupt as error:
        raise Interrupted(
            f"The download of '{name}' was stopped: what is there is kept in '{staging.folder}', and the same command "
            "goes on."
        ) from error
    staging.remove()
    return replace(downloaded, elsewhere=elsewhere)


def terms_of(session: Session, name: str, to: Path | None = None, part: Selection | None = None) -> DownloadTerms:
    """Return what a download of dataset ``name`` means, with the sizes that the servers tell.

    No file of the dataset is fetched.  Raises RequestError for a wrong request, and DermError where the dataset cannot
    be downloaded.
    """
    located = target_of(session, name, to)
    check_selection(located, part or Selection())
    return _terms_of(located)


def target_of(session: Session, name: str, to: Path | None) -> LocatedDataset:
    """Return the dataset with the folder that it is downloaded into: ``to``, or where derm looks for it."""
    located = locate(name, session.settings, session.registry)
    # The name of a link is not the folder that is to be renamed.
    return replace(located, root=expanded(to or located.root).absolute())


def _already(located: LocatedDataset, part: Selection) -> Downloaded | None:
    """Return the dataset if it was downloaded before.  Raises DermError where something else stands in its place."""
    root = located.root
    try:
        if not root.exists() and not root.is_symlink():
            return None
        if root.is_dir():
            record = root / RECORD
            if record.is_file():
                written = json.loads(record.read_text(encoding="utf-8"))
                if written["name"] == located.spec.name and Selection(**written["part"]) == part:
                    files = tuple(Fetched(**each) for each in written["files"])
                    return _read(located, files, already=True, absent=tuple(written["absent"]))
                if written["name"] == located.spec.name:
                    raise DermError(
                        f"'{root}' has another part of '{located.name}' ({Selection(**written['part']).text()}) "
                        "and is not touched: move it away, or name another place with --to."
                    )
            if not root.is_symlink() and not any(root.iterdir()):
                return None
    except OSError as error:
        raise DermError(f"'{root}' cannot be read ({error.strerror}): name another place with --to.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DermError(f"'{root / RECORD}' is not as derm wrote it: name another place with --to.") from error
    raise DermError(
        f"'{root}' is there already and is not touched: 'derm data check {located.name}' tells what is in it; move it "
        "away, or name another place with --to."
    )


def _complete(located: LocatedDataset, staging: StagingFolder, part: Selection, sizes: Mapping[str, int]) -> Downloaded:
    staging.select(asdict(part))
    with new_session() as connection:
        downloads, written = files_to_download(located, staging, part, connection)
        # What servers told before is for the space and the bar alone: for a file, what is told with it counts.
        sizes = {each.name: each.size or sizes.get(each.name, 0) for each in downloads}
        require_space(located, staging, downloads, sizes)
        try:
            fetched = fetch_all(located, staging, downloads, sizes, connection)
        except DermError:
            # A list's addresses may hold for some days only; the next call asks for them again.
            shutil.rmtree(staging.pages, ignore_errors=True)
            raise
    names = {each.name for each in fetched}
    absent = tuple(each.name for each in downloads if each.name not in names)
    there = [each for each in downloads if each.name in names]
    for download in console.progress([each for each in there if each.unpack is not None], "Unpacking"):
        staging.unpack(download)
    staging.assemble(there)
    for name, content in written.items():
        with whole(staging.tree / name) as temporary:
            temporary.write_bytes(content)
    record = {
        "name": located.spec.name,
        "licence": located.spec.licence,
        "citation": located.spec.citation,
        "homepage": located.spec.homepage,
        "downloaded": datetime.now(UTC).isoformat(timespec="seconds"),
        "part": asdict(part),
        "absent": absent,
        "files": [asdict(each) for each in fetched],
    }
    write_text(staging.tree / RECORD, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    downloaded = _read(replace(located, root=staging.tree), fetched, already=False, absent=absent)
    staging.publish()
    return replace(downloaded, path=located.root)


def _read(
    located: LocatedDataset, fetched: tuple[Fetched, ...], *, already: bool, absent: tuple[str, ...]
) -> Downloaded:
    """Read the dataset's tables once.  Raises DermError where it has not its layout, or no photograph at all."""
    from derm_cli.data.records import read_usable_records

    records = read_usable_records(located)
    dropped = {str(reason): int(count) for reason, count in records.dropped["reason"].value_counts().items()}
    if not len(records.frame) and any(not each.name.endswith(".csv") for each in fetched):
        reason = f" ({next(iter(dropped))})" if dropped else ""
        raise DermError(
            f"What was downloaded of '{located.name}' has no photograph that can be used{reason}: it is kept in "
            f"'{located.root}'; tell derm's authors."
        )
    obtain = "" if len(records.frame) else located.spec.obtain
    return Downloaded(
        located.name, located.root, len(records.frame), dropped, fetched, already, obtain=obtain, absent=absent
    )
