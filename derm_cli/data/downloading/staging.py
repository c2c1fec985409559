"""The staging folder of a download: beside the dataset's, until it is whole and takes its name."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from derm_cli.data.downloading.archives import unpack
from derm_cli.data.downloading.fetching import Fetched
from derm_cli.errors import DermError
from derm_cli.files import write_text
from derm_cli.plugin.downloads import Download

RECORD = "download.json"
"""The file in a downloaded dataset that tells what came from where, with the SHA-256 of each file."""


class StagingFolder:
    """Where the download of ``target`` lies while it is not complete: a hidden folder beside it.

    ``files`` has what was fetched and its parts, ``unpacked`` a folder for each archive that was unpacked, ``pages``
    the pages of lists, ``tree`` the dataset as it will be.  done.jsonl has a line for each file that was fetched whole,
    part.json tells which part of the set is wanted.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.folder = target.parent / f".{target.name}.download"
        self.files, self.unpacked = self.folder / "files", self.folder / "unpacked"
        self.pages, self.tree = self.folder / "pages", self.folder / "tree"
        self._fetched_lines, self._selection = self.folder / "done.jsonl", self.folder / "part.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder for this process.  Raises DermError where another one has it, or it cannot be created."""
        from filelock import FileLock, Timeout

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / "lock", timeout=0):
                yield
        except Timeout as error:
            raise DermError(
                f"Another process is downloading to '{self.target}': wait for it, or name another place with --to."
            ) from error
        except OSError as error:
            raise DermError(
                f"'{error.filename or self.folder}' cannot be written ({error.strerror}): name another place with --to."
            ) from error

    def select(self, selection: Mapping[str, Any]) -> None:
        """Note which part of the set is wanted; what is in the tree of another part goes."""
        text = json.dumps(selection)
        if not self._selection.is_file() or self._selection.read_text(encoding="utf-8") != text:
            _remove(self.tree)
            write_text(self._selection, text)

    def fetched_files(self) -> dict[str, Fetched]:
        """Return the files that were fetched whole, by name."""
        fetched = {}
        if self._fetched_lines.is_file():
            for line in self._fetched_lines.read_text(encoding="utf-8").splitlines():
                try:
                    each = Fetched(**json.loads(line))
                except (ValueError, TypeError):  # the line that a kill cut
                    continue
                fetched[each.name] = each
        return fetched

    def has(self, download: Download, fetched: Fetched | None) -> bool:
        """Tell whether a file that was fetched, and is still the one that is wanted, is there in whatever form."""
        if fetched is None or download.size not in (None, fetched.size):
            return False
        if download.checksum and fetched.checked != download.checksum:
            return False
        paths = (self.files / download.name, self.tree / download.name, self._unpacked(download))
        return any(path.exists() for path in paths)

    def record_fetched(self, fetched: Fetched) -> None:
        """Remember that a file was fetched whole."""
        with self._fetched_lines.open("a", encoding="utf-8") as file:
            # A line that a kill cut ends here.
            file.write(("\n" if file.tell() else "") + json.dumps(asdict(fetched)))

    def unpack(self, download: Download) -> None:
        """Unpack an archive into a folder of its own, whole or not at all, and remove it."""
        archive, folder = self.files / download.name, self._unpacked(download)
        if not folder.exists():
            partial_folder = folder.with_name(f"{folder.name}.part")
            _remove(partial_folder)
            try:
                partial_folder.mkdir(parents=True)
                unpack(archive, partial_folder)
                partial_folder.rename(folder)
            finally:
                _remove(partial_folder)
        archive.unlink(missing_ok=True)

    def assemble(self, downloads: Iterable[Download]) -> None:
        """Put everything where the dataset's layout has it, by renaming.  Raises DermError where two files meet.

        What was already put there, before a kill, stays.
        """
        for download in downloads:
            if download.unpack is None:
                _move(self.files / download.name, self.tree / download.name)
                continue
            folder = self._unpacked(download)
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    _move(path, self.tree / download.unpack / path.relative_to(folder))

    def publish(self) -> None:
        """Give the dataset its name.  Raises DermError where something of that name has come to be meanwhile."""
        if self.target.is_dir() and not any(self.target.iterdir()):
            self.target.rmdir()
        if self.target.exists():
            raise DermError(f"'{self.target}' has come to be meanwhile, and is not touched: name another with --to.")
        os.rename(self.tree, self.target)  # noqa: PTH104  (Path.rename is the same; this says that it is atomic)

    def remove_leftovers(self) -> None:
        """Remove what a kill left of a download that is complete, unless another process is at work there."""
        if self.folder.exists():
            with suppress(DermError):
                with self.locked():
                    pass
                self.remove()

    def remove(self) -> None:
        """Remove the folder; call it when the lock is given back."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _unpacked(self, download: Download) -> Path:
        return self.unpacked / download.name.replace("/", "--")


def _move(path: Path, to: Path) -> None:
    if not path.exists() and to.is_file():
        return
    if to.exists():
        raise DermError(f"'{to.name}' is in two of the dataset's archives: nothing was overwritten; ask its publisher.")
    to.parent.mkdir(parents=True, exist_ok=True)
    path.rename(to)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
