"""Splits of the real photographs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from derm_cli.config import load
from derm_cli.data.ingesting import Ingested, ingest
from derm_cli.data.run_data import assemble
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.planning import prepare
from derm_cli.workflows.training.request import TrainRequest

HAM, PAD = "ham10000", "pad-ufes-20"
COPIES = ["PAT_701_1321_156", "PAT_701_4056_457"]


@dataclass(frozen=True)
class Real:
    """Both sets, decoded."""

    session: Session
    ingested: dict[str, Ingested]

    def split(self, runs: Path, **options) -> pd.DataFrame:
        """Return split.csv with patients and lesions."""
        request = TrainRequest.from_options(backbone="effnet-lite0", chain=(HAM, PAD), size=32, **options)
        lessons = assemble(prepare(self.session, request).plan, self.ingested, SplitLedgers(runs))
        assert lessons.dropped.empty
        known = pd.concat([each.records.frame.assign(dataset=name) for name, each in self.ingested.items()])
        facts = known.reindex(columns=["dataset", "case_id", "patient", "lesion"])
        return lessons.split.merge(facts, on=["dataset", "case_id"], validate="one_to_one")


@pytest.fixture(scope="module")
def real(real_data, tmp_path_factory) -> Real:
    session = Session(load({"data": str(real_data)}, {}))
    prepared = prepare(session, TrainRequest.from_options(backbone="effnet-lite0", chain=(HAM, PAD), size=32))
    cache, rule = tmp_path_factory.mktemp("cache"), prepared.plan.preprocessing
    return Real(session, {name: ingest(each, rule, cache) for name, each in prepared.records.items()})


def test_every_class_has_its_shares_and_no_patient_or_lesion_crosses(real, tmp_path):
    split = real.split(tmp_path)
    assert len(split) == 2866
    for (dataset, label), rows in split.groupby(["dataset", "label"]):
        largest = rows.groupby("group").size().max()
        counts = rows["part"].value_counts()
        assert abs(counts[TEST] - 0.2 * len(rows)) <= largest, (dataset, label)
        assert abs(counts[VALIDATION] - 0.1 * (len(rows) - counts[TEST])) <= largest, (dataset, label)
    for dataset, column in ((PAD, "patient"), (HAM, "lesion")):
        rows = split[split["dataset"] == dataset]
        assert rows[column].notna().all()
        assert rows.groupby(column)["part"].nunique().max() == 1
        assert rows.groupby("group")[column].nunique().max() == 1


@pytest.mark.parametrize("seed", range(5))
def test_the_file_that_is_there_twice_is_on_one_side(real, tmp_path, seed):
    rows = real.split(tmp_path, seed=seed).set_index("case_id").loc[COPIES]
    assert [len(set(rows[each])) for each in ("sha256", "part")] == [1, 1]


def test_the_file_that_is_there_twice_is_on_one_side_even_under_two_patients(real, tmp_path, monkeypatch):
    frame = real.ingested[PAD].records.frame
    for column in ("patient", "lesion"):
        changed = frame[column].where(~frame["case_id"].isin(COPIES[:1]), "another")
        monkeypatch.setitem(frame, column, changed)
    for seed in range(5):
        rows = real.split(tmp_path, seed=seed).set_index("case_id").loc[COPIES]
        assert [len(set(rows[each])) for each in ("patient", "part")] == [2, 1]


def test_each_patient_is_tested_on_in_one_of_five_folds(real, tmp_path):
    tested = []
    for fold in range(1, 6):
        split = real.split(tmp_path, folds=5, fold=fold)
        rows = split[(split["dataset"] == PAD) & (split["part"] == TEST)]
        assert set(rows["label"]) == {"ACK", "BCC", "MEL", "NEV", "SCC", "SEK"}
        tested.append(rows)
        trained = split[(split["dataset"] == PAD) & (split["part"] == TRAIN)]
        assert not set(trained["patient"]) & set(rows["patient"])
    everything = pd.concat(tested)
    assert len(everything) == 479 == everything["case_id"].nunique()
    assert sum(rows["patient"].nunique() for rows in tested) == everything["patient"].nunique()
    assert max(map(len, tested)) - min(map(len, tested)) <= 10
