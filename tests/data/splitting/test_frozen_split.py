"""The split of an earlier run, taken as it is."""

from __future__ import annotations

import shutil

import pandas as pd

from derm_cli.data.ingesting import ingest
from derm_cli.data.run_data import assemble
from derm_cli.data.splitting.frozen_split import FrozenSplit
from derm_cli.data.splitting.ledger import SplitLedgers
from tests.support import trees
from tests.support.split_checks import HAM, PAD


def test_a_frozen_split_is_taken_as_it_is(assembled, prepared, two_datasets, tmp_path):
    """Whatever the ledger says, and without what was added since."""
    before, _ = assembled()
    frozen = FrozenSplit("old", before.split.assign(part=before.split["part"]), before.dropped)
    shutil.rmtree(two_datasets / PAD)
    trees.make_pad(two_datasets / PAD, per_class=18)
    run = prepared(seed=5)
    ingested = {name: ingest(each, run.plan.preprocessing, tmp_path / "cache") for name, each in run.records.items()}
    after = assemble(run.plan, ingested, SplitLedgers(tmp_path / "runs"), frozen)
    ham_before, ham_after = (each.split[each.split["dataset"] == HAM] for each in (before, after))
    pd.testing.assert_frame_equal(ham_before, ham_after)
    contents = set(before.split["sha256"])
    assert set(after.split["sha256"]) <= contents
    assert (after.dropped["reason"] == "it is not in the split of run 'old'").all()
    assert len(after.dropped) == 6 * 18 - int(after.split["dataset"].eq(PAD).sum())


def test_a_frozen_split_keeps_the_groups_that_looks_have_joined(assembled, prepared, tmp_path):
    """Looks are not compared again, and intervals by patient must not become narrower by that."""
    before, ingested = assembled()
    frozen = FrozenSplit("old", before.split.assign(group="0" * 16), before.dropped)
    after = assemble(prepared().plan, ingested, SplitLedgers(tmp_path / "runs"), frozen)
    assert all(len(set(groups)) == 1 for _, groups in after.split.groupby("dataset")["group"])
    assert len(set(after.test.cases["group"])) == 1
    assert "0" * 16 not in set(after.split["group"]), "hashes are of this machine's salt"
