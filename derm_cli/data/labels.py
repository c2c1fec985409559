"""The class of each record in a stage, whose classes may be another dataset's."""

from __future__ import annotations

from typing import Any

import pandas as pd

from derm_cli.data.records import Records
from derm_cli.plan import Plan, Stage
from derm_cli.taxonomy import covering_class


def stage_labels(records: Records, stage: Stage, plan: Plan) -> pd.Series[Any]:
    """Return for each record its class in the stage: its own label, or by diagnosis where the classes are another's.

    None where no class of the stage covers the record's diagnosis.
    """
    frame = records.frame
    if stage.classes == records.classes or records.name == plan.target:
        return frame["label"].astype(object)
    diagnoses = frame["diagnosis"].fillna("")
    classes = {each: covering_class(stage.classes, each) for each in diagnoses.unique()}
    return diagnoses.map(classes).astype(object)
