"""The table in a ledger: the parts that earlier runs decided on.  They hold, and new photographs go around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.splitting.allocation import UNASSIGNED, Indices
from derm_cli.errors import DermError

COLUMNS = ("sha256", "case_id", "part")
NAMED = 3
"""How many conflicts an error names."""


def empty_ledger() -> pd.DataFrame:
    """Return the ledger of a dataset that was never split."""
    return pd.DataFrame(columns=list(COLUMNS), dtype=str)


def parts_in_ledger(ledger: pd.DataFrame, frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return the part of each record by ``ledger``, (n,), empty for what is new.

    A photograph is known by its content (``sha256``).  One whose content is new, or not read yet, is known by its
    ``case_id``, unless the photograph that had this case is there under another.
    """
    parts = np.full(len(frame), "", dtype=object)
    absent = ledger
    if "sha256" in frame:
        by_content = dict(zip(ledger["sha256"], ledger["part"], strict=True))
        parts[:] = [by_content.get(each, "") for each in frame["sha256"]]
        absent = ledger[~ledger["sha256"].isin(set(frame["sha256"]))]
    by_case = dict(zip(absent["case_id"], absent["part"], strict=True))
    cases = frame["case_id"].astype(str)
    parts[:] = [part or by_case.get(case, "") for part, case in zip(parts, cases, strict=True)]
    return parts


def with_new_parts(ledger: pd.DataFrame, frame: pd.DataFrame, parts: npt.NDArray[np.object_]) -> pd.DataFrame:
    """Return ``ledger`` with the parts, (n,), of those contents that it does not have yet."""
    new = pd.DataFrame({"sha256": frame["sha256"], "case_id": frame["case_id"].astype(str), "part": parts})
    new = new[~new["sha256"].isin(set(ledger["sha256"]))].drop_duplicates("sha256")
    return pd.concat([ledger, new], ignore_index=True) if len(new) else ledger


def fixed_parts(
    earlier_parts: npt.NDArray[np.object_],
    names: Sequence[str],
    group_of_record: Indices,
    cases: Sequence[str],
    dataset: str,
) -> Indices:
    """Return the index in ``names`` of the part that each group is held to, (g,): ``UNASSIGNED`` where all is new.

    ``earlier_parts`` (n,) are those that the ledger has, ``group_of_record`` (n,) the groups.  Raises DermError, naming
    the cases, where records of several parts belong together now.
    """
    fixed = np.full(int(group_of_record.max(initial=-1)) + 1, UNASSIGNED, dtype=np.intp)
    table = pd.DataFrame({"group": group_of_record, "part": earlier_parts, "case": [str(each) for each in cases]})
    first_cases = table[table["part"] != ""].groupby(["group", "part"])["case"].min().reset_index()
    conflicts = first_cases[first_cases["group"].duplicated(keep=False)]
    if len(conflicts):
        raise DermError(_conflict_message(table, conflicts, dataset))
    indices = {name: index for index, name in enumerate(names)}
    fixed[first_cases["group"]] = [indices[part] for part in first_cases["part"]]
    return fixed


def _conflict_message(table: pd.DataFrame, conflicts: pd.DataFrame, dataset: str) -> str:
    groups = conflicts["group"].unique()
    phrases = []
    for group in groups[:NAMED]:
        first, second = conflicts[conflicts["group"] == group].head(2).itertuples()
        phrase = f"'{first.case}' ({first.part}) and '{second.case}' ({second.part})"
        new_cases = sorted(table[(table["group"] == group) & (table["part"] == "")]["case"])
        phrases.append(f"{phrase} by the new '{new_cases[0]}'" if new_cases else phrase)
    more = f", and {len(groups) - NAMED} more" if len(groups) > NAMED else ""
    return (
        f"Dataset '{dataset}' cannot keep the split of earlier runs, for what lies in different parts of it belongs "
        f"together now, as one patient or lesion, as one file or as photographs that look the same: "
        f"{'; '.join(phrases)}{more}. Take out the photographs that join them, or begin another split with another "
        "--split-seed."
    )
