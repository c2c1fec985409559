"""STUDY.toml, value by value."""

from __future__ import annotations

import pytest

from derm_cli.errors import RequestError
from derm_cli.studies.asking.study_file import read_study_file, study_of
from tests.support.studies import MadeOptions

WHOLE = """
title = "Which backbone"
seeds = [0, 1]
folds = 5
reference = "b"

[options]
chain = "imagenet,clinic"
epochs = 2

[grid]
backbone = ["small", "large"]
recipe = ["paper", "strong"]

[[exclude]]
backbone = "small"
recipe = "paper"

[[rows]]
name = "b"
chain = "imagenet,edra,clinic"
published = { accuracy = 42.71, macro_f1 = 28.65 }
"""


def test_a_whole_study_is_read(tmp_path):
    path = tmp_path / "backbones.toml"
    path.write_text(WHOLE)
    spec = read_study_file(path, MadeOptions())
    assert (spec.name, spec.title, spec.seeds, spec.folds, spec.reference) == (
        "backbones",
        "Which backbone",
        (0, 1),
        5,
        "b",
    )
    assert [row.name for row in spec.rows] == [
        "backbone large; recipe strong",
        "backbone large; recipe paper",
        "backbone small; recipe strong",
        "b",
    ]
    assert spec.rows[0].options == {
        "chain": "imagenet,clinic",
        "epochs": 2,
        "backbone": "large",
        "recipe": "strong",
    }
    assert spec.rows[3].options == {"chain": "imagenet,edra,clinic", "epochs": 2}
    assert spec.rows[3].published == pytest.approx({"accuracy": 0.4271, "macro_f1": 0.2865})


def test_without_a_grid_there_is_one_row():
    assert [row.name for row in study_of("s", {"options": {"chain": "clinic"}}, MadeOptions()).rows] == ["default"]


def test_what_the_command_gives_wins_in_every_row():
    spec = study_of(
        "s",
        {
            "options": {"epochs": 2},
            "seeds": [3],
            "grid": {"backbone": ["a", "b"]},
            "rows": [{"name": "x", "epochs": 5}],
        },
        MadeOptions(),
        {"epochs": "7", "target": "clinic", "seeds": [1, 2], "folds": 3},
    )
    assert {row.options["epochs"] for row in spec.rows} == {7}
    assert {row.options["target"] for row in spec.rows} == {"clinic"}
    assert (spec.seeds, spec.folds) == ((1, 2), 3)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"option": {}}, "A study has no key 'option'. Did you mean 'options'?"),
        ({"backbone": "x"}, "It is an option of a training: put it under [options]"),
        ({"seed": 3}, "A study has no key 'seed': give seeds = [0, 1, 2] above the tables."),
        ({"fold": 3}, "A study has no key 'fold': give folds = 5 above the tables."),
        ({"resume": True}, "A study has no key 'resume': 'derm study resume' goes on with a study."),
        ({"options": {"epoch": 3}}, "[options]: 'derm train' has no option 'epoch'. Did you mean 'epochs'?"),
        ({"options": {"epochs": "x"}}, "'epochs' in [options] is 'x', but must be int."),
        ({"options": {"seed": 3}}, "'seed' stands in [options], but is no option of a row: give seeds = [0, 1, 2]"),
        ({"options": {"no-store": True}}, "a study trains each beginning once"),
        ({"options": 3}, "'options' of the study is '3', but must be a table"),
        ({"grid": {"backbone": "large"}}, "'backbone' in [grid] is 'large', but must be a list of values"),
        ({"grid": {"backbone": []}}, "'backbone' in [grid] is '[]', but must be a list of values"),
        ({"grid": {"backbone": ["a", "a"]}}, "'backbone' in [grid] has 'a' twice: name each value once."),
        ({"grid": {"backbones": ["a"]}}, "[grid]: 'derm train' has no option 'backbones'. Did you mean 'backbone'?"),
        ({"exclude": [{"backbone": "a"}]}, "A study has [[exclude]], but no [grid]"),
        ({"exclude": {"backbone": "a"}}, "'exclude' of the study is"),
        ({"rows": [{"backbone": "a"}]}, "A row of [[rows]] has the name 'None', but must have one"),
        ({"rows": [{"name": "a", "epoch": 1}]}, "row 'a': 'derm train' has no option 'epoch'."),
        ({"rows": [{"name": "a", "published": {"f1": 3}}]}, "'published' of row 'a' has 'f1'."),
        ({"rows": [{"name": "a", "published": {"accuracy": 140}}]}, "'accuracy' published for row 'a' is '140'"),
        ({"rows": [{"name": "a", "published": 3}]}, "'published' of row 'a' is '3', but must be a table"),
        ({"seeds": ["a"]}, "'seeds' is '['a']', but must be a list of whole numbers"),
        ({"seeds": [-1]}, "'seeds' is '[-1]'"),
        ({"folds": 1}, "'folds' is '1', but must be a whole number from 2 to 100, or 0 for none."),
        ({"folds": "5"}, "'folds' is '5', but must be a whole number"),
        ({"title": 3}, "'title' of the study is '3', but must be a line of text"),
        ({"reference": "x"}, "which is no row"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_value_and_a_remedy(content, sentence):
    with pytest.raises(RequestError) as refused:
        study_of("s", content, MadeOptions())
    assert sentence in str(refused.value)


def test_an_option_cannot_be_varied_and_given():
    with pytest.raises(RequestError, match=r"'epochs' is varied under \[grid\], but the command gives it too"):
        study_of("s", {"grid": {"epochs": [1, 2]}}, MadeOptions(), {"epochs": "7"})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"grid = [", "is not valid TOML"),
        (b"\xff\xfe\xfd", "save it as text in UTF-8"),
        (None, "cannot be read (No such file or directory): name a file of yours"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, text, sentence):
    path = tmp_path / "s.toml"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(RequestError) as refused:
        read_study_file(path, MadeOptions())
    assert sentence in str(refused.value)
    assert str(path) in str(refused.value)
