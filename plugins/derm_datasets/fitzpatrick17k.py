"""Fitzpatrick17k: clinical photographs of two atlases, 114 conditions, with the skin type of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass
from derm_datasets import diagnoses, downloads
from derm_datasets.files import DatasetFiles
from derm_datasets.records import as_records, unique_names

if TYPE_CHECKING:
    import pandas as pd

_XANTHOGRANULOMA = f"{diagnoses.FIBRO_HISTIOCYTIC}:Juvenile xanthogranuloma"
_LANGERHANS_CELL_HISTIOCYTOSIS = "Benign:Langerhans cell proliferations:Langerhans cell histiocytosis"
_MAST_CELLS = "Benign:Mast cell proliferations"
_NEVUS_COMEDONICUS = f"{diagnoses.FOLLICULAR}:Nevus comedonicus"
_NEVUS_SEBACEUS = f"{diagnoses.SEBACEOUS}:Nevus sebaceus"

# A condition bears the finest diagnosis that is right for all its photographs.  What the hierarchy does not have bears
# none: genodermatoses, changes of colour or texture, deposits, and Becker nevi.  Inflammatory and infectious diseases
# share that of their group.  Mucous cysts are mucoceles too, and a superficial spreading melanoma may be in situ.
DIAGNOSES = {
    "inflammatory": {
        **dict.fromkeys(
            (
                *("acne", "acne vulgaris", "acquired autoimmune bullous diseaseherpes gestationis"),
                *("allergic contact dermatitis", "behcets disease", "cheilitis", "dermatomyositis", "drug eruption"),
                *("dyshidrotic eczema", "eczema", "erythema annulare centrifigum", "erythema elevatum diutinum"),
                *("erythema multiforme", "erythema nodosum", "fixed eruptions", "folliculitis", "granuloma annulare"),
                *("hidradenitis", "lichen planus", "lichen simplex", "lupus erythematosus", "lupus subacute"),
                *("lyme disease", "myiasis", "necrobiosis lipoidica", "nematode infection", "neurodermatitis"),
                *("neutrophilic dermatoses", "paronychia", "pediculosis lids", "perioral dermatitis"),
                *("photodermatoses", "pityriasis lichenoides chronica", "pityriasis rosea"),
                *("pityriasis rubra pilaris", "psoriasis", "pustular psoriasis", "rhinophyma", "rosacea"),
                *("sarcoidosis", "scabies", "scleroderma", "seborrheic dermatitis", "stevens johnson syndrome"),
                *("tick bite", "tungiasis", "urticaria"),
            ),
            diagnoses.INFLAMMATORY,
        ),
        **dict.fromkeys(
            (
                *("acanthosis nigricans", "aplasia cutis", "calcinosis cutis", "drug induced pigmentary changes"),
                *("factitial dermatitis", "keratosis pilaris", "lichen amyloidosis", "livedo reticularis"),
                *("mucinosis", "neurotic excoriations", "papilomatosis confluentes and reticulate", "porphyria"),
                *("scleromyxedema", "stasis edema", "striae", "sun damaged skin", "vitiligo", "xanthomas"),
            ),
            "",
        ),
        "juvenile xanthogranuloma": _XANTHOGRANULOMA,
        "keloid": diagnoses.KELOID,
        "langerhans cell histiocytosis": _LANGERHANS_CELL_HISTIOCYTOSIS,
        "urticaria pigmentosa": _MAST_CELLS,
    },
    "malignant epidermal": {
        "actinic keratosis": diagnoses.ACTINIC_KERATOSIS,
        "basal cell carcinoma": diagnoses.BASAL_CELL_CARCINOMA,
        "basal cell carcinoma morpheiform": (
            f"{diagnoses.BASAL_CELL_CARCINOMA}:Basal cell carcinoma, Sclerosing or morpheaform"
        ),
        "solid cystic basal cell carcinoma": diagnoses.BASAL_CELL_CARCINOMA,
        # Keratoacanthomas and Bowen's disease are among them, as the addresses of the photographs tell.
        "squamous cell carcinoma": diagnoses.MALIGNANT_EPIDERMAL,
    },
    "genodermatoses": dict.fromkeys(
        (
            *("acrodermatitis enteropathica", "dariers disease", "ehlers danlos syndrome", "epidermolysis bullosa"),
            *("hailey hailey disease", "ichthyosis vulgaris", "incontinentia pigmenti", "neurofibromatosis"),
            *("tuberous sclerosis", "xeroderma pigmentosum"),
        ),
        "",
    ),
    "benign dermal": {
        "becker nevus": "",
        "dermatofibroma": diagnoses.DERMATOFIBROMA,
        "fordyce spots": f"{diagnoses.SEBACEOUS}:Fordyce spots",
        "granuloma pyogenic": diagnoses.PYOGENIC_GRANULOMA,
        "lymphangioma": diagnoses.LYMPHANGIOMA,
        "mucous cyst": diagnoses.CYSTS,
        "pilar cyst": f"{diagnoses.CYSTS}:Trichilemmal or isthmic-catagen or pilar cyst",
        "pilomatricoma": f"{diagnoses.FOLLICULAR}:Pilomatricoma",
        "port wine stain": f"{diagnoses.VASCULAR}:Capillary vascular malformation",
        "pyogenic granuloma": diagnoses.PYOGENIC_GRANULOMA,
        "syringoma": f"{diagnoses.APOCRINE_OR_ECCRINE}:Syringoma",
        "telangiectases": f"{diagnoses.VASCULAR}:Telangiectasia",
    },
    "benign epidermal": {
        "disseminated actinic porokeratosis": diagnoses.POROKERATOSIS,
        "epidermal nevus": diagnoses.EPIDERMAL_NEVUS,
        "milia": diagnoses.MILIUM,
        "naevus comedonicus": _NEVUS_COMEDONICUS,
        "nevus sebaceous of jadassohn": _NEVUS_SEBACEUS,
        "porokeratosis actinic": diagnoses.POROKERATOSIS,
        "porokeratosis of mibelli": diagnoses.POROKERATOSIS,
        "prurigo nodularis": "",
        "seborrheic keratosis": diagnoses.SEBORRHEIC_KERATOSIS,
    },
    "malignant melanoma": {
        "lentigo maligna": f"{diagnoses.MELANOMA_IN_SITU}:Melanoma in situ, Lentigo maligna type",
        "malignant melanoma": diagnoses.MELANOMA,
        "melanoma": diagnoses.MELANOMA,
        "superficial spreading melanoma ssm": diagnoses.MELANOMA,
    },
    "benign melanocyte": {
        "congenital nevus": f"{diagnoses.NEVUS}:Nevus, Congenital",
        "halo nevus": f"{diagnoses.NEVUS}:Nevus, Halo",
        "nevocytic nevus": diagnoses.NEVUS,
    },
    "malignant cutaneous lymphoma": {"mycosis fungoides": diagnoses.MYCOSIS_FUNGOIDES},
    "malignant dermal": {"kaposi sarcoma": diagnoses.KAPOSI_SARCOMA},
}
"""The 114 conditions, under the publishers' partition of nine, with the diagnosis of each in the ISIC hierarchy."""

