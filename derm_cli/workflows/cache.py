"""Lists the cache, and removes what was not used for long: ``derm cache``."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from derm_cli.arrays import DamagedFile, read_header
from derm_cli.data.packing.files import PHOTOGRAPHS, RowReader, pack_files_of
from derm_cli.data.packing.pack import FOLDER
from derm_cli.errors import RequestError
from derm_cli.files import leftovers
from derm_cli.runs.array_store import ArrayStore, CacheEntry, lock_name, surplus
from derm_cli.runs.feature_store import FeatureStore
from derm_cli.runs.stage_store import StageStore
from derm_cli.workflows.output_files import check_work_folders
from derm_cli.workflows.session import Session

PACKS, STAGES, FEATURES, PROGRAMS = "packs", StageStore.kind, FeatureStore.kind, "programs"
RUNTIMES = "runtimes"
"""Environments of programs that load artefacts, in which ``derm verify`` asks: a folder each."""
STAGE_FACTS = ("backbone", "chain", "classes", "run", "created", "derm")
FEATURE_FACTS = ("backbone", "weights", "photographs", "features", "run", "created", "derm")
STORES: dict[str, tuple[type[ArrayStore], tuple[str, ...]]] = {
    STAGES: (StageStore, STAGE_FACTS),
    FEATURES: (FeatureStore, FEATURE_FACTS),
}
"""The kinds that hold themselves to the setting ``cache_limit``: their stores, and the facts that are listed."""
LEFTOVER_AGE = 3600
"""Seconds after which a file that is half written is taken for one that a killed process left."""


@dataclass(frozen=True)
class CachedItem(CacheEntry):
    """An item of the cache: its kind, and the ``facts`` that are known of it.

    The process that holds ``lock`` is writing it.  ``notes`` is a file that goes with it, and before it.
    """

    kind: str
    facts: dict[str, Any]
    lock: Path | None = None
    notes: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as a line of a listing; the time is ISO 8601 in UTC."""
        used = datetime.fromtimestamp(self.used, UTC).isoformat(timespec="seconds")
        return {"kind": self.kind, "name": self.path.stem, "bytes": self.bytes, "used": used, **self.facts}


@dataclass(frozen=True)
class CleaningResult:
    """The items that were removed from the cache, and those that a running process is writing, which stay."""

    removed: list[CachedItem]
    in_use: list[CachedItem]


def list_cache(session: Session) -> list[CachedItem]:
    """Return what is in the cache: each pack, stored stage, features, the compiled programs as one, and runtimes."""
    programs = list(_programs(session))
    folded = [
        CachedItem(
            session.settings.cache_folder / PROGRAMS,
            sum(each.bytes for each in programs),
            max(each.used for each in programs),
            PROGRAMS,
            {"programs": len(programs)},
        )
        for _ in programs[:1]
    ]
    return [*_packs(session), *_stages(session), *_features(session), *folded, *_runtimes(session)]


def entries_to_remove(
    session: Session, kinds: Sequence[str] = (), limit: int | None = None, everything: bool = False
) -> list[CachedItem]:
    """Return what must go for the ``kinds`` (without any, all) to take at most ``limit`` bytes together.

    The least recently used goes first; with ``everything``, all.  With neither, stages, and features, are each held to
    the setting ``cache_limit``, and the other kinds, which have no limit of their own, stay.  What killed processes
    left half written always goes.  Raises RequestError where nothing says how much is to be removed.
    """
    if everything and limit is not None:
        raise RequestError("--all and --limit exclude each other: give one of them.")
    check_work_folders(session, "cache")
    if limit is None and not everything:
        held = [kind for kind in STORES if not kinds or kind in kinds]
        if not held:
            raise RequestError(
                f"--kind '{','.join(kinds)}' needs --limit SIZE or --all: only {' and '.join(STORES)} have a limit of "
                "their own."
            )
        limits = session.settings.cache_limit_bytes
        selected = [each for kind in held for each in surplus(FINDERS[kind](session), limits)]
    else:
        entries = [each for kind in kinds or FINDERS for each in FINDERS[kind](session)]
        selected = entries if limit is None else surplus(entries, limit)
    return [*selected, *_half_written(session, kinds or tuple(FINDERS))]


