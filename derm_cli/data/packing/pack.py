"""The packed cache: each photograph decoded and resized once, stored by content as memory-mapped uint8.

A pack is ``<key>.npy``, the photographs, and ``<key>.jsonl``, a line of notes a photograph, last changed when the pack
was used; while it is being written both have ``.half`` in their names, and ``<key>.lock`` is held.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from tokenize import TokenError

import numpy as np
from filelock import FileLock, Timeout

from derm_cli.console import warn
from derm_cli.data.facts import Facts
from derm_cli.data.packing.decoding import Task
from derm_cli.data.packing.files import PackFiles, RowReader, Writer, is_full
from derm_cli.data.packing.notes import UNREADABLE, Key, Notes, Row, read_notes
from derm_cli.data.packing.reusing import Older, remove_superseded
from derm_cli.data.packing.workers import Workers
from derm_cli.data.parallel import on_all_cores
from derm_cli.data.preprocessing import Pixels
from derm_cli.errors import DermError
from derm_cli.files import sha256_of
from derm_cli.plan import Preprocessing

FOLDER = "packs"
"""Where packs lie in the cache."""
LARGE = "large.lock"
FORMAT = 2
"""To be raised with every change of what the same file and preprocessing give, pixels or facts."""
ROOM = 2**26
"""Bytes of the disk that packing leaves free."""


@dataclass(frozen=True)
class Pack:
    """Photographs, memory-mapped uint8 (n, size, size, 3), in the order of their files, and what is known of each.

    ``contents`` are the files' SHA-256, ``masks`` those of the masks that they were cropped by.  ``unreadable`` tells
    why a row has no photograph (it is black), ``uncropped`` why one is whole in spite of the preprocessing; ``facts``
    are None where it is unreadable.  ``decoded`` and ``reused`` count rows that were decoded just now, and that were
    taken from other packs; both are 0 where the whole pack was found.  ``damaged`` counts rows that a verification
    found damaged, and is None where there was none.
    """

    photographs: Pixels
    contents: tuple[str, ...]
    masks: tuple[str | None, ...]
    unreadable: dict[int, str]
    uncropped: dict[int, str]
    facts: tuple[Facts | None, ...]
    fresh: bool = False
    decoded: int = 0
    reused: int = 0
    damaged: int | None = None


class DamagedPack(Exception):
    """A pack that is not as it was written; its text says what is wrong."""


def pack(
    files: Sequence[Path],
    preprocessing: Preprocessing,
    cache: Path,
    label: str,
    masks: Sequence[Path | None] | None = None,
    *,
    verify: bool = False,
) -> Pack:
    """Return ``files`` decoded, in their order, from the cache in ``cache`` where they are there already.

    ``masks``, one or None for each file, are used where ``preprocessing`` crops to the lesion.  The key of a pack is
    the contents of the files and masks and the preprocessing, so a renamed file is found and a changed one is decoded
    anew; so is a photograph that another pack of the same preprocessing has.  An interrupted packing is gone on with
    and never taken for a whole one, and of two processes the second waits and finds.  A pack that is damaged is made
    anew, with a warning: its size and its notes are looked at each time, every pixel with ``verify``.  Raises DermError
    where there is no room on the disk, and where a file changes or cannot be read any more meanwhile.
    """
    if masks is None or preprocessing.crop == "none":
        masks = [None] * len(files)
    contents = list(on_all_cores(_content, files, f"Reading {label}"))
    of_masks = list(on_all_cores(_content_or_none, masks, f"Reading masks of {label}")) if any(masks) else masks
    keys: list[Key] = list(zip(contents, of_masks, strict=True))  # type: ignore[arg-type]
    rule = _hash([FORMAT, [each.name for each in fields(Facts)], preprocessing.fingerprint()])[:16]
    place = PackFiles(cache / FOLDER, f"{rule}-{_hash(keys)}")
    damaged: int | None = None
    with suppress(DamagedPack, FileNotFoundError):
        found = _found(place, keys)
        if not verify:
            return found
        damaged = _verify(place, label)
        if not damaged:
            return replace(found, damaged=0)
        warn(f"{damaged} of the {len(files)} photographs packed of {label} are damaged: they are decoded again.")
    with _locked(place, label):
        try:
            if not damaged:
                return _found(place, keys)
        except FileNotFoundError:
            pass
        except DamagedPack as error:
            warn(f"the packed photographs of {label} are damaged ({error}): what is amiss is decoded again.")
        tasks = [Task(*each) for each in zip(files, masks, keys, strict=True)]
        head = {"format": FORMAT, "preprocessing": asdict(preprocessing)}
        reused, decoded = _make(Writer(place, head, len(files), preprocessing.size), tasks, preprocessing, label)
        made = replace(_found(place, keys), fresh=True, decoded=decoded, reused=reused)
        if not verify:
            return made
        if _verify(place, label):
            raise DermError(
                f"Photographs of {label} are damaged as soon as they are written to '{place.folder}': name a folder on "
                "another disk with --cache."
            )
        return replace(made, damaged=damaged or 0)


def _make(writer: Writer, tasks: list[Task], preprocessing: Preprocessing, label: str) -> tuple[int, int]:
    """Write the pack, and return how many photographs were taken from elsewhere and how many were decoded."""
    place, keys = writer.place, [task.key for task in tasks]
    _check_room(writer, len(tasks), label)
    begun = writer.begin(keys)
    taken = 0
    with (
        Older(place, set(keys[begun:])) as older,
        Workers(
            preprocessing, [task for task in tasks[begun:] if task.key not in older], place.folder / LARGE
        ) as workers,
    ):

        def row_of(task: Task) -> tuple[Row, Pixels | None, bool]:
            found = older.row(task.key)
            return (*found, True) if found else (*workers.decode(task), False)

        try:
            for row, pixels, is_taken in on_all_cores(row_of, tasks[begun:], f"Packing {label}"):
                writer.append(row, pixels)
                taken += is_taken
            writer.finish()
        except BaseException as error:
            writer.give_up()
            done = f"{writer.done} of {len(tasks)} photographs of {label} are packed"
            if isinstance(error, OSError) and is_full(error):
                raise DermError(
                    f"No space is left in '{place.folder}'; {done}: free some, then give the command again, and it "
                    "goes on there."
                ) from error
            if isinstance(error, KeyboardInterrupt):
                warn(f"{done}: the same command goes on there.")
            raise
    remove_superseded(place, set(keys))
    return begun + taken, len(tasks) - begun - taken


def _found(place: PackFiles, keys: list[Key]) -> Pack:
    """Open a pack.  Raises FileNotFoundError where it is not there, and DamagedPack where a look tells that it is."""
    try:
        notes = read_notes(place.notes)
    except ValueError as error:
        raise DamagedPack(str(error)) from None
    if not notes.sealed or [row.key for row in notes.rows] != keys:
        raise DamagedPack(f"'{place.notes}' is not as it was written")
    try:
        photographs = np.load(place.photographs, mmap_mode="r")
        expected = place.photographs.stat().st_size - photographs.nbytes
    except (ValueError, EOFError, TokenError) as error:
        raise DamagedPack(str(error)) from None
    except FileNotFoundError:
        raise DamagedPack(f"'{place.photographs}' is gone") from None
    if len(photographs) != max(len(keys), 1) or photographs.dtype != np.uint8 or expected != photographs.offset:
        raise DamagedPack(f"'{place.photographs}' has another size than it had")
    # A cache that others own may be read all the same.
    with suppress(OSError):
        place.notes.touch()
    return _pack(photographs, notes)


def _pack(photographs: Pixels, notes: Notes) -> Pack:
    return Pack(
        photographs,
        contents=tuple(row.content for row in notes.rows),
        masks=tuple(row.mask for row in notes.rows),
        unreadable={place: row.unreadable for place, row in enumerate(notes.rows) if row.unreadable is not None},
        uncropped={place: row.uncropped for place, row in enumerate(notes.rows) if row.uncropped is not None},
        facts=tuple(row.facts for row in notes.rows),
    )


def _verify(place: PackFiles, label: str) -> int:
    """Read every pixel, and return the number of rows that are not as they were written."""
    rows = read_notes(place.notes).rows
    with RowReader(place.photographs) as reader:

        def is_damaged(number: int) -> bool:
            return reader.row(number, rows[number]) is None

        return sum(on_all_cores(is_damaged, range(len(rows)), f"Verifying {label}"))


def _check_room(writer: Writer, count: int, label: str) -> None:
    there = writer.place.half.stat().st_size if writer.place.half.exists() else 0
    needed = count * writer.size**2 * 3 - there
    free = shutil.disk_usage(writer.place.folder).free - ROOM
    if needed > free:
        raise DermError(
            f"Packing {label} takes {needed / 1e9:.1f} GB more in '{writer.place.folder}', where "
            f"{max(free, 0) / 1e9:.1f} GB are free: free some, as with 'derm cache clean --kind packs --limit SIZE', "
            "or name another folder with --cache."
        )


@contextmanager
def _locked(place: PackFiles, label: str) -> Iterator[None]:
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place.lock)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            warn(f"another process packs {label}: waiting for it.")
            lock.acquire()
    except OSError as error:
        raise DermError(
            f"'{place.folder}' cannot be written ({error.strerror}): name another folder with --cache."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _content(path: Path) -> str:
    try:
        return sha256_of(path) if path.is_file() else f"{UNREADABLE}{path.name}"
    except OSError:
        return f"{UNREADABLE}{path.name}"


def _content_or_none(path: Path | None) -> str | None:
    return None if path is None else _content(path)


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
