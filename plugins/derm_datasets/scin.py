"""SCIN, Skin Condition Image Network: photographs that people made of their own skin, with dermatologists' opinions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.plugin import DatasetSpec, LesionClass, common_fields
from derm_datasets import diagnoses, downloads
from derm_datasets.body_sites import general_site
from derm_datasets.differential import leading_conditions, parse_differential
from derm_datasets.files import DatasetFiles, layout_error
from derm_datasets.records import as_records

if TYPE_CHECKING:
    from collections.abc import Hashable

    import pandas as pd

BENIGN, MALIGNANT = "benign growth", "malignant or premalignant growth"

CONDITIONS = (
    *("Eczema", "Allergic Contact Dermatitis", "Urticaria", "Insect Bite", "Folliculitis", "Psoriasis", "Tinea"),
    *("Impetigo", "Herpes Zoster", "Pigmented purpuric eruption", "Acne", "Drug Rash", "Herpes Simplex"),
    *("Acute dermatitis, NOS", "Pityriasis rosea", "Irritant Contact Dermatitis", "Tinea Versicolor"),
    *("CD - Contact dermatitis", "Keratosis pilaris", "Lichen Simplex Chronicus", "Rosacea", "Viral Exanthem"),
    *("Lichen planus/lichenoid eruption", "O/E - ecchymoses present", "Granuloma annulare"),
)
"""The 25 conditions that lead most often.  The ISIC hierarchy does not tell them apart: they have no diagnosis."""

DIAGNOSES = {
    "Verruca vulgaris": {"Verruca vulgaris": diagnoses.VERRUCA},
    "Molluscum Contagiosum": {"Molluscum Contagiosum": diagnoses.MOLLUSCUM},
    BENIGN: {
        "Acquired digital fibrokeratoma": diagnoses.FIBRO_HISTIOCYTIC,
        "Angiokeratoma of skin": f"{diagnoses.VASCULAR}:Angiokeratoma",
        "Atypical Nevus": diagnoses.ATYPICAL_NEVUS,
        "Benign cutaneous vascular tumor": diagnoses.VASCULAR,
        "Cyst": diagnoses.CYSTS,
        "Dermatofibroma": diagnoses.DERMATOFIBROMA,
        "Epidermal nevus": diagnoses.EPIDERMAL_NEVUS,
        "Hemangioma": diagnoses.HEMANGIOMA,
        "Lentigo": diagnoses.LENTIGO,
        "Lymphangioma": diagnoses.LYMPHANGIOMA,
        "Melanocytic Nevus": diagnoses.NEVUS,
        "Milia": diagnoses.MILIUM,
        "Porokeratosis": diagnoses.POROKERATOSIS,
        "Pyogenic granuloma": diagnoses.PYOGENIC_GRANULOMA,
        "Scar Condition": diagnoses.SCAR,
        "SK/ISK": diagnoses.SEBORRHEIC_KERATOSIS,
    },
    MALIGNANT: {
        "Actinic Keratosis": diagnoses.ACTINIC_KERATOSIS,
        "Angiosarcoma of skin": "Malignant:Malignant soft tissue proliferations - Vascular:Angiosarcoma cutaneous",
        "B-Cell Cutaneous Lymphoma": diagnoses.B_CELL,
        "Basal Cell Carcinoma": diagnoses.BASAL_CELL_CARCINOMA,
        "Cutaneous metastasis": diagnoses.MALIGNANT,
        "Cutaneous T Cell Lymphoma": diagnoses.T_CELL,
        "Melanoma": diagnoses.MELANOMA,
        "Primary cutaneous lymphoma": diagnoses.MALIGNANT,
        "SCC/SCCIS": diagnoses.MALIGNANT_EPIDERMAL,
        "Skin cancer": diagnoses.MALIGNANT,
    },
}
"""The conditions that have a diagnosis in the ISIC hierarchy, by class: warts, molluscum, and growths."""

CLASSES = (
    *(LesionClass(name=name, title=name) for name in CONDITIONS),
    LesionClass(name="Verruca vulgaris", title="Verruca vulgaris", diagnoses=(diagnoses.VERRUCA,)),
    LesionClass(name="Molluscum Contagiosum", title="Molluscum contagiosum", diagnoses=(diagnoses.MOLLUSCUM,)),
    LesionClass(
        name=BENIGN,
        title="nevus, keratosis, vascular lesion, cyst or another benign growth",
        diagnoses=(
            *(diagnoses.BENIGN_MELANOCYTIC, diagnoses.BENIGN_EPIDERMAL, diagnoses.FLAT_PIGMENTATION, diagnoses.CYSTS),
            *diagnoses.BENIGN_SOFT_TISSUE,
            *diagnoses.BENIGN_ADNEXAL,
        ),
    ),
    LesionClass(
        name=MALIGNANT,
        title="cancer of the skin, or an actinic keratosis or another growth that may become one",
        diagnoses=(diagnoses.MALIGNANT, diagnoses.INDETERMINATE),
    ),
)

UNREADABLE = "no condition that can be read"

_CLASS_AND_DIAGNOSIS = {
    **{condition.casefold(): (condition, "") for condition in CONDITIONS},
    **{
        condition.casefold(): (name, diagnosis)
        for name, conditions in DIAGNOSES.items()
        for condition, diagnosis in conditions.items()
    },
}
"""The class and the diagnosis of each condition, by its name in lower case."""

_PARTS = (
    *("head_or_neck", "arm", "palm", "back_of_hand", "torso_front", "torso_back", "genitalia_or_groin", "buttocks"),
    *("leg", "foot_top_or_side", "foot_sole", "other"),
)
_TICKED = {
    "itch": "condition_symptoms_itching",
    "grew": "condition_symptoms_increasing_size",
    "hurt": "condition_symptoms_pain",
    "changed": "condition_symptoms_darkening",
    "bleed": "condition_symptoms_bleeding",
}
"""The questions whose answer is a box that a contributor ticks."""
_SEX = {"MALE": "male", "FEMALE": "female"}
_SKIN_TYPES = {f"FST{number}": number for number in range(1, 7)}
_ROUNDED = r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+"


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph, up to three a case; a case is one contribution, so its photographs show one lesion.

    The label is the condition that weighs most, or the group of it.  Where several weigh the same and are not of one
    group, it names them all; where no dermatologist could tell, it is empty.  The skin type is the one on which most
    of the dermatologists agree, and the contributor's own where none of them gave one.  The site is told where there
    is one alone.  Ages are known in groups of ten years, so there are none.
    """
    import pandas as pd

    files = DatasetFiles(SPEC, root)
    cases = _read_table(files, "scin_cases.csv", "image_1_path")
    opinions = _read_table(files, "scin_labels.csv", "weighted_skin_condition_label").drop_duplicates("case_id")
    opinion_of_case = opinions.set_index("case_id").to_dict("index")
    images = "dataset/images" if files.find("", "dataset/scin_cases.csv") else "images"
    rows = []
    for case in cases.to_dict("records"):
        name = case["case_id"] or ""
        opinion = opinion_of_case.get(name, {})
        label, diagnosis = _label_and_diagnosis(opinion.get("weighted_skin_condition_label"))
        of_case = {
            "label": label,
            "diagnosis": diagnosis,
            "lesion": case["case_id"],
            "sex": _SEX.get((case.get("sex_at_birth") or "").upper()),
            "site": _site(case),
            "fitzpatrick": _skin_type(case, opinion),
            **_symptoms(case),
            "elevation": _elevation(case),
        }
        for number in (1, 2, 3):
            path = case.get(f"image_{number}_path")
            if path:
                image = path.replace("\\", "/").rpartition("/")[2]
                rows.append(
                    {
                        "case_id": f"{name}-{number}" if name else "",
                        "file": files.path_of(image, f"{images}/{image}"),
                        **of_case,
                        "image_type": case.get(f"image_{number}_shot_type"),
                    }
                )
    if not rows:
        path = files.first_existing("dataset/scin_cases.csv", "scin_cases.csv")
        raise layout_error(SPEC, f"'{path}' names no photograph")
    return as_records(pd.DataFrame(rows))


