"""Every command and code block of the README, the tutorial and the guides is run, in a folder of the page's own.

A page's blocks are run in their order, by a shell and in one namespace of Python; a block that stands for a file is
written; and a block of output is what the commands before it print, but for figures.  What is trained is made small by
:data:`SMALL`, and :data:`NOT_RUN` says which commands are left out, and why.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import INTERRUPTED
from derm_cli.runs.runs import CHOSEN
from derm_datasets.synthetic import DOMAINS, make_dataset
from tests.support import dicom_photographs, trees
from tests.support.commands import on_the_path
from tests.support.killing_plugin import install_plugin
from tests.support.page_blocks import SHELL, Block, blocks_of
from tests.support.page_output import first_difference
from tests.support.page_shell import PageShell
from tests.support.painting import Painter, write_table

REPOSITORY = Path(__file__).parents[2]
PLUGIN_FAILED = "Warning: Plugin"
RUN_ELSEWHERE = {"docs/guides/library.md": "tests/docs/test_library_page.py"}
"""Pages that have a test of their own, which runs every block."""
PAGES = [
    page
    for page in (
        REPOSITORY / "README.md",
        *sorted(REPOSITORY.glob("docs/tutorial/*.md")),
        *sorted(REPOSITORY.glob("docs/guides/*.md")),
    )
    if page.relative_to(REPOSITORY).as_posix() not in RUN_ELSEWHERE
]
RUNS = ("20261124-211243-f542", "20261125-050939-aaaa", "20261125-050950-bbbb")
"""The runs that guides talk of: finished ones on photographs of PAD-UFES-20, the first of which takes answers."""
PLACEHOLDERS = {"RUN": RUNS[0], "OTHER": RUNS[1]}
"""Words that a reader puts a run in the place of."""
OF_ANOTHER_PAGE = {"docs/guides/last-model.md": {"RUN": RUNS[1], "OTHER": RUNS[2]}}
"""Pages that talk of runs which take no answers."""
SMALL = {
    "DERM_TRAIN_RECIPE": "paper",
    "DERM_TRAIN_BACKBONE": "tiny",
    "DERM_TRAIN_SIZE": "32",
    "DERM_TRAIN_EPOCHS": "1",
    "DERM_TRAIN_SCHEDULE": "linear-probe",
    "DERM_TRAIN_BASELINES": "no",
}
"""What a page's trainings are where it does not say otherwise."""
LAYERS_OF_TINY = ("stem", "block1", "block2", "block2_b", "block2_c", "block2_d")
SETTINGS = """
[datasets.my-clinic]
path = "{clinic}"
reader = "csv"
"""
"""The derm.toml of a reader: a dataset of their own, with patients, diagnoses and answers."""
CLINIC = {
    "MEL": "Malignant:Malignant melanocytic proliferations (Melanoma)",
    "NEV": "Benign:Benign melanocytic proliferations:Nevus",
}
SMALLER = {"--backbone": {"effnet-b3": "tiny", "effnet-lite0": "tiny"}, "--folds": {"5": "2"}}
"""Values of options in whose place others are taken: small networks, and few trainings."""

