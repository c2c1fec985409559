"""What a diary may say of a lesion: the words that the clinic uses, and what derm is to understand by them.

A diagnosis is a place in the ISIC Archive's hierarchy (package isic-metadata), from coarse to fine, joined by colons.
The places make it possible to train on this dataset together with any other.
"""

from __future__ import annotations

from derm_cli.plugin import LesionClass

NEVUS = "Benign:Benign melanocytic proliferations:Nevus"
DYSPLASTIC_NEVUS = f"{NEVUS}:Nevus, Atypical, Dysplastic, or Clark:Nevus, Dysplastic"
SEBORRHEIC_KERATOSIS = "Benign:Benign epidermal proliferations:Seborrheic keratosis"
SOLAR_LENTIGO = "Benign:Benign epidermal proliferations:Solar lentigo"
BASAL_CELL_CARCINOMA = "Malignant:Malignant adnexal epithelial proliferations - Follicular:Basal cell carcinoma"
MELANOMA = "Malignant:Malignant melanocytic proliferations (Melanoma)"
MELANOMA_IN_SITU = f"{MELANOMA}:Melanoma in situ"

# A class covers each place that it names and all that lies below it.  The order is that of the model's outputs.
CLASSES = (
    LesionClass(name="nevus", title="nevus", diagnoses=(NEVUS,)),
    LesionClass(
        name="keratosis",
        title="seborrheic keratosis or solar lentigo",
        diagnoses=(SEBORRHEIC_KERATOSIS, SOLAR_LENTIGO),
    ),
    LesionClass(name="bcc", title="basal cell carcinoma", diagnoses=(BASAL_CELL_CARCINOMA,)),
    LesionClass(name="melanoma", title="melanoma, in situ or invasive", diagnoses=(MELANOMA,)),
)

FINDINGS = {
    "nevus": ("nevus", NEVUS),
    "dysplastic nevus": ("nevus", DYSPLASTIC_NEVUS),
    "seborrheic keratosis": ("keratosis", SEBORRHEIC_KERATOSIS),
    "solar lentigo": ("keratosis", SOLAR_LENTIGO),
    "basal cell carcinoma": ("bcc", BASAL_CELL_CARCINOMA),
    "melanoma": ("melanoma", MELANOMA),
    "melanoma in situ": ("melanoma", MELANOMA_IN_SITU),
}
"""The class and the diagnosis of each finding."""
