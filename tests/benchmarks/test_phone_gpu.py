"""LiteRT's accelerator for GPUs runs here too, on a browser's SwiftShader: what it takes, and what it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.phone_gpu import DRIVER, run_on_gpu, swiftshader
from derm_cli.taxonomy import LesionClass
from tests.support import chromium
from tests.support.artefact_files import made_facts
from tests.support.mean_colour_tflite import write_tflite

FACTS = made_facts(classes=tuple(LesionClass(name=name, title=name) for name in "abc"))


@pytest.fixture(scope="module")
def driver() -> Path:
    with chromium.sync_playwright() as playwright:
        program = chromium.executable(playwright)
    found = swiftshader(Path(program)) if program else None
    assert found is not None, f"no browser with {DRIVER}: see 'make setup-browser'"
    return found


def test_a_network_of_known_operations_runs_whole_and_answers_as_on_the_cpu(driver, tmp_path):
    found = run_on_gpu(write_tflite(tmp_path / "model.tflite", FACTS, steepness=1.0), 3, driver)
    assert (found.whole, found.reasons) == (True, ())
    assert found.difference < 1e-5


def test_what_is_left_is_counted_with_the_reason(driver, tmp_path):
    found = run_on_gpu(write_tflite(tmp_path / "model.tflite", FACTS, steepness=0.5), 3, driver)
    assert (found.whole, found.on_gpu, found.on_cpu) == (False, 2, 1)
    assert found.reasons == ("`SOFTMAX` Softmax.beta != 1 is not supported",)


def test_without_an_adapter_it_is_told(tmp_path):
    (tmp_path / DRIVER).write_bytes(b"no driver")
    with pytest.raises(RuntimeError, match=r"'model\.tflite' does not run on a GPU here"):
        run_on_gpu(write_tflite(tmp_path / "model.tflite", FACTS, steepness=1.0), 3, tmp_path / DRIVER)


def test_the_driver_lies_beside_the_browser(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.phone_gpu.SYSTEM", tmp_path / "nowhere")
    assert swiftshader(tmp_path / "chrome") is None
    (tmp_path / DRIVER).touch()
    assert swiftshader(tmp_path / "chrome") == tmp_path / DRIVER
