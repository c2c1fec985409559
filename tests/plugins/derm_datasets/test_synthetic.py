"""The made datasets as a registry sees them: light to import, and placed in the ISIC hierarchy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from derm_cli.plugin import DatasetSpec
from derm_cli.taxonomy import covering_class, known_diagnoses
from derm_datasets.synthetic import DOMAINS, SPECS
from derm_datasets.synthetic.conditions import CONDITIONS, condition_and_form


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = ("numpy", "scipy", "PIL", "pandas", "sklearn", "tensorflow", "keras")
    code = f"import sys, derm_datasets.synthetic as s; assert s.SPECS; print([n for n in {heavy} if n in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_there_are_three_made_datasets_that_say_so() -> None:
    assert [spec.name for spec in SPECS] == ["synthetic-dermoscopy", "synthetic-clinic", "synthetic-phone"]
    for spec in SPECS:
        assert spec.synthetic
        assert spec.modality == "made"
        assert "no patient" in spec.licence
        assert "made" in spec.title


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda each: each.name)
def test_every_diagnosis_is_a_place_of_the_hierarchy_and_gives_its_form_back(condition) -> None:
    assert set(condition.diagnoses) <= known_diagnoses()
    for form in condition.forms:
        assert form.diagnosis in known_diagnoses()
        assert condition_and_form(form.diagnosis) == (condition.name, form.name)
    assert sum(form.share for form in condition.forms) == pytest.approx(1)


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda each: each.name)
def test_each_form_falls_into_its_own_class(domain) -> None:
    for name, condition, _ in domain.classes:
        for form in condition.forms:
            assert covering_class(domain.lesion_classes, form.diagnosis) == name


def _fates(source: DatasetSpec, target: DatasetSpec) -> dict[str, str | None]:
    return {each.name: covering_class(target.classes, each.diagnoses[0]) for each in source.classes}


def test_merging_into_the_phones_classes_joins_what_agrees_and_drops_the_rest() -> None:
    dermoscopy, clinic, phone = SPECS
    into = {"nv": "NEV", "mel": "MEL", "bcc": "BCC", "sk": "SEK", "vasc": None, "df": None}
    assert _fates(dermoscopy, phone) == into
    into = {"NEV": "NEV", "MEL": "MEL", "BCC": "BCC", "AK": "ACK", "SCC": "SCC", "SK": "SEK", "DF": None}
    assert _fates(clinic, phone) == into


def test_classes_are_unbalanced_and_melanoma_is_rare() -> None:
    for domain in DOMAINS:
        counts = domain.counts
        assert max(counts.values()) >= 2 * min(counts.values())
        assert counts[{"D": "mel", "C": "MEL", "P": "MEL"}[domain.code]] < sum(counts.values()) / 6
