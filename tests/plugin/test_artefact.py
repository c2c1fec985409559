import json
from dataclasses import replace

import pytest

from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing
from derm_cli.plugin import COMMON_FIELDS, AnswerEncoding, ArtefactFacts, EncodedField, ThresholdFacts
from derm_cli.taxonomy import LesionClass

FACTS = ArtefactFacts(
    run="r",
    classes=(LesionClass(name="MEL", title="Melanom é", diagnoses=("Malignant",)),),
    preprocessing=Preprocessing(size=32, resize="crop"),
    backbone="b",
    target="t",
    made=True,
    derm="1",
)


def test_facts_survive_json():
    assert ArtefactFacts.from_json(FACTS.to_json(), "x") == FACTS


ANSWERS = AnswerEncoding((EncodedField(field=COMMON_FIELDS["bleed"], shares=(0.25,)),))


def test_facts_of_answers_survive_json_and_are_not_there_without():
    assert "answers" not in json.loads(FACTS.to_json())
    facts = replace(FACTS, answers=ANSWERS)
    assert json.loads(facts.to_json())["answers"]["width"] == 1
    assert ArtefactFacts.from_json(facts.to_json(), "x") == facts


THRESHOLD = ThresholdFacts(
    find=("malignant",), classes=("MEL",), sensitivity=0.95, threshold=0.1, cases=40, groups=20, low=0.82, high=1.0
)


def test_facts_of_thresholds_survive_json_and_are_not_there_without():
    assert "thresholds" not in json.loads(FACTS.to_json())
    facts = replace(FACTS, thresholds=(THRESHOLD, replace(THRESHOLD, cases=None, groups=None, low=None, high=None)))
    assert json.loads(facts.to_json())["thresholds"][0]["classes"] == ["MEL"]
    assert ArtefactFacts.from_json(facts.to_json(), "x") == facts


def with_rule(**rule):
    return json.dumps(json.loads(FACTS.to_json()) | {"preprocessing": rule})


def test_a_file_of_before_profiles_were_followed_means_what_it_meant():
    found = ArtefactFacts.from_json(with_rule(size=32, resize="crop", interpolation="area"), "model.tflite")
    expected = Preprocessing(size=32, resize="crop", interpolation="area", profile="ignored")
    assert found.preprocessing == expected
    assert (expected.crop, expected.constancy) == ("none", "none")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"size": 32, "resize": "stretch"}, "resize 'stretch' is none of squash, letterbox, crop"),
        ({"size": 32, "constancy": "retinex"}, "constancy 'retinex' is none of none, shades-of-grey"),
        ({"size": 32, "sharpen": 1}, "sharpen"),
        ({"size": "32"}, "size '32' is no number of pixels"),
        ({"size": True}, "size 'True' is no number of pixels"),
        ({"size": 0}, "size '0' is no number of pixels"),
        ({"size": 32, "crop_margin": 3}, "crop_margin '3' is no share from 0 to 2"),
        ({"size": 32, "crop_margin": "0.2"}, "crop_margin '0.2' is no share from 0 to 2"),
        ({"resize": "squash"}, "size"),
    ],
)
def test_a_preprocessing_that_this_derm_does_not_know_is_refused(rule, said):
    """Nobody can tell the pixels that were meant, so no answer is better than one on others."""
    with pytest.raises(DermError, match=r"'model\.tflite' does not carry derm's facts") as caught:
        ArtefactFacts.from_json(with_rule(**rule), "model.tflite")
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"run": 1}'])
def test_facts_that_are_not_derms_are_refused(text):
    with pytest.raises(DermError, match=r"'model\.tflite' does not carry derm's facts"):
        ArtefactFacts.from_json(text, "model.tflite")
