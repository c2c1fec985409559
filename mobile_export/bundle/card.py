"""The model card of a bundle: what it is for, how good it is and for whom, and what nobody measured.

Its headings answer what the rules of several places ask of such a page; it claims to conform to none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from derm_cli.plugin import Licence, PackRequest, markdown_table
from mobile_export.bundle.manifest import INTENDED_USE, NO_DEVICE, warning_of

NOT_MEASURED = "not measured"
CONTRAINDICATIONS = (
    "Not for diagnosis, treatment, or a decision to leave a lesion alone. Not for lesions of other kinds than the "
    "classes below, of mucosa, nails or eyes, or that were treated before; not for several lesions in one photograph; "
    "not for cameras, patients and skin types that are not among those measured below."
)
SUBGROUPS = {"age": "Age", "sex": "Sex", "site": "Body site", "fitzpatrick": "Skin type (Fitzpatrick)"}
RULES = (
    ("FDA, 21 CFR 878.1820: intended use, performance, populations", "Intended use; Performance; Subgroups"),
    ("FDA, 21 CFR 878.1820: labelling and limits", "Contraindications; Limits; Input"),
    ("GMLP 1, 9: the whole life of a device; clear information for users", "Intended use; Limits; Provenance"),
    ("GMLP 3, 4: representative participants; training and test sets apart", "Data; Subgroups"),
    ("GMLP 6, 8: a design fit for its use; performance under the conditions of use", "Performance; Input"),
    ("MDR, Annex I, 23.4: purpose, contraindications, performance, residual risks", "Intended use to Limits"),
    ("AI Act, Annex IV, 1: general description, versions", "Model; Provenance"),
    ("AI Act, Annex IV, 2: design, data, testing", "Data; Performance; Baseline"),
    ("AI Act, Annex IV, 3, 4: capabilities and limits; whether the metrics fit", "Subgroups; Calibration; Limits"),
    ("AI Act, Annex IV, 5 to 9: risk management, changes, standards, after the market", "nothing here: its owner's"),
)
"""What a rule asks, in short words, and the headings below that answer it."""
_METRICS = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "precision": "PPV",
    "npv": "NPV",
    "f1": "F1",
    "auc": "AUC",
}


def model_card(request: PackRequest) -> str:
    """Return the model card as Markdown; the same request gives the same text."""
    evaluation, facts = request.evaluation, request.facts
    warning = warning_of(request)
    sections = {
        "Intended use": [INTENDED_USE, "Users: those who build software; no patient, and no doctor on a patient."],
        "Contraindications": [CONTRAINDICATIONS],
        "Input": _input(request),
        "Model": [
            f"{facts.backbone}, of run `{facts.run}`, by derm {facts.derm}. Classes, in the order of the outputs:",
            markdown_table(
                ("class", "title", "severity", "diagnoses"),
                [
                    (each.name, each.title, request.severities.get(each.name) or "not known", "; ".join(each.diagnoses))
                    for each in facts.classes
                ],
            ),
        ],
        "Data": _data(request),
        "Performance": _performance(evaluation),
        "Thresholds": _thresholds(evaluation),
        "Subgroups": _subgroups(evaluation),
        "Calibration": _calibration(evaluation),
        "Abstention": _abstention(evaluation),
        "Baseline": _baselines(evaluation),
        "Limits": [_list([*request.limitations, *evaluation.get("notes", ())])],
        "Provenance": [
            markdown_table(
                ("what", "SHA-256"), [*request.run.get("hashes", {}).items(), *request.run.get("data", {}).items()]
            ),
            markdown_table(("software", "version"), list(request.run.get("versions", {}).items())),
        ],
        "Where the questions of rules are answered": [
            "This page claims to conform to no rule. It says under which heading it answers what each asks.",
            markdown_table(("asked by", "answered under"), RULES),
        ],
    }
    parts = [f"# Model card of {facts.target}, run {facts.run}", *([f"**{warning}**"] if warning else []), NO_DEVICE]
    for title, paragraphs in sections.items():
        parts += [f"## {title}", *(each for each in paragraphs if each)]
    return "\n\n".join(parts) + "\n"


def _input(request: PackRequest) -> list[str]:
    facts = request.facts
    limits = [
        (each["fault"], each["measure"], f"{each['least']:.0f}", f"{each['most']:.0f}")
        for each in request.quality["limits"]
    ]
    asked = [each.field.title for each in facts.answers.fields] if facts.answers else []
    cropped = facts.preprocessing.crop == "lesion"
    return [
        f"One lesion, in the middle, sharp, in even light; the photograph becomes {facts.preprocessing.text()}.",
        "It was trained on lesions cut out of their photographs: let the lesion fill the picture." if cropped else "",
        "What is outside of these limits should be taken again (`run.py` measures it so):",
        markdown_table(("fault", "measure", "least", "most"), limits),
        "Questions that may be answered beside it:\n\n" + _list(asked) if asked else "It asks no question beside it.",
    ]


def _data(request: PackRequest) -> list[str]:
    def rows(licences: Iterable[Licence]) -> list[tuple[str, ...]]:
        return [
            (
                each.name,
                each.licence or "not known here",
                "no" if each.non_commercial else "not forbidden",
                each.citation,
            )
            for each in licences
        ]

    return [
        markdown_table(("dataset", "licence", "commercial use", "citation"), rows(request.datasets)),
        markdown_table(("weights", "licence", "commercial use", "citation"), rows(request.weights))
        if request.weights
        else "",
        "No photograph, name, or identifier of a patient is in this bundle; its test vectors are drawn.",
    ]


def _performance(evaluation: Mapping[str, Any]) -> list[str]:
    per_class: Mapping[str, Any] = evaluation.get("per_class") or {}
    if not evaluation.get("cases"):
        return [f"{NOT_MEASURED}: no photograph was kept for a test."]
    overall = ("balanced_accuracy", "macro_f1", "accuracy", "auc")
    ends = evaluation.get("intervals") or {}
    rows = [
        (
            name,
            each.get("support", ""),
            *(_share(each.get(key), (each.get("intervals") or {}).get(key)) for key in _METRICS),
        )
        for name, each in per_class.items()
    ]
    patients = f" of {evaluation['patients']} patients" if evaluation.get("patients") else ""
    return [
        f"On {evaluation['cases']} photographs{patients} that were kept for a test, in %, with 95 % intervals:",
        markdown_table(("class", "cases", *_METRICS.values()), rows),
        markdown_table(
            ("metric", "value"),
            [(name.replace("_", " "), _share(evaluation.get(name), ends.get(name))) for name in overall],
        ),
        "How often each class occurs there is not how often it occurs elsewhere: PPV and NPV do not carry over.",
    ]


def _thresholds(evaluation: Mapping[str, Any]) -> list[str]:
    rows = []
    for task in ("without_indeterminate", "with_indeterminate"):
        side = (evaluation.get("triage") or {}).get(task) or {}
        for point in side.get("points", ()):
            ends = point.get("intervals") or {}
            measured = (_share(point.get(name), ends.get(name)) for name in ("sensitivity", "specificity"))
            prevalence = _share(side["positives"] / side["cases"]) if side.get("cases") else NOT_MEASURED
            rows.append(
                (
                    ", ".join(side["positive"]),
                    _share(point["target"]),
                    f"{point['threshold']:.3f}",
                    *measured,
                    prevalence,
                )
            )
    header = ("finds", "chosen to find %", "threshold", "sensitivity", "specificity", "share of these in the test %")
    return [markdown_table(header, rows) if rows else f"{NOT_MEASURED}: no threshold was chosen."]


def _subgroups(evaluation: Mapping[str, Any]) -> list[str]:
    rows: list[tuple[Any, ...]] = []
    for column, title in SUBGROUPS.items():
        found = [each for each in evaluation.get("slices") or () if each.get("column") == column]
        rows += [
            (
                title,
                each["value"],
                each["cases"],
                _share(each.get("balanced_accuracy"), each.get("balanced_accuracy_interval")),
                _share(each.get("gap"), each.get("gap_interval")),
                _share(each.get("malignant_sensitivity"), each.get("malignant_interval")),
            )
            for each in found
        ] or [(title, NOT_MEASURED, "", "", "", "")]
    header = ("by", "value", "cases", "balanced accuracy", "gap to the others", "malignant found")
    return ["In %, with 95 % intervals:", markdown_table(header, rows)]


def _calibration(evaluation: Mapping[str, Any]) -> list[str]:
    found, temperature = evaluation.get("calibration") or {}, evaluation.get("temperature") or {}
    if not found:
        return [f"{NOT_MEASURED}."]
    ends = found.get("intervals") or {}
    rows = [
        ("expected calibration error, %", _share(found.get("ece"))),
        ("Brier score, %", _share(found.get("brier"), ends.get("brier"))),
        ("temperature, already in the network", f"{temperature['value']:.3f}" if temperature.get("value") else "none"),
    ]
    return [markdown_table(("what", "value"), rows)]


def _abstention(evaluation: Mapping[str, Any]) -> list[str]:
    rows = [
        (_share(each["answered"]), f"{each['confidence']:.2f}", _share(each.get("accuracy")))
        for each in evaluation.get("abstention") or ()
    ]
    if not rows:
        return [f"{NOT_MEASURED}."]
    return [
        "What is left where the least confident are not answered:",
        markdown_table(("answered %", "least confidence", "accuracy %"), rows),
    ]


def _baselines(evaluation: Mapping[str, Any]) -> list[str]:
    rows = [
        (
            each.get("title", name),
            *(
                _share(each.get(metric), (each.get("intervals") or {}).get(metric))
                for metric in ("balanced_accuracy", "macro_f1")
            ),
        )
        for name, each in (evaluation.get("baselines") or {}).items()
        if "macro_f1" in each
    ]
    if not rows:
        return [f"{NOT_MEASURED}: no baseline was fitted."]
    return [
        "Simple classifiers of the same training part, in %:",
        markdown_table(("baseline", "balanced accuracy", "macro F1"), rows),
    ]


def _share(value: float | None, interval: Sequence[Any] | None = None) -> str:
    if value is None:
        return NOT_MEASURED
    ends = f" ({100 * interval[0]:.1f} to {100 * interval[1]:.1f})" if interval else ""
    return f"{100 * value:.1f}{ends}"


def _list(texts: Iterable[str]) -> str:
    return "\n".join(f"- {text}" for text in texts) or NOT_MEASURED
