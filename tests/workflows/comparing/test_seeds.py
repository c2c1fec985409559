"""Runs that differ by their seed alone are found among those that are compared, and their spread is told."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from derm_cli.plan import OfficialSplit
from derm_cli.plugin.registry import Registry
from derm_cli.runs.runs import Runs
from derm_cli.workflows.comparing.models import compare_models
from derm_cli.workflows.comparing.seeds import seed_groups
from tests.support.member_runs import make_member
from tests.support.run_folders import PLAN

OFFICIAL = (OfficialSplit(dataset=PLAN.target, name="the clinic's lists"),)


@pytest.fixture
def runs(tmp_path):
    """Three runs of seeds 0 to 2, a second of seed 0, and one of another plan."""
    plans = {f"s{seed}": replace(PLAN, seed=seed, split_seed=0) for seed in range(3)} | {"again": PLAN}
    plans |= {"other": replace(PLAN, seed=7, per_class=9)}
    return {name: make_member(tmp_path, name, plan) for name, plan in plans.items()}


def test_they_are_found_by_plan_and_data(runs, tmp_path):
    assert seed_groups(runs) == (("s0", "s1", "s2"),)
    assert seed_groups({name: runs[name] for name in ("s0", "again", "other")}) == ()
    elsewhere = make_member(tmp_path / "b", "s3", replace(PLAN, seed=3, split_seed=0), data={"clinic": "0" * 64})
    assert seed_groups({"s0": runs["s0"], "s3": elsewhere}) == ()
    (runs["s1"] / "plan.json").write_text("{}")
    assert seed_groups(runs) == (("s0", "s2"),)


@pytest.mark.parametrize(("official", "found"), [((), ()), (OFFICIAL, (("s0", "s1"),))])
def test_those_of_one_group_have_one_test_part(tmp_path, official, found):
    plans = {f"s{seed}": replace(PLAN, seed=seed, official_splits=official) for seed in range(2)}
    assert seed_groups({name: make_member(tmp_path, name, plan) for name, plan in plans.items()}) == found


def test_a_comparison_tells_their_spread(runs, tmp_path):
    session = SimpleNamespace(runs=Runs(tmp_path), registry=Registry())
    found = compare_models(session, ["s0", "s1", "other"], 0)
    (table,) = (each for each in found.tables() if each.name == "seeds1")
    assert table.title == "Spread over 2 seeds, all else equal: s0, s1"
    (of_seeds,) = found.to_json()["seeds"]
    assert of_seeds["runs"] == ["s0", "s1"]
    assert of_seeds["overall"]["accuracy"] == {"mean": 1, "sd": 0, "lowest": 1, "highest": 1, "runs": 2}
    assert "seeds" not in compare_models(session, ["s0", "other"], 0).to_json()
