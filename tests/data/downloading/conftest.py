"""A server of one's own, little patience, and no other host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from derm_cli.data.downloading import http
from derm_cli.data.downloading.http import RetryPolicy
from tests.support import http_servers

QUICK = RetryPolicy(attempts=4, pause=0.01, longest=0.5, connect=2, read=0.3, slowest=256, progress=1000)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    http_servers.only_this_machine(monkeypatch)
    monkeypatch.setattr(http, "RETRY_POLICY", QUICK)


@pytest.fixture
def server() -> Iterator[http_servers.Server]:
    with http_servers.running() as server:
        yield server
