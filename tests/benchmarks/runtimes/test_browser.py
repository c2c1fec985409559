"""The page in a real Chromium answers as derm predict."""

from __future__ import annotations

import re

import numpy as np
import pytest

from benchmarks.runtimes import browser
from tests.support.browser_runtime import CACHE, installed_runtime

pytestmark = pytest.mark.xdist_group("chromium")


def test_the_page_is_handed_photographs_and_its_answers_are_read(asked, tmp_path):
    installed_runtime()
    files = [each.path for each in asked.photographs]
    found = browser.answers_of_the_page(asked.folder, files, CACHE, tmp_path / "profile")
    np.testing.assert_allclose(found, [each.probabilities for each in asked.photographs], atol=1e-5)


def test_both_versions_are_told(tmp_path):
    assert re.match(r"onnxruntime-web [\d.]+ in Chrom\w+ [\d.]+$", browser.versions(tmp_path / "profile"))
