"""The page in a real Chromium, with real photographs: its answers are derm predict's, and nothing leaves it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from derm_cli import config
from derm_cli.workflows.predicting.predict import predict
from derm_cli.workflows.session import Session
from tests.support.awkward_photographs import make_photographs

pytestmark = pytest.mark.xdist_group("chromium")
TOLERANCE = 1e-5
STATE = "document.body.dataset.state"
SHOWN = "[...document.querySelectorAll('#classes tr')].map(row => [row.dataset.name, Number(row.dataset.probability)])"


@pytest.fixture(scope="module")
def photographs(real_data) -> list[Path]:
    return sorted(real_data.joinpath("pad-ufes-20").rglob("*.png"))[:3]


def predicted(onnx: Path, photograph: Path, answers: tuple[str, ...] = ()) -> dict[str, float]:
    _, (answer,) = predict(Session(config.load({})), str(onnx), [photograph], answers=answers)
    assert answer.probabilities is not None
    return answer.probabilities


def shown(browser) -> dict[str, float]:
    return dict(browser.value(SHOWN))


def is_near(one: dict[str, float], other: dict[str, float]) -> bool:
    return one.keys() == other.keys() and max(abs(one[name] - other[name]) for name in one) <= TOLERANCE


def test_answers_are_those_of_derm_predict(browser, served, onnx_file, photographs):
    browser.open(served.address)
    browser.wait_for(f"{STATE} === 'ready'")
    seen = []
    for photograph in photographs:
        browser.choose("#file", photograph)
        browser.wait_for(f"{STATE} === 'answered' && document.querySelector('#status').textContent.includes('Most')")
        expected = predicted(onnx_file, photograph)
        assert is_near(shown(browser), expected), (shown(browser), expected)
        seen.append(expected)
        browser.value(f"{STATE} = 'next'")
    assert browser.complaints() == []
