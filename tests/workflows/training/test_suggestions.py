"""What can be trained here at once."""

from __future__ import annotations

import pytest

from derm_cli.config import load
from derm_cli.workflows.session import Session
from derm_cli.workflows.training import suggestions as module
from derm_cli.workflows.training.suggestions import suggestions


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Session(load({"data": str(tmp_path / "data")}, {}))


def test_without_data_it_is_a_synthetic_set(session):
    (only,) = suggestions(session)
    assert only.command == "train --backbone effnet-lite0 --chain imagenet,synthetic-phone"
    assert "ynthetic" in only.title


def test_datasets_that_are_here_come_first(session, tmp_path):
    for name in ("pad-ufes-20", "ham10000"):
        (tmp_path / "data" / name).mkdir(parents=True)
    chains = [each.chain for each in suggestions(session)]
    assert chains == ["imagenet,ham10000", "imagenet,pad-ufes-20", "imagenet,synthetic-phone"]


def test_no_more_are_suggested_than_are_read(session, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST", 1)
    for name in ("pad-ufes-20", "ham10000"):
        (tmp_path / "data" / name).mkdir(parents=True)
    assert len(suggestions(session)) == 2


def test_without_weights_a_network_starts_from_random_ones(session, monkeypatch):
    monkeypatch.setattr(module, "is_here", lambda _: False)
    (only,) = suggestions(session)
    assert only.chain == "synthetic-phone"
