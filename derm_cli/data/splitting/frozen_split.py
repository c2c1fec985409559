"""The split of an earlier run, taken as it is: its parts, its reasons and its groups."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from derm_cli.csv_cells import read_frame
from derm_cli.data.duplicates import NO_PAIRS, Pairs
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
        return cls(run, *(read_frame(file) for file in (split, dropped)))

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
        return Split(parts, sources, group_numbers(frame, self._same_group(records)), reasons)

    def _same_group(self, records: Records) -> Pairs:
        """Return pairs of rows, (m, 2), that were of one group in the run.

        Looks are not compared again, so a group that they have joined is known by the run alone.
        """
        frame, rows = records.frame, self._rows(records.name)
        if "group" not in rows:
            return NO_PAIRS
        group_of_content = dict(zip(rows["sha256"], rows["group"], strict=True))
        group_of_case = dict(zip(rows["case_id"], rows["group"], strict=True))
        first_row: dict[str, int] = {}
        pairs = []
        for row, (content, case) in enumerate(zip(frame["sha256"], frame["case_id"].astype(str), strict=True)):
            group = group_of_content.get(content) or group_of_case.get(case)
            if group:
                pairs.append((first_row.setdefault(group, row), row))
        return np.array(pairs, dtype=np.intp).reshape(-1, 2)

    def _rows(self, dataset: str) -> pd.DataFrame:
        return self.split[self.split["dataset"] == dataset]
