"""Small synthetic datasets in the publishers' layouts, with the traps of each; their photographs are plain colours.

Every function writes into ``root`` (made if it is not there) ``per_class`` photographs a class of ``size`` pixels a
side, the same for the same ``seed``, and returns ``root``.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from PIL import Image

from tests.support.painting import Painter, write_table

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
FITZPATRICK17K = {
    "inflammatory": (("psoriasis", "keloid", "vitiligo"), "non-neoplastic"),
    "malignant epidermal": (("squamous cell carcinoma", "actinic keratosis"), "malignant"),
    "genodermatoses": (("dariers disease", "tuberous sclerosis"), "non-neoplastic"),
    "benign dermal": (("granuloma pyogenic", "becker nevus", "mucous cyst"), "benign"),
    "benign epidermal": (("seborrheic keratosis", "milia"), "benign"),
    "malignant melanoma": (("superficial spreading melanoma ssm", "lentigo maligna"), "malignant"),
    "benign melanocyte": (("nevocytic nevus", "halo nevus"), "benign"),
    "malignant cutaneous lymphoma": (("mycosis fungoides",), "malignant"),
    "malignant dermal": (("kaposi sarcoma",), "malignant"),
}
DDI = {
    "benign": ("melanocytic-nevi", "actinic-keratosis", "focal-acral-hyperkeratosis", "tinea-pedis"),
    "malignant": ("melanoma-acral-lentiginous", "atypical-spindle-cell-nevus-of-reed", "leukemia-cutis"),
}
SCIN = {
    **{
        condition: (condition,)
        for condition in (
            *("Eczema", "Allergic Contact Dermatitis", "Urticaria", "Insect Bite", "Folliculitis", "Psoriasis"),
            *("Tinea", "Impetigo", "Herpes Zoster", "Pigmented purpuric eruption", "Acne", "Drug Rash"),
            *("Herpes Simplex", "Acute dermatitis, NOS", "Pityriasis rosea", "Irritant Contact Dermatitis"),
            *("Tinea Versicolor", "CD - Contact dermatitis", "Keratosis pilaris", "Lichen Simplex Chronicus"),
            *("Rosacea", "Viral Exanthem", "Lichen planus/lichenoid eruption", "O/E - ecchymoses present"),
            *("Granuloma annulare", "Verruca vulgaris", "Molluscum Contagiosum"),
        )
    },
    "benign growth": ("SK/ISK", "Melanocytic Nevus"),
    "malignant or premalignant growth": ("SCC/SCCIS", "Actinic Keratosis", "Melanoma"),
}
OWN = ("mole", "wart", "other")
SITES = ("back", "chest", "lower limbs", "head neck")


def make_edra(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """derm7pt: names in another case than on disk, every case photographed both ways, the first by one file alone."""
    paint = Painter(tuple(EDRA), size, seed)
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
    write_table(
        root / "meta" / "meta.csv",
        "case_num,diagnosis,seven_point_score,pigment_network,streaks,pigmentation,regression_structures,"
        "dots_and_globules,blue_whitish_veil,vascular_structures,level_of_diagnostic_difficulty,elevation,location,sex,"
        "management,clinic,derm,case_id,notes",
        rows,
    )
    for part, start in (("train", 0), ("valid", 1), ("test", 2)):
        # Positions of rows, from 0.
        write_table(root / "meta" / f"{part}_indexes.csv", "indexes", [(row,) for row in range(start, len(rows), 3)])
    return root


def make_dermofit(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """Dermofit: a list with runs of blanks and an empty last line, class folders in either case, a mask an image."""
    paint = Painter(DERMOFIT, size, seed)
    lines: list[str] = []
    for index, label in enumerate(DERMOFIT):
        folder = root / (label if index % 2 else label.lower())
        for number in range(per_class):
            image = f"{chr(ord('A') + index)}{number + 1}"
            paint(folder / image / f"{image}.png", label)
            Image.new("L", (size, size), 255).save(folder / image / f"{image}mask.png")
            lines.append(f"{len(lines) + 1}  {image}\t {label}")
    (root / "lesionlist.txt").write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    return root


def make_dermai(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """The clinic's own layout, as a spreadsheet writes it (byte order mark, semicolons); two photographs a case."""
    paint = Painter(DERMAI, size, seed)
    rows: list[tuple[object, ...]] = []
    for label in DERMAI:
        for number in range(per_class):
            case = f"{label}-{number // 2 + 1}"
            file = f"{case}-{'ab'[number % 2]}.jpg"
            paint(root / "images" / file, label)
            kind = ("macroscopic", "anatomical")[number % 2]
            rows.append((case, f"P-{case}", file, label, kind, 30 + number, ("female", "male")[number // 2 % 2]))
    write_table(root / "cases.csv", "case,patient,file,class,image_type,age,sex", rows, bom=True, delimiter=";")
    return root


def make_pad(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """PAD-UFES-20: one part nested, RGBA, two photographs a patient, lesion numbers that recur under other patients."""
    paint = Painter(PAD, size, seed)
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
    write_table(
        root / "metadata.csv",
        "patient_id,lesion_id,smoke,drink,background_father,background_mother,age,pesticide,gender,skin_cancer_history,"
        "cancer_history,has_piped_water,has_sewage_system,fitspatrick,region,diameter_1,diameter_2,diagnostic,itch,grew,"
        "hurt,changed,bleed,elevation,img_id,biopsed",
        rows,
    )
    return root


def make_ham(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """HAM10000: a table without a suffix, photographs in two parts, two a lesion, unknown sexes and sites."""
    paint = Painter(HAM, size, seed)
    rows: list[tuple[object, ...]] = []
    for label in HAM:
        for number in range(per_class):
            image = f"ISIC_{len(rows) + 1:07}"
            paint(root / f"HAM10000_images_part_{len(rows) % 2 + 1}" / f"{image}.jpg", label)
            sex, site = ("male", "female", "unknown")[number % 3], ("back", "unknown")[number % 2]
            lesion = f"HAM_{HAM.index(label)}{number // 2:06}"
            rows.append((lesion, image, label, "histo", f"{30 + number}.0" if number else "", sex, site))
    write_table(root / "HAM10000_metadata", "lesion_id,image_id,dx,dx_type,age,sex,localization", rows)
    return root


def make_fitzpatrick17k(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """Fitzpatrick17k: hashes for names, photographs in folders of their source, skin types that are not known."""
    paint = Painter(tuple(FITZPATRICK17K), size, seed)
    rows: list[tuple[object, ...]] = []
    for partition, (conditions, verdict) in FITZPATRICK17K.items():
        for number in range(per_class):
            name = hashlib.md5(f"{partition} {number}".encode(), usedforsecurity=False).hexdigest()
            source = ("dermaamin", "atlasdermatologico")[number % 2]
            paint(root / "data" / source / f"{name}{('.jpg', '.JPG')[number % 2]}", partition)
            scale, other = ("3", "-1", "6")[number % 3], ("-1", "4", "6")[number % 3]
            condition, checked = conditions[number % len(conditions)], ("", "1 Diagnostic", "5 Potentially")[number % 3]
            address = f"http://{source}.example/{name}.jpg"
            rows.append((name, scale, other, condition, partition, verdict, checked, address, f"{name}.jpg"))
    write_table(
        root / "fitzpatrick17k.csv",
        "md5hash,fitzpatrick_scale,fitzpatrick_centaur,label,nine_partition_label,three_partition_label,qc,url,"
        "url_alphanum",
        rows,
    )
    return root


def make_ddi(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """DDI: an unnamed index that has gaps, pairs of skin types, truth as a spreadsheet writes it."""
    paint = Painter(tuple(DDI), size, seed)
    rows: list[tuple[object, ...]] = []
    for label, diseases in DDI.items():
        for number in range(per_class):
            case = 2 * len(rows) + 1
            file = f"{case:06}.png"
            paint(root / "images" / file, label)
            truth = str(label == "malignant")
            truth = truth.upper() if number % 2 else truth
            rows.append((case - 1, case, file, (12, 34, 56)[number % 3], truth, diseases[number % len(diseases)]))
    write_table(root / "ddi_metadata.csv", ",DDI_ID,DDI_file,skin_tone,malignant,disease", rows)
    return root


def make_scin(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """SCIN: cases whose numbers fit into no integer and differ in their last digit, up to three photographs each.

    The labels stand in another order than the cases; the second photograph of every other case is not given.
    """
    paint = Painter(tuple(SCIN), size, seed)
    cases: list[tuple[object, ...]] = []
    opinions: list[tuple[object, ...]] = []
    parts = ("head_or_neck", "arm", "back_of_hand", "foot_sole", "buttocks", "other")
    for label, conditions in SCIN.items():
        left = per_class
        while left:
            # Of 19 digits or more: as floats all of them are the same.
            case = str((-1) ** len(cases) * (10**19 + len(cases)))
            given = ((1, 2, 3), (1, 3))[len(cases) % 2][:left]
            left -= len(given)
            paths = {number: f"dataset/images/{case.strip('-')}{number}.png" for number in given}
            for path in paths.values():
                paint(root / path, label)
            shots = zip((1, 2, 3), ("CLOSE_UP", "AT_AN_ANGLE", "AT_DISTANCE"), strict=True)
            ticked = {parts[len(cases) % 6], *(("arm", "back_of_hand") if len(cases) % 6 == 1 else ())}
            person = (("FEMALE", "MALE", "OTHER_OR_UNSPECIFIED")[len(cases) % 3], "AGE_18_TO_29", "FST2")
            where = ("YES" if part in ticked else "" for part in parts)
            photographs = (*(paths.get(number, "") for number in (1, 2, 3)),)
            cases.append(
                (
                    case,
                    "SCIN",
                    "1.0.0",
                    *person,
                    *where,
                    *photographs,
                    *(shot if n in given else "" for n, shot in shots),
                )
            )
            leading = conditions[(len(cases) - 1) % len(conditions)]
            differential = f"\"{{'Xerosis': 0.33, '{leading}': 0.67}}\""
            types = (("FST4", "FST4", "FST5"), ("FST1", "FST2", ""), ("", "", ""))[len(cases) % 3]
            opinions.append((case, "DEFAULT_YES_IMAGE_QUALITY_SUFFICIENT", differential, *types))
    write_table(
        root / "dataset" / "scin_cases.csv",
        "case_id,source,release,sex_at_birth,age_group,fitzpatrick_skin_type,"
        + ",".join(f"body_parts_{part}" for part in parts)
        + ",image_1_path,image_2_path,image_3_path,image_1_shot_type,image_2_shot_type,image_3_shot_type",
        cases,
    )
    write_table(
        root / "dataset" / "scin_labels.csv",
        "case_id,dermatologist_gradable_for_skin_condition_1,weighted_skin_condition_label,"
        + ",".join(f"dermatologist_fitzpatrick_skin_type_label_{number}" for number in (1, 2, 3)),
        opinions[::-1],
    )
    return root


def make_folder(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """A folder a class, with photographs in a deeper folder, suffixes in capitals, and files that are none."""
    paint = Painter(OWN, size, seed)
    for label in OWN:
        for number in range(per_class):
            name = f"{number}.jpg" if number % 2 else f"2021/{number}.PNG"
            paint(root / label / name, label)
        (root / label / "notes.txt").write_text("no photograph\n", encoding="utf-8")
        (root / label / "._0.jpg").write_bytes(b"what a file manager leaves behind")
    return root


def make_csv(root: Path, per_class: int = 6, size: int = 48, seed: int = 0) -> Path:
    """One table with a byte order mark and more columns than needed; two photographs a patient."""
    paint = Painter(OWN, size, seed)
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
    write_table(
        root / "photographs.csv",
        "Image,label,split,patient_id,lesion_id,diagnosis,age,sex,site,fitzpatrick,image_type",
        rows,
        bom=True,
    )
    return root
