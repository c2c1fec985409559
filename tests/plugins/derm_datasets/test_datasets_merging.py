"""Merging by diagnosis alone: the paper's mapping of public diagnoses into its target, and other pairs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from derm_cli.taxonomy import covering_class, known_diagnoses
from derm_datasets import dermai, dermofit, edra, ham10000, pad_ufes_20
from derm_datasets.reading import first_places

MODULES = (edra, dermofit, dermai, pad_ufes_20, ham10000)

PAPER_EDRA = {
    "seborrheic keratosis": "SebKer",
    "blue nevus": "Nev",
    "clark nevus": "Nev",
    "combined nevus": "Nev",
    "congenital nevus": "Nev",
    "dermal nevus": "Nev",
    "recurrent nevus": "Nev",
    "reed or spitz nevus": "Nev",
    "basal cell carcinoma": "BCC",
    "melanoma": "MM",
    "melanoma (in situ)": "MM",
    "melanoma (less than 0.76 mm)": "MM",
    "melanoma (0.76 to 1.5 mm)": "MM",
    "melanoma (more than 1.5 mm)": "MM",
    "melanoma metastasis": "MM",
    "dermatofibroma": "Drmfib",
    "lentigo": "SLent",
    "melanosis": None,
    "miscellaneous": None,
    "vascular lesion": None,
}
PAPER_DERMOFIT = {
    "AK": "ActKer",
    "BCC": "BCC",
    "DF": "Drmfib",
    "IEC": "OtMalNeop",
    "MEL": "MM",
    "ML": "Nev",
    "PYO": "UncNeop",
    "SCC": "OtMalNeop",
    "SK": "SebKer",
    "VASC": "Haem",
}


def test_edra_merges_into_the_target_as_in_the_paper() -> None:
    merged = {name: covering_class(dermai.CLASSES, place) for name, (_, place) in edra.DIAGNOSES.items()}
    assert merged == PAPER_EDRA


def test_dermofit_merges_into_the_target_as_in_the_paper() -> None:
    places = first_places(dermofit.CLASSES)
    assert {name: covering_class(dermai.CLASSES, place) for name, place in places.items()} == PAPER_DERMOFIT


def test_the_target_has_the_papers_classes_in_its_order() -> None:
    names = "SebKer ActKer Nev MolCont Haem UncNeop Drmfib SLent PenFib VWart OtMalNeop BCC MM"
    assert [each.name for each in dermai.CLASSES] == names.split()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.SPEC.name)
def test_each_class_names_places_of_the_hierarchy_and_covers_its_own(module) -> None:  # type: ignore[no-untyped-def]
    for each in module.CLASSES:
        assert each.diagnoses
        for place in each.diagnoses:
            assert place in known_diagnoses()
            assert covering_class(module.CLASSES, place) == each.name


def test_every_spelling_of_edra_falls_into_its_own_class() -> None:
    for name, (label, place) in edra.DIAGNOSES.items():
        if name != "miscellaneous":
            assert place in known_diagnoses()
            assert covering_class(edra.CLASSES, place) == label, name


def test_the_two_open_sets_merge_into_each_other() -> None:
    def merged(source, target) -> dict[str, str | None]:  # type: ignore[no-untyped-def]
        return {name: covering_class(target.CLASSES, place) for name, place in first_places(source.CLASSES).items()}

    assert merged(pad_ufes_20, ham10000) == {
        "ACK": "akiec",
        "BCC": "bcc",
        "MEL": "mel",
        "NEV": "nv",
        "SCC": None,
        "SEK": "bkl",
    }
    assert merged(ham10000, pad_ufes_20) == {
        "nv": "NEV",
        "mel": "MEL",
        "bkl": "SEK",
        "bcc": "BCC",
        "akiec": "ACK",
        "vasc": None,
        "df": None,
    }


def test_listing_the_datasets_imports_nothing_heavy() -> None:
    heavy = ("pandas", "numpy", "PIL", "keras", "tensorflow", "isic_metadata")
    program = (
        "import sys, derm_datasets; derm_datasets.derm_datasets(); "
        f"print(*[name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
