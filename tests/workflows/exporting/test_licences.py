"""The licences of all that a model comes from; what forbids commercial use is told from what does not."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from derm_cli.config import load
from derm_cli.plan import Teacher
from derm_cli.plugin import BackboneSpec, DatasetSpec
from derm_cli.plugin.registry import Registry
from derm_cli.runs.record import EnsembleMember
from derm_cli.runs.runs import Runs
from derm_cli.workflows.exporting.licences import is_non_commercial, licences_of_run
from tests.support import run_folders

FORBIDDEN = {
    *("ddi", "dermofit", "edra", "fitzpatrick17k", "ham10000", "isic-2018", "isic-2019", "isic-2020", "isic-archive"),
    "isic-archive-malignancy",
}


def test_of_each_built_in_dataset_it_is_known_whether_it_forbids_commercial_use():
    registry = Registry()
    found = {name for name, spec in registry.all(DatasetSpec).items() if is_non_commercial(spec.licence)}
    assert found == FORBIDDEN
    sources = [source for spec in registry.all(BackboneSpec).values() for source in spec.weights]
    assert sources
    assert not any(is_non_commercial(source.licence.partition("(")[0]) for source in sources)


@pytest.mark.parametrize(
    ("licence", "forbids"),
    [
        ("CC BY 4.0", False),
        ("CC0", False),
        ("Apache-2.0", False),
        ("CC BY-NC-SA 3.0", True),
        ("cc by-nc 4.0", True),
        ("for non-commercial use", True),
        ("Noncommercial", True),
        ("for research within the clinic", True),
        ("the owner's, INC.", False),
    ],
)
def test_the_words_of_a_licence_are_understood(licence, forbids):
    assert is_non_commercial(licence) == forbids


@pytest.fixture
def session(tmp_path):
    (tmp_path / "derm.toml").write_text('[datasets.clinic]\nreader = "folder"\npath = "c"\n')
    settings = load({}, {"DERM_CONFIG": str(tmp_path / "derm.toml")})
    return SimpleNamespace(settings=settings, registry=Registry(), runs=Runs(tmp_path / "runs"))


def made_run(tmp_path, models, name, plan=run_folders.PLAN, **record):
    import json

    run = run_folders.make_run(tmp_path / "runs", name, models[0])
    (run / "plan.json").write_text(json.dumps(plan.to_json()))
    run.seal("plan.json", record=replace(run.record, plan=plan.fingerprint(), **record))
    return run


def test_runs_that_it_comes_from_are_followed(session, models, tmp_path):
    stage = replace(run_folders.STAGE, datasets=("ham10000",))
    first = replace(run_folders.PLAN, stages=(stage,), backbone="effnet-lite0", weights="imagenet")
    made_run(tmp_path, models, "first", first, data={"ham10000": "0"})
    made_run(tmp_path, models, "teacher", replace(first, stages=(replace(stage, datasets=("no-such",)),)), data={})
    plan = replace(run_folders.PLAN, weights="run:first", teacher=Teacher(run="teacher", model="0" * 64))
    run = made_run(tmp_path, models, "second", plan, members=(EnsembleMember("gone", "0" * 64),))
    datasets, weights = licences_of_run(session, run)
    assert {each.name: (each.licence, each.non_commercial) for each in datasets} == {
        "clinic": ("yours", False),
        "run gone": ("not known: the run is not here", False),
        "ham10000": ("CC BY-NC 4.0", True),
        "no-such": ("not known: its plugin is not here", False),
    }
    assert [(each.name, each.non_commercial) for each in weights] == [("effnet-lite0 from imagenet", False)]
    assert next(each for each in datasets if each.name == "ham10000").citation


def test_runs_that_name_each_other_are_followed_once(session, models, tmp_path):
    one = made_run(tmp_path, models, "one", replace(run_folders.PLAN, weights="run:two"))
    made_run(tmp_path, models, "two", replace(run_folders.PLAN, weights="run:one"))
    datasets, _ = licences_of_run(session, one)
    assert [each.name for each in datasets] == ["clinic"]
