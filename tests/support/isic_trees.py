"""Small synthetic datasets in the layouts of the ISIC challenges and of the ISIC Archive, with the traps of each.

The functions are as those of :mod:`tests.support.trees`.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.painting import Painter, write_table

ISIC_2018 = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")
ISIC_2019 = ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC")
ISIC_2020 = {"melanoma": ("melanoma",), "benign": ("unknown", "nevus", "seborrheic keratosis", "lentigo NOS")}
ISIC_ARCHIVE = {
    "AKIEC": "Indeterminate:Indeterminate epidermal proliferations:Solar or actinic keratosis",
    "BCC": (
        "Malignant:Malignant adnexal epithelial proliferations - Follicular:Basal cell carcinoma:"
        "Basal cell carcinoma, Nodular"
    ),
    "BEN_OTH": "Benign:Benign soft tissue proliferations - Fibro-histiocytic:Scar",
    "BKL": "Benign:Benign epidermal proliferations:Solar lentigo",
    "DF": "Benign:Benign soft tissue proliferations - Fibro-histiocytic:Dermatofibroma",
    "INF": "Benign:Inflammatory or infectious diseases:Verruca",
    "MAL_OTH": "Malignant:Merkel cell proliferation:Merkel cell carcinoma",
    "MEL": "Malignant:Malignant melanocytic proliferations (Melanoma):Melanoma Invasive:Melanoma Invasive, Nodular",
    "NV": ("Benign:Benign melanocytic proliferations:Nevus:Nevus, Atypical, Dysplastic, or Clark:Nevus, Clark"),
    "SCCKA": "Malignant:Malignant epidermal proliferations:Keratoacanthoma",
    "VASC": "Benign:Hemorrhagic lesions:Hemorrhage:Subungual hemorrhage",
}


def make_isic_2018(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """ISIC 2018: three parts, one-hot labels as floats, tables in folders of their own, photographs nested twice."""
    paint = Painter(ISIC_2018, size, seed)
    parts = ("Training", "Validation", "Test")
    rows: dict[str, list[tuple[object, ...]]] = {part: [] for part in parts}
    for label in ISIC_2018:
        for number in range(per_class):
            part = parts[number % 3]
            image = f"ISIC_{ISIC_2018.index(label):02}{number:05}"
            folder = f"ISIC2018_Task3_{part}_Input"
            paint(root / folder / folder / f"{image}.jpg", label)
            rows[part].append((image, *(float(each == label) for each in ISIC_2018)))
    for part, photographs in ((part, each) for part, each in rows.items() if each):
        table = f"ISIC2018_Task3_{part}_GroundTruth"
        write_table(root / table / f"{table}.csv", f"image,{','.join(ISIC_2018)}", photographs)
        (root / f"ISIC2018_Task3_{part}_Input" / "ATTRIBUTION.txt").write_text("made\n", encoding="utf-8")
    # Every lesion has the photographs of two rows.
    lesions = [(image, f"HAM_{number // 2:07}", "histo") for number, (image, *_) in enumerate(rows["Training"])]
    write_table(root / "ISIC2018_Task3_Training_LesionGroupings.csv", "image,lesion_id,diagnosis_confirm_type", lesions)
    return root


def make_isic_2019(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """ISIC 2019: two parts, an UNK column, and '_downsampled' in each of the ways that copies of the set have it."""
    paint = Painter(ISIC_2019, size, seed)
    truth: dict[str, list[tuple[object, ...]]] = {"Training": [], "Test": []}
    metadata: dict[str, list[tuple[object, ...]]] = {"Training": [], "Test": []}
    for label in ISIC_2019:
        for number in range(per_class):
            part = "Test" if number % 3 == 2 else "Training"
            image = f"ISIC_{ISIC_2019.index(label):02}{number:05}"
            # In the table and on disk, in the table alone, on disk alone.
            listed, named = (
                (image + "_downsampled", image)[number % 3 > 1],
                (image + "_downsampled", image)[number % 3 == 1],
            )
            paint(root / f"ISIC_2019_{part}_Input" / f"{named}.jpg", label)
            truth[part].append((listed, *(float(each == label) for each in ISIC_2019), 0.0))
            site = ("anterior torso", "", "palms/soles")[number % 3]
            lesion = () if part == "Test" else (f"BCN_{ISIC_2019.index(label)}{number // 2}" if number else "",)
            metadata[part].append((image, 85 if number else "", site, *lesion, ("female", "male", "")[number % 3]))
    for part, photographs in ((part, each) for part, each in truth.items() if each):
        write_table(root / f"ISIC_2019_{part}_GroundTruth.csv", f"image,{','.join(ISIC_2019)},UNK", photographs)
        header = "image,age_approx,anatom_site_general" + (",sex" if part == "Test" else ",lesion_id,sex")
        write_table(root / f"ISIC_2019_{part}_Metadata.csv", header, metadata[part])
    return root


def make_isic_2020(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """ISIC 2020: two photographs a patient, benign lesions of unknown diagnosis, and the list of duplicates."""
    paint = Painter(tuple(ISIC_2020), size, seed)
    rows: list[tuple[object, ...]] = []
    for label, diagnoses in ISIC_2020.items():
        for number in range(per_class):
            image = f"ISIC_{len(rows):07}"
            paint(root / "ISIC_2020_Training_JPEG" / "train" / f"{image}.jpg", label)
            site, sex = ("torso", "", "head/neck")[number % 3], ("male", "female", "")[number % 3]
            verdict = "malignant" if label == "melanoma" else "benign"
            diagnosis = diagnoses[number % len(diagnoses)]
            person = (f"IP_{len(rows) // 2:07}", f"IL_{len(rows):07}", sex, 45)
            rows.append((image, *person, site, diagnosis, verdict, int(verdict == "malignant")))
    write_table(
        root / "ISIC_2020_Training_GroundTruth_v2.csv",
        "image_name,patient_id,lesion_id,sex,age_approx,anatom_site_general_challenge,diagnosis,benign_malignant,target",
        rows,
    )
    # The last photograph is said to be that of the first benign one, which is another patient's.
    pair = (rows[per_class][0], rows[-1][0])
    write_table(root / "ISIC_2020_Training_Duplicates.csv", "image_name_1,image_name_2", [pair])
    return root


def make_isic_archive(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """What isic-cli leaves: a table, licences and attributions beside the photographs, here a part of them moved."""
    paint = Painter(tuple(ISIC_ARCHIVE), size, seed)
    rows: list[tuple[object, ...]] = []
    for label, diagnosis in ISIC_ARCHIVE.items():
        for number in range(per_class):
            image = f"ISIC_{len(rows):07}"
            paint(root / f"{image}.jpg" if number % 2 else root / "moved" / f"{image}.JPG", label)
            levels = [f'"{level}"' for level in diagnosis.split(":")]
            levels += [""] * (5 - len(levels))
            kind = ("dermoscopic", "clinical: close-up", "TBP tile: close-up", "clinical: overview")[number % 4]
            skin, years = ("I", "IV", "VI", "")[number % 4], ("85+", "40", "")[number % 3]
            site = ("head/neck", "", "lower extremity")[number % 3]
            special = ("", "", "acral palms or soles")[number % 3]
            levelled = ("", "Trunk", "")[number % 3], ("", "Lateral trunk", "")[number % 3]
            person = (f"IP_{len(rows) // 2:07}", f"IL_{len(rows):07}", ("male", "female")[number % 2], years, skin)
            rows.append((image, "Anonymous", "CC-BY-NC", *person, site, special, *levelled, *levels, kind))
    levels_named = ",".join(f"diagnosis_{level}" for level in range(1, 6))
    write_table(
        root / "metadata.csv",
        "isic_id,attribution,copyright_license,patient_id,lesion_id,sex,age_approx,fitzpatrick_skin_type,"
        f"anatom_site_general,anatom_site_special,anatom_site_1,anatom_site_2,{levels_named},image_type",
        rows,
    )
    (root / "attribution.txt").write_text("Anonymous\n", encoding="utf-8")
    (root / "licenses").mkdir()
    (root / "licenses" / "CC-BY-NC.txt").write_text("made\n", encoding="utf-8")
    return root
