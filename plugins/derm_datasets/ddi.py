"""DDI, Diverse Dermatology Images: clinical photographs of lesions proven by biopsy, balanced over skin tones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass
from derm_datasets import diagnoses
from derm_datasets.files import DatasetFiles, layout_error
from derm_datasets.records import as_records, unique_names

if TYPE_CHECKING:
    import pandas as pd

_ATYPICAL_REED = f"{diagnoses.INDETERMINATE_MELANOCYTIC}:Atypical pigmented spindle cell tumor"

# The publishers count an actinic keratosis as benign and an atypical nevus of Reed as malignant; in the hierarchy both
# are indeterminate.
CLASSES = (
    LesionClass(
        name="benign", title="benign, with actinic keratosis", diagnoses=(diagnoses.BENIGN, diagnoses.ACTINIC_KERATOSIS)
    ),
    LesionClass(name="malignant", title="malignant", diagnoses=(diagnoses.MALIGNANT, _ATYPICAL_REED)),
)

_APOCRINE = diagnoses.APOCRINE_OR_ECCRINE
_BCC = diagnoses.BASAL_CELL_CARCINOMA
_INVASIVE_SCC = diagnoses.INVASIVE_SQUAMOUS_CELL_CARCINOMA

# A disease bears the finest diagnosis that is surely right; what has none of its own, or more than one, is as benign or
# malignant as its biopsy says.
DIAGNOSES = {
    **dict.fromkeys(
        (
            *("abscess", "acne-cystic", "coccidioidomycosis", "condyloma-accuminatum", "dermatomyositis"),
            *("eczema-spongiotic-dermatitis", "folliculitis", "graft-vs-host-disease", "morphea", "onychomycosis"),
            *("prurigo-nodularis", "tinea-pedis"),
        ),
        diagnoses.INFLAMMATORY,
    ),
    "acquired-digital-fibrokeratoma": diagnoses.FIBRO_HISTIOCYTIC,
    "acral-melanotic-macule": diagnoses.FLAT_PIGMENTATION,
    "acrochordon": diagnoses.FIBROEPITHELIAL_POLYP,
    "actinic-keratosis": diagnoses.ACTINIC_KERATOSIS,
    "angioleiomyoma": f"{diagnoses.MUSCULAR}:Angioleiomyoma",
    "angioma": diagnoses.VASCULAR,
    "arteriovenous-hemangioma": diagnoses.HEMANGIOMA,
    "atypical-spindle-cell-nevus-of-reed": _ATYPICAL_REED,
    "basal-cell-carcinoma": _BCC,
    "basal-cell-carcinoma-nodular": f"{_BCC}:Basal cell carcinoma, Nodular",
    "basal-cell-carcinoma-superficial": f"{_BCC}:Basal cell carcinoma, Superficial",
    "benign-keratosis": diagnoses.BENIGN_EPIDERMAL,
    "blue-nevus": f"{diagnoses.NEVUS}:Blue nevus",
    "chondroid-syringoma": f"{_APOCRINE}:Mixed tumor",
    "clear-cell-acanthoma": f"{diagnoses.BENIGN_EPIDERMAL}:Clear cell acanthoma",
    "dermatofibroma": diagnoses.DERMATOFIBROMA,
    "dysplastic-nevus": diagnoses.ATYPICAL_NEVUS,
    "eccrine-poroma": f"{_APOCRINE}:Poroma",
    "epidermal-cyst": f"{diagnoses.CYSTS}:Infundibular or epidermal cyst",
    "epidermal-nevus": diagnoses.EPIDERMAL_NEVUS,
    "fibrous-papule": f"{diagnoses.FIBRO_HISTIOCYTIC}:Angiofibroma",
    "foreign-body-granuloma": "Benign:Exogenous:Foreign body granuloma",
    "glomangioma": f"{diagnoses.VASCULAR}:Glomus tumor",
    "hematoma": diagnoses.HEMORRHAGE,
    "kaposi-sarcoma": diagnoses.KAPOSI_SARCOMA,
    "keloid": diagnoses.KELOID,
    "lichenoid-keratosis": diagnoses.LICHENOID_KERATOSIS,
    "lipoma": f"{diagnoses.ADIPOCYTIC}:Lipoma",
    "melanocytic-nevi": diagnoses.NEVUS,
    "melanoma": diagnoses.MELANOMA,
    "melanoma-acral-lentiginous": diagnoses.MELANOMA,
    "melanoma-in-situ": diagnoses.MELANOMA_IN_SITU,
    "metastatic-carcinoma": "Malignant:Skin metastasis of internal solid cancer - non-hematological",
    "molluscum-contagiosum": diagnoses.MOLLUSCUM,
    "mycosis-fungoides": diagnoses.MYCOSIS_FUNGOIDES,
    "neurofibroma": f"{diagnoses.NEURAL}:Neurofibroma",
    "neuroma": f"{diagnoses.NEURAL}:Neuroma",
    "nevus-lipomatosus-superficialis": f"{diagnoses.ADIPOCYTIC}:Lipomatous nevus",
    "nodular-melanoma-(nm)": f"{diagnoses.MELANOMA}:Melanoma Invasive:Melanoma Invasive, Nodular",
    "pigmented-spindle-cell-nevus-of-reed": f"{diagnoses.NEVUS}:Nevus, Reed",
    "pyogenic-granuloma": diagnoses.PYOGENIC_GRANULOMA,
    "scar": diagnoses.SCAR,
    "sebaceous-carcinoma": ("Malignant:Malignant adnexal epithelial proliferations - Sebaceous:Sebaceous carcinoma"),
    "seborrheic-keratosis": diagnoses.SEBORRHEIC_KERATOSIS,
    "seborrheic-keratosis-irritated": diagnoses.SEBORRHEIC_KERATOSIS,
    "solar-lentigo": diagnoses.SOLAR_LENTIGO,
    "squamous-cell-carcinoma": diagnoses.SQUAMOUS_CELL_CARCINOMA,
    "squamous-cell-carcinoma-in-situ": diagnoses.INTRAEPITHELIAL_CARCINOMA,
    "squamous-cell-carcinoma-keratoacanthoma": (
        f"{_INVASIVE_SCC}:Squamous cell carcinoma, Invasive, Keratoacanthoma-type"
    ),
    "subcutaneous-t-cell-lymphoma": diagnoses.T_CELL,
    "syringocystadenoma-papilliferum": f"{_APOCRINE}:Syringocystadenoma papilliferum",
    "trichilemmoma": f"{diagnoses.FOLLICULAR}:Tricholemmoma",
    "trichofolliculoma": f"{diagnoses.FOLLICULAR}:Trichofolliculoma",
    "verruca-vulgaris": diagnoses.VERRUCA,
    "wart": diagnoses.VERRUCA,
    "xanthogranuloma": diagnoses.FIBRO_HISTIOCYTIC,
}
"""The diseases of ``ddi_metadata.csv`` that have a diagnosis of their own in the ISIC hierarchy."""

_BIOPSY = {"true": "malignant", "1": "malignant", "1.0": "malignant", "false": "benign", "0": "benign", "0.0": "benign"}
_TONES = {"12": "1-2", "34": "3-4", "56": "5-6"}


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph; its class is what the biopsy found.  Patients are not told.

    Of the Fitzpatrick type a pair is known and no more, so ``fitzpatrick`` is missing and ``skin_tone`` has the pair.
    """
    import pandas as pd

    files = DatasetFiles(SPEC, root)
    path = files.first_existing("ddi_metadata.csv")
    table = files.read_table(path, "ddi_file")
    biopsy = next((table[column] for column in ("malignant", "malignancy(malig=1)") if column in table), None)
    if biopsy is None:
        raise layout_error(SPEC, f"'{path}' has no column 'malignant'")
    names = table["ddi_file"].fillna("")
    label = biopsy.str.lower().map(_BIOPSY).fillna(biopsy)
    group = label.map({each.name: each.diagnoses[0] for each in CLASSES})
    diagnosis = table["disease"].str.lower().str.strip().map(DIAGNOSES) if "disease" in table else group
    frame = pd.DataFrame(
        {
            "case_id": unique_names(names.str.removesuffix(".png")),
            "file": [files.path_of(name, f"images/{name}") for name in names],
            "label": label,
            "diagnosis": diagnosis.fillna(group).where(group.notna()),
            "image_type": "clinical",
        }
    )
    if "skin_tone" in table:
        frame["skin_tone"] = table["skin_tone"].str.removesuffix(".0").map(_TONES)
    return as_records(frame)


SPEC = DatasetSpec(
    name="ddi",
    title="DDI, Diverse Dermatology Images, proven by biopsy, balanced over skin tones",
    classes=CLASSES,
    records=read_records,
    modality="clinical",
    photographs=656,
    licence="Stanford University Dataset Research Use Agreement: research alone, not to be passed on",
    citation=(
        "Daneshjou et al.: Disparities in dermatology AI performance on a diverse, curated clinical image set. Science "
        "Advances 8(31), 2022, eabq6147. doi:10.1126/sciadv.abq6147"
    ),
    homepage="https://ddi-dataset.github.io",
    obtain="agree to the terms at Stanford AIMI, download ddidiversedermatologyimages.zip and unpack it",
    layout=(
        "ddi_metadata.csv  (with the columns DDI_file, skin_tone, malignant, disease)\n"
        "images/<DDI_file>  (or beside the table)"
    ),
)
