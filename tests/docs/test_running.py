"""Every command and code block of the README, the tutorial and the guides is run, in a folder of the page's own.

A page's blocks are run in their order, by a shell and in one namespace of Python; a block that stands for a file is
written; and a block of output is what the commands before it print, but for figures.  What is trained is made small by
:data:`SMALL`, and :data:`NOT_RUN` says which commands are left out, and why.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support import trees
from tests.support.page_blocks import SHELL, blocks_of
from tests.support.page_output import first_difference
from tests.support.page_shell import PageShell
from tests.support.painting import Painter

REPOSITORY = Path(__file__).parents[2]
PAGES = ["README.md", "docs/getting-started.md"]
RUNS = ("20261124-211243-f542", "20261125-050939-aaaa", "20261125-050950-bbbb")
"""The runs that pages talk of: finished ones on photographs of PAD-UFES-20."""
PLACEHOLDERS = {"RUN": RUNS[0], "OTHER": RUNS[1], "THIRD": RUNS[2]}
"""Words that a reader puts a run in the place of."""
SMALL = {
    "DERM_TRAIN_RECIPE": "paper",
    "DERM_TRAIN_BACKBONE": "tiny",
    "DERM_TRAIN_SIZE": "32",
    "DERM_TRAIN_EPOCHS": "1",
    "DERM_TRAIN_SCHEDULE": "linear-probe",
    "DERM_TRAIN_BASELINES": "no",
}
"""What a page's trainings are where it does not say otherwise."""
BACKBONES = {"effnet-b3": "tiny", "effnet-lite0": "tiny"}
"""Networks that a test's takes the place of."""
NOT_RUN = {
    r"make (demo|test|setup).*": "sets up an environment: tests/house/test_installation.py",
    r"\.venv/bin/derm --help": "is of a checkout that was set up",
    r"source \.venv/bin/activate": "is of a checkout that was set up",
    r"pip install .*": "fetches packages",
    r"tensorboard .*": "serves pages until it is stopped",
    r"derm demo": "trains for minutes: tests/end_to_end/test_main_job.py",
}
"""Commands that are parsed, but not run."""
CODES = {"python", "toml", "csv", "json", "output", "text", "yaml", "kotlin", "swift", "html", "{toctree}"}


@dataclass
class World:
    """What a reader of the pages has: datasets, photographs, and finished runs."""

    root: Path
    calibrated: Any

    def place(self, folder: Path) -> Path:
        """Make the folder of one page."""
        (folder / "data").symlink_to(self.root / "data")
        for run in RUNS:
            shutil.copytree(self.calibrated.folder, folder / "runs" / run, copy_function=os.link)
        for label in ("MEL", "NEV"):
            shutil.copytree(self.root / "clinic" / label, folder / "path" / "to" / "my-clinic" / label)
        for name in ("photograph.jpg", "a.jpg", "b.jpg"):
            Image.new("RGB", (64, 48), (200, 120, 90)).save(folder / name)
        artefacts = folder / "runs" / RUNS[0] / "artefacts"
        for name in ("model.tflite", "model.onnx"):
            os.link(artefacts / name, folder / name)
        os.link(folder / "runs" / RUNS[0] / "predictions.csv", folder / "predictions.csv")
        return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory, calibrated, tiny_backbone) -> World:
    root = tmp_path_factory.mktemp("world")
    trees.make_pad(root / "data" / "pad-ufes-20", per_class=10)
    trees.make_ham(root / "data" / "ham10000", per_class=6, seed=1)
    trees.make_edra(root / "data" / "edra", seed=2)
    trees.make_dermofit(root / "data" / "dermofit", seed=3)
    paint = Painter(("MEL", "NEV"), 48, 4)
    for number in range(20):
        paint(root / "clinic" / ("MEL", "NEV")[number % 2] / f"{number}.jpg", ("MEL", "NEV")[number % 2])
    return World(root, calibrated)


def changed(arguments: list[str]) -> list[str]:
    """Return the arguments with which a page's command is called."""
    arguments = [
        BACKBONES.get(each, each) if last == "--backbone" else each for last, each in zip(["", *arguments], arguments)
    ]
    return [PLACEHOLDERS.get(each, each) for each in arguments]


def left_out(line: str) -> bool:
    return any(re.fullmatch(pattern, line.strip()) for pattern in NOT_RUN)


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_the_page_runs(page, world, tmp_path, monkeypatch):
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    (tmp_path / "tools").mkdir()
    (tmp_path / "page").mkdir()
    folder = world.place(tmp_path / "page")
    home = world.root / "home"
    variables = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "COLUMNS": "120", **SMALL}
    shell = PageShell(folder, tmp_path / "tools", variables, changed)
    namespace: dict[str, Any] = {}
    printed = ""
    for block in blocks_of(text):
        where = f"{page}:{block.line}"
        if block.kind == SHELL:
            code = "\n".join(line for line in block.code.splitlines() if not left_out(line))
            import time

            t = time.time()
            status, printed = shell.run(code)
            print(f"{time.time() - t:.1f} s", code)
            assert status == 0, f"{where}\n{code}\n{printed}"
        elif block.kind == "output":
            assert first_difference(block.code, printed) == "", f"{where}\n{printed}"
