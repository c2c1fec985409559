"""An answer as an Observation of HL7 FHIR, the same in R4 and R5: ``derm predict --fhir``.

It names no patient but by the reference that a user gives, and no file, whose path may name one: a photograph is known
by its SHA-256.
"""

from __future__ import annotations

import re
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from derm_cli.errors import RequestError
from derm_cli.files import sha256_of
from derm_cli.plugin import ArtefactFacts
from derm_cli.runs.folder import now
from derm_cli.taxonomy import LesionClass
from derm_cli.workflows.predicting.predict import ImagePrediction

HEAD: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
"""What the Observations of several photographs stand in, as its ``entry``."""
NO_DEVICE = "Computed by a research model, not a medical device: no diagnosis, and to be judged by a physician."
MADE = "The model was trained on synthetic photographs: its answers mean nothing."
SNOMED = "http://snomed.info/sct"
SURE = {
    "Malignant:Malignant adnexal epithelial proliferations - Follicular:Basal cell carcinoma": (
        "254701007",
        "Basal cell carcinoma of skin",
    ),
}
"""SNOMED CT codes of diagnoses that mean the same there.  Others are told as text: a code for melanoma, for example,
would leave out melanoma in situ, which classes cover."""
_REFERENCE = re.compile(r"(https?://[^\s<>\"]+/)?[A-Z][A-Za-z]{1,63}/[A-Za-z0-9\-.]{1,64}|urn:uuid:[0-9a-f-]{36}")


def checked_subject(reference: str | None) -> str | None:
    """Return a reference to a patient.  Raises RequestError where it is none of FHIR's."""
    if reference is not None and not _REFERENCE.fullmatch(reference):
        raise RequestError(f"--subject '{reference}' is no reference of FHIR: give one such as Patient/123.")
    return reference


def observation(answer: ImagePrediction, facts: ArtefactFacts, subject: str | None = None) -> dict[str, Any]:
    """Return an answer as an Observation, JSON values: its status is preliminary, its components probabilities."""
    resource: dict[str, Any] = {
        "resourceType": "Observation",
        "id": str(uuid.uuid4()),
        "status": "preliminary",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "imaging"}]}
        ],
        "code": {"text": "Classification of a skin lesion from a photograph"},
        "issued": now(),
        "device": {"display": f"derm {facts.derm}, run {facts.run}, {facts.backbone}"},
        "note": [{"text": text} for text in (NO_DEVICE, *([MADE] if facts.made else []))],
    }
    with suppress(OSError):
        named = {"text": "SHA-256 of the photograph's file"}
        resource["identifier"] = [{"type": named, "value": sha256_of(Path(answer.file))}]
    if subject:
        resource["subject"] = {"reference": subject}
    if answer.probabilities is None:
        absent = {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "error"}
        return resource | {"dataAbsentReason": {"coding": [absent], "text": "The photograph could not be read"}}
    by_name = {each.name: each for each in facts.classes}
    resource["valueCodeableConcept"] = _concept(by_name[str(answer.prediction)])
    resource["component"] = [
        {"code": _concept(by_name[name]), "valueQuantity": {"value": value, **_ONE}}
        for name, value in answer.probabilities.items()
    ]
    return resource


def entry(resource: dict[str, Any]) -> dict[str, Any]:
    """Return the entry of a Bundle for a resource."""
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}


_ONE = {"unit": "probability", "system": "http://unitsofmeasure.org", "code": "1"}


def _concept(each: LesionClass) -> dict[str, Any]:
    concept: dict[str, Any] = {"text": each.title}
    if len(each.diagnoses) == 1 and each.diagnoses[0] in SURE:
        code, display = SURE[each.diagnoses[0]]
        concept["coding"] = [{"system": SNOMED, "code": code, "display": display}]
    return concept
