"""What a plugin breaks of its contract is refused before a run begins, in the words of the kit for its author."""

from __future__ import annotations

import re
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support import trees
from tests.support.plugin_mistakes import LEFT_OUT, REFUSED, Mistake

ALL = REFUSED | LEFT_OUT


@pytest.fixture
def project(place):
    """Write the plugin of a project beside its settings; the place has a small dataset for it."""

    def write(mistake: Mistake) -> None:
        Path("derm.toml").write_text("")
        Path("derm_plugin.py").write_text(mistake.text)
        if "ours" in mistake.options and "--chain" in mistake.options:
            for label in ("NEV", "MEL"):
                for number in range(4):
                    path = place.data / "ours" / label / f"{number}.png"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    Image.fromarray(np.full((32, 32, 3), 20 * number, dtype=np.uint8)).save(path)
        elif mistake.options:
            trees.make_pad(place.data / "pad-ufes-20", per_class=2)

    yield write
    sys.modules.pop("derm_plugin", None)


@pytest.mark.parametrize("mistake", ALL.values(), ids=ALL)
def test_the_kit_finds_it(place, project, mistake):
    project(mistake)
    result = place.derm("plugins", "check", "derm_plugin.py", exit_status=1)
    lines = result.stdout.splitlines()
    faults = [after for line, after in pairwise(lines) if line.startswith("FAULT")]
    assert any(mistake.said in fault for fault in faults), result.stdout


@pytest.mark.parametrize("mistake", REFUSED.values(), ids=REFUSED)
def test_training_refuses_it_before_there_is_a_run(place, project, mistake):
    project(mistake)
    usual = {"--backbone": "effnet-lite0", "--chain": "pad-ufes-20", "--size": "32", "--epochs": "1"}
    given = dict(zip(mistake.options[::2], mistake.options[1::2], strict=True))
    options = [each for pair in (usual | given).items() for each in pair]
    said = place.refused("train", *options)
    assert mistake.said in said
    assert said.lower().endswith("tell its author.")
    assert re.search(r"Plugin 'derm_plugin.py'.*\('[^']*derm_plugin\.py', line \d+\)", said), said
    assert not list(place.runs.glob("*/run.json"))
    assert not (place.root / "cache" / "packs").exists(), "photographs were decoded first"


@pytest.mark.parametrize("mistake", LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_is_not_in_use_is_told_of_and_no_training_has_it(place, project, mistake):
    project(mistake)
    listing = place.json("plugins", "list")
    assert [mistake.said in each["message"] for each in listing["problems"]] == [True]
    if mistake.options:
        result = place.derm("train", "--chain", "pad-ufes-20", *mistake.options, exit_status=2)
        assert "There is no backbone 'net'." in result.stderr
        assert mistake.said in result.stderr
    else:
        assert all("exporters" not in each or each["name"] == "mobile-export" for each in listing["plugins"])