def _read_table(files: DatasetFiles, name: str, *required: str) -> pd.DataFrame:
    """Return a table whose cases are text: their numbers, of 19 digits, fit into no float and into few integers."""
    path = files.first_existing(f"dataset/{name}", name)
    table = files.read_table(path, "case_id", *required)
    rounded = table["case_id"].str.fullmatch(_ROUNDED).fillna(False).astype(bool)
    if rounded.any():
        case = table["case_id"][rounded].iloc[0]
        raise layout_error(SPEC, f"a spreadsheet has rounded the case_id '{case}' in '{path}', so get the table anew")
    return table.astype("object").where(table.notna(), None)


def _label_and_diagnosis(differential: str | None) -> tuple[str, str]:
    """Return the class and the diagnosis that a case's differential leads to."""
    weights = parse_differential(differential or "{}")
    if weights is None:
        return UNREADABLE, ""
    leading = leading_conditions(weights)
    outcomes = {_CLASS_AND_DIAGNOSIS.get(condition.casefold(), (condition, "")) for condition in leading}
    if len({label for label, _ in outcomes}) != 1:
        return " or ".join(leading), ""
    label, diagnosis = outcomes.pop()
    return label, "" if outcomes else diagnosis


def _site(case: dict[Hashable, Any]) -> str | None:
    """Return the general site where a contributor ticked parts of one alone."""
    ticked = {general_site(part) for part in _PARTS if (case.get(f"body_parts_{part}") or "").upper() == "YES"}
    return ticked.pop() if len(ticked) == 1 and ticked != {"other"} else None


