"""Diagnoses of the ISIC Archive's hierarchy that several datasets name (package isic-metadata)."""

from __future__ import annotations

BENIGN = "Benign"
INDETERMINATE = "Indeterminate"
INDETERMINATE_EPIDERMAL = f"{INDETERMINATE}:Indeterminate epidermal proliferations"
INDETERMINATE_MELANOCYTIC = f"{INDETERMINATE}:Indeterminate melanocytic proliferations"
MALIGNANT = "Malignant"

NEVUS = "Benign:Benign melanocytic proliferations:Nevus"

_EPIDERMAL = "Benign:Benign epidermal proliferations"
SEBORRHEIC_KERATOSIS = f"{_EPIDERMAL}:Seborrheic keratosis"
SOLAR_LENTIGO = f"{_EPIDERMAL}:Solar lentigo"
LICHENOID_KERATOSIS = f"{_EPIDERMAL}:Lichen planus like keratosis"
BENIGN_KERATOSIS = f"{_EPIDERMAL}:Pigmented benign keratosis"

FLAT_PIGMENTATION = "Benign:Flat melanotic pigmentations - not melanocytic nevus"
LENTIGO = f"{FLAT_PIGMENTATION}:Lentigo NOS"

VASCULAR = "Benign:Benign soft tissue proliferations - Vascular"
HEMANGIOMA = f"{VASCULAR}:Hemangioma"
PYOGENIC_GRANULOMA = f"{VASCULAR}:Pyogenic granuloma"
HEMORRHAGE = "Benign:Hemorrhagic lesions"

_FIBROUS = "Benign:Benign soft tissue proliferations - Fibro-histiocytic"
DERMATOFIBROMA = f"{_FIBROUS}:Dermatofibroma"
FIBROEPITHELIAL_POLYP = f"{_FIBROUS}:Fibroepithelial polyp"

_INFECTIOUS = "Benign:Inflammatory or infectious diseases"
MOLLUSCUM = f"{_INFECTIOUS}:Molluscum"
VERRUCA = f"{_INFECTIOUS}:Verruca"

ACTINIC_KERATOSIS = "Indeterminate:Indeterminate epidermal proliferations:Solar or actinic keratosis"

BASAL_CELL_CARCINOMA = "Malignant:Malignant adnexal epithelial proliferations - Follicular:Basal cell carcinoma"
_CARCINOMA = "Malignant:Malignant epidermal proliferations:Squamous cell carcinoma"
SQUAMOUS_CELL_CARCINOMA = f"{_CARCINOMA}, NOS"
INVASIVE_SQUAMOUS_CELL_CARCINOMA = f"{_CARCINOMA}, Invasive"
INTRAEPITHELIAL_CARCINOMA = f"{_CARCINOMA} in situ"

MELANOMA = "Malignant:Malignant melanocytic proliferations (Melanoma)"

# Groups, and finer diagnoses, that the sets of many diagnoses name (Fitzpatrick17k, DDI, SCIN).
INFLAMMATORY = _INFECTIOUS
BENIGN_EPIDERMAL = _EPIDERMAL
BENIGN_MELANOCYTIC = "Benign:Benign melanocytic proliferations"
CYSTS = "Benign:Cysts"
FIBRO_HISTIOCYTIC = _FIBROUS
_SOFT_TISSUE = "Benign:Benign soft tissue proliferations"
ADIPOCYTIC = f"{_SOFT_TISSUE} - Adipocytic"
NEURAL = f"{_SOFT_TISSUE} - Neural"
MUSCULAR = f"{_SOFT_TISSUE} - Muscle tissue or myofibroblastic"
BENIGN_SOFT_TISSUE = (
    *(ADIPOCYTIC, FIBRO_HISTIOCYTIC, MUSCULAR, NEURAL, VASCULAR),
    *(f"{_SOFT_TISSUE} - Cartilagenous and ossifying", f"{_SOFT_TISSUE} - Myoepithelial"),
)
_ADNEXAL = "Benign:Benign adnexal epithelial proliferations"
APOCRINE_OR_ECCRINE = f"{_ADNEXAL} - Apocrine or Eccrine"
FOLLICULAR = f"{_ADNEXAL} - Follicular"
SEBACEOUS = f"{_ADNEXAL} - Sebaceous"
BENIGN_ADNEXAL = (APOCRINE_OR_ECCRINE, FOLLICULAR, SEBACEOUS)

ATYPICAL_NEVUS = f"{NEVUS}:Nevus, Atypical, Dysplastic, or Clark"
EPIDERMAL_NEVUS = f"{_EPIDERMAL}:Epidermal nevus"
POROKERATOSIS = f"{_EPIDERMAL}:Porokeratosis"
MILIUM = f"{CYSTS}:Milium"
LYMPHANGIOMA = f"{VASCULAR}:Lymphangioma"
SCAR = f"{_FIBROUS}:Scar"
KELOID = f"{SCAR}:Scar, Keloid"

MALIGNANT_EPIDERMAL = "Malignant:Malignant epidermal proliferations"
MELANOMA_IN_SITU = f"{MELANOMA}:Melanoma in situ"
B_CELL = "Malignant:Lymphocytic proliferations - B-Cell"
T_CELL = "Malignant:Lymphocytic proliferations - T-Cell/NK"
MYCOSIS_FUNGOIDES = f"{T_CELL}:Mycosis fungoides"
KAPOSI_SARCOMA = "Malignant:Malignant soft tissue proliferations - Vascular:Kaposi sarcoma"
MALIGNANT_SOFT_TISSUE = tuple(
    f"Malignant:Malignant soft tissue proliferations - {kind}"
    for kind in (
        *("Adipocytic", "Cartilagenous and ossifying", "Fibro-histiocytic", "Muscle tissue or myofibroblastic"),
        *("Myoepithelial", "Neural", "Unknown or other histiogenesis", "Vascular"),
    )
)
