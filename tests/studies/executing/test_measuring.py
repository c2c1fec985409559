"""What a unit of work takes is written stage by stage, and adds up over the processes that were at it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from derm_cli.plugin import RunFacts, StageFacts
from derm_cli.plugin.registry import Registry
from derm_cli.studies.executing.assignment import COST, StageCost, UnitCost
from derm_cli.studies.executing.energy import EnergyMeter
from derm_cli.studies.executing.measuring import CostWriter
from tests.support.run_folders import PLAN, STAGE

TWO = replace(PLAN, stages=(STAGE, replace(STAGE, name="second")))


def meter(joules: float | None) -> EnergyMeter:
    told = SimpleNamespace(name="package-0", is_shared=False, taken=lambda: joules)
    return EnergyMeter([] if joules is None else [told])


def train(folder, joules, stages=(0, 1), run="the-run", epochs=1):
    registry = Registry()
    facts = RunFacts(id=run, folder=folder, plan=TWO, synthetic=False)
    with CostWriter(folder, "0001", meter(joules)) as cost, registry.listening("study-cost", cost):
        registry.tell("derm_run_started", run=facts)
        for index in stages:
            stage = StageFacts(index=index, stage=TWO.stages[index], photographs={}, steps=1)
            registry.tell("derm_stage_started", run=facts, stage=stage)
            for _ in range(epochs):
                registry.tell("derm_epoch_ended", run=facts, epoch=None, seconds_left=None)
                yield UnitCost.read(folder, "0001")


def test_each_stage_has_what_it_took(tmp_path):
    list(train(tmp_path, 10.0, epochs=2))
    stages = UnitCost.read(tmp_path, "0001").stages
    # Two epochs and the end of each stage were asked about; before the first stage once.
    assert [(each.run, each.stage, each.joules) for each in stages] == [
        ("the-run", "", 10.0),
        ("the-run", STAGE.name, 30.0),
        ("the-run", "second", 30.0),
    ]
    assert all(each.devices == ("package-0",) and each.seconds >= 0 for each in stages)


def test_what_a_killed_process_took_is_there_from_its_last_epoch_on_and_another_s_is_added(tmp_path):
    killed = train(tmp_path, 10.0)
    seen = next(killed)
    assert [each.stage for each in seen.stages] == ["", STAGE.name]
    list(train(tmp_path, None, stages=(1,)))
    found = UnitCost.read(tmp_path, "0001").stages
    assert found[:2] == seen.stages
    assert [(each.stage, each.joules, each.devices) for each in found[2:]] == [("", None, ()), ("second", None, ())]


def test_a_run_that_was_there_already_took_nothing(tmp_path):
    with CostWriter(tmp_path, "0001", meter(10.0)):
        pass
    assert UnitCost.read(tmp_path, "0001") is None


@pytest.mark.parametrize("content", ["", "{}", '{"stages": [{"run": "x"}]}', '{"stages": 3}'])
def test_what_was_damaged_keeps_nothing_from_being_trained(tmp_path, content):
    (tmp_path / f"0001{COST}").write_text(content)
    list(train(tmp_path, 10.0, stages=(0,)))
    assert len(UnitCost.read(tmp_path, "0001").stages) == 2


def test_it_is_written_and_read_again(tmp_path):
    cost = UnitCost((StageCost("a", "b", 1.5, None), StageCost("a", "c", 2.0, 3.0, ("x", "y"))))
    cost.write(tmp_path, "stage-1")
    assert UnitCost.read(tmp_path, "stage-1") == cost
