"""A backend that sees an accelerator is found."""

from __future__ import annotations

from benchmarks import accelerator
from benchmarks.accelerator import BackendDevice


def test_a_backend_that_sees_an_accelerator_is_taken_before_one_that_does_not(monkeypatch, tmp_path):
    cpu, card = (
        BackendDevice("jax", "1", "CPU", accelerated=False),
        BackendDevice("tensorflow", "1", "a card", accelerated=True),
    )
    devices = {"jax": cpu, "tensorflow": card, "absent": None}
    monkeypatch.setattr(accelerator, "_query", lambda backend, _: devices[backend])
    assert accelerator.find_backend(("jax", "tensorflow"), tmp_path) == card
    assert accelerator.find_backend(("absent", "jax"), tmp_path) == cpu
    assert accelerator.find_backend(("absent",), tmp_path) is None
