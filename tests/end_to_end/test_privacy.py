"""What a photograph's file and a patient's number must never reach, searched for in every byte that derm writes."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from tests.support import searching

pytestmark = pytest.mark.xdist_group("privacy")

PATIENT, LESION = "Patient-Waltraud-4711", "Lesion-Waltraud-0815"
WORDS = {
    "owner": "Dr Secretowner",
    "serial": "SERIAL-93-SECRET",
    "comment": "a comment that names a patient",
    "xmp": "xmp-creator-secret",
    "text": "png-text-secret",
    "iptc": "iptc-caption-secret",
}
GPS = {1: "N", 2: (41.0, 8.0, 59.37), 3: "W", 4: (8.0, 36.0, 39.91), 29: "2021:03:04"}
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{WORDS["xmp"]}</dc:creator></x:xmpmeta>'.encode()
QUICK = ["--backbone", "effnet-lite0", "--size", "32", "--epochs", "1", "--schedule", "linear-probe"]
KEEPING = {"DERM_CACHE_LIMIT": "1 GB", "DERM_TENSORBOARD": "1"}
"""With what a stage is stored and events are written too."""


def gps_bytes() -> tuple[bytes, ...]:
    """Return the seconds of the place, as EXIF has them: fractions of two numbers of 32 bits, in either order."""
    seconds = (5937, 3991)
    return tuple(each.to_bytes(4, order) + (100).to_bytes(4, order) for each in seconds for order in ("little", "big"))


def secrets() -> dict[str, tuple[bytes, ...]]:
    words = {**WORDS, "patient": PATIENT, "lesion": LESION, "date of the GPS": GPS[29]}
    return {name: searching.encodings(word) for name, word in words.items()} | {"place": gps_bytes()}


def plain_hashes() -> dict[str, tuple[bytes, ...]]:
    """Return the hashes of patients' and lesions' numbers that anybody can try numbers for, as far as 16 digits."""
    numbers = [
        f"{who}-{label}{number}" for who in (PATIENT, LESION) for label in ("red", "green") for number in range(12)
    ]
    digests = [hashlib.new(way, each.encode()).hexdigest() for way in ("md5", "sha1", "sha256") for each in numbers]
    return {"plain hash": tuple(each[:16].encode() for each in digests)}


def photograph(path: Path, hue: int, number: int) -> None:
    """Write a photograph with all that a camera and its owner may leave in it, turned by its EXIF."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(number).normal(0, 25, (60, 80, 3))
    colour = np.array([(200, 60, 60), (60, 200, 60)][hue])
    image = Image.fromarray((colour + noise).clip(0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x013B], exif[0x010E] = WORDS["owner"], WORDS["comment"]
    exif.get_ifd(0x8769)[0xA431] = WORDS["serial"]
    exif.get_ifd(0x8825).update(GPS)
    if path.suffix == ".png":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", WORDS["text"])
        text.add_itxt("Comment", WORDS["comment"], zip=True)
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        image.save(path, exif=exif, pnginfo=text)
        return
    image.save(path, exif=exif, xmp=XMP, comment=WORDS["comment"].encode(), quality=92)
    # IPTC in a segment APP13, as editors write captions.
    caption = WORDS["iptc"].encode()
    data = b"\x1c\x02\x78" + len(caption).to_bytes(2, "big") + caption
    resource = b"8BIM\x04\x04\0\0" + len(data).to_bytes(4, "big") + data + b"\0" * (len(data) % 2)
    segment = b"Photoshop 3.0\0" + resource
    content = path.read_bytes()
    path.write_bytes(content[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + content[2:])


def make_clinic(root: Path) -> None:
    rows = []
    for hue, label in enumerate(("red", "green")):
        for number in range(12):
            name = f"{label}{number}{'.png' if number % 3 == 0 else '.jpg'}"
            photograph(root / name, hue, 100 * hue + number)
            rows.append((name, label, f"{PATIENT}-{label}{number}", f"{LESION}-{label}{number}", 40 + number, "female"))
    # A file that cannot be decoded, and one that is there twice, so that checks have something to say.
    (root / "cut.jpg").write_bytes((root / "red1.jpg").read_bytes()[:900])
    rows.append(("cut.jpg", "red", f"{PATIENT}-cut", f"{LESION}-cut", 40, "male"))
    shutil.copy(root / "red2.jpg", root / "again.jpg")
    rows.append(("again.jpg", "green", f"{PATIENT}-again", f"{LESION}-again", 850, "female"))
    with (root / "records.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("image", "label", "patient_id", "lesion_id", "age", "sex"), *rows])


@pytest.fixture(scope="module")
def written(place_in, tmp_path_factory):
    """All that the commands write of photographs full of secrets, and all that they say."""
    place = place_in(tmp_path_factory.mktemp("privacy"))
    make_clinic(place.root / "clinic")
    settings = place.root / "derm.toml"
    settings.write_text(f'[datasets.clinic]\npath = "{place.root / "clinic"}"\nreader = "csv"\n')
    out = place.root / "out"
    out.mkdir()
    said = []

    def derm(*arguments: str | Path, exit_status: int = 0) -> str:
        result = place.derm(*arguments, exit_status=exit_status, DERM_CONFIG=str(settings), **KEEPING)
        said.append(result.output)
        return result.stdout

    derm("data", "ingest", "clinic", "--size", "32")
    derm("data", "check", "clinic", "--html", out / "check.html")
    said.append(derm("data", "check", "clinic", "--json"))
    derm("data", "show", "clinic", "--size", "64", "--to", out / "sheet.png")
    derm("data", "show", "clinic", "--size", "64", "--to", out / "sheet.html", "--augmented")
    derm("train", *QUICK, "--chain", "clinic", "--leave-out", "clinic:none", exit_status=1)
    run = json.loads(derm("train", *QUICK, "--chain", "imagenet,clinic", "--validation-share", "0", "--json"))["run"]
    derm("runs", "show", run)
    derm("evaluate", run, "--picture", out / "confusion.png")
    derm("evaluate", run, "--report", out / "photographs.html", "--photographs")
    derm("predict", run, *((place.root / "clinic").glob("red1.*")), "--map", out / "map.png")
    derm("predict", run, *((place.root / "clinic").glob("green*")), "--map", out / "maps")
    derm("export", run, "--tflite", "--onnx", "--bundle")
    said.append(derm("verify", place.runs / run / "bundle", "--runtime", "litert"))
    for model in (run, *(place.runs / run / "artefacts").glob("model.*")):
        derm("predict", model, place.root / "clinic" / "red1.jpg", place.root / "clinic" / "red0.png")
    (out / "said.txt").write_text("\n".join(said))
    return place, run


def test_the_search_finds_what_is_there(tmp_path):
    """Whoever looks for nothing finds nothing: each secret stands in the photographs, and in what could carry it."""
    make_clinic(tmp_path / "clinic")
    found = searching.found_in(tmp_path, secrets())
    for name in secrets():
        assert any(line.startswith(f"{name} in ") for line in found), name
    (tmp_path / "carried").mkdir()
    with zipfile.ZipFile(tmp_path / "carried" / "model.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep", PATIENT)
    jpeg = base64.b64encode((tmp_path / "clinic" / "red1.jpg").read_bytes()).decode()
    (tmp_path / "carried" / "page.html").write_text(f'<img src="data:image/jpeg;base64,{jpeg}">')
    (tmp_path / "carried" / "wide.bin").write_bytes(LESION.encode("utf-16-le"))
    carried = searching.found_in(tmp_path / "carried", secrets())
    assert {"patient in model.keras", "lesion in wide.bin", "serial in page.html", "place in page.html"} <= set(carried)
    with Image.open(tmp_path / "clinic" / "red1.jpg") as image:
        assert image.getexif().get_ifd(0x8825)[2] == GPS[2]


def test_nothing_of_a_file_but_its_pixels_reaches_what_is_written(written):
    place, _ = written
    assert (place.root / "out" / "check.html").stat().st_size > 1000
    assert "data:image/jpeg" in (place.root / "out" / "photographs.html").read_text()
    assert len(list((place.root / "out" / "maps").glob("green*-map.png"))) == 12
    files = secrets()
    del files["patient"], files["lesion"]
    for folder in ("cache", "runs", "out"):
        assert any((place.root / folder).rglob("*")), folder
        assert searching.found_in(place.root / folder, files) == []


def test_the_number_of_a_patient_or_lesion_reaches_no_run_cache_or_page(written):
    place, run = written
    people = {name: forms for name, forms in secrets().items() if name in ("patient", "lesion")} | plain_hashes()
    assert any((place.root / "cache" / "stages").glob("*.bin"))
    assert any((place.runs / run / "tensorboard").iterdir())
    for folder in ("cache", "runs", "out"):
        assert searching.found_in(place.root / folder, people) == []
    split = list(csv.DictReader(io.StringIO((place.runs / run / "split.csv").read_text())))
    assert all(len(row["group"]) == 16 and int(row["group"], 16) >= 0 for row in split)
    assert len({row["group"] for row in split}) > 20


def test_an_artefact_carries_no_case_and_no_file(written):
    """What leaves for a phone tells of classes and preprocessing, and of no photograph."""
    place, run = written
    names = {"case": searching.encodings("red1.jpg"), "folder": searching.encodings(str(place.root / "clinic"))}
    assert len(list((place.runs / run / "artefacts").iterdir())) == 2
    assert searching.found_in(place.runs / run / "artefacts", names) == []
    assert (place.runs / run / "bundle" / "MODEL_CARD.md").is_file()
    assert searching.found_in(place.runs / run / "bundle", names) == []
    assert searching.found_in(place.runs / run, {"folder": names["folder"]}) == []
