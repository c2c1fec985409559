"""The run that a chain begins with is kept by what finds it tomorrow, and from any folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from derm_cli.config import load
from derm_cli.errors import DermError, RequestError
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunRecord
from derm_cli.runs.runs import Runs
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.weight_source import run_of_source, with_full_reference
from tests.support.run_folders import REQUEST

EARLY, LATE = "20260101-000000-aaaa", "20260301-000000-cccc"


def make_runs(root: Path, *ids: str) -> None:
    for run_id in ids:
        RunFolder(root / run_id).write(RunRecord(status="finished", request={}))


@pytest.fixture
def session(tmp_path, monkeypatch) -> Session:
    """A session with a run, in whose folder beside the runs we stand; and another folder with a run."""
    make_runs(tmp_path / "runs", EARLY)
    make_runs(tmp_path / "others", LATE)
    (tmp_path / "runs" / "latest").symlink_to(EARLY)
    monkeypatch.chdir(tmp_path)
    return Session(load({"runs": "runs"}, {}))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (EARLY, EARLY),
        ("2026", EARLY),
        ("20260101-0", EARLY),
        (f"runs/{EARLY}", EARLY),
        (f"./runs/{EARLY}/", EARLY),
        (f"others/../runs/{EARLY}", EARLY),
        ("{here}/runs/" + EARLY, EARLY),
        ("latest", EARLY),
        ("runs/latest", EARLY),
        (f"others/{LATE}", "{here}/others/" + LATE),
    ],
)
def test_what_was_found_is_what_is_kept(session, tmp_path, monkeypatch, typed, kept):
    typed, kept = (text.replace("{here}", str(tmp_path)) for text in (typed, kept))
    request = with_full_reference(session, replace(REQUEST, chain=(f"run:{typed}", "clinic")))
    assert request.chain == (f"run:{kept}", "clinic")
    assert request.to_json()["chain"] == (f"run:{kept}", "clinic")
    # A month later, in another folder.
    make_runs(tmp_path / "runs", "20260201-000000-bbbb")
    (tmp_path / "runs" / "latest").unlink()
    monkeypatch.chdir("/")
    later = Session(load({"runs": str(tmp_path / "runs")}, {}))
    assert run_of_source(later, request.weights or "").id == Path(kept).name


@pytest.mark.parametrize("chain", [("clinic",), ("imagenet", "clinic")])
def test_a_chain_that_begins_with_no_run_stays_as_it_is(session, chain):
    request = replace(REQUEST, chain=chain)
    assert with_full_reference(session, request) is request


def test_a_run_that_is_not_there_is_refused(session):
    with pytest.raises(RequestError, match="There is no run '1999'"):
        with_full_reference(session, replace(REQUEST, chain=("run:1999", "clinic")))


@pytest.mark.parametrize("typed", ["2026", "20260101", EARLY])
def test_a_run_that_has_what_was_typed_finds_it_beside_itself_among_those_before_it(session, tmp_path, typed):
    """As runs of an earlier derm have it; whatever was trained since, and whatever runs folder is set."""
    make_runs(tmp_path / "runs", "20260102-000000-dddd", "20260103-000000-eeee")
    successor = RunFolder(tmp_path / "runs" / "20260102-000000-dddd")
    elsewhere = Session(load({"runs": str(tmp_path / "none")}, {}))
    assert run_of_source(elsewhere, f"run:{typed}", successor).id == EARLY


@pytest.mark.parametrize("name", [".", "..", f"../{EARLY}", ""])
def test_a_run_in_whose_folder_we_stand_has_its_id(session, tmp_path, monkeypatch, name):
    inside = tmp_path / "runs" / EARLY / "artefacts"
    inside.mkdir()
    monkeypatch.chdir(inside if name == ".." else inside.parent)
    if name:
        assert Runs(tmp_path / "runs").find(name).id == EARLY
    else:
        assert Runs(tmp_path / "runs").find(str(Path.cwd())).id == EARLY


@pytest.mark.parametrize("typed", [EARLY, "2026", "latest", f"runs/{EARLY}"])
def test_the_chosen_run_is_kept_by_its_id_and_forgotten_when_it_is_removed(session, tmp_path, typed):
    session.runs.choose(session.runs.find(typed))
    assert (tmp_path / "runs" / "chosen").read_text() == f"{EARLY}\n"
    session.runs.remove(session.runs.find(str(tmp_path / "runs" / EARLY)))
    assert not (tmp_path / "runs" / "chosen").exists()


def test_a_run_of_another_folder_is_not_chosen(session):
    with pytest.raises(DermError, match=f"is not in the runs folder 'runs'.*derm --runs others runs choose {LATE}"):
        session.runs.choose(session.runs.find(f"others/{LATE}"))
    assert session.runs.chosen is None
