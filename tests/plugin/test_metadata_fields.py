"""Questions mean the same in every dataset, and an answer is understood however it is written, or refused."""

from __future__ import annotations

import json

import pytest

from derm_cli.errors import SpecError
from derm_cli.plugin import COMMON_FIELDS, MetadataField, common_fields
from derm_cli.plugin.metadata_fields import means_the_common_one
from derm_datasets import derm_datasets

BLEED, AGE, SEX, SITE = (COMMON_FIELDS[name] for name in ("bleed", "age", "sex", "site"))


@pytest.mark.parametrize(
    ("field", "text", "answer"),
    [
        *((BLEED, text, "yes") for text in ("yes", "Yes ", "TRUE", "y", "1", "1.0")),
        *((BLEED, text, "no") for text in ("no", "False", "n", "0")),
        *((field, text, None) for field in (BLEED, AGE, SEX) for text in ("", "UNK", "n/a", "unknown", "?")),
        *((AGE, text, answer) for text, answer in (("71", 71), ("71.5", 71.5), ("0,5", 0.5), (" 120 ", 120))),
        *((SEX, text, "male") for text in ("male", "MALE")),
        (SITE, "Head/Neck", "head/neck"),
        (SITE, "left   knee", "left knee"),
    ],
)
def test_an_answer_is_understood(field, text, answer):
    assert field.parse(text) == answer


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        (BLEED, "maybe", "'maybe' is not yes or no"),
        (BLEED, "2", "'2' is not yes or no"),
        (AGE, "old", "'old' is not a number of years from 0 to 120"),
        (AGE, "121", "from 0 to 120"),
        (AGE, "-5", "from 0 to 120"),
        (AGE, "1e2", "a number of years"),
        (AGE, "inf", "a number of years"),
        (SEX, "m", "'m' is not one of female, male"),
    ],
)
def test_what_is_no_answer_is_refused_with_what_is_one(field, text, said):
    with pytest.raises(ValueError, match="is not") as refused:
        field.parse(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"name": "Does it itch"}, "name"),
        ({"name": "has-it"}, "name"),
        ({"title": " "}, "title"),
        ({"kind": "text"}, "kind"),
        ({"known_by": "nurse"}, "known_by"),
        ({"choices": ("red", "red")}, "choices"),
        ({"choices": ("red",)}, "choices"),
        ({"choices": ("Red", "blue")}, "choices"),
        ({"choices": ("red", "unknown")}, "choices"),
        ({"choices": ["red", "blue"]}, "choices"),
        ({"kind": "yes-no", "choices": ("yes", "no")}, "choices"),
        ({"range": (0, 1)}, "range"),
        ({"kind": "number", "range": (1, 0)}, "range"),
        ({"kind": "number", "range": (0, float("inf"))}, "range"),
        ({"kind": "number", "range": (0,)}, "range"),
    ],
)
def test_a_wrong_field_is_named(changes, named):
    with pytest.raises(SpecError, match=f"metadata field .*: field '{named}' is .*, but must be"):
        MetadataField(**{"name": "colour", "title": "Which colour is it?", "kind": "choice"} | changes)


@pytest.mark.parametrize("field", COMMON_FIELDS.values(), ids=lambda field: field.name)
def test_a_field_survives_json_and_can_be_asked(field):
    found = MetadataField.from_json(json.loads(json.dumps(field.to_json())))
    assert (found.name, found.kind, found.choices, found.range) == (
        field.name,
        field.kind,
        field.choices,
        field.range,
    )
    assert field.title.endswith("?")


def test_a_dataset_may_word_a_common_question_anew_but_not_change_its_answers():
    (changed,) = common_fields("changed", changed="Has the skin darkened?")
    assert changed.title == "Has the skin darkened?"
    assert means_the_common_one(changed)
    assert not means_the_common_one(MetadataField(name="changed", title="How much?", kind="number"))
    assert means_the_common_one(MetadataField(name="smoke", title="Do you smoke?", kind="yes-no"))


def test_every_built_in_dataset_that_tells_of_patients_declares_its_questions():
    asked = {spec.name: {field.name for field in spec.metadata} for spec in derm_datasets()}
    assert {"age", "sex", "site", "itch", "grew", "hurt", "changed", "bleed", "elevation"} <= asked["pad-ufes-20"]
    for name in ("ham10000", "isic-2018", "isic-2019", "isic-2020", "isic-archive", "synthetic-phone"):
        assert {"age", "sex", "site"} <= asked[name], name
    assert {"sex", "site", "elevation"} <= asked["edra"]
    assert {"sex", "site", "itch"} <= asked["scin"]
    assert asked["csv"] == asked["dermai"] == set(COMMON_FIELDS)
    # What gives the label away is declared as what it is.
    telling = {spec.name: {field.name for field in spec.metadata if field.tells_label} for spec in derm_datasets()}
    assert telling["pad-ufes-20"] == {"biopsy"}
    assert telling["ham10000"] == {"confirmed_by"}
    assert telling["edra"] == {"management"}
