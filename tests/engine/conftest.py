"""The tiny network and its photographs, under the backend's own start."""

from __future__ import annotations

import pytest

from derm_cli.engine import backend
from tests.support.tiny_network import TINY, made_photographs, made_stage


@pytest.fixture(scope="session")
def tiny():
    return TINY


@pytest.fixture(scope="session")
def photographs():
    return made_photographs()


@pytest.fixture
def stage():
    return made_stage


@pytest.fixture(autouse=True)
def started():
    backend.start(seed=11)


@pytest.fixture
def graphs(monkeypatch):
    """The graphs of training steps, in the order in which TensorFlow traced them."""
    from derm_cli.engine.stepping.by_tensorflow import Stepper

    traced, trace = [], Stepper.trace

    def trace_and_keep(stepper, *batch):
        trace(stepper, *batch)
        traced.append(stepper._step.graph)

    monkeypatch.setattr(Stepper, "trace", trace_and_keep)
    return traced
