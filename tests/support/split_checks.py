"""What tests of splits look at: two datasets by name, and that the parts of a split share nothing."""

from __future__ import annotations

import itertools

import pandas as pd

from derm_cli.data.ingesting import Ingested
from derm_cli.data.run_data import RunData
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION

PARTS = (TRAIN, VALIDATION, TEST)
HAM, PAD = "ham10000", "pad-ufes-20"


def members(run_data: RunData, ingested: dict[str, Ingested]) -> pd.DataFrame:
    """Return the split with the patient and the lesion of each photograph."""
    frames = [each.records.frame.assign(dataset=name) for name, each in ingested.items()]
    facts = pd.concat(frames).reindex(columns=["dataset", "case_id", "patient", "lesion"])
    return run_data.split.merge(facts, on=["dataset", "case_id"], validate="one_to_one")


def assert_nothing_shared(frame: pd.DataFrame) -> None:
    for column in ("patient", "lesion", "sha256"):
        rows = frame[frame[column].notna() & (frame[column] != "")]
        for first, second in itertools.combinations(PARTS, 2):
            first_values, second_values = (set(rows.loc[rows["part"] == part, column]) for part in (first, second))
            assert not first_values & second_values, f"{column} is shared by {first} and {second}"
