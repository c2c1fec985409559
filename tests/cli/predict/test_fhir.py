"""``derm predict --fhir``: Observations that a validator of others takes, in R4 and R5, and that name nobody."""

from __future__ import annotations

import hashlib
import json

import pytest
from PIL import Image

from derm_cli.taxonomy import LesionClass
from tests.support.artefact_files import made_facts
from tests.support.mean_colour_onnx import write_onnx

BCC = "Malignant:Malignant adnexal epithelial proliferations - Follicular:Basal cell carcinoma"
MEL = "Malignant:Malignant melanocytic proliferations (Melanoma)"
FACTS = made_facts(
    classes=(
        LesionClass(name="BCC", title="Basal cell carcinoma", diagnoses=(BCC,)),
        LesionClass(name="MEL", title="Melanoma", diagnoses=(MEL,)),
    )
)


@pytest.fixture
def asked(place, tmp_path):
    """A place, a model, and photographs whose names, and whose folder, are a patient's."""
    folder = tmp_path / "Doe-Jane"
    folder.mkdir()
    Image.new("RGB", (32, 32), (200, 90, 10)).save(folder / "jane.png")
    (folder / "unread.jpg").write_bytes(b"no photograph")
    return place, write_onnx(tmp_path / "model.onnx", FACTS), folder


def validated(release, bundle):
    """Return the Observations of a Bundle, and of each alone, as a release's classes read them."""
    if release == "R5":
        from fhir.resources.bundle import Bundle
        from fhir.resources.observation import Observation
    else:
        from fhir.resources.R4B.bundle import Bundle
        from fhir.resources.R4B.observation import Observation
    Bundle.model_validate(bundle)
    return [Observation.model_validate(each["resource"]) for each in bundle["entry"]]


@pytest.mark.parametrize("release", ["R4", "R5"])
def test_each_answer_is_a_preliminary_observation(release, asked, tmp_path):
    place, model, folder = asked
    file = tmp_path / "answers.json"
    answers = place.derm("predict", model, folder, "--fhir", file, "--subject", "Patient/123", "--json", exit_status=1)
    answer = json.loads(answers.stdout)["answers"][0]
    read, unread = validated(release, json.loads(file.read_text()))
    for each in (read, unread):
        assert each.status == "preliminary"
        assert each.subject.reference == "Patient/123"
        assert "not a medical device" in each.note[0].text
        assert FACTS.run in each.device.display
    (identifier,) = read.identifier
    assert identifier.value == hashlib.sha256((folder / "jane.png").read_bytes()).hexdigest()
    told = {each.code.text: float(each.valueQuantity.value) for each in read.component}
    assert told == pytest.approx({each.title: answer["probabilities"][each.name] for each in FACTS.classes}, abs=1e-12)
    assert read.valueCodeableConcept.text == {e.name: e.title for e in FACTS.classes}[answer["prediction"]]
    assert unread.valueCodeableConcept is None
    assert unread.dataAbsentReason.coding[0].code == "error"


def test_a_code_stands_only_where_it_is_sure(asked, tmp_path):
    place, model, folder = asked
    place.derm("predict", model, folder / "jane.png", "--fhir", tmp_path / "a.json")
    (entry,) = json.loads((tmp_path / "a.json").read_text())["entry"]
    codes = {each["code"]["text"]: each["code"].get("coding") for each in entry["resource"]["component"]}
    assert codes["Basal cell carcinoma"][0]["code"] == "254701007"
    # SNOMED's malignant melanoma is without melanoma in situ.
    assert codes["Melanoma"] is None


def test_nobody_is_named(asked, tmp_path):
    place, model, folder = asked
    for name in ("a.json", "a.ndjson"):
        place.derm("predict", model, folder, "--fhir", tmp_path / name, exit_status=1)
        text = (tmp_path / name).read_text().lower()
        assert "subject" not in text
        assert not any(word in text for word in ("jane", "doe", str(tmp_path).lower(), "unread.jpg"))


def test_lines_hold_the_same(asked, tmp_path):
    place, model, folder = asked
    place.derm("predict", model, folder, "--fhir", tmp_path / "a.ndjson", exit_status=1)
    lines = (tmp_path / "a.ndjson").read_text().splitlines()
    entries = [{"fullUrl": "urn:uuid:x", "resource": json.loads(line)} for line in lines]
    assert len(validated("R5", {"resourceType": "Bundle", "type": "collection", "entry": entries})) == 2


@pytest.mark.parametrize("reference", ["Jane Doe", "Patient/", "patient/1", "Patient/1 2", "../1"])
def test_a_reference_that_is_none_is_refused(reference, asked, tmp_path):
    place, model, folder = asked
    asked_for = ("predict", model, folder, "--fhir", tmp_path / "a.json", "--subject", reference)
    assert "is no reference of FHIR: give one such as Patient/123" in place.refused(*asked_for, exit_status=2)
    said = place.refused("predict", model, folder, "--subject", "Patient/1", exit_status=2)
    assert "--subject 'Patient/1' goes with --fhir alone" in said
