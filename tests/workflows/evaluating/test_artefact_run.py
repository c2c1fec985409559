"""The run of an artefact that lies elsewhere: by its id, in a folder with another name, or as it is named."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from derm_cli.errors import RequestError
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunRecord, StageOrigin
from derm_cli.runs.runs import Runs
from derm_cli.workflows.evaluating.artefact_run import run_of_artefact
from tests.support.artefact_files import made_facts

FACTS = made_facts()
ID = FACTS.run


@pytest.fixture
def here(tmp_path):
    """A session with two runs, of which the second is the artefact's, and the artefact beside them."""
    for name in ("20250101-000000-0000", ID):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_text(name)
        run = RunFolder(folder)
        run.write(RunRecord(status="finished", request={}, stages=(StageOrigin("made", "trained", name),)))
        run.seal("model.onnx")
    shutil.copy(tmp_path / "runs" / ID / "model.onnx", tmp_path / "copy.onnx")
    return SimpleNamespace(runs=Runs(tmp_path / "runs")), tmp_path / "copy.onnx"


def renamed(session):
    return (session.runs.root / ID).rename(session.runs.root / "the-good-one")


def test_by_its_id(here):
    session, copy = here
    assert run_of_artefact(session, copy, FACTS).id == ID


def test_by_its_contents_where_the_folder_was_renamed(here):
    session, copy = here
    renamed(session)
    assert run_of_artefact(session, copy, made_facts(run="20240101-000000-0000")).id == "the-good-one"


def test_by_the_stages_that_it_trained_where_the_artefact_is_another(here):
    session, copy = here
    renamed(session)
    copy.write_text("another format")
    assert run_of_artefact(session, copy, FACTS).id == "the-good-one"


def test_a_bundle_in_a_renamed_folder_of_another_place(here, tmp_path):
    session, _ = here
    folder = shutil.move(renamed(session), tmp_path / "elsewhere")
    bundle = tmp_path / "elsewhere" / "bundle"
    bundle.mkdir()
    assert str(run_of_artefact(session, bundle, FACTS).path) == str(folder)


def test_it_is_told_that_there_is_none(here):
    session, copy = here
    shutil.rmtree(session.runs.root / ID)
    with pytest.raises(RequestError, match=f"is of run '{ID}', which is not in .*: name the run with --run RUN"):
        run_of_artefact(session, copy, FACTS)


@pytest.mark.parametrize("same", [True, False])
def test_the_run_that_is_named_must_have_its_classes(here, same, monkeypatch):
    session, copy = here
    plan = SimpleNamespace(classes=FACTS.classes[:: 1 if same else 2], preprocessing=FACTS.preprocessing)
    monkeypatch.setattr(RunFolder, "plan", property(lambda _: plan))
    if same:
        assert run_of_artefact(session, copy, FACTS, "2025").id == "20250101-000000-0000"
    else:
        with pytest.raises(RequestError, match="--run '2025' has other classes or another preprocessing"):
            run_of_artefact(session, copy, FACTS, "2025")


def test_artefacts_and_bundles_are_judged_like_their_run(bundled, tmp_path):
    place, run = bundled.place, bundled.run
    expected = place.json("evaluate", run, "--draws", "0")
    copies = [tmp_path / "mine.onnx", tmp_path / "bundle.zip"]
    for source, copy in zip(("artefacts/model.onnx", "bundle.zip"), copies, strict=True):
        shutil.copy(bundled.folder / source, copy)
    for copy, more in ((copies[0], ()), (copies[1], ()), (copies[1], ("--run", run))):
        judged = place.json("evaluate", copy, "--draws", "0", *more)
        assert judged["cases"] == expected["cases"]
        assert judged["confusion"] == expected["confusion"]
    said = place.refused("evaluate", run, "--run", run, exit_status=2)
    assert "goes with an artefact or a bundle: name the run alone" in said
