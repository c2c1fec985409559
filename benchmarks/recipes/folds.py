"""Derm's own folds of a dataset, so that whatever is compared is judged on the same cases.

``python -m benchmarks.recipes.folds DATA CACHE DATASET FOLDS SEED SIZE FILE`` writes them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from derm_cli.csv_cells import read_frame, write_frame
from derm_cli.errors import DermError
from derm_cli.evaluation.array_types import Flags, Indices, Strings
from derm_cli.files import whole

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("case_id", "file", "label", "group", "fold")


@dataclass(frozen=True)
class FoldTable:
    """The n photographs of a dataset: names, files relative to its folder, labels, groups, and the fold of each.

    A fold, numbered from 1, is tested on by the run of that number and trained on by the others.  Photographs of one
    patient, of one lesion, or that look the same are of one group, and so of one fold.
    """

    case_ids: Strings
    files: Strings
    labels: Strings
    groups: Strings
    folds: Indices

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in alphabetical order."""
        return tuple(sorted(set(self.labels.tolist())))

    @property
    def class_indices(self) -> Indices:
        """The index of each photograph's class in ``classes``, (n,)."""
        return np.searchsorted(np.array(self.classes), self.labels)

    def is_test(self, fold: int) -> Flags:
        """Tell which photographs a fold is tested on, (n,)."""
        return np.asarray(self.folds == fold)

    @classmethod
    def read(cls, path: Path) -> FoldTable:
        """Read a table back."""
        return cls.of(read_frame(path))

    @classmethod
    def of(cls, frame: pd.DataFrame) -> FoldTable:
        """Return the table of a frame that has its columns."""
        case_ids, files, labels, groups = (frame[name].to_numpy(dtype=np.str_) for name in COLUMNS[:-1])
        return cls(case_ids, files, labels, groups, np.array([int(fold) for fold in frame["fold"]], dtype=np.intp))

    def write(self, path: Path) -> None:
        """Write the table as CSV, whole or not at all."""
        import pandas as pd

        path.parent.mkdir(parents=True, exist_ok=True)
        columns = (self.case_ids, self.files, self.labels, self.groups, self.folds)
        with whole(path) as temporary:
            write_frame(pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))), temporary)


def derm_folds(data: Path, cache: Path, dataset: str, *, folds: int, seed: int, size: int) -> FoldTable:
    """Return the folds that ``derm train --folds FOLDS --seed SEED`` has, from its own split of each fold.

    Raises DermError where the folds' test parts are not the whole dataset, each photograph once.
    """
    import pandas as pd

    from derm_cli.config import load
    from derm_cli.data.ingesting import ingest
    from derm_cli.data.requests import PreprocessingRequest, SplitRequest
    from derm_cli.data.run_data import assemble
    from derm_cli.data.splitting import TEST
    from derm_cli.data.splitting.ledger import SplitLedgers
    from derm_cli.workflows.session import Session
    from derm_cli.workflows.training.planning import prepare
    from derm_cli.workflows.training.request import TrainRequest

    session = Session(load({"data": str(data), "cache": str(cache)}, {}))
    request = TrainRequest(
        backbone="effnet-lite0",
        chain=(dataset,),
        preprocessing=PreprocessingRequest(size=size),
        splitting=SplitRequest(folds=folds, validation_share=0.0),
        seed=seed,
    )
    ledgers = SplitLedgers(cache / "no-earlier-runs")
    tested = []
    for fold in range(1, folds + 1):
        prepared = prepare(session, request.with_fold(fold))
        ingested = {name: ingest(each, prepared.plan.preprocessing, cache) for name, each in prepared.records.items()}
        split = assemble(prepared.plan, ingested, ledgers).split
        tested.append(split[split["part"] == TEST].assign(fold=fold))
    frame = pd.concat(tested, ignore_index=True)
    if set(frame["case_id"]) != set(split["case_id"]) or frame["case_id"].duplicated().any():
        raise DermError(
            f"The '{folds}' folds of dataset '{dataset}' do not test each photograph once: see 'derm train --folds'."
        )
    return FoldTable.of(frame)


if __name__ == "__main__":
    _, data_folder, cache_folder, dataset_name, *counts, file_name = sys.argv
    fold_count, seed_number, side = map(int, counts)
    found = derm_folds(
        Path(data_folder), Path(cache_folder), dataset_name, folds=fold_count, seed=seed_number, size=side
    )
    found.write(Path(file_name))
