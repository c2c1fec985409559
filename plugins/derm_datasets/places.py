"""Places of the ISIC Archive's hierarchy of diagnoses that several datasets name (package isic-metadata)."""

from __future__ import annotations

INDETERMINATE = "Indeterminate"
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
