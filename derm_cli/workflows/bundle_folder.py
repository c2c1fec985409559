"""A bundle by its path: the folder of one, or of one that is zipped; and the packager that it is of."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from derm_cli.data.downloading.archives import unpack
from derm_cli.errors import DermError, RequestError
from derm_cli.plugin import PackagerSpec
from derm_cli.plugin.registry import Registry
from derm_cli.plugin.specs import ZIPPED
from derm_cli.scratch import scratch_folder

MOST_ENTRIES, MOST_DIRECTORY = 1024, 1 << 20
"""The most entries of a zipped bundle, and the bytes of its directory, which is read as a whole."""
_END = struct.Struct("<4s4H2LH")
"""The end of a zip without a comment (APPNOTE 4.3.16): mark, disks, entries, size and place of the directory."""


def packager_of(registry: Registry, folder: Path) -> PackagerSpec | None:
    """Return the packager whose marker stands in a folder; None where it is no bundle."""
    specs = registry.all(PackagerSpec).values()
    return next((each for each in specs if folder.is_dir() and (folder / each.marker).is_file()), None)


@contextmanager
def opened_bundle(registry: Registry, path: Path) -> Iterator[tuple[PackagerSpec, Path]]:
    """Give the packager and the folder of a bundle; one that is zipped is unpacked into a folder that goes again.

    What is inside is a stranger's: nothing of it leaves the folder, and nothing is larger than it tells.  Raises
    RequestError where there is no bundle, and DermError for a zip that is damaged, or made to do harm.
    """
    if path.is_dir():
        yield _known(registry, path, path), path
        return
    if not path.is_file():
        raise RequestError(f"There is no bundle '{path}': name a folder or zip that 'derm export --bundle' wrote.")
    with scratch_folder("derm-bundle-") as scratch:
        _check_directory(path)
        folder = scratch / "bundle"
        folder.mkdir()
        unpack(path, folder)
        yield _known(registry, folder, path), folder


def is_bundle(registry: Registry, path: Path) -> bool:
    """Tell whether a path is a bundle's: a folder with a packager's marker, or a file that is a zip by its name."""
    return packager_of(registry, path) is not None or (path.suffix.lower() == ZIPPED and path.is_file())


def _known(registry: Registry, folder: Path, path: Path) -> PackagerSpec:
    packager = packager_of(registry, folder)
    if packager is None:
        markers = " or ".join(f"'{each.marker}'" for each in registry.all(PackagerSpec).values())
        raise RequestError(f"'{path}' is no bundle, for it has no {markers}: name one that 'derm export' wrote.")
    return packager


def _check_directory(path: Path) -> None:
    """Raise DermError where a zip's directory is not such as a bundle's, before it is read as a whole."""
    try:
        with path.open("rb") as file:
            length = file.seek(0, 2)
            file.seek(max(length - _END.size, 0))
            end = file.read(_END.size)
    except OSError as error:
        raise DermError(f"'{path}' cannot be read ({error.strerror}): see to its permissions.") from error
    mark, _, _, _, entries, size, _, _ = _END.unpack(end) if len(end) == _END.size else (b"", 0, 0, 0, 0, 0, 0, 0)
    if mark != b"PK\5\6":
        raise DermError(f"'{path}' ends as no bundle's zip does: get it again.")
    if entries > MOST_ENTRIES or size > MOST_DIRECTORY:
        raise DermError(
            f"'{path}' has {entries} files and a directory of {size} bytes, more than a bundle: get it again."
        )
