"""An export that is killed leaves nothing behind; what it was about to replace stays."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from derm_cli.errors import DermError
from derm_cli.plugin import ComponentOption, ExporterSpec, ExporterVariant, PackagerSpec
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunRecord
from derm_cli.workflows.exporting import export as exporting
from derm_cli.workflows.exporting.export import _export_format
from derm_cli.workflows.exporting.parity import Parity
from derm_cli.workflows.predicting.model_argument import model_and_images
from derm_cli.workflows.predicting.predict import locate_model
from tests.support.artefact_files import made_facts

REPOSITORY = Path(__file__).parents[3]
EXPORT = """
import sys, time
from pathlib import Path
from derm_cli.plugin import ExporterSpec
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.exporting import export as exporting
from derm_cli.workflows.exporting.export import _export_format
from derm_cli.workflows.exporting.parity import Parity
from derm_cli.workflows.predicting.model_argument import model_and_images
from derm_cli.workflows.predicting.predict import locate_model

def export(model, facts, path):
    path.write_text("half")
    print("ready", flush=True)
    time.sleep(60)

spec = ExporterSpec(name="made", title="Made", suffix=".made", export=export, load=lambda _: None)
_export_format(None, RunFolder(Path(sys.argv[1])), spec, None, None, None)
"""


@pytest.mark.parametrize("before", [[], ["model.made"]])
def test_a_killed_export_leaves_nothing_behind(tmp_path, before):
    run = RunFolder(tmp_path / "run")
    (run / "artefacts").mkdir(parents=True)
    run.write(RunRecord(status="finished", request={}))
    for name in before:
        (run / "artefacts" / name).write_text("whole")
    exporting = subprocess.Popen(
        [sys.executable, "-c", EXPORT, run.path], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert exporting.stdout.readline() == "ready\n"
    assert len(list((run / "artefacts").iterdir())) == len(before) + 1
    exporting.kill()
    exporting.communicate()
    until = time.monotonic() + 20
    while len(list((run / "artefacts").iterdir())) > len(before) and time.monotonic() < until:
        time.sleep(0.02)
    assert [each.name for each in (run / "artefacts").iterdir()] == before
    assert all((run / "artefacts" / name).read_text() == "whole" for name in before)
    assert sorted(each.name for each in run.path.iterdir()) == ["artefacts", "run.json"]


@pytest.mark.parametrize("options", [(), (ComponentOption(name="level", default=6, most=9, title="how hard"),)])
def test_an_exporter_with_options_of_its_own_gets_their_values_and_another_none(tmp_path, options):
    given = []

    def export(*arguments):
        given.append(arguments[3:])
        raise DermError("That is enough.")

    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    spec = ExporterSpec(name="made", title="M", suffix=".made", export=export, load=lambda _: None, options=options)
    values = spec.component({"level": 3} if options else {}).options
    with pytest.raises(DermError, match="That is enough"):
        _export_format(None, run, spec, None, None, None, options=values)
    assert given == ([({"level": 3},)] if options else [()])


def test_an_exporter_s_own_options_are_stored_and_tell_two_of_its_artefacts_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "check_parity", lambda *_: Parity(3, 0.0, 1.0))
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    run.write(RunRecord(status="finished", request={}))

    def export(model, facts, path, options):
        path.write_text(str(options["level"]))

    option = ComponentOption(name="level", default=6, most=9, title="how hard")
    smaller = ExporterVariant(
        name="smaller", title="S", export=lambda _, __, path, ___: path.write_text("s"), agreement=0.9
    )
    spec = ExporterSpec(
        name="made",
        title="M",
        suffix=".made",
        export=export,
        load=lambda _: None,
        options=(option,),
        variants=(smaller,),
    )
    facts = made_facts()
    for level in (6, 9, 3, 9):
        _export_format(None, run, spec, None, facts, None, options=spec.component({"level": level}).options)
    _export_format(None, run, spec, None, facts, None, smaller, options=spec.component({"level": 9}).options)
    files = {
        "made": ("artefacts/model.made", {"level": 6}),
        "made:level=9": ("artefacts/model-level-9.made", {"level": 9}),
        "made:level=3": ("artefacts/model-level-3.made", {"level": 3}),
        "made:smaller": ("artefacts/model-smaller.made", {}),
    }
    stored = json.loads((run / "run.json").read_text())["artefacts"]
    assert {name: (each["path"], each.get("options", {})) for name, each in stored.items()} == files
    assert {name: (each.path, each.options) for name, each in run.record.artefacts.items()} == files
    assert [(run / path).read_text() for path, _ in files.values()] == ["6", "9", "3", "s"]
    assert all(run.sealed(path) for path, _ in files.values())


def parts(text):
    """Return an exporter that writes a folder of two files."""

    def export(model, facts, path):
        (path / "deep").mkdir(parents=True)
        (path / "deep" / "b.txt").write_text(text)
        (path / "a.txt").write_text(text)

    return ExporterSpec(name="parts", title="P", suffix=".parts", export=export, load=lambda _: None, is_folder=True)


def test_an_exporter_may_write_a_folder_which_is_sealed_as_a_whole_and_replaced_by_another(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "check_parity", lambda *_: Parity(3, 0.0, 1.0))
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    run.write(RunRecord(status="finished", request={}))
    for text in ("one", "another"):
        exported = _export_format(None, run, parts(text), None, None, None)
        assert exported.size == 2 * len(text)
        assert (exported.path / "deep" / "b.txt").read_text() == text
        assert run.sealed("artefacts/model.parts") == exported.path
        assert [each.name for each in (run / "artefacts").iterdir()] == ["model.parts"]
    tables = {ExporterSpec: {"parts": parts("")}, PackagerSpec: {}}
    photograph = tmp_path / "a.jpg"
    photograph.touch()
    session = SimpleNamespace(registry=SimpleNamespace(all=tables.get))
    assert locate_model(session, str(exported.path))[1] == exported.path
    assert model_and_images(session, [str(exported.path), str(photograph)])[0] == str(exported.path)
    (exported.path / "deep" / "b.txt").write_text("changed")
    with pytest.raises(DermError, match=r"model\.parts' was changed since"):
        run.sealed("artefacts/model.parts")


def test_an_exporter_that_writes_the_other_kind_is_told_of(tmp_path):
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    with pytest.raises(DermError, match=r"exporter 'parts' writes a folder, but 'is_folder' is False"):
        _export_format(None, run, replace(parts("x"), is_folder=False), None, None, None)
