"""The page on Python is run cell by cell, as a notebook is; and the run that it trains is the command's, to the bit."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import hashlib
import io
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import derm_cli as derm
from derm_cli.files import sha256_of
from derm_cli.runs import layout
from tests.support.artefact_files import entries_of

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "library.md"
CELL = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]\d+)?")


@dataclass(frozen=True)
class Notebook:
    """What each cell of the page gave, and what its variables were at the end."""

    given: list[str]
    variables: dict[str, Any]


def cells() -> list[tuple[str, str]]:
    """Return each cell of the page with what stands below it."""
    return CELL.findall(PAGE.read_text(encoding="utf-8"))


def run_cell(source: str, variables: dict[str, Any]) -> str:
    """Run a cell, and return what it printed, and what its last line was worth."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(tree, str(PAGE), "exec"), variables)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), str(PAGE), "eval"), variables)
            if value is not None:
                print(repr(value))
    return printed.getvalue()


@pytest.fixture(scope="module")
def notebook(calibrated, tmp_path_factory) -> Notebook:
    """The page, run where the shared run's photographs, ledger and salt are, and nothing that it trained.

    It is done inside a running event loop, as in a notebook.
    """
    place = tmp_path_factory.mktemp("notebook")
    (place / "data").symlink_to(calibrated.place.data)
    shutil.copytree(calibrated.place.runs, place / "runs", ignore=shutil.ignore_patterns(calibrated.run, "studies"))
    variables: dict[str, Any] = {}

    async def run() -> list[str]:
        return [run_cell(source, variables) for source, _ in cells()]

    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(place):
        patch.setenv("XDG_CACHE_HOME", str(place / "cache"))
        patch.delenv("DERM_TRAIN_RECIPE")
        return Notebook(asyncio.run(run()), variables)


def plain(text: str) -> list[str]:
    """Return a text without its numbers, which other machines may compute otherwise, and as many blanks."""
    return NUMBER.sub("#", text).split()


def test_each_cell_gives_what_stands_below_it(notebook):
    written = [below for _, below in cells()]
    assert [plain(each) for each in notebook.given] == [plain(each) for each in written]
    assert sum(map(bool, written)) >= 8


def test_the_bits_are_the_command_s(notebook, calibrated):
    """Though this process has another's TensorFlow, seeds and an event loop."""
    run: derm.Run = notebook.variables["run"]
    for name in (layout.PLAN, layout.SPLIT, layout.PREDICTIONS):
        assert sha256_of(run.path / name) == sha256_of(calibrated.folder / name), name
    weights = [
        hashlib.sha256(entries_of(folder / layout.MODEL)["model.weights.h5"]).hexdigest()
        for folder in (run.path, calibrated.folder)
    ]
    assert weights[0] == weights[1]
    assert json.loads((run.path / layout.RECORD).read_text())["stages"][0]["source"] == "trained"


def test_the_report_is_the_command_s(notebook, calibrated):
    report: derm.EvaluationReport = notebook.variables["report"]
    told = calibrated.place.json("evaluate", calibrated.run)
    assert json.loads(json.dumps(report.to_json())) == told
    for name, metric in report.metrics.items():
        assert metric.value == told[name]
        assert (metric.interval and [metric.interval.low, metric.interval.high]) == told["intervals"].get(name, [])[:2]
    assert report.classes["MEL"]["sensitivity"].value == told["per_class"]["MEL"]["sensitivity"]
    assert report.predictions["label"].value_counts().sum() == told["cases"]
    assert report.title in str(report)


def test_the_answers_are_the_command_s(notebook, calibrated):
    table = notebook.variables["table"]
    photographs = [calibrated.place.root / each for each in notebook.variables["photographs"]]
    told = calibrated.place.json("predict", calibrated.run, *photographs)["answers"]
    for (_, row), answer in zip(table.iterrows(), told, strict=True):
        assert row["prediction"] == answer["prediction"]
        assert {name: row[f"p_{name}"] for name in answer["probabilities"]} == answer["probabilities"]


def test_what_was_exported_is_there(notebook):
    for each in notebook.variables["files"]:
        assert each.path.stat().st_size == each.size
        assert each.parity.max_difference < 1e-4


def test_a_study_takes_what_was_trained(notebook):
    study: derm.StudyResult = notebook.variables["study"]
    (row,) = study.rows
    assert study.rows[row]["macro_f1"].value == notebook.variables["report"].metrics["macro_f1"].value
    assert study.table.loc[row, "accuracy"] == study.rows[row]["accuracy"].value
    runs = notebook.variables["run"].path.parent
    assert [each.parent.name for each in runs.glob("*/run.json")] == [notebook.variables["run"].id]
    assert study.page.is_file()
