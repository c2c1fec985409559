"""Stage outlines: equal where stages are, known without a framework."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from derm_cli.config import load
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.errors import DermError
from derm_cli.workflows.session import Session
from derm_cli.workflows.training import stage_outlines as module
from derm_cli.workflows.training.planning import prepare
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.stage_outlines import StageOutlines, own_outlines
from tests.support import trees

HAM, PAD = "ham10000", "pad-ufes-20"


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> Session:
    root = tmp_path_factory.mktemp("outlines")
    trees.make_ham(root / "data" / HAM, per_class=4)
    trees.make_pad(root / "data" / PAD, per_class=6)
    return Session(load({"data": str(root / "data"), "runs": str(root / "runs"), "cache": str(root / "cache")}, {}))


@pytest.fixture
def outlines(session):
    def of(*chain, cores=2, cases=(), **options):
        request = TrainRequest.from_options(backbone="effnet-lite0", chain=chain, **options)
        found = StageOutlines(SplitLedgers(session.runs.root), cores).of(prepare(session, request), cases)
        return found if cases else found[0]

    return of


def test_chains_that_begin_alike_have_the_same_outlines_up_to_where_they_part(outlines):
    both, target = outlines("imagenet", HAM, PAD), outlines("imagenet", HAM)
    assert len(both) == 2
    assert both[0] == target[0]
    assert len({*both, *outlines("imagenet", PAD)}) == 3


def test_what_comes_before_counts(outlines):
    assert outlines("imagenet", HAM, PAD)[1] != outlines("imagenet", PAD)[0]
    assert outlines("imagenet", PAD) != outlines(PAD)


@pytest.mark.parametrize(
    "options",
    [{"seed": 1}, {"epochs": 5}, {"head_rate": 1e-3}, {"size": 64}, {"test_share": 0.3}, {"validation_share": 0.2}],
)
def test_whatever_changes_a_stage_changes_its_outline(outlines, options):
    assert outlines(PAD, **options) != outlines(PAD)


@pytest.mark.parametrize("options", [{"logit_adjustment": 1.0}, {"recipe": "strong", "per_class": 1}])
def test_what_changes_no_stage_changes_no_outline(outlines, options):
    assert outlines(PAD, **options) == outlines(PAD)


def test_cores_and_settings_that_change_bits_change_outlines(outlines, monkeypatch):
    assert outlines(PAD, cores=1) != outlines(PAD, cores=2)
    before = outlines(PAD)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert outlines(PAD) != before


def test_folds_of_the_target_share_what_comes_before_it(outlines):
    first, second, again = outlines(HAM, PAD, folds=2, fold=1, cases=((0, 1, None), (0, 2, None), (1, 1, None)))
    assert first[0] == second[0] != again[0]
    assert len({first[1], second[1], again[1]}) == 3
    assert [first] == [outlines(HAM, PAD, folds=2, fold=1)]


def test_the_split_is_that_of_the_split_seed_and_the_training_that_of_the_seed(outlines):
    own, kept, other = outlines(PAD, cases=((1, 0, None), (1, 0, 0), (0, 0, 1)))
    assert len({own[0], kept[0], other[0], outlines(PAD)[0]}) == 4
    assert kept == outlines(PAD, seed=1, split_seed=0)
    assert own == outlines(PAD, seed=1, split_seed=1)


def test_the_photographs_that_a_stage_learns_from_are_counted(session):
    prepared = prepare(session, TrainRequest.from_options(backbone="effnet-lite0", chain=(PAD,), test_share=0.5))
    planner = StageOutlines(SplitLedgers(session.runs.root))
    trained = planner.training_photographs(prepared, prepared.plan.stages[0])
    assert 0 < trained < len(prepared.records[PAD].frame)


def test_a_training_s_own_outlines_are_those_of_its_plan(session, outlines):
    prepared = prepare(session, TrainRequest.from_options(backbone="effnet-lite0", chain=(HAM, PAD)))
    own = own_outlines(prepared, SplitLedgers(session.runs.root))
    assert own == outlines(HAM, PAD, cores=module.usable_cores())


def test_where_a_split_cannot_be_told_there_is_no_outline(session, monkeypatch):
    prepared = prepare(session, TrainRequest.from_options(backbone="effnet-lite0", chain=(HAM, PAD)))

    def refuse(*_):
        raise DermError("The split of earlier runs is in the way.")

    monkeypatch.setattr(module, "split_one", refuse)
    assert own_outlines(prepared, SplitLedgers(session.runs.root)) == ["", ""]


def test_no_framework_is_imported():
    code = (
        "import sys; import derm_cli.workflows.training.stage_outlines, derm_cli.studies.studying; "
        "print([name for name in ('tensorflow', 'keras', 'jax') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "[]"