def _symptoms(case: dict[Hashable, Any]) -> dict[str, str | None]:
    """Return the symptoms: a box that is not ticked says no where another of them is, else nothing is known."""
    boxes = [_is_ticked(case, name) for name in map(str, case) if name.startswith("condition_symptoms_")]
    if not any(boxes):
        return dict.fromkeys(_TICKED)
    return {name: "yes" if _is_ticked(case, box) else "no" for name, box in _TICKED.items()}


def _elevation(case: dict[Hashable, Any]) -> str | None:
    """Return whether the skin is raised, None where a contributor says neither or both."""
    raised, flat = (_is_ticked(case, f"textures_{texture}") for texture in ("raised_or_bumpy", "flat"))
    return None if raised == flat else "yes" if raised else "no"


def _is_ticked(case: dict[Hashable, Any], box: str) -> bool:
    return (case.get(box) or "").upper() == "YES"


def _skin_type(case: dict[Hashable, Any], opinion: dict[Hashable, Any]) -> int | None:
    """Return the skin type of most dermatologists, or else the contributor's own."""
    numbers = [_SKIN_TYPES.get(opinion.get(f"dermatologist_fitzpatrick_skin_type_label_{n}") or "") for n in (1, 2, 3)]
    types = [number for number in numbers if number]
    if not types:
        return _SKIN_TYPES.get(case.get("fitzpatrick_skin_type") or "")
    most = max(types, key=types.count)
    return most if types.count(most) * 2 > len(types) else None


SPEC = DatasetSpec(
    name="scin",
    title="SCIN, people's photographs of their own skin, 25 common conditions and groups of growths",
    classes=CLASSES,
    records=read_records,
    modality="clinical",
    photographs=10_408,
    licence="SCIN Data Use License: to be named when shared, and nobody may try to identify a contributor",
    citation=(
        "Ward et al.: Creating an empirical dermatology dataset through crowdsourcing with web search advertisements. "
        "JAMA Network Open 7(11), 2024, e2446615. doi:10.1001/jamanetworkopen.2024.46615"
    ),
    homepage="https://github.com/google-research-datasets/scin",
    obtain="download the folder dataset of the bucket gs://dx-scin-public-data",
    layout=("dataset/scin_cases.csv  (or without dataset/)\ndataset/scin_labels.csv\ndataset/images/<image>.png"),
    downloads=downloads.SCIN,
    metadata=common_fields(
        *("sex", "site", "fitzpatrick", "itch", "grew", "hurt", "changed", "bleed", "elevation"),
        changed="Has the skin darkened?",
        elevation="Is the skin raised or bumpy?",
    ),
)
