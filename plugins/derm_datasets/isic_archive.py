"""ISIC Archive: whatever of it was downloaded, with its own program isic-cli or from its gallery."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, common_fields, covering_class, known_diagnoses
from derm_datasets import diagnoses, downloads, isic
from derm_datasets.body_sites import ORAL_GENITAL, PALMS_SOLES, general_site
from derm_datasets.class_titles import class_titles
from derm_datasets.files import DatasetFiles
from derm_datasets.isic_categories import ELEVEN, MALIGNANCY
from derm_datasets.records import as_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

COLUMNS = {
    "patient": "patient_id",
    "lesion": "lesion_id",
    "sex": "sex",
    "age": "age_approx",
    "fitzpatrick": "fitzpatrick_skin_type",
    "image_type": "image_type",
    "diameter": "clin_size_long_diam_mm",
    "history": "personal_hx_mm",
    "family_history": "family_hx_mm",
    "confirmed_by": "diagnosis_confirm_type",
    "attribution": "attribution",
    "licence": "copyright_license",
}
DIAGNOSIS = tuple(f"diagnosis_{level}" for level in range(1, 6))
OLDER_DIAGNOSIS = ("diagnosis", "benign_malignant")
"""What stands in downloads from before the archive had a hierarchy of diagnoses."""
SITE = ("anatom_site_special", "anatom_site_general", *(f"anatom_site_{level}" for level in range(1, 6)))

_VERDICTS = {
    "benign": diagnoses.BENIGN,
    "malignant": diagnoses.MALIGNANT,
    **dict.fromkeys(("indeterminate", "indeterminate/benign", "indeterminate/malignant"), diagnoses.INDETERMINATE),
}


def read_records(root: Path, malignancy: bool = False) -> pd.DataFrame:
    """Return a row a photograph of every download below the folder, in eleven categories or by malignancy alone.

    A diagnosis that no class covers stands as the label, and so does the kind of an image that is no photograph of
    skin: a confocal micrograph, or one that a program made.
    """
    import pandas as pd

    spec = MALIGNANCY_SPEC if malignancy else SPEC
    files = DatasetFiles(spec, root)
    needed = list(dict.fromkeys((*DIAGNOSIS, *OLDER_DIAGNOSIS, *SITE, *COLUMNS.values(), "image_manipulation")))
    tables = []
    for path in _tables(files):
        table = files.read_table(files.root / path, "isic_id")
        if not {*OLDER_DIAGNOSIS} & {*table}:
            files.require_columns(files.root / path, table, DIAGNOSIS[0])
        folder = str(PurePosixPath(path).parent)
        photographs = [isic.photograph_path(files, name, folder) for name in table["isic_id"].fillna("")]
        tables.append(table.reindex(columns=["isic_id", *needed]).assign(file=photographs))
    table = pd.concat(tables, ignore_index=True)
    text = table[needed].astype("object").fillna("")
    rows = text[[*DIAGNOSIS, *OLDER_DIAGNOSIS]].itertuples(index=False)
    diagnosed = [_finest_diagnosis(row[:5], *row[5:]) for row in rows]
    labels = {diagnosis: covering_class(spec.classes, diagnosis) or diagnosis for diagnosis in set(diagnosed)}
    micrograph = text["image_type"].where(text["image_type"].str.startswith("RCM"), "")
    synthetic = text["image_manipulation"].where(text["image_manipulation"] == "synthetic", "")
    unsuitable = [
        micrograph_kind or manipulation for micrograph_kind, manipulation in zip(micrograph, synthetic, strict=True)
    ]
    return as_records(
        pd.DataFrame(
            {
                "case_id": table["isic_id"],
                "file": table["file"],
                "label": [kind or labels[diagnosis] for kind, diagnosis in zip(unsuitable, diagnosed, strict=True)],
                "diagnosis": diagnosed,
                "site": [_site(row[0], row[1], row[2:]) for row in text[list(SITE)].itertuples(index=False)],
                **{column: table[name] for column, name in COLUMNS.items()},
            }
        )
    )


def _tables(files: DatasetFiles) -> list[str]:
    """Return the tables of all downloads; those of the gallery bear the name of a collection and a date."""
    tables = {path: PurePosixPath(path).name.lower() for path in files.paths if path.lower().endswith(".csv")}
    paths = [path for path, name in tables.items() if name == "metadata.csv"]
    paths = paths or [path for path, name in tables.items() if "metadata" in name]
    if not paths:
        files.first_existing("metadata.csv")
    return paths


def _finest_diagnosis(levels: Sequence[str], word: str, verdict: str) -> str:
    """Return the finest diagnosis that is known: a newer hierarchy than derm's may have finer ones."""
    known = known_diagnoses()
    for depth in range(len(levels), 0, -1):
        diagnosis = ":".join(level for level in levels[:depth] if level)
        if diagnosis in known:
            return diagnosis
    return isic.DIAGNOSES.get(word.lower(), _VERDICTS.get(verdict.lower(), ""))


def _site(special: str, general: str, levels: Sequence[str]) -> str:
    """Return the site: the special ones that are general ones in the challenges go before the part of the body."""
    site = general_site(special)
    return site if site in (PALMS_SOLES, ORAL_GENITAL) else general or ":".join(filter(None, levels)) or special


SPEC = DatasetSpec(
    name="isic-archive",
    title="ISIC Archive, any download from it, in the archive's own eleven categories",
    classes=ELEVEN,
    records=read_records,
    modality="mixed",
    licence="each photograph's own (CC0, CC BY or CC BY-NC), in the column copyright_license",
    citation=(
        "International Skin Imaging Collaboration: ISIC Archive. https://www.isic-archive.com, with the holders of "
        "rights that attribution.txt of the download names"
    ),
    homepage="https://www.isic-archive.com",
    obtain="run 'isic image download FOLDER' of the package isic-cli, with --search or --collections for a part",
    layout=(
        "metadata.csv  (from isic-cli, with isic_id and diagnosis_1 to diagnosis_5, or diagnosis in older ones)\n"
        "<isic_id>.jpg  (beside it, or in other folders)\n"
        "or a folder like this for each download"
    ),
    downloads=downloads.ISIC_ARCHIVE,
    metadata=(
        *common_fields("age", "sex", "site", "fitzpatrick", "diameter"),
        *common_fields(
            "history",
            "family_history",
            history="Have you had melanoma before?",
            family_history="Has anybody of your family had melanoma?",
        ),
        *common_fields("confirmed_by"),
    ),
)
MALIGNANCY_SPEC = replace(
    SPEC,
    name="isic-archive-malignancy",
    title="ISIC Archive, any download from it, as benign, indeterminate or malignant",
    classes=MALIGNANCY,
    titles=class_titles(MALIGNANCY),
    records=partial(read_records, malignancy=True),
)
"""For downloads of which most is known to be benign and no more, as those of total-body photography."""
