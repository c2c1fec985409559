"""The folder of a study: found, begun once, held by one, removed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from derm_cli.errors import DermError, RequestError
from derm_cli.runs.lease import lock_held
from derm_cli.studies.asking.spec import StudyRow, StudySpec, study_runs
from derm_cli.studies.storage import folder as folder_module
from derm_cli.studies.storage.folder import Studies, as_left
from derm_cli.studies.storage.record import RunState, StudyRecord
from tests.support.studies import MadeOptions

ROWS = (StudyRow("a", {"chain": "clinic"}), StudyRow("b", {"chain": "edra,clinic"}, {"accuracy": 0.4}))


def record(name="s", rows=ROWS, **options) -> StudyRecord:
    spec = StudySpec(name, rows, **options)
    return StudyRecord(spec, study_runs(spec, MadeOptions()), "local", 2, 1)


@pytest.fixture
def studies(tmp_path) -> Studies:
    return Studies(tmp_path / "runs")


def test_a_record_is_read_back_as_it_was_written(studies):
    written = record(title="Which", seeds=(0, 3), folds=2)
    folder = studies.begin(written)
    assert folder.record == written
    assert [each.name for each in studies.all()] == ["s"]
    assert studies.find("s").path == folder.path


@pytest.mark.parametrize("options", [{}, {"address": "auto", "gpus-per-stage": 0.5}])
def test_options_of_the_executor_are_kept_and_an_older_record_has_none(studies, options):
    folder = studies.begin(replace(record(), options=options))
    assert ("options" in json.loads((folder.path / "study.json").read_text())) == bool(options)
    assert folder.record.options == options


def test_the_same_study_is_begun_once(studies):
    first = studies.begin(record())
    first.write_states({"0001": RunState("finished", "r")})
    assert studies.begin(replace(record(title="other words"), workers=1)).states == {"0001": RunState("finished", "r")}


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        ({"seeds": (1,)}, "its seeds '0' in place of '1'"),
        ({"folds": 2}, "its folds '0' in place of '2'"),
        ({"reference": "b"}, "its reference 'a' in place of 'b'"),
        ({"rows": ROWS[:1]}, "a row 'b'"),
        ({"rows": (*ROWS, StudyRow("c", {"chain": "ham,clinic"}))}, "no row 'c'"),
        (
            {"rows": (ROWS[0], StudyRow("b", {"chain": "clinic"}))},
            "chain 'edra,clinic' in place of 'clinic' in row 'b'",
        ),
        (
            {"rows": (StudyRow("a", {"chain": "clinic", "epochs": 5}), ROWS[1])},
            "epochs 'not given' in place of '5' in row 'a'",
        ),
    ],
)
def test_another_study_of_the_name_is_refused_with_what_differs(studies, other, difference):
    studies.begin(record())
    with pytest.raises(RequestError) as refused:
        studies.begin(record(**other))
    assert str(refused.value).startswith(
        f"There is a study 's' that asks for other trainings, with {difference}: give this one another name"
    )
    assert "either way runs that it has are taken where they are the same." in str(refused.value)


def as_of_an_earlier_derm(asked: StudyRecord) -> StudyRecord:
    """Return a record each of whose seeds has a split of its own."""
    whole = (replace(each.request, splitting=replace(each.request.splitting, split_seed=None)) for each in asked.runs)
    return replace(asked, runs=tuple(replace(run, request=each) for run, each in zip(asked.runs, whole, strict=True)))


def test_a_study_that_an_earlier_derm_began_goes_on_with_its_splits_by_the_same_command(studies):
    asked = record(seeds=(0, 3))
    before = as_of_an_earlier_derm(asked)
    assert (asked.has_splits_of_seeds, before.has_splits_of_seeds) == (False, True)
    folder = studies.begin(before)
    assert studies.begin(asked).record == before == folder.record
    with pytest.raises(RequestError, match="with its seeds '0 3' in place of '0 4'"):
        studies.begin(record(seeds=(0, 4)))
    rows = (replace(ROWS[0], options={**ROWS[0].options, "split-seed": 0}), ROWS[1])
    with pytest.raises(RequestError, match="with split-seed 'not given' in place of '0' in row 'a'"):
        studies.begin(record(rows=rows, seeds=(0, 3)))


def test_what_differs_by_derm_toml_alone_is_told_too(studies):
    begun = studies.begin(record()).record
    run = begun.runs[1]
    other = replace(begun, runs=(begun.runs[0], replace(run, request=replace(run.request, per_class=4))))
    assert begun.difference_from(other) == "per-class '1' in place of '4' in row 'b'"
    assert begun.difference_from(begun) == ""


def test_the_same_rows_in_another_order_are_another_study():
    rows = (*ROWS, StudyRow("c", {"chain": "ham,clinic"}))
    assert record(rows=rows).difference_from(record(rows=(rows[0], rows[2], rows[1]))) == "its rows in another order"


def test_a_study_that_there_is_not_is_told_of_with_the_nearest(studies):
    with pytest.raises(RequestError, match="There are no studies yet: 'derm study run' makes one"):
        studies.find("s")
    studies.begin(record("backbones"))
    with pytest.raises(RequestError, match=r"There is no study 'backbone' in '.*'\. Did you mean 'backbones'"):
        studies.find("backbone")


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("study.json", "{", "cannot be read"),
        ("study.json", '{"format": 2}', "The study's record is not one of this derm's (format 2)"),
        ("study.json", '{"format": 1}', "The study's record is not one of this derm's"),
        ("state.json", "{", "cannot be read"),
        ("state.json", '{"0001": {"colour": 1}}', "The states of the study are not this derm's"),
    ],
)
def test_a_damaged_file_is_told_of_with_what_to_do(studies, file, text, sentence):
    folder = studies.begin(record())
    (folder.path / file).write_text(text)
    with pytest.raises(DermError) as told:
        folder.record  # noqa: B018 - to read it is what is tested
        folder.states  # noqa: B018
    assert sentence in str(told.value)


def test_states_are_stored_without_what_says_nothing(studies):
    folder = studies.begin(record())
    assert folder.states == {}
    states = {"0001": RunState("finished", "r", seconds=1.5), "0002": RunState()}
    folder.write_states(states)
    assert folder.states == states
    assert json.loads((folder.path / "state.json").read_text()) == {
        "0001": {"status": "finished", "run": "r", "seconds": 1.5},
        "0002": {"status": "waiting"},
    }
    assert not list(folder.path.glob(".*part*"))


def test_one_process_carries_a_study_out(studies):
    folder = studies.begin(record())
    assert not folder.is_carried_out
    with folder.held():
        assert folder.is_carried_out
        with pytest.raises(DermError, match="Study 's' is being carried out by another process: 'derm study show s'"):
            studies.remove(folder)
    assert not folder.is_carried_out
    studies.remove(folder)
    assert studies.all() == []
    assert not folder.path.exists()


@pytest.fixture
def cut_short(monkeypatch):
    """Removals that are killed before the first file is gone, until ``undo`` is called."""

    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(folder_module.shutil, "rmtree", killed)
    return monkeypatch


@pytest.mark.parametrize("then", ["begin", "remove", "sweep"])
def test_a_removal_that_was_cut_short_leaves_nothing_to_another_study_of_the_name(studies, cut_short, then):
    studies.begin(record("other"))
    folder = studies.begin(record())
    folder.write_states({"0001": RunState("finished", "r")})
    with pytest.raises(KeyboardInterrupt):
        studies.remove(folder)
    assert [each.name for each in studies.all()] == ["other"]
    assert len(list(studies.root.iterdir())) == 2
    cut_short.undo()
    if then == "begin":
        assert studies.begin(record(rows=(StudyRow("other", {"chain": "x,clinic"}),))).states == {}
    elif then == "remove":
        studies.remove(studies.find("other"))
    else:
        studies.sweep()
    assert {path.name for path in studies.root.iterdir()} == {"begin": {"other", "s"}, "remove": set()}.get(
        then, {"other"}
    )


def test_what_stands_in_a_study_s_place_without_a_record_is_removed(studies):
    """As an earlier derm left a removal that was cut short: the record was gone first."""
    folder = studies.begin(record())
    folder.write_states({"0001": RunState("finished", "r")})
    (folder.path / "work").mkdir()
    (folder.path / "study.json").unlink()
    assert studies.begin(record(title="another")).states == {}
    assert {path.name for path in folder.path.iterdir()} == {"study.json"}
    assert {path.name for path in studies.root.iterdir()} == {"s"}


def test_a_study_that_another_process_begins_is_left_to_it(studies, monkeypatch):
    monkeypatch.setattr(folder_module, "_PATIENCE", 0)
    studies.root.mkdir(parents=True)
    with (
        lock_held(studies.root / ".s.lock", DermError("held")),
        pytest.raises(DermError, match="Study 's' is being begun by another process: give the command again"),
    ):
        studies.begin(record())


def test_what_was_running_is_interrupted_where_nobody_carries_the_study_out():
    states = {"1": RunState("running", "r"), "2": RunState("finished", "q"), "3": RunState("failed", reason="no")}
    assert as_left(states, True) == states
    left = as_left(states, False)
    assert (left["1"].status, left["1"].run) == ("interrupted", "r")
    assert "is gone" in left["1"].reason
    assert (left["2"], left["3"]) == (states["2"], states["3"])
