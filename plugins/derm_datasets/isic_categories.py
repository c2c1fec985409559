"""The classes of what is downloaded from the ISIC Archive: its own eleven categories, or benign and malignant alone."""

from __future__ import annotations

from derm_cli.plugin import LesionClass
from derm_datasets import places

# The categories of the archive's own benchmark MILK10k (https://challenge.isic-archive.com/landing/milk10k), each with
# the hierarchy's places.  They are for what has a diagnosis: 'Benign' or 'Malignant' alone is none of them, nor is what
# is indeterminate between a nevus and a melanoma.
ELEVEN = (
    LesionClass(
        name="AKIEC",
        title="actinic keratosis or intraepidermal carcinoma",
        diagnoses=(
            places.INDETERMINATE_EPIDERMAL,
            places.INTRAEPITHELIAL_CARCINOMA,
            f"{places.MALIGNANT_EPIDERMAL}:Bowenoid papulosis",
        ),
    ),
    LesionClass(name="BCC", title="basal cell carcinoma", diagnoses=(places.BASAL_CELL_CARCINOMA,)),
    LesionClass(
        name="BEN_OTH",
        title="other benign proliferation, or collision of benign ones",
        # Vascular lesions and dermatofibromas have classes of their own.
        diagnoses=(
            "Benign:Benign - Other",
            *places.BENIGN_ADNEXAL,
            places.EPIDERMAL_NEVUS,
            places.BENIGN_MELANOCYTIC,
            *(group for group in places.BENIGN_SOFT_TISSUE if group != places.VASCULAR),
            "Benign:Collision - Only benign proliferations",
            places.CYSTS,
            "Benign:Exogenous",
            places.FLAT_PIGMENTATION,
            "Benign:Langerhans cell proliferations",
            "Benign:Mast cell proliferations",
        ),
    ),
    LesionClass(
        name="BKL",
        title="benign keratinocytic lesion",
        diagnoses=(
            places.BENIGN_EPIDERMAL,
            places.LENTIGO,
            f"{places.FLAT_PIGMENTATION}:Ink-spot lentigo",
        ),
    ),
    LesionClass(name="DF", title="dermatofibroma", diagnoses=(places.DERMATOFIBROMA,)),
    LesionClass(
        name="INF",
        title="inflammatory or infectious condition",
        diagnoses=(places.INFLAMMATORY,),
    ),
    LesionClass(
        name="MAL_OTH",
        title="other malignant proliferation, or collision with one",
        diagnoses=(
            "Malignant:Collision - At least one malignant proliferation",
            places.B_CELL,
            places.T_CELL,
            "Malignant:Malignant adnexal epithelial proliferations - Apocrine or Eccrine",
            "Malignant:Malignant adnexal epithelial proliferations - Follicular",
            "Malignant:Malignant adnexal epithelial proliferations - Sebaceous",
            *places.MALIGNANT_SOFT_TISSUE,
            "Malignant:Merkel cell proliferation",
            "Malignant:Skin metastasis of internal solid cancer - non-hematological",
        ),
    ),
    LesionClass(name="MEL", title="melanoma", diagnoses=(places.MELANOMA,)),
    LesionClass(name="NV", title="melanocytic nevus", diagnoses=(places.NEVUS,)),
    LesionClass(
        name="SCCKA",
        title="squamous cell carcinoma or keratoacanthoma",
        diagnoses=(places.MALIGNANT_EPIDERMAL,),
    ),
    LesionClass(name="VASC", title="vascular lesion or hemorrhage", diagnoses=(places.VASCULAR, places.HEMORRHAGE)),
)
MALIGNANCY = (
    LesionClass(name="benign", title="benign", diagnoses=(places.BENIGN,)),
    LesionClass(name="indeterminate", title="indeterminate", diagnoses=(places.INDETERMINATE,)),
    LesionClass(name="malignant", title="malignant", diagnoses=(places.MALIGNANT,)),
)
