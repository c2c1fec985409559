"""The records of a chain, read for one training or once for many."""

from __future__ import annotations

import pytest

from derm_cli.config import load
from derm_cli.errors import RequestError
from derm_cli.workflows.session import Session
from derm_cli.workflows.training import chain_records as module
from derm_cli.workflows.training.chain_records import ChainRecordsOnce, chain_records
from derm_cli.workflows.training.request import TrainRequest
from tests.support import trees

HAM, PAD = "ham10000", "pad-ufes-20"


@pytest.fixture
def session(tmp_path) -> Session:
    trees.make_ham(tmp_path / "data" / HAM, per_class=2)
    trees.make_pad(tmp_path / "data" / PAD, per_class=2)
    return Session(load({"data": str(tmp_path / "data")}, {}))


def request(*chain, **options) -> TrainRequest:
    return TrainRequest.from_options(backbone="effnet-lite0", chain=chain, **options)


@pytest.fixture
def read(monkeypatch):
    """The datasets whose tables were read, in order."""
    names = []
    original = module.read_records

    def note(located, left_out):
        names.append(located.name)
        return original(located, left_out)

    monkeypatch.setattr(module, "read_records", note)
    return names


def test_each_dataset_of_the_chain_is_read_the_target_last(session, read):
    assert list(chain_records(session, request("imagenet", HAM, PAD))) == [HAM, PAD]
    assert read == [HAM, PAD]


def test_many_requests_read_each_table_once(session, read):
    once = ChainRecordsOnce()
    first = once(session, request(HAM, PAD))
    assert once(session, request(PAD))[PAD] is first[PAD]
    assert once(session, request("imagenet", HAM, PAD, epochs=7))[HAM] is first[HAM]
    assert read == [HAM, PAD]


def test_what_is_left_out_is_another_table(session, read):
    once = ChainRecordsOnce()
    whole, less = once(session, request(PAD)), once(session, request(PAD, leave_out=(f"{PAD}:MEL",)))
    assert len(less[PAD].frame) == len(whole[PAD].frame) - 2
    assert read == [PAD, PAD]


@pytest.mark.parametrize("read_all", [chain_records, ChainRecordsOnce()])
def test_an_unknown_dataset_is_told_of_before_any_is_read(session, read, read_all):
    with pytest.raises(RequestError, match="Did you mean 'pad-ufes-20'"):
        read_all(session, request(HAM, "pad-ufes-21"))
    assert read == []


@pytest.mark.parametrize("read_all", [chain_records, ChainRecordsOnce()])
def test_a_runs_folder_among_photographs_is_refused(tmp_path, session, read_all):
    among = Session(load({"data": str(tmp_path / "data"), "runs": str(tmp_path / "data" / PAD / "runs")}, {}))
    with pytest.raises(RequestError, match="--runs"):
        read_all(among, request(PAD))
