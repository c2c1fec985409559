"""A run's test photographs, read from their files again by the preprocessing by which the run was judged."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from derm_cli.csv_cells import read_frame
from derm_cli.data.ingesting import mask_paths
from derm_cli.data.locating import LocatedDataset, locate
from derm_cli.data.packing.pack import pack
from derm_cli.data.photographs_on_disk import near_files
from derm_cli.data.preprocessing import Pixels
from derm_cli.data.records import read_records
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.errors import DermError
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.output_files import check_work_folders
from derm_cli.workflows.preprocessing_steps import with_steps
from derm_cli.workflows.session import Session


def cases_of_test_part(run: RunFolder) -> pd.DataFrame:
    """Return the rows of split.csv that a run was tested on, as text.  Raises DermError where it was changed."""
    return _cases_of_target(run, TEST)


def cases_to_check(run: RunFolder) -> pd.DataFrame:
    """Return rows of split.csv by which an artefact is checked: tested on, else validated on, else learnt from.

    That two files give the same answers can be seen on any photograph.  Raises DermError where it was changed.
    """
    parts = (TEST,) if run.plan.keeps_test_part else (VALIDATION, TRAIN)
    return next((cases for part in parts if len(cases := _cases_of_target(run, part))), _cases_of_target(run, TEST))


def cases_of_training_part(run: RunFolder) -> pd.DataFrame:
    """Return rows of split.csv that a run learnt from; of one that learnt from none of its target, others of its own.

    Raises DermError where it was changed.
    """
    cases = _cases_of_target(run, TRAIN)
    return cases if len(cases) else cases_to_check(run)


def _cases_of_target(run: RunFolder, part: str) -> pd.DataFrame:
    split = read_frame(run.sealed(layout.SPLIT))
    return split[(split["dataset"] == run.plan.target) & (split["part"] == part)].reset_index(drop=True)


def read_photographs_of_cases(
    session: Session, run: RunFolder, cases: pd.DataFrame, failure: str, kind: str = ""
) -> Pixels:
    """Return the photographs of some cases of a run's target, such as its test part, uint8 (n, size, size, 3).

    They are cropped by their masks where the plan crops to the lesion.  No other file is read.  Raises DermError where
    a photograph is gone, or is not the file that the run had; it begins with ``failure``, what cannot be done without
    it, and ``kind`` is what it calls the photograph.
    """
    check_work_folders(session, "cache")
    plan = run.plan
    if plan.preprocessing.vector:
        raise DermError(
            f"{failure}: its model reads vectors, not photographs. Ask it with 'derm evaluate {run.argument} --data "
            "NAME --features FILE'."
        )
    located = locate(plan.target, session.settings, session.registry)
    # Wherever it lies now: its content tells whether it is the same photograph.
    near = near_files(located.root, (name for name in cases["file"] if not (located.root / name).is_file()))
    files = [located.root / near.get(name, name) for name in cases["file"]]
    masks = _masks(located, cases["case_id"]) if plan.preprocessing.crop == "lesion" else None
    kind = kind or ("test photograph" if plan.keeps_test_part else "photograph")
    preprocessing = with_steps(session.registry, plan.preprocessing, f"Run '{run.id}'")
    packed = pack(files, preprocessing, session.settings.cache_folder, plan.target, masks)
    for file, content, expected in zip(files, packed.contents, cases["sha256"], strict=True):
        if content != expected:
            raise DermError(
                f"{failure}: its {kind} '{file}' is gone or changed. Put dataset '{plan.target}' back, or "
                "say where it is in derm.toml."
            )
    return packed.photographs


def _masks(located: LocatedDataset, cases: pd.Series[str]) -> list[Path | None] | None:
    """Return the lesion masks of ``cases``, which only the dataset's own tables tell."""
    frame = read_records(located).frame
    return mask_paths(
        frame.assign(case_id=frame["case_id"].astype(str)).set_index("case_id").reindex(cases), located.root
    )
