"""The splits of several runs as one: what all of them together have learnt from, chosen by, and left alone."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.data.splitting.split import OWN

_ORDER = {TRAIN: 0, VALIDATION: 1, TEST: 2}
KEY = ["dataset", "case_id"]


def joined_split(splits: Sequence[pd.DataFrame], target: str) -> pd.DataFrame:
    """Return split.csv of runs taken together: a case is where the one put it that makes most use of it.

    So what one of them learnt from is learnt from, and only what none has learnt from or chosen by is tested on.  A
    case of ``target`` that some are tested on and others do not know is left out.  A case that different sources put
    where it is has none, and ``own`` where all of them are folds.
    """
    rows = pd.concat(splits, ignore_index=True)
    rows = rows.assign(order=rows["part"].map(_ORDER), known_to=rows.groupby(KEY)["part"].transform("size"))
    if "source" in rows:
        rows["source"] = rows["source"].str.replace(r"^own, fold \d+ of \d+$", OWN, regex=True)
        rows.loc[rows.groupby(KEY)["source"].transform("nunique") > 1, "source"] = ""
    rows = rows.sort_values("order", kind="stable").drop_duplicates(KEY).sort_index()
    is_known_to_some = (rows["dataset"] == target) & (rows["part"] == TEST) & (rows["known_to"] < len(splits))
    return rows[~is_known_to_some].drop(columns=["order", "known_to"]).reset_index(drop=True)
