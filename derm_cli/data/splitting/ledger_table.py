"""What earlier runs decided of a dataset's photographs: they stay where they are, and new ones go around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.splitting.allocation import OPEN, Places
from derm_cli.errors import DermError

COLUMNS = ("sha256", "case_id", "part")
NAMED = 3
"""How many cases an error names."""


def nothing() -> pd.DataFrame:
    """Return the memory of a dataset that was never split."""
    return pd.DataFrame(columns=list(COLUMNS), dtype=str)


def recalled(memory: pd.DataFrame, frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return the part of each record that ``memory`` has, (n,), empty for what is new.

    A photograph is known by its content (``sha256``).  One whose content is new, or not read yet, is known by its
    ``case_id``, unless the photograph that had this case is there under another.
    """
    found = np.full(len(frame), "", dtype=object)
    left = memory
    if "sha256" in frame:
        by_content = dict(zip(memory["sha256"], memory["part"], strict=True))
        found[:] = [by_content.get(each, "") for each in frame["sha256"]]
        left = memory[~memory["sha256"].isin(set(frame["sha256"]))]
    by_case = dict(zip(left["case_id"], left["part"], strict=True))
    cases = frame["case_id"].astype(str)
    found[:] = [part or by_case.get(case, "") for part, case in zip(found, cases, strict=True)]
    return found


def learnt(memory: pd.DataFrame, frame: pd.DataFrame, parts: npt.NDArray[np.object_]) -> pd.DataFrame:
    """Return ``memory`` with the parts, (n,), of those contents that it does not know yet."""
    new = pd.DataFrame({"sha256": frame["sha256"], "case_id": frame["case_id"].astype(str), "part": parts})
    new = new[~new["sha256"].isin(set(memory["sha256"]))].drop_duplicates("sha256")
    return pd.concat([memory, new], ignore_index=True) if len(new) else memory


def held_to(
    known: npt.NDArray[np.object_], names: Sequence[str], of_record: Places, cases: Sequence[str], dataset: str
) -> Places:
    """Return the place in ``names`` of the part that each group is held to, (g,): ``OPEN`` where all of it is new.

    ``known`` (n,) are the parts that were recalled, ``of_record`` (n,) the groups.  Raises DermError, naming the cases,
    where records of several parts belong together now.
    """
    fixed = np.full(int(of_record.max(initial=-1)) + 1, OPEN, dtype=np.intp)
    table = pd.DataFrame({"group": of_record, "part": known, "case": [str(each) for each in cases]})
    firsts = table[table["part"] != ""].groupby(["group", "part"])["case"].min().reset_index()
    joined = firsts[firsts["group"].duplicated(keep=False)]
    if len(joined):
        raise DermError(_joined(table, joined, dataset))
    places = {name: place for place, name in enumerate(names)}
    fixed[firsts["group"]] = [places[part] for part in firsts["part"]]
    return fixed


def _joined(table: pd.DataFrame, joined: pd.DataFrame, dataset: str) -> str:
    groups = joined["group"].unique()
    told = []
    for group in groups[:NAMED]:
        one, other = joined[joined["group"] == group].head(2).itertuples()
        said = f"'{one.case}' ({one.part}) and '{other.case}' ({other.part})"
        new = sorted(table[(table["group"] == group) & (table["part"] == "")]["case"])
        told.append(f"{said} by the new '{new[0]}'" if new else said)
    more = f", and {len(groups) - NAMED} more" if len(groups) > NAMED else ""
    return (
        f"Dataset '{dataset}' cannot keep the split of earlier runs, for what lies in different parts of it belongs "
        f"together now, as one patient or lesion, as one file or as photographs that look the same: {'; '.join(told)}"
        f"{more}. Take out the photographs that join them, or begin another split with another --seed."
    )
