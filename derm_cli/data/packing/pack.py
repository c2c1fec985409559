"""Packs photographs: decodes them into a pack of the cache, or finds them there.

A pack is ``<key>.npy``, the photographs, and ``<key>.jsonl``, a line of notes a photograph, last changed when the pack
was used; while it is being written both have ``.half`` in their names, and ``<key>.lock`` is held.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path

from filelock import FileLock, Timeout

from derm_cli.console import warn
from derm_cli.data.facts import Facts
from derm_cli.data.packing.decoding import DecodeTask
from derm_cli.data.packing.files import PackFiles, PackWriter, is_full
from derm_cli.data.packing.notes import UNREADABLE, PackRow, RowKey
from derm_cli.data.packing.reusing import OlderPacks, remove_superseded
from derm_cli.data.packing.stored import DamagedPack, Pack, damaged_count, open_pack
from derm_cli.data.packing.workers import DecodingWorkers
from derm_cli.data.parallel import on_all_cores
from derm_cli.data.preprocessing import Pixels
from derm_cli.errors import DermError
from derm_cli.files import sha256_of
from derm_cli.plan import Preprocessing

FOLDER = "packs"
"""Where packs lie in the cache."""
LARGE_LOCK = "large.lock"
FORMAT = 2
"""To be raised with every change of what the same file and preprocessing give, pixels or facts."""
RESERVED_BYTES = 2**26
"""Bytes of the disk that packing leaves free."""


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
    contents = list(on_all_cores(_content_hash, files, f"Reading {label}"))
    mask_contents: Sequence[str | None] = [None] * len(files)
    if any(masks):
        mask_contents = list(on_all_cores(_content_hash_or_none, masks, f"Reading masks of {label}"))
    keys: list[RowKey] = list(zip(contents, mask_contents, strict=True))
    preprocessing_key = _json_hash([FORMAT, [each.name for each in fields(Facts)], preprocessing.fingerprint()])[:16]
    pack_files = PackFiles(cache / FOLDER, f"{preprocessing_key}-{_json_hash(keys)}")
    damaged: int | None = None
    with suppress(DamagedPack, FileNotFoundError):
        packed = open_pack(pack_files, keys)
        is_outdated = packed.is_outdated
        if not verify and not is_outdated:
            return packed
        damaged = damaged_count(pack_files, label) if verify else 0
        if not damaged and not is_outdated:
            return replace(packed, damaged=0)
        if damaged:
            warn(f"{damaged} of the {len(files)} photographs packed of {label} are damaged: they are decoded again.")
    with _locked(pack_files, label):
        try:
            if not damaged:
                packed = open_pack(pack_files, keys)
                if not packed.is_outdated:
                    return packed
        except FileNotFoundError:
            pass
        except DamagedPack as error:
            warn(f"the packed photographs of {label} are damaged ({error}): what is amiss is decoded again.")
        tasks = [DecodeTask(*each) for each in zip(files, masks, keys, strict=True)]
        head = {"format": FORMAT, "preprocessing": preprocessing.to_json()}
        writer = PackWriter(pack_files, head, len(files), preprocessing.size)
        reused, decoded = _write_pack(writer, tasks, preprocessing, label)
        packed = replace(open_pack(pack_files, keys), fresh=True, decoded=decoded, reused=reused)
        if not verify:
            return packed
        if damaged_count(pack_files, label):
            raise DermError(
                f"Photographs of {label} are damaged as soon as they are written to '{pack_files.folder}': name a "
                "folder on another disk with --cache."
            )
        return replace(packed, damaged=damaged or 0)


def _write_pack(
    writer: PackWriter, tasks: list[DecodeTask], preprocessing: Preprocessing, label: str
) -> tuple[int, int]:
    """Write the pack, and return how many photographs were there already and how many were decoded."""
    pack_files, keys = writer.files, [task.key for task in tasks]
    _require_room(writer, len(tasks), label)
    resumed = writer.begin(keys)
    reused = 0
    with (
        OlderPacks(pack_files, set(keys[resumed:])) as older_packs,
        DecodingWorkers(
            preprocessing,
            [task for task in tasks[resumed:] if task.key not in older_packs],
            pack_files.folder / LARGE_LOCK,
        ) as workers,
    ):

        def row_of(task: DecodeTask) -> tuple[PackRow, Pixels | None, bool]:
            stored = older_packs.row(task.key)
            return (*stored, True) if stored else (*workers.decode(task), False)

        try:
            for row, pixels, is_reused in on_all_cores(row_of, tasks[resumed:], f"Packing {label}"):
                writer.append(row, pixels)
                reused += is_reused
            writer.finish()
        except BaseException as error:
            writer.abandon()
            packed_text = f"{writer.rows_written} of {len(tasks)} photographs of {label} are packed"
            if isinstance(error, OSError) and is_full(error):
                raise DermError(
                    f"No space is left in '{pack_files.folder}'; {packed_text}: free some, then give the command "
                    "again, and it goes on there."
                ) from error
            if isinstance(error, KeyboardInterrupt):
                warn(f"{packed_text}: the same command goes on there.")
            raise
    remove_superseded(pack_files, set(keys))
    return resumed + reused, len(tasks) - resumed - reused


def _require_room(writer: PackWriter, count: int, label: str) -> None:
    written = writer.files.partial_photographs.stat().st_size if writer.files.partial_photographs.exists() else 0
    needed = count * writer.size**2 * 3 - written
    free = shutil.disk_usage(writer.files.folder).free - RESERVED_BYTES
    if needed > free:
        raise DermError(
            f"Packing {label} takes {needed / 1e9:.1f} GB more in '{writer.files.folder}', where "
            f"{max(free, 0) / 1e9:.1f} GB are free: free some, as with 'derm cache clean --kind packs --limit SIZE', "
            "or name another folder with --cache."
        )


@contextmanager
def _locked(files: PackFiles, label: str) -> Iterator[None]:
    try:
        files.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(files.lock)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            warn(f"another process packs {label}: waiting for it.")
            lock.acquire()
    except OSError as error:
        raise DermError(
            f"'{files.folder}' cannot be written ({error.strerror}): name another folder with --cache."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _content_hash(path: Path) -> str:
    try:
        return sha256_of(path) if path.is_file() else f"{UNREADABLE}{path.name}"
    except OSError:
        return f"{UNREADABLE}{path.name}"


def _content_hash_or_none(path: Path | None) -> str | None:
    return None if path is None else _content_hash(path)


def _json_hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
