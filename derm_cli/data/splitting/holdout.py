"""Photographs that one dataset of a chain holds out, kept from being trained on in the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.duplicates import Pairs
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION


def holdout_reasons(
    records: pd.DataFrame, duplicates: Pairs, target: str, reasons: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_]:
    """Return ``reasons``, (n,), with those for which records leave a part: another dataset holds them out.

    ``records`` has a row each of every dataset, with the columns dataset, case_id, sha256 and part; ``duplicates`` are
    pairs of its rows that look the same.  Whatever is, or looks like, a test photograph of the target leaves every
    training and validation part, and whatever is, or looks like, a validation photograph every training part.
    """
    reasons = reasons.copy()
    parts, datasets, cases = (records[column].to_numpy(dtype=object) for column in ("part", "dataset", "case_id"))
    both_ways = np.concatenate([duplicates, duplicates[:, ::-1]])
    for part, dataset, parts_to_leave in (
        (TEST, target, (TRAIN, VALIDATION)),
        *((VALIDATION, name, (TRAIN,)) for name in records["dataset"].unique()),
    ):
        held_out = (datasets == dataset) & (parts == part) & (reasons == "")
        may_leave = np.isin(parts, parts_to_leave) & (reasons == "")
        case_of_content = dict(zip(records["sha256"][held_out], cases[held_out], strict=True))
        among = f"is among the {part} photographs of '{dataset}'"
        for row in np.flatnonzero(may_leave & records["sha256"].isin(case_of_content).to_numpy()):
            reasons[row] = f"the same file {among}: '{case_of_content[records['sha256'][row]]}'"
        for row, look_alike in both_ways[held_out[both_ways[:, 0]] & may_leave[both_ways[:, 1]]]:
            reasons[look_alike] = reasons[look_alike] or f"a photograph that looks the same {among}: '{cases[row]}'"
    return reasons
