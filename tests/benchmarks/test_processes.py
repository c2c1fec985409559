"""Processes are measured whole, each by itself, and no setting reaches them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.processes import PYTHON, ROOT, environment, run


def test_a_process_that_fails_says_what_it_printed(tmp_path):
    with pytest.raises(RuntimeError, match=r"ended with 3:\nno luck"):
        run([PYTHON, "-c", "print('no luck'); raise SystemExit(3)"], environment(), tmp_path)


def test_a_process_has_its_own_peak_of_memory(tmp_path):
    """Measured from a small process, as the benchmarks do: this one may hold a training framework."""
    program = (
        "from pathlib import Path\nfrom benchmarks.processes import PYTHON, environment, run\n"
        "for size in (1, 200 << 20):\n"
        f"    print(run([PYTHON, '-c', f\"b'x' * {{size}}\"], environment(), Path({str(tmp_path)!r})).peak_bytes)"
    )
    done = subprocess.run([PYTHON, "-c", program], env=environment([ROOT]), capture_output=True, check=True)
    small, large = map(int, done.stdout.split())
    assert large - small > 150 << 20


def test_no_setting_reaches_what_is_measured(monkeypatch):
    settings = ("DERM_PLUGINS", "PYTHONDONTWRITEBYTECODE", "TF_DETERMINISTIC_OPS", "KERAS_BACKEND", "XLA_FLAGS")
    for name in (*settings, "JAX_COMPILATION_CACHE_DIR"):
        monkeypatch.setenv(name, "1")
    inherited = environment([Path("a")], BENCHMARK_TIMELINE="b")
    assert inherited["PYTHONPATH"] == "a"
    assert inherited["BENCHMARK_TIMELINE"] == "b"
    assert not any(name.startswith(("DERM_", "TF_", "JAX_", "XLA_", "KERAS_BACKEND", "PYTHOND")) for name in inherited)
