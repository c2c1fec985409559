"""``derm doctor``."""

from __future__ import annotations

from importlib import metadata

from tests.support.installed import only_derm_s


def test_the_doctor_tells_of_a_plugin_that_is_broken(place, monkeypatch):
    points = metadata.entry_points(group="derm")
    broken = metadata.EntryPoint("broken", "no_such_module", "derm")
    monkeypatch.setattr(metadata, "entry_points", only_derm_s([*points, broken]))
    result = place.derm("doctor", exit_status=1)
    assert "PROBLEM" in result.stdout
    assert "No module named 'no_such_module'" in result.stdout


def test_the_doctor_tells_of_folders_that_lie_among_photographs(place):
    (place.data / "ham10000").mkdir(parents=True)
    for option in ("--runs", "--cache"):
        folder = place.data / "ham10000" / "mine"
        result = place.derm(option, folder, "doctor", exit_status=1)
        assert f"PROBLEM  {option[2:]}" in result.stdout
        assert "the folder of dataset 'ham10000'" in result.stdout


def test_what_is_wrong_comes_first_and_the_settings_last(place, monkeypatch):
    points = metadata.entry_points(group="derm")
    broken = metadata.EntryPoint("broken", "no_such_module", "derm")
    monkeypatch.setattr(metadata, "entry_points", only_derm_s([*points, broken]))
    shown = place.derm("doctor", exit_status=1).stdout
    order = ("PROBLEM", "accelerators", "memory", "GB free", "datasets", "weights", "plugins  ", "keras", "setting")
    places = [shown.index(each) for each in order]
    assert places == sorted(places)
    assert "PROBLEM" not in shown[shown.index("accelerators") :]


def test_settings_that_nobody_made_are_counted(place):
    shown = place.derm("doctor", DERM_TRAIN_EPOCHS="7").stdout
    assert shown.startswith("Nothing is wrong.\n")
    assert "train --epochs" in shown
    assert "environment DERM_TRAIN_EPOCHS" in shown
    assert "train --head-rate" not in shown
    assert "options of derm train are left to its recipe and defaults." in shown
    names = [each["setting"] for each in place.json("doctor")["settings"]]
    assert "train --head-rate" in names
