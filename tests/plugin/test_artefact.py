import pytest

from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing
from derm_cli.plugin import ArtefactFacts
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


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"run": 1}'])
def test_facts_that_are_not_derms_are_refused(text):
    with pytest.raises(DermError, match=r"'model\.tflite' does not carry derm's facts"):
        ArtefactFacts.from_json(text, "model.tflite")
