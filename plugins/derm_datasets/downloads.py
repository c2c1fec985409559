"""Where the sets whose licence allows it are downloaded from, with the sizes and checksums that are published.

A size or checksum that is not published is left out: derm then tells that it cannot be checked.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from derm_cli.plugin import Download, Listing, Page

if TYPE_CHECKING:
    from collections.abc import Iterable

_MENDELEY = "https://data.mendeley.com/public-files/datasets/zr7vgbcyr2/files"
_DATAVERSE = "https://dataverse.harvard.edu/api/access/datafile"
_CHALLENGES = "https://isic-archive.s3.amazonaws.com/challenges"
_SCIN = "https://storage.googleapis.com/dx-scin-public-data"

PAD_UFES_20 = (
    Download(
        name="metadata.csv",
        address=f"{_MENDELEY}/fa850265-57da-48f0-ba3e-998b3e44b1f6/file_downloaded",
        size=316_209,
        checksum="sha256:14d145235cedb022548257acb0d84dcd949e2c916f65d2baa7c38ed5339e9527",
    ),
    *(
        Download(
            name=f"imgs_part_{part}.zip",
            address=f"{_MENDELEY}/{file}/file_downloaded",
            size=size,
            checksum=f"sha256:{sha256}",
            unpack="images",
        )
        for part, file, size, sha256 in (
            (
                *(1, "1cc2f71f-20a2-412d-b746-a9b9bc20c966", 1_245_184_680),
                "0ab44f60938bf57445e12f518a8878954cc734e6b0aec6d01194e2d26b4b2dca",
            ),
            (
                *(2, "559a60ed-5504-475d-996c-6a8bc253b5e7", 1_126_646_990),
                "e2d9a3cbd58e823f5ae33163c48643e7d1b54ae3f9e145f01f8e9f16a363a60b",
            ),
            (
                *(3, "34dcdf8e-e5f1-4b35-aa0b-5135051ff852", 1_220_565_093),
                "ecc4ef10143a43e1d01cb736773148607a78b530417eb76f2c38ad24bf5d0d2c",
            ),
        )
    ),
)
"""Version 1 of Mendeley Data zr7vgbcyr2."""

HAM10000 = tuple(
    Download(
        name=name,
        address=f"{_DATAVERSE}/{file}",
        size=size,
        checksum=f"md5:{md5}",
        unpack=name.removesuffix(".zip") if name.endswith(".zip") else None,
    )
    for name, file, size, md5 in (
        # As it was uploaded: the Dataverse has converted it, and its MD5 is that of the original.
        ("HAM10000_metadata.csv", "4338392?format=original", 690_218, "8f85fb1aa29d80a2797247e434deb79d"),
        ("HAM10000_images_part_1.zip", "3172585", 1_366_522_108, "4639bfa73ab251610530a97c898e6e46"),
        ("HAM10000_images_part_2.zip", "3172584", 1_403_566_547, "da43d6cc50f6613013be07e8986b384b"),
        ("HAM10000_segmentations_lesion_tschandl.zip", "3838943", 10_808_743, "6e8d252e09cfdb0189199f15985a5b84"),
    )
)
"""Version 4 of Harvard Dataverse doi:10.7910/DVN/DBW86T."""


def _challenge(year: int, names: Iterable[str]) -> tuple[Download, ...]:
    """Return the files of a challenge; an archive into a folder of its name, whatever is inside."""
    return tuple(
        Download(
            name=name,
            address=f"{_CHALLENGES}/{year}/{name}",
            unpack=name.removesuffix(".zip") if name.endswith(".zip") else None,
        )
        for name in names
    )


_PARTS_OF_2018 = ("Training", "Validation", "Test")
ISIC_2018 = _challenge(
    2018,
    (
        *(f"ISIC2018_Task3_{part}_GroundTruth.zip" for part in _PARTS_OF_2018),
        "ISIC2018_Task3_Training_LesionGroupings.csv",
        *(f"ISIC2018_Task3_{part}_Input.zip" for part in _PARTS_OF_2018),
    ),
)
ISIC_2019 = _challenge(
    2019,
    (
        *(f"ISIC_2019_{part}_{what}.csv" for part in ("Training", "Test") for what in ("GroundTruth", "Metadata")),
        *("ISIC_2019_Training_Input.zip", "ISIC_2019_Test_Input.zip"),
    ),
)
ISIC_2020 = _challenge(
    2020,
    (
        *("ISIC_2020_Training_GroundTruth_v2.csv", "ISIC_2020_Training_Duplicates.csv"),
        "ISIC_2020_Training_JPEG.zip",
    ),
)


def read_isic_page(text: str) -> Page:
    """Return the photographs of a page of the ISIC Archive's API, each with its row of metadata as in isic-cli's."""
    page = json.loads(text)
    downloads, rows = [], []
    for each in page["results"]:
        name, file = each["isic_id"], each["files"]["full"]
        downloads.append(Download(name=f"{name}.jpg", address=file["url"], size=file.get("size") or None))
        row = {"isic_id": name, "attribution": each["attribution"], "copyright_license": each["copyright_license"]}
        for group in each["metadata"].values():
            row |= {column: "" if value is None else str(value) for column, value in group.items()}
        rows.append(row)
    return Page(downloads=tuple(downloads), rows=tuple(rows), following=page.get("next") or "")


ISIC_ARCHIVE = (
    Listing(
        address="https://api.isic-archive.com/api/v2/images/search/?limit=100",
        read=read_isic_page,
        table="metadata.csv",
        collection="collections",
    ),
)

FITZPATRICK17K = (
    Download(
        name="fitzpatrick17k.csv",
        address="https://raw.githubusercontent.com/mattgroh/fitzpatrick17k/main/fitzpatrick17k.csv",
    ),
)
"""The list alone: the photographs are their atlases', which do not allow them to be passed on."""


def read_scin_cases(text: str) -> Page:
    """Return the photographs that the table of cases names; the bucket has them under these very paths."""
    rows = csv.DictReader(io.StringIO(text))
    if "image_1_path" not in (rows.fieldnames or ()):
        raise ValueError("there is no column 'image_1_path'")
    paths = dict.fromkeys(path for row in rows for number in (1, 2, 3) if (path := row.get(f"image_{number}_path")))
    # The bucket lacks one of them, dataset/images/-2243186711511406658.png, and has for long.
    return Page(downloads=tuple(Download(name=path, address=f"{_SCIN}/{quote(path)}", optional=True) for path in paths))


SCIN = (
    Download(name="dataset/scin_labels.csv", address=f"{_SCIN}/dataset/scin_labels.csv"),
    Listing(address=f"{_SCIN}/dataset/scin_cases.csv", read=read_scin_cases, keep="dataset/scin_cases.csv"),
)
