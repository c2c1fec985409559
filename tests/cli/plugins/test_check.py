"""A line tells of each check; where one fails, what to mend, and the exit status is 1."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.plugin_mistakes import DATASET, REFUSED


def test_a_plugin_that_keeps_its_contract_passes(place):
    said = place.derm("plugins", "check", "strategies").stdout
    assert said.splitlines()[-2:] == ["", "9 checks, no faults."]
    assert "ok     schedule 'full': its phases\n" in said
    values = place.json("plugins", "check", "strategies")
    assert (values["plugin"], values["passed"]) == ("strategies", True)
    assert values["checks"][-1] == {
        "subject": "schedule 'linear-probe'",
        "check": "its phases",
        "fault": "",
        "note": "",
    }


@pytest.fixture
def mistaken():
    Path("derm.toml").write_text("")
    Path("derm_plugin.py").write_text(REFUSED["a part of an epoch"].text)
    yield
    sys.modules.pop("derm_plugin", None)


def test_a_fault_is_named_with_what_to_do(place, mistaken):
    said = place.derm("plugins", "check", "derm_plugin.py", exit_status=1).stdout
    heading, fault, *end = said.splitlines()[2:]
    assert heading == "FAULT  schedule 'ours': its phases"
    assert REFUSED["a part of an epoch"].said in fault
    assert fault.endswith("tell its author.")
    assert end == ["", "3 checks, 1 fault."]
    assert place.derm("plugins", "check", "derm_plugin.py", "--json", exit_status=1).stdout.count('"fault": ""') == 2


def test_a_dataset_is_read_where_it_lies(place, mistaken):
    Path("derm_plugin.py").write_text(DATASET.replace("NAEVUS", "Nevus"))
    lines = place.derm("plugins", "check", "derm_plugin.py").stdout.splitlines()
    assert "ok     dataset 'ours': its records (not looked at: no folder of it is here)" in lines
    (place.data / "ours" / "WRT").mkdir(parents=True)
    (place.data / "ours" / "WRT" / "1.png").touch()
    lines = place.derm("plugins", "check", "derm_plugin.py", exit_status=1).stdout.splitlines()
    assert lines[-4:-2] == [
        "FAULT  dataset 'ours': its records",
        "       case 'WRT/1.png': the label 'WRT' is no class: map it, or add a class of that name",
    ]


def test_a_plugin_that_there_is_not_is_refused(place):
    assert "Did you mean 'strategies'?" in place.refused("plugins", "check", "strategy", exit_status=2)
