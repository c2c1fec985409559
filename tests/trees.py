"""Small made datasets in the publishers' layouts, with the traps of each; their photographs are plain colours.

Every function writes into ``root`` (made if it is not there) ``per_class`` photographs a class of ``size`` pixels a
side, the same for the same ``seed``, and returns ``root``.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

PAD = ("ACK", "BCC", "MEL", "NEV", "SCC", "SEK")
HAM = ("nv", "mel", "bkl", "bcc", "akiec", "vasc", "df")
DERMOFIT = ("AK", "BCC", "DF", "IEC", "MEL", "ML", "PYO", "SCC", "SK", "VASC")
DERMAI = (
    *("SebKer", "ActKer", "Nev", "MolCont", "Haem", "UncNeop", "Drmfib"),
    *("SLent", "PenFib", "VWart", "OtMalNeop", "BCC", "MM"),
)
EDRA = {
    "SK": ("seborrheic keratosis",),
    "NEV": (
        *("clark nevus", "reed or spitz nevus", "dermal nevus", "blue nevus"),
        *("congenital nevus", "combined nevus", "recurrent nevus"),
    ),
    "BCC": ("basal cell carcinoma",),
    "MEL": (
        *("melanoma (less than 0.76 mm)", "melanoma (in situ)", "melanoma (0.76 to 1.5 mm)"),
        *("melanoma (more than 1.5 mm)", "melanoma metastasis", "melanoma"),
    ),
    "MISC": ("vascular lesion", "lentigo", "dermatofibroma", "melanosis", "miscellaneous"),
}
OWN = ("mole", "wart", "other")
SITES = ("back", "chest", "lower limbs", "head neck")


class _Painter:
    """Writes photographs of one colour a class, with noise, so that a network can learn them and no two are alike."""

    def __init__(self, classes: Sequence[str], size: int, seed: int) -> None:
        self.hues = {label: place / len(classes) for place, label in enumerate(classes)}
        self.size = size
        self.random = np.random.default_rng(seed)

    def __call__(self, path: Path, label: str, mode: str = "RGB") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        colour = np.array(colorsys.hsv_to_rgb(self.hues[label], 0.8, 0.8)) * 255
        noise = self.random.normal(0, 12, (self.size, self.size, 3))
        Image.fromarray((colour + noise).clip(0, 255).astype("uint8")).convert(mode).save(path)


def _table(path: Path, header: str, rows: Sequence[Sequence[object]], bom: bool = False, delimiter: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [header.replace(",", delimiter), *(delimiter.join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig" if bom else "utf-8")


def make_edra(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """derm7pt: names in another case than on disk, every case photographed both ways, the first by one file alone."""
    paint = _Painter(tuple(EDRA), size, seed)
    rows: list[tuple[object, ...]] = []
    for label, spellings in EDRA.items():
        for number in range(per_class):
            case = len(rows) + 1
            clinic = f"NEL/NEL{case:03}.JPG"
            derm = f"NEL/Nel{case:03}d.jpg" if rows else clinic
            paint(root / "images" / "NEL" / f"Nel{case:03}.jpg", label)
            if derm != clinic:
                paint(root / "images" / derm, label)
            sex = ("male", "female")[case % 2]
            site = SITES[case % len(SITES)]
            spelling = spellings[number % len(spellings)]
            rows.append(
                (case, spelling, 1, *["absent"] * 7, "low", "flat", site, sex, "excision", clinic, derm, "", "")
            )
    _table(
        root / "meta" / "meta.csv",
        "case_num,diagnosis,seven_point_score,pigment_network,streaks,pigmentation,regression_structures,"
        "dots_and_globules,blue_whitish_veil,vascular_structures,level_of_diagnostic_difficulty,elevation,location,sex,"
        "management,clinic,derm,case_id,notes",
        rows,
    )
    for part, start in (("train", 0), ("valid", 1), ("test", 2)):
        # Positions of rows, from 0.
        _table(root / "meta" / f"{part}_indexes.csv", "indexes", [(row,) for row in range(start, len(rows), 3)])
    return root


def make_dermofit(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """Dermofit: a list with runs of blanks and an empty last line, class folders in either case, a mask an image."""
    paint = _Painter(DERMOFIT, size, seed)
    lines: list[str] = []
    for place, label in enumerate(DERMOFIT):
        folder = root / (label if place % 2 else label.lower())
        for number in range(per_class):
            image = f"{chr(ord('A') + place)}{number + 1}"
            paint(folder / image / f"{image}.png", label)
            Image.new("L", (size, size), 255).save(folder / image / f"{image}mask.png")
            lines.append(f"{len(lines) + 1}  {image}\t {label}")
    (root / "lesionlist.txt").write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    return root


def make_dermai(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """The clinic's own layout, as a spreadsheet writes it (byte order mark, semicolons); two photographs a case."""
    paint = _Painter(DERMAI, size, seed)
    rows: list[tuple[object, ...]] = []
    for label in DERMAI:
        for number in range(per_class):
            case = f"{label}-{number // 2 + 1}"
            file = f"{case}-{'ab'[number % 2]}.jpg"
            paint(root / "images" / file, label)
            kind = ("macroscopic", "anatomical")[number % 2]
            rows.append((case, f"P-{case}", file, label, kind, 30 + number, ("female", "male")[number // 2 % 2]))
    _table(root / "cases.csv", "case,patient,file,class,image_type,age,sex", rows, bom=True, delimiter=";")
    return root


def make_pad(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """PAD-UFES-20: one part nested, RGBA, two photographs a patient, lesion numbers that recur under other patients."""
    paint = _Painter(PAD, size, seed)
    parts = ("imgs_part_1/imgs_part_1", "imgs_part_2", "imgs_part_3")
    rows: list[tuple[object, ...]] = []
    for label in PAD:
        for number in range(per_class):
            patient, lesion = len(rows) // 2 + 1, number // 2 + 1
            name = f"PAT_{patient}_{lesion}_{len(rows) + 1}.png"
            paint(root / "images" / parts[len(rows) % 3] / name, label, "RGBA")
            known = number % 3
            person = (40 + number, "False", ("MALE", "FEMALE")[number // 2 % 2]) if known else ("", "", "")
            skin = "2.0" if known else ""
            background = (*("True" if known else "",) * 2, "", "")
            house = ("UNK",) * 4
            lesion_facts = (skin, "FOREARM", "5.0", "4.0", label, *("UNK",) * 6)
            rows.append((f"PAT_{patient}", lesion, *background, *person, *house, *lesion_facts, name, "True"))
    _table(
        root / "metadata.csv",
        "patient_id,lesion_id,smoke,drink,background_father,background_mother,age,pesticide,gender,skin_cancer_history,"
        "cancer_history,has_piped_water,has_sewage_system,fitspatrick,region,diameter_1,diameter_2,diagnostic,itch,grew,"
        "hurt,changed,bleed,elevation,img_id,biopsed",
        rows,
    )
    return root


def make_ham(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """HAM10000: a table without a suffix, photographs in two parts, two a lesion, unknown sexes and sites."""
    paint = _Painter(HAM, size, seed)
    rows: list[tuple[object, ...]] = []
    for label in HAM:
        for number in range(per_class):
            image = f"ISIC_{len(rows) + 1:07}"
            paint(root / f"HAM10000_images_part_{len(rows) % 2 + 1}" / f"{image}.jpg", label)
            sex, site = ("male", "female", "unknown")[number % 3], ("back", "unknown")[number % 2]
            lesion = f"HAM_{HAM.index(label)}{number // 2:06}"
            rows.append((lesion, image, label, "histo", f"{30 + number}.0" if number else "", sex, site))
    _table(root / "HAM10000_metadata", "lesion_id,image_id,dx,dx_type,age,sex,localization", rows)
    return root


def make_folder(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """A folder a class, with photographs in a deeper folder, suffixes in capitals, and files that are none."""
    paint = _Painter(OWN, size, seed)
    for label in OWN:
        for number in range(per_class):
            name = f"{number}.jpg" if number % 2 else f"2021/{number}.PNG"
            paint(root / label / name, label)
        (root / label / "notes.txt").write_text("no photograph\n", encoding="utf-8")
        (root / label / "._0.jpg").write_bytes(b"what a file manager leaves behind")
    return root


def make_csv(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """One table with a byte order mark and more columns than needed; two photographs a patient."""
    paint = _Painter(OWN, size, seed)
    diagnoses = {
        "mole": "Benign:Benign melanocytic proliferations:Nevus",
        "wart": "Benign:Inflammatory or infectious diseases:Verruca",
        "other": "",
    }
    rows: list[tuple[object, ...]] = []
    for label in OWN:
        for number in range(per_class):
            image = f"photographs/{label}{number}.jpg"
            paint(root / image, label)
            patient = f"{label}-{number // 2}"
            split = "test" if number // 2 == 0 else "train"
            rows.append(
                (image, label, split, patient, patient, diagnoses[label], 50 + number, "F", "arm", 3, "clinical")
            )
    _table(
        root / "photographs.csv",
        "Image,label,split,patient_id,lesion_id,diagnosis,age,sex,site,fitzpatrick,image_type",
        rows,
        bom=True,
    )
    return root
