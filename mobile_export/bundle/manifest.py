"""Writes the manifest of a bundle: all that an app has to know, as JSON by ``manifest.schema.json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from derm_cli.plugin import FLOAT_INPUT, AnswerEncoding, Licence, PackedModel, PackRequest, ThresholdFacts, sha256_of
from mobile_export.artefact.contract import ANSWERS, INPUT, OUTPUT, TITLES_LOCALE
from mobile_export.bundle.layout import FORMAT, VERSION

NO_DEVICE = (
    "This is not a medical device. It is for those who build and test classifiers of skin lesions: nobody may be "
    "diagnosed or treated by it unless somebody has validated that use and answers for it."
)
INTENDED_USE = (
    "To build, compare and test software that classifies photographs of single skin lesions by the classes below, on "
    "photographs like those it was trained and tested on."
)
ADVICE = {
    "now": "Show this lesion to a doctor now.",
    "soon": "Show this lesion to a doctor soon.",
    "not": "The rule refers this lesion to nobody. It misses some: show it to a doctor if it changes or worries you.",
}
NO_RULE = "No threshold was chosen for this model: its probabilities alone refer nobody, and clear nobody."
RETAKE = "Take the photograph again: sharp, in even light, the lesion in the middle."
_TASKS = {("malignant",): "without_indeterminate", ("indeterminate", "malignant"): "with_indeterminate"}
_MEASURED = ("sensitivity", "specificity", "precision", "npv", "referred")


def manifest_of(request: PackRequest, models: Sequence[tuple[str, PackedModel]], folder: Path) -> dict[str, Any]:
    """Return the manifest of the files that stand in a bundle's folder; ``models`` are by the names they have there."""
    facts, run = request.facts, request.run
    temperature = request.evaluation.get("temperature") or {}
    files = [each for each in folder.rglob("*") if each.is_file()]
    hashes = {each.relative_to(folder).as_posix(): _identity(each) for each in files}
    return {
        "warning": warning_of(request),
        "medical_device": NO_DEVICE,
        "format": FORMAT,
        "version": VERSION,
        "task": "classification of photographs of single skin lesions",
        "description": f"{facts.backbone}, trained by derm {facts.derm} for the classes of {facts.target}",
        "intended_use": INTENDED_USE,
        "licences": {
            "non_commercial": is_non_commercial(request),
            "datasets": [asdict(each) for each in request.datasets],
            "weights": [asdict(each) for each in request.weights],
        },
        "run": {
            "id": facts.run,
            "backbone": facts.backbone,
            "target": facts.target,
            "synthetic": facts.made,
            "hashes": dict(run.get("hashes", {})),
            "data": dict(run.get("data", {})),
        },
        "versions": {"derm": facts.derm, **run.get("versions", {})},
        "classes": list(_classes(request)),
        "preprocessing": facts.preprocessing.to_json(),
        "views": facts.views.to_json(),
        "questions": None if facts.answers is None else _questions(facts.answers),
        "temperature": (
            {"value": temperature["value"], "cases": temperature.get("cases")} if temperature.get("value") else None
        ),
        "inputs": list(_inputs(request)),
        "outputs": [_probabilities(request)],
        "thresholds": [each.to_json() | {"measured": _measured(each, request.evaluation)} for each in facts.thresholds],
        "advice": _advice(request),
        "quality": dict(request.quality),
        "models": [
            {
                "file": name,
                "exporter": each.exporter,
                "variant": each.variant,
                "input": "float32" if each.variant.endswith(FLOAT_INPUT) else "uint8",
                **hashes[name],
                "parity": dict(each.parity),
            }
            for name, each in models
        ],
        "files": dict(sorted(hashes.items())),
    }


def titles_by_language(request: PackRequest) -> dict[str, tuple[str, ...]]:
    """Return the titles of the classes in their order, by language; English is always there."""
    english = {TITLES_LOCALE: tuple(each.title for each in request.facts.classes)}
    return english | dict(request.facts.titles)


def is_non_commercial(request: PackRequest) -> bool:
    """Tell whether something that the model comes from may not be used commercially."""
    return any(each.non_commercial for each in (*request.datasets, *request.weights))


