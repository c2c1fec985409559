"""From records to photographs in the packed cache, with what cannot be decoded set aside."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from derm_cli.data.packing import pack
from derm_cli.data.preprocessing import Pixels
from derm_cli.data.records import Records, with_classes
from derm_cli.plan import Preprocessing


@dataclass(frozen=True)
class Ingested:
    """A dataset's records that could be decoded, and their photographs.

    ``records.frame`` has two columns more: ``sha256`` of the file, and ``row``, its place in ``photographs``.
    """

    records: Records
    photographs: Pixels
    fresh: bool

    def fingerprint(self) -> str:
        """Return the SHA-256 of the cases, their classes and the contents of their files."""
        lines = self.records.frame[["case_id", "label", "sha256"]].sort_values("case_id").to_csv(index=False)
        return hashlib.sha256(lines.encode()).hexdigest()


def ingest(records: Records, preprocessing: Preprocessing, cache: Path) -> Ingested:
    """Decode a dataset into the cache, or find it there.  Raises DermError where too little could be decoded."""
    frame = records.frame
    files = [records.located.root / name for name in frame["file"]]
    packed = pack(files, preprocessing, cache, records.name)
    reasons = pd.Series([packed.unreadable.get(row, "") for row in range(len(frame))], index=frame.index, dtype=str)
    numbered = frame.assign(sha256=list(packed.contents), row=np.arange(len(frame)))
    decoded = replace(records, frame=numbered).without(reasons != "", reasons)
    return Ingested(with_classes(decoded), packed.photographs, packed.fresh)