UNFINISHED = ("docs/guides/resume.md",)
"""Pages whose first run was interrupted."""
INTERNET = "needs the internet"
NOT_RUN = {
    r"make (demo|test)": "trains and tests for minutes: tests/house/test_installation.py, tests/cli/test_demo.py",
    r"make setup( .*)?": f"sets up an environment: {INTERNET}",
    r"source \.venv/bin/activate": "is of an environment that 'make setup' made",
    r"\.venv/bin/.*": "is of an environment that 'make setup' made",
    r"pip (install|download) .*": INTERNET,
    r"derm study (run|report|show|remove|choose|export) .*": "trains in processes of its own: tests/end_to_end",
    r"sbatch .*": "needs a cluster; the script is read by bash",
    r"derm demo": "trains for minutes: tests/cli/test_demo.py",
    r"derm data download .*": f"{INTERNET}: tests/data/downloading",
    r"KERAS_BACKEND=jax derm .*": "a process has one backend: tests/engine/stepping/test_by_jax.py",
    r"(tensorboard|mlflow ui|derm preview) .*": "serves pages until it is stopped",
    r"wandb sync .*": f"sends a run away: {INTERNET}",
    r"derm plugins check my-clinic": "is of a plugin that was installed: tests/docs/test_docs.py",
    r"dciodvfy .*": "is a program of others, which few have",
}
"""Commands that are parsed as all are, but not run."""
ENDS_WITH_1 = {
    r"derm data check .*--strict.*": "the made photographs are plain colours, which are findings",
    r"derm predict .*--answer blead=yes": "the page shows the error",
    r"derm runs compare --exact .*": "the runs differ, which the page explains",
}
"""Commands that are run, and have to end with 1."""
OF_REAL_PHOTOGRAPHS = (r"derm data check pad-ufes-20 ham10000",)
"""Sessions whose output a page shows as it was of the publishers' photographs: run on made ones, not compared."""
SHOWN = {"kotlin", "swift"}
"""Languages of blocks that are not run: a phone's, and the pages say so beside them."""


def name_of(page: Path) -> str:
    return page.relative_to(REPOSITORY).as_posix()


def reason_not_to_run(line: str) -> str | None:
    return next((reason for pattern, reason in NOT_RUN.items() if re.fullmatch(pattern, line.strip())), None)


def runnable(block: Block) -> Iterator[str]:
    """Yield the commands of a block in parts: those that have to end well, and each that has to end with 1."""
    good: list[str] = []
    for line in (line.split("  # ")[0].rstrip() for line in block.code.splitlines()):
        if reason_not_to_run(line) is not None:
            continue
        if any(re.fullmatch(pattern, line.strip()) for pattern in ENDS_WITH_1):
            yield "\n".join(good)
            yield f"if {line}; then false; fi"
            good = []
        else:
            good.append(line)
    yield "\n".join(good)


def changed(arguments: list[str], places: Mapping[str, str] = PLACEHOLDERS) -> list[str]:
    """Return the arguments with which a page's command is called."""
    before = ["", *arguments[:-1]]
    arguments = [SMALLER.get(last, {}).get(each, each) for last, each in zip(before, arguments, strict=True)]
    return [re.sub(r"\b(RUN|OTHER)\b", lambda found: places[found[0]], each) for each in arguments]


@dataclass
class World:
    """What a reader of the pages has: datasets, photographs, and finished runs."""

    root: Path

    @property
    def variables(self) -> dict[str, str]:
        home = self.root / "home"
        return {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "COLUMNS": "120", **SMALL}

    def enter(self, folder: Path) -> None:
        """Make the folder of a reader who has data, and no run yet."""
        folder.mkdir()
        (folder / "data").symlink_to(self.root / "data")
        shutil.copytree(self.root / "clinic", folder / "path" / "to" / "my-clinic", copy_function=os.link)
        for name in ("photograph.jpg", "a.jpg", "b.jpg"):
            Image.new("RGB", (64, 48), (200, 120, 90)).save(folder / name)
        (folder / "predictions.csv").write_text(self.predictions, encoding="utf-8")

    @property
    def predictions(self) -> str:
        return (self.root / "runs" / RUNS[1] / "predictions.csv").read_text(encoding="utf-8")

    def return_to(self, folder: Path) -> None:
        """Add what the guides take for granted: runs, artefacts, a dataset that derm.toml names, files of others."""
        for run in RUNS:
            shutil.copytree(self.root / "runs" / run, folder / "runs" / run, copy_function=os.link)
        shutil.copy(self.root / "runs" / CHOSEN, folder / "runs" / CHOSEN)
        for name in ("model.tflite", "model.onnx"):
            os.link(folder / "runs" / RUNS[0] / "artefacts" / name, folder / name)
        (folder / "derm.toml").write_text(SETTINGS.format(clinic=self.root / "named"))
        (folder / "answers.csv").write_text("file,age,bleed\na.jpg,71,yes\nb.jpg,,no\n")
        for name in (f"{part}/{number}.jpg" for part in "ab" for number in (1, 2, 3)):
            (folder / "my-photographs" / name).parent.mkdir(parents=True, exist_ok=True)
            os.link(
                self.root / "clinic" / {"a": "NEV", "b": "MEL"}[name[0]] / name[2:], folder / "my-photographs" / name
            )
        (folder / "study").mkdir()
        for number, kind in enumerate(dicom_photographs.CLASSES):
            dicom_photographs.write_photograph(folder / "study" / f"{number}.dcm", kind, "jpeg")