def warning_of(request: PackRequest) -> str:
    """Return what has to be said before anything else; '' where there is nothing."""
    forbidden = [each for each in (*request.datasets, *request.weights) if each.non_commercial]
    sentences = [
        f"NOT FOR COMMERCIAL USE: trained on {_named(forbidden)}; ask the owners before a business uses this model."
    ] * bool(forbidden)
    sentences += ["SYNTHETIC: drawn photographs were among those trained or tested on."] * request.facts.made
    return " ".join(sentences)


def _named(licences: Sequence[Licence]) -> str:
    return ", ".join(f"{each.name} ({each.licence})" for each in licences)


def _identity(path: Path) -> dict[str, Any]:
    return {"size": path.stat().st_size, "sha256": sha256_of(path)}


def _classes(request: PackRequest) -> Iterator[dict[str, Any]]:
    titles = titles_by_language(request)
    for number, each in enumerate(request.facts.classes):
        yield {
            "name": each.name,
            "title": each.title,
            "titles": {language: of_classes[number] for language, of_classes in titles.items()},
            "diagnoses": list(each.diagnoses),
            "severity": request.severities.get(each.name),
        }


def _questions(encoding: AnswerEncoding) -> dict[str, Any]:
    """Return the questions, and for each number of the vector how it comes of an answer: ``(value - less) / over``.

    The value is the answer itself, or whether it is ``is``, 1 or 0; a question that is not answered gives 0.
    """
    vector: list[dict[str, Any]] = []
    for each in encoding.fields:
        row = {"question": each.field.name, "is": "", "less": 0.0, "over": 1.0}
        if each.field.kind == "number":
            vector.append(row | {"less": each.mean, "over": each.deviation})
        elif each.field.kind == "yes-no":
            vector.append(row | {"is": "yes", "less": each.shares[0], "over": 0.5})
        else:
            vector += [
                row | {"is": choice, "less": share} for choice, share in zip(each.choices, each.shares, strict=True)
            ]
    return encoding.to_json() | {"vector": vector}


def _inputs(request: PackRequest) -> Iterator[dict[str, Any]]:
    side, encoding = request.facts.preprocessing.size, request.facts.answers
    yield {
        "name": INPUT,
        "type": "uint8",
        "shape": ["batch", side, side, 3],
        "layout": "NHWC",
        "range": [0, 255],
        "channels": ["red", "green", "blue"],
        "description": "The photograph, upright, in sRGB, on white, a square by 'preprocessing'; TFLite's batch is 1.",
    }
    if encoding is not None:
        yield {
            "name": ANSWERS,
            "type": "float32",
            "shape": ["batch", encoding.width],
            "description": "What is known of the patient, by 'questions'; zeros say nothing.",
        }


def _probabilities(request: PackRequest) -> dict[str, Any]:
    return {
        "name": OUTPUT,
        "type": "float32",
        "shape": ["batch", len(request.facts.classes)],
        "range": [0, 1],
        "description": "The probability of each class, in the order of 'classes'.",
    }


def _measured(threshold: ThresholdFacts, evaluation: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the operating point that a threshold gave on the test part, None where it was not measured."""
    side = (evaluation.get("triage") or {}).get(_TASKS.get(threshold.find, "")) or {}
    point = next((each for each in side.get("points", ()) if each.get("target") == threshold.sensitivity), None)
    if point is None or not side.get("cases"):
        return None
    intervals = {name: ends and ends[:2] for name, ends in (point.get("intervals") or {}).items()}
    return {
        "cases": side["cases"],
        "positives": side["positives"],
        "prevalence": side["positives"] / side["cases"],
        **{name: point.get(name) for name in _MEASURED},
        "intervals": {name: ends or None for name, ends in intervals.items()},
    }


def _advice(request: PackRequest) -> dict[str, Any]:
    """Return the rules of referral, the most urgent first, as an app applies them."""
    rules = [
        {
            "name": each["name"],
            "classes": [name for name, severity in request.severities.items() if severity in each["sought"]],
            "threshold": each["threshold"],
            "text": ADVICE.get(each["name"], each["name"]),
        }
        for each in request.evaluation.get("referral") or ()
        if each.get("threshold") is not None
    ]
    rules = [each for each in rules if each["classes"]]
    otherwise = {"name": "not", "text": ADVICE["not"]} if rules else {"name": "none", "text": NO_RULE}
    return {"rules": rules, "otherwise": otherwise, "retake": {"name": "retake", "text": RETAKE}}
