"""The classes of what is downloaded from the ISIC Archive: its own eleven categories, or benign and malignant alone."""

from __future__ import annotations

from derm_cli.plugin import LesionClass
from derm_datasets import diagnoses

# The categories of the archive's own benchmark MILK10k (https://challenge.isic-archive.com/landing/milk10k), each with
# the hierarchy's places.  They are for what has a diagnosis: 'Benign' or 'Malignant' alone is none of them, nor is what
# is indeterminate between a nevus and a melanoma.
ELEVEN = (
    LesionClass(
        name="AKIEC",
        title="actinic keratosis or intraepidermal carcinoma",
        diagnoses=(
            diagnoses.INDETERMINATE_EPIDERMAL,
            diagnoses.INTRAEPITHELIAL_CARCINOMA,
            f"{diagnoses.MALIGNANT_EPIDERMAL}:Bowenoid papulosis",
        ),
    ),
    LesionClass(name="BCC", title="basal cell carcinoma", diagnoses=(diagnoses.BASAL_CELL_CARCINOMA,)),
    LesionClass(
        name="BEN_OTH",
        title="other benign proliferation, or collision of benign ones",
        # Vascular lesions and dermatofibromas have classes of their own.
        diagnoses=(
            "Benign:Benign - Other",
            *diagnoses.BENIGN_ADNEXAL,
            diagnoses.EPIDERMAL_NEVUS,
            diagnoses.BENIGN_MELANOCYTIC,
            *(group for group in diagnoses.BENIGN_SOFT_TISSUE if group != diagnoses.VASCULAR),
            "Benign:Collision - Only benign proliferations",
            diagnoses.CYSTS,
            "Benign:Exogenous",
            diagnoses.FLAT_PIGMENTATION,
            "Benign:Langerhans cell proliferations",
            "Benign:Mast cell proliferations",
        ),
    ),
    LesionClass(
        name="BKL",
        title="benign keratinocytic lesion",
        diagnoses=(
            diagnoses.BENIGN_EPIDERMAL,
            diagnoses.LENTIGO,
            f"{diagnoses.FLAT_PIGMENTATION}:Ink-spot lentigo",
        ),
    ),
    LesionClass(name="DF", title="dermatofibroma", diagnoses=(diagnoses.DERMATOFIBROMA,)),
    LesionClass(
        name="INF",
        title="inflammatory or infectious condition",
        diagnoses=(diagnoses.INFLAMMATORY,),
    ),
    LesionClass(
        name="MAL_OTH",
        title="other malignant proliferation, or collision with one",
        diagnoses=(
            "Malignant:Collision - At least one malignant proliferation",
            diagnoses.B_CELL,
            diagnoses.T_CELL,
            "Malignant:Malignant adnexal epithelial proliferations - Apocrine or Eccrine",
            "Malignant:Malignant adnexal epithelial proliferations - Follicular",
            "Malignant:Malignant adnexal epithelial proliferations - Sebaceous",
            *diagnoses.MALIGNANT_SOFT_TISSUE,
            "Malignant:Merkel cell proliferation",
            "Malignant:Skin metastasis of internal solid cancer - non-hematological",
        ),
    ),
    LesionClass(name="MEL", title="melanoma", diagnoses=(diagnoses.MELANOMA,)),
    LesionClass(name="NV", title="melanocytic nevus", diagnoses=(diagnoses.NEVUS,)),
    LesionClass(
        name="SCCKA",
        title="squamous cell carcinoma or keratoacanthoma",
        diagnoses=(diagnoses.MALIGNANT_EPIDERMAL,),
    ),
    LesionClass(
        name="VASC", title="vascular lesion or hemorrhage", diagnoses=(diagnoses.VASCULAR, diagnoses.HEMORRHAGE)
    ),
)
MALIGNANCY = (
    LesionClass(name="benign", title="benign", diagnoses=(diagnoses.BENIGN,)),
    LesionClass(name="indeterminate", title="indeterminate", diagnoses=(diagnoses.INDETERMINATE,)),
    LesionClass(name="malignant", title="malignant", diagnoses=(diagnoses.MALIGNANT,)),
)