def answer_questions(table: Path) -> None:
    """Write into a table of PAD-UFES-20 who was asked whether the spot has bled: everybody."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row["bleed"] = str(number % 3 == 0)
    write_table(table, ",".join(rows[0]), [tuple(row.values()) for row in rows])


def make_clinics(root: Path) -> None:
    """Make a dataset of folders, and one with a table; both of two classes with ten photographs each."""
    paint = Painter(tuple(CLINIC), 48, 4)
    rows: list[tuple[object, ...]] = []
    for number in range(20):
        label = tuple(CLINIC)[number % 2]
        for folder in ("clinic", "named"):
            paint(root / folder / label / f"{number // 2}.jpg", label)
        answers = (30 + number, ("yes", "no")[number // 2 % 2], ("no", "yes")[number // 3 % 2], 3 + number)
        rows.append((f"{label}/{number // 2}.jpg", label, f"P{number}", CLINIC[label], *answers))
    write_table(root / "named" / "records.csv", "image,label,patient_id,diagnosis,age,itch,bleed,weeks", rows)
    (root / "named" / "questions.csv").write_text(
        "name,title,kind,choices,unit,least,greatest,known_by\n"
        "weeks,For how many weeks has the spot been there?,number,,weeks,0,5000,patient\n"
    )


@pytest.fixture(scope="module")
def deep_backbone(tmp_path_factory) -> Iterator[None]:
    """Install the backbone 'tiny' with the layers that quantizing needs, since the first ones are left as they are."""
    folder = install_plugin(tmp_path_factory.mktemp("deep-backbone"), repr(tuple(LAYERS_OF_TINY)))
    with on_the_path(folder):
        yield


@pytest.fixture(scope="module")
def world(tmp_path_factory, deep_backbone) -> Iterator[World]:
    kept = dict(os.environ)
    root = tmp_path_factory.mktemp("world")
    trees.make_pad(root / "data" / "pad-ufes-20", per_class=40)
    trees.make_ham(root / "data" / "ham10000", per_class=10, seed=1)
    trees.make_edra(root / "data" / "edra", seed=2)
    trees.make_dermofit(root / "data" / "dermofit", seed=3)
    answer_questions(root / "data" / "pad-ufes-20" / "metadata.csv")
    make_clinics(root)
    for domain in DOMAINS:
        # As the program draws them at their first use, but fewer, and small.
        make_dataset(root / "home/.cache/derm/made" / domain.name, domain, dict.fromkeys(domain.counts, 10), size=64)
    world = World(root)
    (root / "tools").mkdir()
    train_runs(PageShell(root, root / "tools", world.variables), root / "runs")
    yield world
    os.environ.clear()
    os.environ.update(kept)


def train_runs(shell: PageShell, runs: Path) -> None:
    """Train the runs that the guides talk of."""
    command = "derm train --chain imagenet,pad-ufes-20 --validation-share 0.2"
    first = f"{command} --metadata auto --head-rate 0.01\nderm export --tflite --onnx"
    status, printed = shell.run(f"{first}\n{command} --head-rate 0.02\n{command} --head-rate 0.03")
    assert status == 0, printed
    for trained, name in zip(sorted(runs.glob("2*")), RUNS, strict=True):
        trained.rename(runs / name)
    status, printed = shell.run(f"derm runs choose {RUNS[0]}")
    assert status == 0, printed


def interrupt(folder: RunFolder) -> None:
    """Make a run what it was before its first epoch ended."""
    sealed = {
        name: digest
        for name, digest in folder.record.files.items()
        if name in (layout.PLAN, layout.SPLIT, layout.DROPPED)
    }
    for name in folder.record.files.keys() - sealed.keys():
        (folder / name).unlink()
    folder.write(replace(folder.record, status=INTERRUPTED, files=sealed))


@dataclass
class Reader:
    """Goes through a page's blocks, and remembers what was printed last."""

    shell: PageShell
    folder: Path
    printed: str = ""

    def __post_init__(self) -> None:
        self._names: dict[str, Any] = {"__name__": "page"}

    def follow(self, block: Block) -> str:
        """Do what a block says; return what is wrong with it, '' where nothing is."""
        if block.file:
            path = self.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.code, encoding="utf-8")
            return self._run(f"bash -n {block.file}") if block.kind == "bash" else ""
        if block.kind == SHELL:
            self.printed = ""
            return next(filter(None, map(self._run, runnable(block))), "")
        if block.kind == "text" and block.code.startswith("$ "):
            return self._session(block.code)
        if block.kind == "output":
            return _not_printed(first_difference(block.code, self.printed), self.printed)
        return self._read(block)

    def _run(self, code: str) -> str:
        status, printed = self.shell.run(code) if code else (0, "")
        self.printed += printed
        # A tracker that fails ends no training, and the page would show one that was not tracked.
        return "" if status == 0 and PLUGIN_FAILED not in printed else f"{code}\n{printed}"

    def _session(self, code: str) -> str:
        """Run what stands behind dollars, and compare what stands below each."""
        for part in re.split(r"^\$ ", code, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            self.printed = ""
            wrong = self._run(command)
            if not any(re.fullmatch(pattern, command) for pattern in OF_REAL_PHOTOGRAPHS):
                wrong = wrong or _not_printed(first_difference(output, self.printed), self.printed)
            if wrong:
                return wrong
        return ""

    def _read(self, block: Block) -> str:
        if block.kind == "python":
            with chdir(self.folder):
                exec(compile(block.code, f"line {block.line}", "exec"), self._names)
        elif block.kind == "toml":
            tomllib.loads(block.code)
        elif block.kind == "json":
            json.loads(block.code)
        elif block.kind not in {"text", *SHOWN}:
            return f"nothing is known of blocks of '{block.kind}'"
        return ""


def _not_printed(line: str, printed: str) -> str:
    return f"'{line}' was not printed, but\n{printed}" if line else ""


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_of_the_page_runs(page, world, tmp_path, monkeypatch):
    folder = tmp_path / "page"
    world.enter(folder)
    if page.parent.name == "guides":
        world.return_to(folder)
    if name_of(page) in UNFINISHED:
        interrupt(RunFolder(folder / "runs" / RUNS[0]))
    (tmp_path / "tools").mkdir()
    places = OF_ANOTHER_PAGE.get(name_of(page), PLACEHOLDERS)
    shell = PageShell(folder, tmp_path / "tools", world.variables, lambda arguments: changed(arguments, places))
    reader = Reader(shell, folder)
    monkeypatch.setattr(sys, "argv", ["page.py", "model.onnx"])
    for block in blocks_of(page.read_text(encoding="utf-8")):
        begin = time.time()
        wrong = reader.follow(block)
        print(f"{time.time() - begin:.1f} s {name_of(page)}:{block.line}")
        assert wrong == "", f"{name_of(page)}:{block.line}\n{wrong}"


def test_pages_that_are_run_elsewhere_are_there():
    for page, test in RUN_ELSEWHERE.items():
        assert (REPOSITORY / page).is_file()
        assert Path(page).name in (REPOSITORY / test).read_text(encoding="utf-8")


def test_each_command_that_is_not_run_stands_on_a_page():
    lines = [
        line.split("  # ")[0].strip()
        for page in PAGES
        for block in blocks_of(page.read_text(encoding="utf-8"))
        if block.kind == SHELL
        for line in block.code.splitlines()
    ]
    assert len(lines) > 100
    for pattern in NOT_RUN:
        assert any(re.fullmatch(pattern, line) for line in lines), pattern
