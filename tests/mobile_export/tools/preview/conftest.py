"""One small network with answers and views, its bundle, the page that serves it, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from derm_cli.phase_options import Component
from derm_cli.plan import Preprocessing
from mobile_export.tools.preview.page_server import PageServer
from tests.support import chromium
from tests.support.browser_runtime import served_page
from tests.support.chromium import Chromium
from tests.support.made_bundles import make_bundle
from tests.support.made_onnx import write_artefact


@pytest.fixture(scope="session")
def viewed_facts(facts_with_answers):
    """Facts whose preprocessing and views leave nothing out: each step has to be right for the answers to be."""
    rule = Preprocessing(size=32, resize="letterbox", interpolation="area", constancy="shades-of-grey")
    return replace(facts_with_answers, preprocessing=rule, views=Component(name="dihedral"))


@pytest.fixture(scope="session")
def onnx_file(viewed_facts, tmp_path_factory) -> Path:
    return write_artefact(tmp_path_factory.mktemp("onnx") / "model.onnx", viewed_facts)


@pytest.fixture(scope="session")
def bundle(onnx_file, viewed_facts, tmp_path_factory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("bundles") / "bundle", onnx_file, viewed_facts)


@pytest.fixture(scope="session")
def served(bundle) -> Iterator[PageServer]:
    with served_page(bundle) as server:
        yield server


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Chromium]:
    """A browser of one module: Playwright runs once at a time, and other tests of this process have one too."""
    with chromium.browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened
