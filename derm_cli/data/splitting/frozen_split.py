"""The split of an earlier run, taken as it is: its parts, its reasons and its groups."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.records import Records
from derm_cli.data.splitting.grouping import group_numbers
from derm_cli.data.splitting.ledger_table import parts_in_ledger
from derm_cli.data.splitting.split import Split


@dataclass(frozen=True)
class FrozenSplit:
    """The split of a run, to be used again: its id, its split.csv and its dropped.csv as tables of text."""

    run: str
    split: pd.DataFrame
    dropped: pd.DataFrame

    @classmethod
    def read(cls, run: str, split: Path, dropped: Path) -> FrozenSplit:
        """Read it from a run's split.csv and dropped.csv."""
        return cls(run, *(pd.read_csv(file, dtype=str, keep_default_na=False) for file in (split, dropped)))

    def replay(self, records: Records) -> Split:
        """Split a dataset as the run has it; what was not in the run is in no part, for the reason that it had."""
        frame, rows = records.frame, self._rows(records.name)
        parts = parts_in_ledger(rows[["sha256", "case_id", "part"]], frame)
        source_of_case = rows.set_index("case_id")["source"].to_dict() if "source" in rows else {}
        dropped = self.dropped[self.dropped["dataset"] == records.name].drop_duplicates("case_id")
        reason_of_case = dropped.set_index("case_id")["reason"]
        cases, unknown = frame["case_id"].astype(str), f"it is not in the split of run '{self.run}'"
        reasons = np.array([reason_of_case.get(case, unknown) for case in cases], dtype=object)
        sources = np.array([source_of_case.get(case, "") for case in cases], dtype=object)
        reasons[parts != ""] = ""
        return Split(parts, sources, group_numbers(frame), reasons)

    def group_hashes(self, dataset: str, cases: pd.Series[Any], new: npt.NDArray[np.str_]) -> npt.NDArray[np.object_]:
        """Return the group of each case as the run has it, (n,), or its ``new`` one where the run has none.

        What looked alike is not looked for again, so a group that looks have joined is known by the run alone.
        """
        rows = self._rows(dataset)
        hashes = rows.set_index("case_id")["group"].to_dict() if "group" in rows else {}
        return np.array([hashes.get(str(case)) or group for case, group in zip(cases, new, strict=True)], dtype=object)

    def _rows(self, dataset: str) -> pd.DataFrame:
        return self.split[self.split["dataset"] == dataset]
