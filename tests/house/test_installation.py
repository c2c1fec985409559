"""What users install: derm's wheel and a stranger's, in an environment of their own, away from this folder."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.support.painting import Painter

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "plugins" / "examples" / "derm-lesion-diary"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = ROOT / "requirements.lock"
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
BUILT_IN = PROJECT["project"]["entry-points"]["derm"]
QUICK = ["--backbone", "effnet-lite0", "--size", "32", "--epochs", "1", "--schedule", "linear-probe", "--no-baselines"]
CLASSES = ["nevus", "keratosis", "bcc", "melanoma"]

# Installing is done with the user's own settings and cache, which the tests are otherwise kept from.
OUTSIDE = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}

pytestmark = pytest.mark.xdist_group("installation")


def uv(*arguments: str | Path) -> str:
    """Call the uv that stands beside this Python, and return what it printed."""
    command = [Path(sysconfig.get_path("scripts")) / "uv", *arguments]
    process = subprocess.run([*map(str, command)], env=OUTSIDE, cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return process.stdout


@dataclass
class Installed:
    """The wheels, the environment that has both, and an empty folder to work in."""

    root: Path
    derm_wheel: Path
    example_wheel: Path

    @property
    def python(self) -> Path:
        return self.root / "environment" / "bin" / "python"

    @property
    def work(self) -> Path:
        return self.root / "home" / "work"

    def call(self, command: str, *arguments: str | Path, folder: Path | None = None, **environment: str):
        """Call a command of the environment with nothing of this one's, and return what came of it."""
        program = [str(self.python.parent / command), *map(str, arguments)]
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.work.parent), **environment}
        process = subprocess.run(
            program, env=clean, cwd=folder or self.work, capture_output=True, text=True, check=False
        )
        assert process.returncode == 0, process.stdout + process.stderr
        return process

    def derm(self, *arguments: str | Path, **environment: str) -> Any:
        """Call ``derm`` and return the JSON that it printed."""
        return json.loads(self.call("derm", *arguments, "--json", **environment).stdout)


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Installed:
    """Build both wheels and install them with the versions of requirements.lock; draw the example's diaries."""
    root = tmp_path_factory.mktemp("installed")
    for source, name in ((ROOT, "derm"), (EXAMPLE, "example")):
        uv("build", "--quiet", "--wheel", "--out-dir", root / name, source)
    environment = Installed(root, *(next((root / name).glob("*.whl")) for name in ("derm", "example")))
    uv("venv", "--quiet", "--no-project", "--python", sys.executable, root / "environment")
    wheels = (environment.derm_wheel, environment.example_wheel)
    uv(
        "pip",
        "install",
        "--quiet",
        "--python",
        environment.python,
        "--constraint",
        LOCK,
        *wheels,
        "pytest",
    )
    environment.work.mkdir(parents=True)
    runpy.run_path(str(EXAMPLE / "tests" / "diaries.py"))["make_diaries"](environment.work / "data" / "lesion-diary")
    return environment


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def sources(folder: Path) -> set[str]:
    """Return every file of a package that is part of it, relative to the package's parent."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder.parent).as_posix() for path in files}


def test_the_wheel_holds_every_package_and_nothing_else(installed):
    files = contents(installed.derm_wheel)
    facts = f"derm_cli-{installed.derm_wheel.name.split('-')[1]}.dist-info"
    expected = set.union(*(sources(ROOT / package) for package in PACKAGES))
    assert {name for name in files if not name.startswith(facts)} == expected
    assert {name.split("/")[0] for name in expected} == {Path(package).name for package in PACKAGES}
    assert {"derm_cli/py.typed", f"{facts}/licenses/LICENSE", f"{facts}/entry_points.txt"} <= files


def test_the_example_s_wheel_is_whole(installed):
    files = contents(installed.example_wheel)
    expected = sources(EXAMPLE / "src" / "derm_lesion_diary")
    assert "derm_lesion_diary/py.typed" in expected
    assert {name for name in files if ".dist-info/" not in name} == expected
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in files)


def test_the_versions_are_those_of_the_lock(installed):
    lines = LOCK.read_text().splitlines()
    locked = {found.groups() for line in lines if (found := re.match(r"([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", line))}
    installed_versions = {
        (each["name"], each["version"])
        for each in json.loads(uv("pip", "list", "--quiet", "--format", "json", "--python", installed.python))
    }
    others = {each for each in installed_versions if each[0] not in ("derm-cli", "derm-lesion-diary")}
    assert len(others) > 20
    assert others <= locked


TAGGED_BY_THEIR_MAKERS = {"ray"}
"""Whose wheel is called manylinux2014, and says linux inside."""


def test_nothing_has_to_be_compiled():
    """A bare machine has no compiler: what the lock names must come as a wheel, or be Python alone.

    What was compiled here says so by a tag that no registry takes.
    """
    requirements = [Requirement(line) for line in LOCK.read_text().splitlines() if line and line[0] not in " #"]
    needed = {each.name for each in requirements if each.marker is None or each.marker.evaluate()}
    compiled = [
        each.name
        for each in distributions()
        if re.search(r"^Tag: .*-linux_\w+$", each.read_text("WHEEL") or "", re.MULTILINE) and each.name in needed
    ]
    compiled = [name for name in compiled if name not in TAGGED_BY_THEIR_MAKERS]
    assert len(needed) > 50
    assert compiled == []


def test_derm_comes_from_the_environment(installed):
    program = "import derm_cli, derm_lesion_diary; print(derm_cli.__file__, derm_lesion_diary.__file__)"
    for file in installed.call("python", "-c", program).stdout.split():
        assert Path(file).is_relative_to(installed.root / "environment")


def test_plugins_list_shows_the_built_in_ones_and_the_example(installed):
    listing = installed.derm("plugins", "list")
    assert listing["problems"] == []
    plugins = {each["name"]: each for each in listing["plugins"]}
    assert set(plugins) == {*BUILT_IN, "lesion-diary"}
    assert {name: plugins[name]["module"] for name in BUILT_IN} == BUILT_IN
    assert {plugins[name]["distribution"].split()[0] for name in BUILT_IN} == {"derm-cli"}
    assert plugins["lesion-diary"] == {
        "name": "lesion-diary",
        "distribution": "derm-lesion-diary 0.1.0",
        "module": "derm_lesion_diary",
        "datasets": ["lesion-diary"],
    }


def test_plugins_are_left_out_as_asked_for(installed):
    without = installed.derm("plugins", "list", DERM_DISABLED_PLUGINS="lesion-diary")
    assert {each["name"] for each in without["plugins"]} == set(BUILT_IN)
    only = installed.derm("data", "list", DERM_PLUGINS="lesion-diary")
    assert [each["name"] for each in only] == ["lesion-diary"]


def test_data_list_shows_the_example_s_dataset(installed):
    datasets = {each["name"]: each for each in installed.derm("data", "list")}
    assert {"edra", "lesion-diary"} <= set(datasets)
    assert datasets["lesion-diary"]["classes"] == CLASSES
    assert datasets["lesion-diary"]["there"]


def test_data_check_reads_the_example_s_dataset(installed):
    (report,) = installed.derm("data", "check", "lesion-diary")["datasets"]
    assert report["photographs"] == {"nevus": 24, "keratosis": 24, "bcc": 12, "melanoma": 24}
    assert (report["patients"], report["lesions"]) == (6, 42)
    assert report["dropped"] == {}


@dataclass
class Stranger:
    """Who has derm and the example, and writes a plugin of their own: its folder, in an environment of its own.

    That environment sees the packages of the other, which stays as it is.
    """

    root: Path
    plugin: Path
    home: Path

    @property
    def python(self) -> Path:
        return self.root / "environment" / "bin" / "python"

    def call(self, *arguments: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Call the environment's Python, and return what came of it."""
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONDONTWRITEBYTECODE": "1"}
        process = subprocess.run(
            [str(self.python), *map(str, arguments)],
            env=clean,
            cwd=folder or self.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stdout + process.stderr
        return process

    def derm(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Call ``derm``."""
        return self.call("-c", "import sys; sys.argv[0] = 'derm'; from derm_cli.cli import main; main()", *arguments)

    def json(self, *arguments: str | Path) -> Any:
        """Call ``derm`` and return the JSON that it printed."""
        return json.loads(self.derm(*arguments, "--json").stdout)


def write_and_install(installed: Installed, root: Path, kind: str, installer: str) -> Stranger:
    """Have ``derm plugins new`` write a plugin of this kind, and install it."""
    stranger = Stranger(root, root / f"derm-my-{kind}", installed.work.parent)
    uv("venv", "--quiet", "--no-project", "--python", sys.executable, root / "environment")
    (packages,) = (root / "environment" / "lib").glob("python*/site-packages")
    (others,) = (installed.root / "environment" / "lib").glob("python*/site-packages")
    (packages / "others.pth").write_text(f"{others}\n")
    stranger.derm("plugins", "new", kind, f"my-{kind}")
    if installer == "uv":
        uv("pip", "install", "--quiet", "--no-deps", "--python", stranger.python, stranger.plugin)
    else:
        uv("pip", "install", "--quiet", "--python", stranger.python, "pip", "hatchling")
        stranger.call("-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", stranger.plugin)
    (root / "data").mkdir()
    (root / "data" / "lesion-diary").symlink_to(installed.work / "data" / "lesion-diary")
    paint = Painter(("NEV", "MEL"), 48, 7)
    for label in ("NEV", "MEL"):
        for patient in range(6):
            paint(root / "data" / "my-dataset" / label / f"P{patient}-1.png", label)
    return stranger


def passes_as_it_is(stranger: Stranger, kind: str) -> None:
    """Check that the plugin is listed, and that the kit, and its own tests, find nothing amiss."""
    listing = stranger.json("plugins", "list")
    assert {"name": f"my-{kind}", "distribution": f"derm-my-{kind} 0.1.0", "module": f"derm_my_{kind}"}.items() <= next(
        each for each in listing["plugins"] if each["name"] == f"my-{kind}"
    ).items()
    checked = stranger.derm("plugins", "check", f"my-{kind}").stdout
    assert "no faults." in checked
    assert "not looked at" not in checked
    said = stranger.call("-m", "pytest", "-p", "no:cacheprovider", folder=stranger.plugin).stdout
    assert re.search(r"\d+ passed", said)
    assert not re.search(r"skipped|failed|error", said)


@pytest.fixture(scope="session")
def stranger(installed, tmp_path_factory) -> Stranger:
    """Who has written a dataset."""
    return write_and_install(installed, tmp_path_factory.mktemp("stranger"), "dataset", "uv")


def test_a_new_dataset_installs_by_uv_and_passes_as_it_is(stranger):
    passes_as_it_is(stranger, "dataset")
    (report,) = stranger.json("data", "check", "my-dataset")["datasets"]
    assert report["photographs"] == {"NEV": 6, "MEL": 6}


def test_a_new_schedule_installs_by_pip_and_passes_as_it_is(installed, tmp_path):
    passes_as_it_is(write_and_install(installed, tmp_path, "schedule", "pip"), "schedule")


@pytest.fixture(scope="session")
def trained(stranger) -> tuple[str, str]:
    """A run on the stranger's dataset, then on the example's: its id, and what was said while it trained."""
    process = stranger.derm("train", *QUICK, "--chain", "imagenet,my-dataset,lesion-diary", "--json")
    return json.loads(process.stdout)["run"], process.stderr


def test_it_trains_on_the_new_dataset_and_the_example_s(stranger, trained):
    run, messages = trained
    folder = stranger.root / "runs" / run
    record = json.loads((folder / "run.json").read_text())
    assert (record["status"], record["synthetic"]) == ("finished", False)
    assert [each["name"] for each in record["stages"]] == ["my-dataset", "lesion-diary"]
    evaluation = json.loads((folder / "evaluation.json").read_text())
    assert list(evaluation["per_class"]) == CLASSES
    melanoma = evaluation["per_class"]["melanoma"]
    missed = round(melanoma["support"] * (1 - melanoma["sensitivity"]))
    warning = f"Warning: {missed} of {melanoma['support']} melanomas of the test photographs are missed."
    assert (warning in messages) == (missed > 0), "the example's hook is heard where it has something to say"


@pytest.fixture(scope="session")
def exported(stranger, trained) -> dict[str, Any]:
    """What was exported of the run: artefacts, and a bundle of them."""
    return stranger.json("export", trained[0], "--tflite", "--onnx", "--bundle")


def test_it_exports(stranger, exported):
    assert [each["exporter"] for each in exported["artefacts"]] == ["tflite", "onnx"]
    for each in exported["artefacts"]:
        assert (stranger.root / each["path"]).stat().st_size == each["size"]
        assert each["max_difference"] < 1e-4


def test_it_predicts(stranger, exported):
    photographs = sorted((stranger.root / "data" / "my-dataset").rglob("*.png"))[:3]
    answers = [
        stranger.json("predict", stranger.root / each["path"], *photographs)["answers"]
        for each in exported["artefacts"]
    ]
    for ours, other in zip(*answers, strict=True):
        assert list(ours["probabilities"]) == CLASSES
        assert sum(ours["probabilities"].values()) == pytest.approx(1, abs=1e-4)
        assert ours["probabilities"] == pytest.approx(other["probabilities"], abs=1e-4)


def test_its_bundle_is_verified(stranger, exported):
    (bundle,) = exported["bundles"]
    verified = stranger.json("verify", stranger.root / bundle["path"])
    assert verified["passed"] is True
    assert {each["model"] for each in verified["checks"]} >= {"model.tflite", "model.onnx"}


def test_the_example_s_own_tests_pass(installed):
    process = installed.call(
        "python", "-m", "pytest", "-p", "no:cacheprovider", folder=EXAMPLE, PYTHONDONTWRITEBYTECODE="1"
    )
    assert re.search(r"\d+ passed", process.stdout)
    assert not re.search(r"skipped|failed|error", process.stdout)