def remove(entries: Iterable[CachedItem]) -> CleaningResult:
    """Remove ``entries``, but those that another process is writing at this moment.

    What a process reads or has mapped can be removed under it: it keeps what it has, and another makes it anew.
    """
    cleaned = CleaningResult([], [])
    for each in entries:
        try:
            with FileLock(each.lock, timeout=0) if each.lock else nullcontext():
                # The notes first: without them what they belong to is not taken for whole.
                for path in (each.notes, each.path):
                    if path is not None and path.is_dir():
                        shutil.rmtree(path, ignore_errors=True)
                    elif path is not None:
                        path.unlink(missing_ok=True)
            cleaned.removed.append(each)
        except Timeout:
            cleaned.in_use.append(each)
    return cleaned


def _packs(session: Session) -> Iterator[CachedItem]:
    for path in _files(session.settings.cache_folder / FOLDER, f"*{PHOTOGRAPHS}"):
        pack_files = pack_files_of(path)
        half = path == pack_files.partial_photographs
        notes = pack_files.journal if half else pack_files.notes
        # It may be removed meanwhile; and what is no array any more can still be listed and removed.
        with suppress(FileNotFoundError):
            facts: dict[str, Any] = {}
            with suppress(ValueError, EOFError, IndexError), RowReader(path) as reader:
                facts = {"photographs": reader.shape[0], "size": reader.shape[1]}
                if half:
                    facts["packed"] = reader.count
            of = notes if notes.exists() else path
            size = path.stat().st_size + (notes.stat().st_size if of is notes else 0)
            yield CachedItem(path, size, of.stat().st_mtime, PACKS, facts, pack_files.lock, notes)


def _stages(session: Session) -> Iterator[CachedItem]:
    return _stored(session, STAGES)


def _features(session: Session) -> Iterator[CachedItem]:
    return _stored(session, FEATURES)


def _stored(session: Session, kind: str) -> Iterator[CachedItem]:
    kind_of_store, listed = STORES[kind]
    store = kind_of_store(session.settings.cache_folder, session.settings.cache_limit_bytes)
    for each in store.entries():
        with suppress(FileNotFoundError):
            try:
                header = read_header(each.path)
                facts = {name: header[name] for name in listed if name in header}
            except DamagedFile:
                facts = {"damaged": True}
            yield CachedItem(each.path, each.bytes, each.used, kind, facts, store.lock)


def _programs(session: Session) -> Iterator[CachedItem]:
    for path in _files(session.settings.cache_folder / PROGRAMS, "**/*"):
        with suppress(FileNotFoundError):
            status = path.stat()
            # Who compiles reads its programs and notes no use: the system does, if only once a day.
            yield CachedItem(path, status.st_size, max(status.st_mtime, status.st_atime), PROGRAMS, {})


def _runtimes(session: Session) -> Iterator[CachedItem]:
    folder = session.settings.cache_folder / RUNTIMES
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            with suppress(FileNotFoundError):
                files = [each for each in path.rglob("*") if each.is_file() and not each.is_symlink()]
                size = sum(each.stat().st_size for each in files)
                yield CachedItem(
                    path,
                    size,
                    path.stat().st_mtime,
                    RUNTIMES,
                    {"runtime": path.name},
                    path.with_name(f"{path.name}.lock"),
                )


FINDERS: dict[str, Callable[[Session], Iterator[CachedItem]]] = {
    PACKS: _packs,
    STAGES: _stages,
    FEATURES: _features,
    PROGRAMS: _programs,
    RUNTIMES: _runtimes,
}


def _files(folder: Path, pattern: str) -> list[Path]:
    half = set(leftovers(folder))
    return sorted(path for path in folder.glob(pattern) if path.is_file() and path not in half)


def _half_written(session: Session, kinds: Sequence[str]) -> Iterator[CachedItem]:
    for kind in kinds:
        for path in leftovers(session.settings.cache_folder / kind):
            with suppress(FileNotFoundError):
                status = path.stat()
                if status.st_mtime < time.time() - LEFTOVER_AGE:
                    facts = {"half_written": True}
                    yield CachedItem(path, status.st_size, status.st_mtime, kind, facts, _writers_lock(kind, path))


def _writers_lock(kind: str, half: Path) -> Path | None:
    """Return what is locked for as long as a file that is half written is being written."""
    if kind == PACKS:
        return half.with_name(f"{half.name.split('.')[1]}.lock")
    return half.with_name(lock_name(kind)) if kind in STORES else None
