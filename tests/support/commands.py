"""The command line, called as a user calls it, and one finished run for all who only look at one."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from derm_cli.cli import cli
from tests.support import isic_trees, trees
from tests.support.killing_plugin import MODULE, install_plugin

BRIEF = ["--size", "32", "--epochs", "1", "--schedule", "linear-probe"]
QUICK = ["--backbone", "effnet-lite0", *BRIEF]
TINY = ["--backbone", "tiny", *BRIEF]
"""For what any backbone shows, where :func:`tiny_backbone` is."""

CALIBRATING = ["--validation-share", "0.2", "--epochs", "2", "--head-rate", "0.002", "--no-augment"]
"""Enough photographs for a temperature, and too little training to be right about all of them."""


@dataclass
class Place:
    """A folder with data, runs and cache of its own, in which commands are called."""

    root: Path
    quick: Sequence[str] = tuple(QUICK)
    """The options of :meth:`train`."""

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    def derm(self, *arguments: str | Path, exit_status: int = 0, **environment: str):
        """Call ``derm`` and return what came of it.

        Without a word on it, ``train`` stores no stage, and computes no baseline.
        """
        places = {"DERM_DATA": self.data, "DERM_RUNS": self.runs, "DERM_CACHE": self.root / "cache"}
        variables = {name: str(value) for name, value in places.items()}
        variables |= {"DERM_CACHE_LIMIT": "0", "DERM_TRAIN_BASELINES": "no"} if arguments[:1] == ("train",) else {}
        variables |= environment
        result = CliRunner().invoke(cli, [str(each) for each in arguments], env=variables)
        assert result.exit_code == exit_status, result.output
        return result

    def json(self, *arguments: str | Path, **environment: str) -> Any:
        return json.loads(self.derm(*arguments, "--json", **environment).stdout)

    def train(self, chain: str, *options: str, **environment: str) -> dict[str, Any]:
        return self.json("train", *self.quick, "--chain", chain, *options, **environment)

    def refused(self, *arguments: str | Path, exit_status: int = 1, **environment: str) -> str:
        """Call ``derm``, which must say one sentence and end; return the sentence."""
        result = self.derm(*arguments, exit_status=exit_status, **environment)
        errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
        assert len(errors) == 1, result.output
        assert "Traceback" not in result.output
        return errors[0]


@pytest.fixture(scope="session")
def place_in() -> type[Place]:
    """Make a place in a folder."""
    return Place


@pytest.fixture
def place(tmp_path) -> Place:
    return Place(tmp_path)


@pytest.fixture(scope="module")
def tiny_backbone(tmp_path_factory) -> Iterator[None]:
    """Install the plugin of the backbone 'tiny' for the tests of a module, and for the processes that they start."""
    with on_the_path(install_plugin(tmp_path_factory.mktemp("tiny-backbone"))):
        yield


@contextmanager
def on_the_path(plugin: Path) -> Iterator[None]:
    """Have the plugin of the backbone 'tiny' from this folder, in this process and those that it starts.

    Another folder's, which a test before had, is of the same name.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(plugin)
        patch.setenv("PYTHONPATH", str(plugin), prepend=os.pathsep)
        patch.delitem(sys.modules, MODULE, raising=False)
        try:
            yield
        finally:
            sys.modules.pop(MODULE, None)


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> tuple[Place, str]:
    """A place with a finished run on a made tree of PAD-UFES-20, with baselines, and its id: look, do not change it."""
    place = Place(tmp_path_factory.mktemp("finished"))
    options = ("--epochs", "5", "--head-rate", "0.02", "--no-augment", "--baselines")
    trees.make_pad(place.data / "pad-ufes-20", per_class=10)
    kept = dict(os.environ)
    try:
        return place, place.train("imagenet,pad-ufes-20", *options)["run"]
    finally:
        os.environ.clear()
        os.environ.update(kept)


@pytest.fixture(scope="session")
def real_run(real_data: Path, tmp_path_factory) -> tuple[Place, str]:
    """A place with a finished run on the real photographs of PAD-UFES-20, and its id: look, do not change it.

    One epoch of a linear probe on 32 pixels is no good classifier.
    """
    place = Place(tmp_path_factory.mktemp("real"))
    return place, place.train("imagenet,pad-ufes-20", "--no-augment", DERM_DATA=str(real_data))["run"]


@dataclass(frozen=True)
class Calibrated:
    """A place with a finished run that was calibrated, its artefacts, and a dataset that it was not trained on."""

    place: Place
    run: str
    options: tuple[str, ...] = (*QUICK, *CALIBRATING)

    @property
    def folder(self) -> Path:
        return self.place.runs / self.run


@pytest.fixture(scope="session")
def calibrated(tmp_path_factory) -> Calibrated:
    """A run on a made tree of PAD-UFES-20 that is large enough for a temperature.  Look, but do not change it."""
    place = Place(tmp_path_factory.mktemp("calibrated"))
    trees.make_pad(place.data / "pad-ufes-20", per_class=40)
    trees.make_ham(place.data / "ham10000", per_class=10, seed=1)
    isic_trees.make_isic_2019(place.data / "isic-2019", per_class=6, seed=2)
    kept = dict(os.environ)
    try:
        run = place.train("imagenet,pad-ufes-20", *CALIBRATING, DERM_CACHE_LIMIT="1 GB")["run"]
        place.derm("export", run, "--tflite", "--onnx")
        return Calibrated(place, run)
    finally:
        os.environ.clear()
        os.environ.update(kept)


@dataclass(frozen=True)
class Bundled:
    """A place with a copy of the calibrated run, exported and bundled as a folder, then as a zip; what both printed."""

    place: Place
    run: str
    folder_said: dict[str, Any]
    zip_said: str

    @property
    def folder(self) -> Path:
        return self.place.runs / self.run


@pytest.fixture(scope="session")
def bundled(calibrated, tmp_path_factory) -> Bundled:
    """The calibrated run with its bundle, in both forms.  Look, but do not change it."""
    place = Place(tmp_path_factory.mktemp("bundled"))
    shutil.copytree(calibrated.folder, place.runs / calibrated.run)
    place.data.symlink_to(calibrated.place.data)
    kept = dict(os.environ)
    try:
        folder = place.json("export", calibrated.run, "--tflite", "--onnx", "--bundle")
        zipped = place.derm("export", calibrated.run, "--bundle", "--zip").stdout
        return Bundled(place, calibrated.run, folder, zipped)
    finally:
        os.environ.clear()
        os.environ.update(kept)
