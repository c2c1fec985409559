"""Every format and every place for metadata in it, sound and damaged: nothing of it is written or said."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin, features

from derm_cli.data.preprocessing import UnreadablePhotograph, read_photograph
from derm_cli.plan import Preprocessing
from tests.support import colour_profiles, searching

PATIENT = "Patient-Ottilie-2209"
WORDS = {
    "owner": "Dr Ownersecret",
    "serial": "SN-77-SECRET",
    "remark": "remark-secret",
    "maker": "makernote-secret",
    "packet": "packet-secret",
    "profile": "profile-secret",
    "entry": "entry-secret",
    "preview": "preview-secret",
    "text": "text-secret",
}
SECONDS = 271829
PACKET = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>{WORDS["packet"]}</a></x:xmpmeta>'.encode()
KINDS = ("JPEG", "PNG", "WEBP", "TIFF", "MPO", *(("AVIF",) if features.check("avif") else ()))


def secrets() -> dict[str, tuple[bytes, ...]]:
    place = tuple(SECONDS.to_bytes(4, order) + (10_000).to_bytes(4, order) for order in ("little", "big"))
    said = {"seconds": (b"27.1829",), "place": place}
    return {name: searching.encodings(word) for name, word in WORDS.items()} | said


def exif() -> Image.Exif:
    made = Image.Exif()
    made[ExifTags.Base.Orientation] = 8
    made[ExifTags.Base.Artist] = WORDS["owner"]
    made[ExifTags.Base.XPComment] = WORDS["remark"].encode("utf-16-le")
    details = made.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.BodySerialNumber] = WORDS["serial"]
    details[ExifTags.Base.MakerNote] = WORDS["maker"].encode()
    details[ExifTags.Base.UserComment] = b"UNICODE\0" + WORDS["remark"].encode("utf-16-be")
    made.get_ifd(ExifTags.IFD.GPSInfo)[2] = (47.0, 22.0, TiffImagePlugin.IFDRational(SECONDS, 10_000))
    return made


def profile() -> bytes:
    """Return a colour profile that is called as its owner is."""
    return colour_profiles._matrix(colour_profiles.DISPLAY_P3, WORDS["profile"])


def photograph(kind: str, number: int) -> bytes:
    from tests.support import synthetic_photographs

    image, buffer = synthetic_photographs.picture(number), io.BytesIO()
    options: dict[str, object] = {"exif": exif(), "icc_profile": profile()}
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Author", WORDS["text"])
        texts.add_text("Comment", WORDS["entry"], zip=True)
        texts.add_itxt("XML:com.adobe.xmp", PACKET.decode())
        options["pnginfo"] = texts
    elif kind == "TIFF":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[ExifTags.Base.ImageDescription], tags[ExifTags.Base.HostComputer] = WORDS["text"], WORDS["entry"]
        tags[ExifTags.Base.XMLPacket], tags[ExifTags.Base.Artist] = PACKET, WORDS["owner"]
        options = {"tiffinfo": tags, "icc_profile": profile(), "compression": "tiff_lzw"}
    elif kind == "MPO":
        options |= {"save_all": True, "append_images": [synthetic_photographs.picture(number + 500)]}
    else:
        options["xmp"] = PACKET
    image.save(buffer, kind, **options)
    data = buffer.getvalue()
    if kind != "JPEG":
        return data
    # A preview in a segment of its own, and a comment after the picture's end.
    preview = b"JFXX\0\x10" + WORDS["preview"].encode()
    segment = b"\xff\xe0" + (len(preview) + 2).to_bytes(2, "big") + preview
    return data[:2] + segment + data[2:] + WORDS["remark"].encode()


def damaged(data: bytes, kind: str) -> dict[str, bytes]:
    """Return a photograph broken in ways that make a reader say something."""
    place = data.find(b"II*\0", 4) if kind != "TIFF" else 0
    broken = bytearray(data)
    for at in range(place + 8, place + 40, 12):
        broken[at : at + 2] = b"\xff\xff"
    return {
        "cut": data[: len(data) * 2 // 3],
        "short": data[:1500],
        "exif": bytes(broken),
        "head": b"\0\0" + data[2:],
        "text": "\n".join([*WORDS.values(), PATIENT]).encode(),
        "heic": b"\0\0\0\x18ftypheic" + data,
    }


def make_clinic(root: Path) -> None:
    rows = ["image,label,patient_id,case_id,split"]
    for number in range(8):
        for kind in KINDS:
            file, label = f"{kind}{number}.{kind.lower()}", "ab"[number % 2]
            data = photograph(kind, 10 * number + KINDS.index(kind))
            files = {file: data}
            if number == 0:
                files |= {f"{how}-{file}": spoilt for how, spoilt in damaged(data, kind).items()}
            for name, content in files.items():
                root.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes(content)
                part = ("train", "test")[number // 2 % 2]
                rows.append(f"{name},{label},{PATIENT}-{number // 4}-{label},case-{name},{part}")
    (root / "records.csv").write_text("\n".join(rows))


@pytest.fixture(scope="module")
def written(place_in, tmp_path_factory):
    """What is written and said of photographs of every format, some of them broken."""
    place = place_in(tmp_path_factory.mktemp("formats"))
    make_clinic(place.root / "clinic")
    settings = place.root / "derm.toml"
    settings.write_text(f'[datasets.clinic]\npath = "{place.root / "clinic"}"\nreader = "csv"\n')
    out = place.root / "out"
    out.mkdir()

    def derm(*arguments: str | Path, exit_status: int = 0) -> str:
        result = place.derm(*arguments, exit_status=exit_status, DERM_CONFIG=str(settings))
        with (out / "said.txt").open("a") as said:
            said.write(result.output)
        return result.output

    derm("data", "ingest", "clinic", "--size", "48", "--verify")
    derm("data", "check", "clinic", "--strict", exit_status=1)
    derm("data", "check", "clinic", "--json", "--html", out / "check.html")
    derm("data", "show", "clinic", "--to", out / "sheet.png")
    derm("data", "show", "clinic", "--to", out / "sheet.html", "--seed", "3")
    leak = derm("train", "--chain", "clinic", "--backbone", "effnet-lite0", "--size", "48", exit_status=1)
    return place, leak


def test_each_secret_is_in_the_photographs(tmp_path):
    """Else nothing could be found: formats keep what they were given."""
    make_clinic(tmp_path / "clinic")
    found = set(searching.found_in(tmp_path / "clinic", secrets()))
    for name in set(secrets()) - {"seconds"}:
        assert any(line.startswith(f"{name} in ") for line in found), name
    for kind in KINDS:
        assert len([line for line in found if f" in {kind}1." in line]) >= 3, kind


def test_nothing_of_any_format_is_written_or_said(written):
    place, _ = written
    for folder in ("cache", "out", "runs"):
        assert searching.found_in(place.root / folder, secrets()) == []
    said = (place.root / "out" / "said.txt").read_text()
    # It was read, and it was told that there is something.
    for word in ("GPS", "damaged or cut short", "not an image", "HEIC"):
        assert word in said, word


def test_no_patient_is_written_or_said(written):
    place, leak = written
    people = {"patient": searching.encodings(PATIENT)}
    for folder in ("cache", "out", "runs"):
        assert searching.found_in(place.root / folder, people) == []
    # The split that leaks is refused by its cases: it is the patient that they have in common.
    assert "leaks" in leak
    assert "case-" in leak
    assert "same patient" in leak


def test_pictures_on_pages_have_nothing_but_pixels(written):
    place, _ = written
    import base64
    import re

    for page in ("check.html", "sheet.html"):
        text = (place.root / "out" / page).read_text()
        found = re.findall(r"data:image/[a-z]+;base64,([^\"]+)", text)
        assert len(found) > 10
        for each in found:
            with Image.open(io.BytesIO(base64.b64decode(each))) as image:
                assert not set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
                assert not image.getexif()


def test_what_libraries_print_of_damaged_files_tells_nothing(tmp_path, capfd):
    """libtiff writes to standard error by itself, past Python."""
    sound = {kind: photograph(kind, 1) for kind in KINDS}
    for index in range(300):
        random = Random(index)
        kind = random.choice(("TIFF", "TIFF", *KINDS))
        spoilt = bytearray(sound[kind])
        for _ in range(6):
            spoilt[random.choice((random.randrange(len(spoilt)), -random.randrange(1, 400)))] = random.randrange(256)
        (tmp_path / "spoilt").write_bytes(spoilt)
        with suppress(UnreadablePhotograph):
            read_photograph(tmp_path / "spoilt", Preprocessing(size=32))
    printed = capfd.readouterr()
    (tmp_path / "printed").write_text(printed.err + printed.out)
    assert len(printed.err) > 100
    (tmp_path / "spoilt").unlink()
    assert searching.found_in(tmp_path, secrets()) == []
