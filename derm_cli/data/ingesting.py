"""Ingesting a dataset: its records decoded into the packed cache, those that cannot be decoded dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from derm_cli.console import warn
from derm_cli.data.packing.pack import pack
from derm_cli.data.packing.stored import Pack
from derm_cli.data.preprocessing import Pixels
from derm_cli.data.quality import quality_of
from derm_cli.data.records import Records, without_empty_classes
from derm_cli.data.vectors import VECTOR_CONTENT, Vectors
from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing

MASK_CONTENT = "mask_sha256"
BESIDE_FILE = (MASK_CONTENT, VECTOR_CONTENT)
"""Columns with what the pixels of a photograph depend on beside its file, each only where there is any."""


@dataclass(frozen=True)
class Ingested:
    """A dataset's records that could be decoded, and their photographs.

    ``records.frame`` has columns more: ``sha256`` of the file; ``row``, its row in ``photographs``; ``fingerprint``,
    its perceptual hash (empty: none); ``quality``, ``focus`` and ``brightness``, what its looks say
    (:class:`derm_cli.data.facts.Facts`); and where masks were used, ``mask_sha256`` of the mask (empty: none).
    ``packed`` is the pack with all that is known of every record, also of those that were dropped.
    """

    records: Records
    packed: Pack

    @property
    def photographs(self) -> Pixels:
        """The photographs, memory-mapped uint8 (n, size, size, 3)."""
        return self.packed.photographs

    @property
    def fresh(self) -> bool:
        """Whether the pack was written just now."""
        return self.packed.fresh

    @property
    def uncropped(self) -> dict[str, tuple[str, ...]]:
        """The cases that were to be cropped to their lesion and are whole, by reason."""
        cases_by_reason: dict[str, list[str]] = {}
        for case, row in zip(self.records.frame["case_id"], self.records.frame["row"], strict=True):
            if row in self.packed.uncropped:
                cases_by_reason.setdefault(self.packed.uncropped[row], []).append(str(case))
        return {reason: tuple(cases) for reason, cases in cases_by_reason.items()}

    def fingerprint(self, answers: Sequence[str] = ()) -> str:
        """Return the SHA-256 of the cases, their classes and the contents of their files, of masks and answers in use.

        ``answers`` names the columns of the latter.
        """
        hashed = ("case_id", "label", "sha256", *BESIDE_FILE, *answers)
        columns = [each for each in hashed if each in self.records.frame]
        lines = self.records.frame[columns].sort_values("case_id").to_csv(index=False)
        return hashlib.sha256(lines.encode()).hexdigest()


def ingest(
    records: Records,
    preprocessing: Preprocessing,
    cache: Path,
    vectors: Vectors | None = None,
    *,
    verify: bool = False,
) -> Ingested:
    """Decode a dataset into the cache, or find it there; warn of photographs that no mask tells how to crop.

    With ``verify`` every packed pixel is read and compared with its checksum.  ``vectors`` stand in place of the
    photographs where the preprocessing says so; what is known of the photographs is still theirs.  Raises DermError
    where too little could be decoded, where vectors are wanted and there are none, and where one is missing.
    """
    decoded = decode_records(records, replace(preprocessing, vector=0), cache, verify=verify)
    ingested = replace(decoded, records=without_empty_classes(decoded.records))
    if preprocessing.vector:
        return _with_vectors(ingested, vectors)
    uncropped = ingested.uncropped
    if uncropped:
        count = sum(len(cases) for cases in uncropped.values())
        reasons = ", ".join(f"{reason} ({len(cases)})" for reason, cases in list(uncropped.items())[:3])
        warn(
            f"{count} of {len(ingested.records.frame)} photographs of dataset '{records.name}' are used whole, not "
            f"cropped to the lesion: {reasons}{', …' if len(uncropped) > 3 else ''}."
        )
    return ingested


def _with_vectors(ingested: Ingested, vectors: Vectors | None) -> Ingested:
    if vectors is None:
        raise DermError(
            f"The photographs of dataset '{ingested.records.name}' are to be read as vectors, and no file of these is "
            "given: name one with --features."
        )
    records, squares = vectors.in_place_of(ingested.records, len(ingested.photographs))
    return replace(ingested, records=records, packed=replace(ingested.packed, photographs=squares))


def decode_records(records: Records, preprocessing: Preprocessing, cache: Path, *, verify: bool = False) -> Ingested:
    """Decode a dataset as :func:`ingest` does, but warn of nothing and refuse nothing, however little is left."""
    frame, root = records.frame, records.located.root
    files = [root / name for name in frame["file"]]
    packed = pack(files, preprocessing, cache, records.name, mask_paths(frame, root), verify=verify)
    reasons = pd.Series([packed.unreadable.get(row, "") for row in range(len(frame))], index=frame.index, dtype=str)
    columns: dict[str, Any] = {
        "sha256": list(packed.contents),
        "row": np.arange(len(frame)),
        "fingerprint": [each.fingerprint if each else "" for each in packed.facts],
        "quality": [quality_of(each) if each else "" for each in packed.facts],
        "focus": [each.focus if each else np.nan for each in packed.facts],
        "brightness": [each.brightness if each else np.nan for each in packed.facts],
    }
    if preprocessing.crop == "lesion":
        columns[MASK_CONTENT] = [each or "" for each in packed.masks]
    return Ingested(replace(records, frame=frame.assign(**columns)).without(reasons != "", reasons), packed)


def mask_paths(frame: pd.DataFrame, root: Path) -> list[Path | None] | None:
    """Return the file of each record's lesion mask, where it has one; None where the dataset has no masks."""
    if "mask" not in frame:
        return None
    return [root / name if isinstance(name, str) and name else None for name in frame["mask"]]
