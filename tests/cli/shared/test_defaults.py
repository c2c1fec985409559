"""Defaults of options: command line, environment, derm.toml."""

from __future__ import annotations

import pytest

from tests.support import trees


def test_settings_command_line_over_environment_over_file_over_default(place):
    (place.root / "derm.toml").write_text(
        'runs = "from-file"\n[train]\nepochs = 7\nsize = 64\nchain = ["imagenet", "edra"]\n'
    )
    environment = {"DERM_CONFIG": str(place.root / "derm.toml"), "DERM_TRAIN_EPOCHS": "9"}
    rows = {each["setting"]: each for each in place.json("doctor", **environment)["settings"]}
    assert (rows["runs"]["value"], rows["runs"]["source"]) == (str(place.runs), "environment DERM_RUNS")
    assert (rows["train --epochs"]["value"], rows["train --epochs"]["source"]) == (9, "environment DERM_TRAIN_EPOCHS")
    assert (rows["train --size"]["value"], rows["train --size"]["source"]) == (64, "derm.toml")
    assert (rows["train --seed"]["value"], rows["train --seed"]["source"]) == (0, "default")
    assert rows["train --chain"]["value"] == "imagenet,edra"
    given = place.derm("--data", place.root / "given", "doctor", "--json").stdout
    assert '"source": "command line"' in given


def test_settings_of_derm_toml_reach_the_plan(place):
    (place.root / "derm.toml").write_text(
        '[train]\nbackbone = "effnet-lite0"\nsize = 32\nepochs = 2\nchain = "imagenet"\ntarget = "x"\n'
    )
    trees.make_pad(place.data / "pad-ufes-20")
    environment = {"DERM_CONFIG": str(place.root / "derm.toml")}
    plan = place.json("train", "--target", "pad-ufes-20", "--dry-run", **environment)
    assert (plan["backbone"], plan["preprocessing"]["size"], plan["target"]) == ("effnet-lite0", 32, "pad-ufes-20")
    assert {phase["epochs"] for phase in plan["stages"][0]["phases"]} == {2}


def test_an_exporter_s_flag_may_stand_in_derm_toml(finished, tmp_path):
    place, run = finished
    (tmp_path / "derm.toml").write_text("[export]\nno-such-format = true\n")
    said = place.refused("export", run, DERM_CONFIG=str(tmp_path / "derm.toml"))
    assert "'derm export' has no option 'no-such-format'" in said
    (tmp_path / "derm.toml").write_text("[export]\ntflite = true\n")
    said = place.refused("export", "no-such-run", exit_status=2, DERM_CONFIG=str(tmp_path / "derm.toml"))
    assert "There is no run 'no-such-run'" in said, "the flag was taken: a format is asked for"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[trian]\nsize = 1", "no command for the table [trian]. Did you mean 'train'"),
        ("[train]\nepoch = 1", "'derm train' has no option 'epoch'. Did you mean 'epochs'"),
        ("[train]\nepochs = 'many'", "'many' is not a valid integer"),
        ("[train]\nepochs = 2.9", "'epochs' in [train] is 2.9, but must be a whole number, as in epochs = 3."),
        ("[train]\nepochs = true", "'epochs' in [train] is true, but must be a whole number"),
        ("[train]\nepochs = 2026-01-01", "'epochs' in [train] is '2026-01-01', but must be a whole number"),
        ("[train]\nno_deterministic = 1", "'no_deterministic' in [train] is 1, but must be 'true' or 'false'."),
        ("[train]\n[train.augment]\nflip = 0", "'augment' in [train] is '{'flip': 0}', but must be a list"),
        ("[train]\ndeterministic = true\nno-deterministic = true", "'deterministic' and 'no-deterministic' in"),
        ("[train]\nhead-rate = 1e-3\nhead_rate = 1e-4", "'head-rate' and 'head_rate' in [train] are of one option"),
        ("target = 3", "'target' in [train] is 3, but must be text in quotes"),
    ],
)
def test_wrong_settings_are_named(place, text, said):
    (place.root / "derm.toml").write_text(text)
    result = place.derm(
        "train",
        exit_status=2 if ", but must be" in said or "many" in text else 1,
        DERM_CONFIG=str(place.root / "derm.toml"),
    )
    assert said in result.stderr


def test_the_opposite_of_a_flag_turns_it_off(place):
    path = place.root / "derm.toml"
    for text, value in (("no-deterministic = true", "False"), ("no-deterministic = false", "True")):
        path.write_text(f"[train]\n{text}\n")
        settings = place.json("doctor", DERM_CONFIG=str(path))["settings"]
        rows = {each["setting"]: each for each in settings}
        assert str(rows["train --deterministic"]["value"]) == value
        assert rows["train --deterministic"]["source"] == "derm.toml"


def test_a_variable_that_gives_no_option_is_told_of(place):
    result = place.derm("train", exit_status=2, DERM_TRAIN_NO_DETERMINISTIC="1", DERM_TRAIN_EPOCHS="2")
    warnings = [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]
    assert warnings == [
        "Warning: the environment variable 'DERM_TRAIN_NO_DETERMINISTIC' gives no option of 'derm train'. Did you mean "
        "'DERM_TRAIN_DETERMINISTIC' or 'DERM_TRAIN_NO_AUGMENT'?"
    ]
    result = place.derm("train", exit_status=2, DERM_TRAIN_EPOCHS="2.9")
    assert "'2.9' is not a valid integer" in result.stderr
