"""The vector of answers, number by number, and that it says nothing where nothing is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from derm_cli.errors import DermError, RequestError
from derm_cli.plugin import COMMON_FIELDS, AnswerEncoding, EncodedField

AGE = EncodedField(field=COMMON_FIELDS["age"], mean=50.0, deviation=20.0)
BLEED = EncodedField(field=COMMON_FIELDS["bleed"], shares=(0.25,))
SITE = EncodedField(
    field=COMMON_FIELDS["site"], choices=("head/neck", "palms/soles", "torso"), shares=(0.5, 0.125, 0.375)
)
ENCODING = AnswerEncoding((AGE, BLEED, SITE))


@pytest.mark.parametrize(
    ("answers", "vector"),
    [
        ({}, [0, 0, 0, 0, 0]),
        ({"age": None, "bleed": None, "site": None}, [0, 0, 0, 0, 0]),
        ({"age": 70}, [1, 0, 0, 0, 0]),
        ({"age": 50.0}, [0, 0, 0, 0, 0]),
        ({"bleed": "yes"}, [0, 1.5, 0, 0, 0]),
        ({"bleed": "no"}, [0, -0.5, 0, 0, 0]),
        ({"site": "head/neck"}, [0, 0, 0.5, -0.125, -0.375]),
        ({"site": "palms/soles"}, [0, 0, -0.5, 0.875, -0.375]),
        ({"site": "somewhere else"}, [0, 0, 0, 0, 0]),
        ({"age": 40, "bleed": "no", "site": "torso", "shoe size": 44}, [-0.5, -0.5, -0.5, -0.125, 0.625]),
    ],
)
def test_the_vector_is_what_the_page_says(answers, vector):
    found = ENCODING.encode(answers)
    assert found.dtype == np.float32
    assert found.tolist() == vector
    assert ENCODING.width == 5


@pytest.mark.parametrize(
    ("name", "text", "answer"), [("age", "71", 71.0), ("bleed", "TRUE", "yes"), ("site", "Torso", "torso")]
)
def test_answers_are_parsed(name, text, answer):
    assert ENCODING.parse(name, text, "--answer") == answer
    assert ENCODING.parse(name, "unknown", "--answer") is None


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("blead", "yes", "--answer names no question 'blead' of the model. Did you mean 'bleed'?"),
        ("shoe", "44", "--answer names no question 'shoe' of the model. Known: age, bleed, site."),
        ("age", "young", "--answer answers 'age' with 'young', but it must be a number of years from 0 to 120."),
        ("age", "121", "--answer answers 'age' with '121', but it must be a number of years from 0 to 120."),
        ("bleed", "perhaps", "--answer answers 'bleed' with 'perhaps', but it must be yes or no."),
        (
            "site",
            "trso",
            "--answer answers 'site' with 'trso', but it must be one of head/neck, palms/soles, torso. "
            "Did you mean 'torso'?",
        ),
        ("site", "knee", "--answer answers 'site' with 'knee', but it must be one of head/neck, palms/soles, torso."),
    ],
)
def test_what_is_no_answer_is_refused_in_a_sentence(name, text, said):
    with pytest.raises(RequestError) as refused:
        ENCODING.parse(name, text, "--answer")
    assert str(refused.value) == said


def test_the_facts_survive_json_and_hold_what_an_app_needs():
    values = json.loads(json.dumps(ENCODING.to_json()))
    assert AnswerEncoding.from_json(values) == ENCODING
    assert [each["name"] for each in values["fields"]] == ["age", "bleed", "site"]
    age, bleed, site = values["fields"]
    assert (age["mean"], age["deviation"], age["range"], age["unit"]) == (50, 20, [0, 120], "years")
    assert (bleed["choices"], bleed["shares"]) == (["no", "yes"], [0.25])
    assert (site["choices"], site["shares"]) == (["head/neck", "palms/soles", "torso"], [0.5, 0.125, 0.375])
    assert all(each["title"].endswith("?") for each in values["fields"])


@pytest.mark.parametrize(
    "damage",
    [
        lambda values: values | {"width": 6},
        lambda values: values | {"fields": values["fields"][:1]},
        lambda values: values | {"fields": [values["fields"][2] | {"shares": [0.5]}]},
        lambda values: values | {"fields": [values["fields"][0] | {"kind": "text"}], "width": 1},
        lambda values: values | {"fields": [values["fields"][0] | {"mean": float("nan")}], "width": 1},
        lambda values: {"width": 0},
    ],
)
def test_facts_that_contradict_themselves_are_refused(damage):
    values = damage(ENCODING.to_json())
    with pytest.raises((KeyError, TypeError, ValueError, DermError)):
        AnswerEncoding.from_json(values)