# A class stands for the groups that lie in its layer of the skin, and for what its publishers put into it against them:
# the finest diagnosis decides.
CLASSES = (
    LesionClass(
        name="inflammatory",
        title="inflammatory or infectious",
        diagnoses=(
            *(diagnoses.INFLAMMATORY, diagnoses.KELOID, _XANTHOGRANULOMA, _LANGERHANS_CELL_HISTIOCYTOSIS, _MAST_CELLS),
        ),
    ),
    LesionClass(
        name="malignant epidermal",
        title="malignant epidermal, with actinic keratosis",
        diagnoses=(diagnoses.MALIGNANT_EPIDERMAL, diagnoses.BASAL_CELL_CARCINOMA, diagnoses.ACTINIC_KERATOSIS),
    ),
    LesionClass(name="genodermatoses", title="genodermatoses, of which the hierarchy has none"),
    LesionClass(
        name="benign dermal",
        title="benign dermal",
        diagnoses=(*diagnoses.BENIGN_SOFT_TISSUE, *diagnoses.BENIGN_ADNEXAL, diagnoses.CYSTS),
    ),
    LesionClass(
        name="benign epidermal",
        title="benign epidermal",
        diagnoses=(diagnoses.BENIGN_EPIDERMAL, diagnoses.MILIUM, _NEVUS_COMEDONICUS, _NEVUS_SEBACEUS),
    ),
    LesionClass(name="malignant melanoma", title="malignant melanoma", diagnoses=(diagnoses.MELANOMA,)),
    LesionClass(name="benign melanocyte", title="benign melanocytic", diagnoses=(diagnoses.BENIGN_MELANOCYTIC,)),
    LesionClass(
        name="malignant cutaneous lymphoma",
        title="malignant cutaneous lymphoma",
        diagnoses=(diagnoses.T_CELL, diagnoses.B_CELL),
    ),
    LesionClass(name="malignant dermal", title="malignant dermal", diagnoses=diagnoses.MALIGNANT_SOFT_TISSUE),
)


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph, whether it could be got or not; its class is the publishers' partition of nine.

    A photograph that their own quality check calls wrongly labelled has that finding as its label.  The skin type is
    the first one that was annotated; -1 means that it could not be told.  Patients are not told.
    """
    import pandas as pd

    files = DatasetFiles(SPEC, root)
    table = files.read_table(files.first_existing("fitzpatrick17k.csv"), "md5hash", "label", "nine_partition_label")
    names = table["md5hash"].fillna("")
    label, condition = (
        table[column].fillna("").str.lower().str.split().str.join(" ") for column in ("nine_partition_label", "label")
    )
    if "qc" in table:
        label = label.mask(table["qc"].str.contains("wrong", case=False).fillna(False).astype(bool), table["qc"])
    frame = pd.DataFrame(
        {
            "case_id": unique_names(names),
            "file": [files.path_of(f"{name}.jpg", f"images/{name}.jpg") for name in names],
            "label": label,
            "diagnosis": [
                DIAGNOSES.get(partition, {}).get(name, "") for partition, name in zip(label, condition, strict=True)
            ],
            "image_type": "clinical",
        }
    )
    if "fitzpatrick_scale" in table:
        frame["fitzpatrick"] = table["fitzpatrick_scale"].replace("-1", None)
    return as_records(frame)


SPEC = DatasetSpec(
    name="fitzpatrick17k",
    title="Fitzpatrick17k, clinical photographs of 114 conditions in nine groups, with skin types",
    classes=CLASSES,
    records=read_records,
    modality="clinical",
    photographs=16_577,
    licence="CC BY-NC-SA 3.0 (the annotations; the photographs are their atlases')",
    citation=(
        "Groh, Harris, Soenksen, Lau, Han, Kim, Koochek, Badri: Evaluating deep neural networks trained on clinical "
        "images in dermatology with the Fitzpatrick 17k dataset. CVPR Workshops 2021, 1820-1828. "
        "doi:10.1109/CVPRW53098.2021.00201"
    ),
    homepage="https://github.com/mattgroh/fitzpatrick17k",
    obtain=(
        "download fitzpatrick17k.csv, and the photographs from the addresses in it or through the form of its "
        "publishers"
    ),
    layout=(
        "fitzpatrick17k.csv  (with the columns md5hash, label, nine_partition_label, fitzpatrick_scale, qc)\n"
        "images/<md5hash>.jpg  (or in any other folder; those that could not be got are left out)"
    ),
    downloads=downloads.FITZPATRICK17K,
)
