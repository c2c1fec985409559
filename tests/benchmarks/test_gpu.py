"""``make bench-gpu`` on a CPU at a tiny size: the same command, the same tables."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from benchmarks import accelerator, chain, gpu
from benchmarks.accelerator import BackendDevice
from benchmarks.chain import ROWS

TINY = ["--size", "32", "--backbone", "mobilenet-v2", "--chain", "edra", "--schedule", "linear-probe"]


SHORT = ["--photographs", "30", "--epochs", "1", "--programs", "stage", "--backend", "jax"]


def test_a_tiny_chain_compiles_no_program_twice(tmp_path):
    file = tmp_path / "figures.json"
    done = CliRunner().invoke(gpu.main, [*TINY, *SHORT, "--json", str(file)])
    assert done.exit_code == 0, done.output
    assert all(name in done.stdout for name, _ in ROWS)
    assert "by stage, cold" in done.stdout
    assert "edra (batch 5), head" in done.stdout
    assert "from another measurement" in done.stdout
    assert "not the paper's own chain" in done.stdout
    cold, warm = json.loads(file.read_text())["carried"]
    assert cold["compiled"] > 0 == warm["compiled"]
    assert warm["accounts"]["compiling"] <= cold["accounts"]["compiling"]
    assert cold["steps"] == warm["steps"] > 0


def test_without_an_accelerator_the_papers_size_is_refused(monkeypatch):
    monkeypatch.setattr(accelerator, "find_backend", lambda *_: BackendDevice("jax", "1", "CPU", accelerated=False))
    monkeypatch.setattr(chain, "measure", lambda *_: pytest.fail("it went on"))
    done = CliRunner().invoke(gpu.main)
    assert done.exit_code == 1
    assert done.output.startswith("Error: No accelerator is seen by jax or tensorflow")
    assert len(done.output.splitlines()) == 1
