"""The conditions of synthetic lesions: their diagnoses and forms, and whom and where on the body they befall.

Ages and sites are plausible, not epidemiology: nothing about patients can be learnt from synthetic photographs.
"""

from __future__ import annotations

from dataclasses import dataclass

FACE, NECK, CHEST, BACK, ARM, HAND, LEG, SCALP = "face", "neck", "chest", "back", "arm", "hand", "leg", "scalp"
SUNNY = (FACE, FACE, NECK, ARM, HAND, SCALP)
ANYWHERE = (FACE, NECK, CHEST, BACK, BACK, ARM, LEG)
TRUNK_AND_LIMBS = (CHEST, BACK, BACK, ARM, LEG, LEG)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Form:
    """A way in which a condition shows itself: its name, its diagnosis in the ISIC hierarchy, its share."""

    name: str
    diagnosis: str
    share: float


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Condition:
    """A kind of lesion: the diagnoses that cover all its forms, typical ages (mean, spread, in years) and sites."""

    name: str
    title: str
    diagnoses: tuple[str, ...]
    forms: tuple[Form, ...]
    ages: tuple[float, float]
    sites: tuple[str, ...]


_NEVUS = "Benign:Benign melanocytic proliferations:Nevus"
_MELANOMA = "Malignant:Malignant melanocytic proliferations (Melanoma)"
_INVASIVE = f"{_MELANOMA}:Melanoma Invasive"
_BCC = "Malignant:Malignant adnexal epithelial proliferations - Follicular:Basal cell carcinoma"
_SEBORRHEIC = "Benign:Benign epidermal proliferations:Seborrheic keratosis"
_ACTINIC = "Indeterminate:Indeterminate epidermal proliferations:Solar or actinic keratosis"
_EPIDERMAL = "Malignant:Malignant epidermal proliferations"
_VASCULAR = "Benign:Benign soft tissue proliferations - Vascular"
_FIBROMA = "Benign:Benign soft tissue proliferations - Fibro-histiocytic:Dermatofibroma"

NEVUS = Condition(
    name="nevus",
    title="nevus",
    diagnoses=(_NEVUS,),
    forms=(
        Form(name="junctional", diagnosis=f"{_NEVUS}:Nevus, NOS, Junctional", share=0.3),
        Form(name="compound", diagnosis=f"{_NEVUS}:Nevus, NOS, Compound", share=0.27),
        Form(name="dermal", diagnosis=f"{_NEVUS}:Nevus, NOS, Dermal", share=0.18),
        Form(name="dysplastic", diagnosis=f"{_NEVUS}:Nevus, Atypical, Dysplastic, or Clark", share=0.2),
        Form(name="blue", diagnosis=f"{_NEVUS}:Blue nevus", share=0.05),
    ),
    ages=(38, 15),
    sites=ANYWHERE,
)
MELANOMA = Condition(
    name="melanoma",
    title="melanoma",
    diagnoses=(_MELANOMA,),
    forms=(
        Form(name="in-situ", diagnosis=f"{_MELANOMA}:Melanoma in situ", share=0.3),
        Form(name="spreading", diagnosis=f"{_INVASIVE}:Melanoma Invasive, Superficial spreading", share=0.5),
        Form(name="nodular", diagnosis=f"{_INVASIVE}:Melanoma Invasive, Nodular", share=0.2),
    ),
    ages=(60, 14),
    sites=ANYWHERE,
)
BASAL_CELL_CARCINOMA = Condition(
    name="basal-cell-carcinoma",
    title="basal cell carcinoma",
    diagnoses=(_BCC,),
    forms=(
        Form(name="nodular", diagnosis=f"{_BCC}:Basal cell carcinoma, Nodular", share=0.55),
        Form(name="superficial", diagnosis=f"{_BCC}:Basal cell carcinoma, Superficial", share=0.3),
        Form(name="ulcerated", diagnosis=f"{_BCC}:Basal cell carcinoma, Infiltrating", share=0.15),
    ),
    ages=(68, 11),
    sites=(*SUNNY, CHEST, BACK),
)
SEBORRHEIC_KERATOSIS = Condition(
    name="seborrheic-keratosis",
    title="seborrheic keratosis",
    diagnoses=(_SEBORRHEIC,),
    forms=(
        Form(name="waxy", diagnosis=_SEBORRHEIC, share=0.75),
        Form(name="clonal", diagnosis=f"{_SEBORRHEIC}:Seborrheic keratosis, Clonal", share=0.25),
    ),
    ages=(66, 11),
    sites=ANYWHERE,
)
ACTINIC_KERATOSIS = Condition(
    name="actinic-keratosis",
    title="actinic keratosis",
    diagnoses=(_ACTINIC,),
    forms=(
        Form(name="flat", diagnosis=f"{_ACTINIC}:Actinic keratosis, Atrophic", share=0.6),
        Form(name="thick", diagnosis=f"{_ACTINIC}:Actinic keratosis, Hypertrophic", share=0.4),
    ),
    ages=(69, 9),
    sites=SUNNY,
)
SQUAMOUS_CELL_CARCINOMA = Condition(
    name="squamous-cell-carcinoma",
    title="squamous cell carcinoma",
    diagnoses=(
        f"{_EPIDERMAL}:Squamous cell carcinoma, Invasive",
        f"{_EPIDERMAL}:Squamous cell carcinoma in situ",
        f"{_EPIDERMAL}:Squamous cell carcinoma, NOS",
    ),
    forms=(
        Form(name="invasive", diagnosis=f"{_EPIDERMAL}:Squamous cell carcinoma, Invasive", share=0.65),
        Form(
            name="in-situ",
            diagnosis=f"{_EPIDERMAL}:Squamous cell carcinoma in situ:Squamous cell carcinoma in situ, Bowens disease",
            share=0.35,
        ),
    ),
    ages=(71, 9),
    sites=(*SUNNY, LEG),
)
VASCULAR_LESION = Condition(
    name="vascular-lesion",
    title="vascular lesion",
    diagnoses=(_VASCULAR,),
    forms=(
        Form(name="cherry", diagnosis=f"{_VASCULAR}:Hemangioma:Hemangioma, Cherry", share=0.7),
        Form(name="angiokeratoma", diagnosis=f"{_VASCULAR}:Angiokeratoma", share=0.3),
    ),
    ages=(54, 15),
    sites=TRUNK_AND_LIMBS,
)
DERMATOFIBROMA = Condition(
    name="dermatofibroma",
    title="dermatofibroma",
    diagnoses=(_FIBROMA,),
    forms=(Form(name="common", diagnosis=_FIBROMA, share=1.0),),
    ages=(45, 13),
    sites=(ARM, LEG, LEG, BACK),
)

CONDITIONS = (
    NEVUS,
    MELANOMA,
    BASAL_CELL_CARCINOMA,
    SEBORRHEIC_KERATOSIS,
    ACTINIC_KERATOSIS,
    SQUAMOUS_CELL_CARCINOMA,
    VASCULAR_LESION,
    DERMATOFIBROMA,
)


def condition_and_form(diagnosis: str) -> tuple[str, str]:
    """Return the names of the condition and of the form that ``diagnosis`` stands for.  Raises KeyError."""
    return _BY_DIAGNOSIS[diagnosis]


_BY_DIAGNOSIS = {form.diagnosis: (each.name, form.name) for each in CONDITIONS for form in each.forms}
