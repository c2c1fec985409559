"""An export that is killed leaves nothing behind; what it was about to replace stays."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from derm_cli.errors import DermError
from derm_cli.plugin import ComponentOption, ExporterSpec
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunRecord
from derm_cli.workflows.exporting.export import _export_format

REPOSITORY = Path(__file__).parents[3]
EXPORT = """
import sys, time
from pathlib import Path
from derm_cli.plugin import ExporterSpec
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.exporting.export import _export_format

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
