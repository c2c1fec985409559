"""Merging by diagnosis alone: the paper's mapping of public diagnoses into its target, and other pairs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from derm_cli.plugin import DatasetSpec
from derm_cli.taxonomy import covering_class, known_diagnoses
from derm_datasets import (
    derm_datasets,
    dermai,
    dermofit,
    edra,
    ham10000,
    isic_2018,
    isic_2019,
    isic_2020,
    isic_archive,
    pad_ufes_20,
)
from derm_datasets.records import first_diagnoses
from tests.support import isic_trees, trees

SPECS = [spec for spec in derm_datasets() if spec.classes and not spec.synthetic]

# paper/README.md, "Merged strategy", sentence by sentence: which of the target's classes photographs go to, and whence.
# All else is dropped.
PAPER = {
    ("edra", "dermofit"): {
        "seborrheic keratosis": "SebKer",
        "nevus": "Nev",
        "BCC": "BCC",
        "melanoma": "MM",
    },
    ("dermofit",): {
        "actinic keratosis": "ActKer",
        "haemangioma": "Haem",
        "dermatofibroma": "Drmfib",
        "pyogenic granuloma (as neoplasm of uncertain behaviour)": "UncNeop",
        "intraepithelial carcinoma and squamous cell carcinoma (as other malignant neoplasm)": "OtMalNeop",
    },
    ("edra",): {
        "from EDRA's miscellaneous group dermatofibroma": "Drmfib",
        "from EDRA's miscellaneous group solar lentigo": "SLent",
    },
}
PAPER_CLASSES = {
    "edra": {
        "SK": {"SebKer"},
        "NEV": {"Nev"},
        "BCC": {"BCC"},
        "MEL": {"MM"},
        # Melanosis, vascular lesions and what is miscellaneous are dropped.
        "MISC": {"Drmfib", "SLent", None},
    },
    "dermofit": {
        "AK": {"ActKer"},
        "BCC": {"BCC"},
        "DF": {"Drmfib"},
        "IEC": {"OtMalNeop"},
        "MEL": {"MM"},
        "ML": {"Nev"},
        "PYO": {"UncNeop"},
        "SCC": {"OtMalNeop"},
        "SK": {"SebKer"},
        "VASC": {"Haem"},
    },
}
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
    places = first_diagnoses(dermofit.CLASSES)
    assert {name: covering_class(dermai.CLASSES, place) for name, place in places.items()} == PAPER_DERMOFIT


@pytest.mark.parametrize(
    ("module", "make"), [(edra, trees.make_edra), (dermofit, trees.make_dermofit)], ids=["edra", "dermofit"]
)
def test_every_class_goes_where_the_paper_has_it(module, make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    frame = module.SPEC.records(make(tmp_path, per_class=7, size=8))
    targets = frame["diagnosis"].map(lambda place: covering_class(dermai.CLASSES, place))
    name = module.SPEC.name
    classes = PAPER_CLASSES[name]
    assert set(classes) == {each.name for each in module.CLASSES}
    merged = {
        label: {*targets[frame["label"] == label].astype("object").where(targets.notna(), None)} for label in classes
    }
    assert merged == classes
    told = {target for sets, targets in PAPER.items() if name in sets for target in targets.values()}
    assert {target for targets in classes.values() for target in targets} - {None} == told


def test_the_target_has_the_papers_classes_in_its_order() -> None:
    names = "SebKer ActKer Nev MolCont Haem UncNeop Drmfib SLent PenFib VWart OtMalNeop BCC MM"
    assert [each.name for each in dermai.CLASSES] == names.split()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_each_class_names_places_of_the_hierarchy_and_covers_its_own(spec: DatasetSpec) -> None:
    for each in spec.classes:
        # These two have skin diseases that the hierarchy, made for tumours, has no place for.
        assert each.diagnoses or spec.name in ("fitzpatrick17k", "scin")
        for place in each.diagnoses:
            assert place in known_diagnoses()
            assert covering_class(spec.classes, place) == each.name


def test_every_spelling_of_edra_falls_into_its_own_class() -> None:
    for name, (label, place) in edra.DIAGNOSES.items():
        if name != "miscellaneous":
            assert place in known_diagnoses()
            assert covering_class(edra.CLASSES, place) == label, name


def test_the_two_open_sets_merge_into_each_other() -> None:
    def merged(source, target) -> dict[str, str | None]:  # type: ignore[no-untyped-def]
        return {name: covering_class(target.CLASSES, place) for name, place in first_diagnoses(source.CLASSES).items()}

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


def merged_into_the_target(module) -> dict[str, str | None]:  # type: ignore[no-untyped-def]
    places = first_diagnoses(module.CLASSES)
    return {name: covering_class(dermai.CLASSES, place) for name, place in places.items()}


CHALLENGE = {"MEL": "MM", "NV": "Nev", "BCC": "BCC", "DF": "Drmfib"}
# Benign keratoses are seborrheic, lentigines or lichenoid, vascular lesions are more than haemangiomas.
UNTOLD = {"BKL": None, "VASC": None}


def test_isic_2018_merges_into_the_target() -> None:
    assert merged_into_the_target(isic_2018) == {**CHALLENGE, **UNTOLD, "AKIEC": "ActKer"}


def test_isic_2019_merges_into_the_target() -> None:
    assert merged_into_the_target(isic_2019) == {**CHALLENGE, **UNTOLD, "AK": "ActKer", "SCC": "OtMalNeop"}


def test_isic_2020_merges_into_the_target_by_what_each_lesion_was_diagnosed_as(tmp_path: Path) -> None:
    root = isic_trees.make_isic_2020(tmp_path, per_class=8, size=8)
    words = {
        "unknown": None,
        "nevus": "Nev",
        "seborrheic keratosis": "SebKer",
        "lentigo NOS": "SLent",
        "solar lentigo": "SLent",
        "lichenoid keratosis": None,
        "cafe-au-lait macule": None,
        "atypical melanocytic proliferation": None,
    }
    table = root / isic_2020.TABLES[0]
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    cells = [row.split(",") for row in rows]
    for row, word in zip(cells[8:], words, strict=True):
        row[6] = word
    table.write_text("\n".join([header, *map(",".join, cells)]) + "\n", encoding="utf-8")
    found = isic_2020.SPEC.records(root)["diagnosis"].map(lambda place: covering_class(dermai.CLASSES, place) or "")
    assert found.tolist() == ["MM"] * 8 + [target or "" for target in words.values()]


def test_downloads_from_the_archive_merge_into_the_target(tmp_path: Path) -> None:
    frame = isic_archive.SPEC.records(isic_trees.make_isic_archive(tmp_path, per_class=1, size=8))
    found = {label: covering_class(dermai.CLASSES, place) for label, place in frame[["label", "diagnosis"]].to_numpy()}
    assert found == {
        "AKIEC": "ActKer",
        "BCC": "BCC",
        "BEN_OTH": None,
        "BKL": "SLent",
        "DF": "Drmfib",
        "INF": "VWart",
        "MAL_OTH": "OtMalNeop",
        "MEL": "MM",
        "NV": "Nev",
        "SCCKA": "OtMalNeop",
        "VASC": None,
    }


def test_the_archive_takes_the_public_sets_of_photographs() -> None:
    found = {
        module.SPEC.name: {
            name: covering_class(isic_archive.SPEC.classes, place)
            for name, place in first_diagnoses(module.CLASSES).items()
        }
        for module in (edra, dermofit, pad_ufes_20, ham10000, isic_2019)
    }
    assert found["pad-ufes-20"] == {
        "ACK": "AKIEC",
        "BCC": "BCC",
        "MEL": "MEL",
        "NEV": "NV",
        "SCC": "SCCKA",
        "SEK": "BKL",
    }
    assert found["isic-2019"] == {
        **{name: name for name in ("MEL", "NV", "BCC", "BKL", "DF", "VASC")},
        "AK": "AKIEC",
        "SCC": "SCCKA",
    }
    # Only EDRA's miscellaneous lesions, told apart by their diagnoses, are first of all dermatofibromas.
    assert found["edra"]["MISC"] == "DF"
    assert None not in {target for targets in found.values() for target in targets.values()}


def test_listing_the_datasets_imports_nothing_heavy() -> None:
    heavy = ("pandas", "numpy", "PIL", "keras", "tensorflow", "isic_metadata")
    program = (
        "import sys, derm_datasets; derm_datasets.derm_datasets(); "
        f"print(*[name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
