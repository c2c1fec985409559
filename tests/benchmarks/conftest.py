"""A small network for benchmarks whose trainings are whole processes."""

from __future__ import annotations

import pytest

from benchmarks.training import Derm
from tests.support.killing_plugin import install_plugin


@pytest.fixture
def tiny_in_derm(monkeypatch) -> None:
    """Have derm know the backbone 'tiny' in a benchmark: its programs take a second to be made, no matter which."""
    initialise = Derm.__init__

    def with_tiny(self, folder, data, **variables):
        initialise(self, folder, data, **variables)
        install_plugin(self.plugins)

    monkeypatch.setattr(Derm, "__init__", with_tiny)
