"""A dataset of synthetic rows without photographs, and two datasets that are split, with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from derm_cli.config import load
from derm_cli.data.ingesting import Ingested, ingest
from derm_cli.data.locating import LocatedDataset
from derm_cli.data.run_data import RunData, assemble
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.plugin import DatasetSpec
from derm_cli.taxonomy import LesionClass
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.planning import Prepared, prepare
from derm_cli.workflows.training.request import TrainRequest
from tests.support import trees
from tests.support.split_checks import HAM, PAD


@pytest.fixture
def located(tmp_path):
    """Return a maker of a located dataset whose plugin gives the frame that it is told."""

    def make(rows, classes=("A", "B", "C"), leave_out=()):
        frame = pd.DataFrame(rows, columns=["case_id", "file", "label"]).assign(diagnosis="Benign")
        for name in frame["file"]:
            if name != "gone.png":
                (tmp_path / name).touch()
        spec = DatasetSpec(
            name="made",
            title="Made",
            classes=tuple(LesionClass(name=name, title=name) for name in classes),
            records=lambda _: frame,
            modality="clinical",
            **dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-"),
        )
        return LocatedDataset("made", spec, tmp_path, tuple(leave_out))

    return make


@pytest.fixture
def two_datasets(tmp_path) -> Path:
    """Two datasets, two photographs a lesion or patient."""
    trees.make_ham(tmp_path / "data" / HAM, per_class=16)
    trees.make_pad(tmp_path / "data" / PAD, per_class=16)
    return tmp_path / "data"


@pytest.fixture
def prepared(two_datasets) -> Callable[..., Prepared]:
    def make(**options) -> Prepared:
        settings = {"backbone": "effnet-lite0", "chain": (HAM, PAD), "size": 32, "validation_share": 0.3, **options}
        return prepare(Session(load({"data": str(two_datasets)}, {})), TrainRequest.from_options(**settings))

    return make


@pytest.fixture
def assembled(prepared, tmp_path) -> Callable[..., tuple[RunData, dict[str, Ingested]]]:
    def make(**options) -> tuple[RunData, dict[str, Ingested]]:
        run = prepared(**options)
        preprocessing = run.plan.preprocessing
        ingested = {name: ingest(records, preprocessing, tmp_path / "cache") for name, records in run.records.items()}
        return assemble(run.plan, ingested, SplitLedgers(tmp_path / "runs")), ingested

    return make
