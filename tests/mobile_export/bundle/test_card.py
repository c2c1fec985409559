"""The model card: what is known stands there with its interval, and what is not is said."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mobile_export.bundle.card import RULES, model_card

HEADINGS = (
    *("Intended use", "Contraindications", "Input", "Model", "Data", "Performance", "Thresholds", "Subgroups"),
    *("Calibration", "Abstention", "Baseline", "Limits", "Provenance", "Where the questions of rules are answered"),
)


def section(card: str, heading: str) -> str:
    return card.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def card(packed):
    return (packed / "MODEL_CARD.md").read_text()


def test_it_begins_with_the_warning_and_that_it_is_no_device(card):
    _, warning, device, *_ = card.split("\n\n")
    assert warning.startswith("**NOT FOR COMMERCIAL USE: trained on made (CC BY-NC 4.0);")
    assert device.startswith("This is not a medical device.")


def test_its_headings_answer_the_rules_that_it_names_and_claim_nothing(card):
    assert tuple(re.findall("^## (.+)$", card, re.MULTILINE)) == HEADINGS
    for rule, answered in RULES:
        for name in re.split("; | to ", answered):
            assert name in HEADINGS or name.startswith(("nothing here", "9")), rule
    for word in ("878.1820", "GMLP", "Annex I, 23", "Annex IV"):
        assert word in section(card, HEADINGS[-1])
    assert "claims to conform to no rule" in card


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("Performance", "| NEV | 30 | 50.0 (40.0 to 60.0) |"),
        ("Performance", "| MEL | 10 | not measured |"),
        ("Thresholds", "| malignant | 90.0 | 0.250 | 90.0 (60.0 to 98.0) | 60.0 | 25.0 |"),
        ("Subgroups", "| Age | not measured |"),
        ("Subgroups", "| Sex | female \\| male | 9 | 50.0 | 12.5 |"),
        ("Subgroups", "| Body site | not measured |"),
        ("Subgroups", "| Skin type (Fitzpatrick) | not measured |"),
        ("Calibration", "not measured"),
        ("Abstention", "not measured"),
        ("Baseline", "not measured: no baseline was fitted"),
        ("Limits", "- Nothing is known of hands."),
        ("Data", "| made | CC BY-NC 4.0 | no |"),
        ("Input", "| blurred | focus | 8 |"),
        ("Contraindications", "Not for diagnosis, treatment"),
    ],
)
def test_what_is_known_has_its_interval_and_what_is_not_is_said(card, heading, said):
    assert said in section(card, heading)


def test_a_run_without_a_test_is_measured_nowhere(pack_request):
    card = model_card(replace(pack_request, evaluation={"cases": 0, "per_class": {}}))
    for heading in ("Performance", "Thresholds", "Subgroups", "Calibration", "Abstention", "Baseline"):
        assert "not measured" in section(card, heading)


def test_questions_and_a_crop_are_asked_for(pack_request, facts_with_answers):
    rule = replace(facts_with_answers.preprocessing, crop="lesion")
    card = model_card(replace(pack_request, facts=replace(facts_with_answers, preprocessing=rule)))
    assert "- Has the spot bled?" in section(card, "Input")
    assert "let the lesion fill the picture" in section(card, "Input")
