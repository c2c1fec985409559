"""What patients say, as numbers for a regression: the same answers, read the same way, as a recipe with answers has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from derm_cli.config import load
from derm_cli.data.answers import AUTO, chosen_fields, encode_cases, fit_encoding
from derm_cli.data.locating import locate
from derm_cli.data.records import read_records
from derm_cli.errors import DermError
from derm_cli.evaluation.array_types import Flags, Floats
from derm_cli.plugin.registry import Registry


def answer_numbers(root: Path, dataset: str, case_ids: Sequence[str], training: Flags) -> Floats:
    """Return the answers of the cases, (n, d), as ``derm train --metadata auto`` chooses and encodes them.

    ``root`` is the dataset's folder.  Means, shares and choices are those of the ``training`` cases, (n,); what is not
    answered is 0, and shortcuts are left out.  Raises DermError for a case that the dataset has not.
    """
    records = read_records(locate(dataset, load({"data": str(root.parent)}, {}), Registry()))
    frame = records.frame.assign(case_id=records.frame["case_id"].astype(str)).set_index("case_id", drop=False)
    missing = [case for case in case_ids if case not in frame.index]
    if missing:
        raise DermError(f"Dataset '{dataset}' in '{root}' has no case '{missing[0]}': take the publisher's whole set.")
    cases = frame.loc[list(case_ids)]
    fields, _ = chosen_fields(records, AUTO)
    return encode_cases(fit_encoding(fields, cases[training]), cases).astype(np.float64)
