"""``derm data show``: what is on a contact sheet, and that it is what the network sees."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from derm_cli.data.contact_sheet.drawing import GAP, MARGIN
from derm_cli.data.ingesting import ingest
from derm_cli.data.preprocessing import read_photograph
from derm_cli.files import sha256_of
from derm_cli.plan import Preprocessing
from tests.support import awkward_photographs, trees

FIGURE = re.compile(r"<figure>(.*?)</figure>", re.DOTALL)
IMAGE = re.compile(r'src="data:image/png;base64,([^"]+)"')
CAPTION = re.compile(r"<figcaption>(.*?)(?: <em>(.*?)</em>)?</figcaption>")
NOTHING = ("rotation=0,0", "flip=0", "zoom=0,0", "shift=0,0", "brightness=1,1")


@pytest.fixture
def pad(place):
    trees.make_pad(place.data / "pad-ufes-20", per_class=4, size=80)
    return place


@pytest.fixture
def page(pad, tmp_path):
    """Draw a page, and return what it says and its photographs by case, each a list of versions."""

    def draw(*options: str) -> tuple[str, dict[str, list[np.ndarray]]]:
        pad.derm("data", "show", "pad-ufes-20", "--to", tmp_path / "sheet.html", *options)
        text = (tmp_path / "sheet.html").read_text(encoding="utf-8")
        shown = {}
        for figure in FIGURE.findall(text):
            caption = CAPTION.search(figure)
            pictures = [Image.open(io.BytesIO(base64.b64decode(each))) for each in IMAGE.findall(figure)]
            assert not any(each.info for each in pictures)
            shown[caption[1] if caption else str(len(shown))] = [np.asarray(each) for each in pictures]
        return text, shown

    return draw


def file_of(place, case):
    (found,) = place.data.rglob(f"{case}.png")
    return found


def drawn(path):
    with Image.open(path) as image:
        assert not image.info
        return np.asarray(image)


def is_on(sheet, square):
    """Tell whether a picture lies on a sheet, to the bit."""
    side = len(square)
    for left in range(MARGIN, sheet.shape[1] - side + 1, side + GAP):
        for top in np.flatnonzero((sheet[:, left : left + side] == square[0]).all(axis=(1, 2))):
            if np.array_equal(sheet[top : top + side, left : left + side], square):
                return True
    return False


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ((), {}),
        (("--resize", "letterbox", "--interpolation", "area"), {"resize": "letterbox", "interpolation": "area"}),
        (("--constancy", "shades-of-grey"), {"constancy": "shades-of-grey"}),
    ],
)
def test_what_is_shown_is_what_the_network_sees(pad, page, options, rule):
    for number, path in enumerate(awkward_photographs.make_photographs(pad.root / "awkward")[:12]):
        # Turned, transparent, of other colours: in the place of some of the tree's own.
        shutil.copy(path, sorted(pad.data.rglob("*.png"))[number])
    _, shown = page("--size", "64", *options)
    assert len(shown) == 4 * len(trees.PAD)
    for case, (picture,) in shown.items():
        expected = read_photograph(file_of(pad, case), Preprocessing(size=64, **rule))
        np.testing.assert_array_equal(picture, expected, case)


def test_a_picture_has_the_same_photographs_as_a_page(pad, page, tmp_path):
    _, shown = page("--size", "128", "--per-class", "3")
    pad.derm("data", "show", "pad-ufes-20", "--to", tmp_path / "sheet.png", "--size", "128", "--per-class", "3")
    sheet = drawn(tmp_path / "sheet.png")
    assert len(shown) == 18
    assert all(is_on(sheet, picture) for (picture,) in shown.values())
    other = read_photograph(file_of(pad, "PAT_1_1_1"), Preprocessing(size=128))[::-1]
    assert not is_on(sheet, other)


def test_small_photographs_are_magnified_on_a_picture(pad, tmp_path):
    pad.derm("data", "show", "pad-ufes-20", "--to", tmp_path / "sheet.png", "--size", "40", "--class", "MEL")
    case = pad.json("data", "show", "pad-ufes-20", "--to", tmp_path / "s.png", "--class", "MEL")["cases"]["MEL"][0]
    square = read_photograph(file_of(pad, case), Preprocessing(size=40))
    assert is_on(drawn(tmp_path / "sheet.png"), square.repeat(3, axis=0).repeat(3, axis=1))


def test_the_sheet_is_named_after_the_dataset(pad, own_home):
    said = pad.derm("data", "show", "pad-ufes-20", "--size", "32").stdout
    assert "Written: pad-ufes-20.png" in said
    assert (own_home / "work" / "pad-ufes-20.png").is_file()
    assert "Photographs of patients may be shown here" in said
    assert re.search(r"^MEL +4 +4$", said, re.MULTILINE)


def test_a_seed_draws_the_same_and_another_draws_others(pad, tmp_path):
    def cases(*options):
        said = pad.json("data", "show", "pad-ufes-20", "--to", tmp_path / "s.png", "--per-class", "2", *options)
        return said["cases"]

    first, bits = cases(), (tmp_path / "s.png").read_bytes()
    assert cases() == first
    assert (tmp_path / "s.png").read_bytes() == bits
    assert any(cases("--seed", str(seed)) != first for seed in range(1, 4))


def test_a_photograph_that_is_added_moves_no_other(place, tmp_path):
    """Of two trees, one larger, the sheets differ by what is new alone."""

    def cases(per_class):
        shutil.rmtree(place.data, ignore_errors=True)
        trees.make_folder(place.data / "folder", per_class=per_class)
        (place.root / "derm.toml").write_text('[datasets.mine]\nreader = "folder"\npath = "data/folder"\n')
        options = ("--to", tmp_path / "s.png", "--per-class", "3")
        said = place.json("data", "show", "mine", *options, DERM_CONFIG=str(place.root / "derm.toml"))
        return [{case for case in found if not case.endswith(("/6", "/6.PNG"))} for found in said["cases"].values()]

    fewer, more = cases(6), cases(7)
    assert sum(map(len, fewer)) == 9
    for one, other in zip(fewer, more, strict=True):
        assert other <= one


def test_augmented_photographs_come_from_the_engine(pad, page):
    text, shown = page("--augmented", "--size", "64", "--variants", "3")
    assert "rotation 1 to 30" in text
    assert "brightness 0.2 to 0.8" in text
    assert len(shown) == 2 * len(trees.PAD)
    for case, (original, *variants) in shown.items():
        np.testing.assert_array_equal(original, read_photograph(file_of(pad, case), Preprocessing(size=64)))
        assert len(variants) == 3
        # The paper darkens every photograph, each by its own draw.
        shares = [variant.mean() / original.mean() for variant in variants]
        assert all(0.15 < share < 0.85 for share in shares)
        assert len({round(share, 3) for share in shares}) == 3
    assert page("--augmented", "--size", "64", "--variants", "3")[0] == text


def test_the_ranges_of_an_augmentation_are_those_that_were_given(page):
    unchanged = [part for each in NOTHING for part in ("--augment", each)]
    for original, *variants in page("--size", "64", *unchanged)[1].values():
        assert len(variants) == 4
        for variant in variants:
            np.testing.assert_array_equal(variant, original)
    for _, *variants in page("--size", "64", "--variants", "2", "--augment", "brightness=0,0")[1].values():
        assert not np.any(variants)


def test_mirrored_photographs_are_mirrored(page):
    changes = [part for each in NOTHING[2:] for part in ("--augment", each)]
    _, shown = page("--size", "64", "--augment", "flip=1", "--augment", "rotation=0,0", *changes, "--variants", "1")
    for original, variant in shown.values():
        np.testing.assert_array_equal(variant, original[:, ::-1])


def test_what_cannot_be_shown_is_counted_and_another_takes_its_place(pad, page, tmp_path):
    first = pad.json("data", "show", "pad-ufes-20", "--to", tmp_path / "s.png", "--per-class", "2")["cases"]["MEL"]
    file_of(pad, first[0]).write_bytes(b"no image")
    file_of(pad, first[1]).unlink()
    text, shown = page("--per-class", "2", "--class", "MEL")
    assert len(shown) == 2
    assert not set(first) & set(shown)
    assert "Not usable, by the tables: 1 (the file is not there)." in text
    assert "Drawn for this sheet and not readable: 1 (not an image)." in text
    said = pad.json("data", "show", "pad-ufes-20", "--to", tmp_path / "s.png", "--class", "MEL", "--per-class", "9")
    assert said["unreadable"] == {"not an image": 1}
    assert said["dropped"] == {"the file is not there": 1}
    assert (said["photographs"], said["shown"]) == ({"MEL": 3}, {"MEL": 2})


def test_photographs_without_a_mask_say_that_they_are_whole(place, tmp_path):
    root = trees.make_dermofit(place.data / "dermofit", per_class=2)
    gone = next(root.rglob("*mask.png"))
    Image.new("L", (48, 48)).save(gone)
    place.derm("data", "show", "dermofit", "--crop", "lesion", "--to", tmp_path / "s.html")
    text = (tmp_path / "s.html").read_text()
    assert text.count("<em>whole: its mask: empty</em>") == 1
    place.derm("data", "show", "dermofit", "--crop", "lesion", "--to", tmp_path / "s.png")


def test_no_names_leaves_the_cases_out(pad, page, tmp_path):
    text, shown = page("--no-names")
    assert "PAT_" not in text
    assert len(shown) == 24
    said = pad.derm("data", "show", "pad-ufes-20", "--no-names", "--json", "--to", tmp_path / "s.png").stdout
    assert "PAT_" not in said
    assert json.loads(said)["shown"]["MEL"] == 4


def test_a_page_needs_nothing_else(page):
    text, _ = page()
    assert not re.search(r"https?://|<script|<link|@import|url\(", text)
    assert set(re.findall(r'src="([a-z]+:)', text)) == {"data:"}
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    assert 'name="viewport"' in text


def test_names_are_text_and_never_markup(place, tmp_path):
    evil, other = "<script>alert(1)</script>", "Ж\u200b中"
    photograph = trees.make_folder(place.root / "tree", per_class=2) / "mole" / "1.jpg"
    root = place.data / "mine"
    root.mkdir(parents=True)
    rows = ["image,label,case_id"]
    for number in range(4):
        shutil.copy(photograph, root / f"{number}.jpg")
        rows.append(f'{number}.jpg,"{(evil, other)[number % 2]}","{evil}\u202e{number}"')
    (root / "records.csv").write_text("\n".join(rows), encoding="utf-8")
    (place.root / "derm.toml").write_text('[datasets.mine]\nreader = "csv"\n')
    for suffix in ("html", "png"):
        place.derm("data", "show", "mine", "--to", tmp_path / f"s.{suffix}", DERM_CONFIG=str(place.root / "derm.toml"))
    text = (tmp_path / "s.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_made_photographs_are_called_synthetic(place, tmp_path):
    options = ("--per-class", "1", "--size", "64")
    said = place.derm("data", "show", "synthetic-phone", "--to", tmp_path / "s.html", *options).stdout
    assert "SYNTHETIC: these photographs are made by a program" in said
    assert "SYNTHETIC: these photographs are made by a program" in (tmp_path / "s.html").read_text()
    assert place.json("data", "show", "synthetic-phone", "--to", tmp_path / "s.png", *options)["synthetic"] is True


def test_no_photograph_is_left_in_the_cache(pad, tmp_path):
    pad.derm("data", "show", "pad-ufes-20", "--to", tmp_path / "s.png")
    (note,) = [path for path in (pad.root / "cache").rglob("*") if path.is_file()]
    assert note.parent.name == "outputs"
    assert note.read_text() == f"{sha256_of(tmp_path / 's.png')}\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--to", "sheet.jpg"), "--to is 'sheet.jpg', but a sheet is a picture or a page"),
        (("--class", "MELL"), "Dataset 'pad-ufes-20' has no class 'MELL'. Did you mean 'MEL'?"),
        (("--size", "4000", "--per-class", "4"), "A sheet of '24' pictures of 4000 pixels a side is too large"),
        (("--augment", "rotate=1,2"), "The augmentation 'paper' has no option 'rotate'. Did you mean 'rotation'?"),
    ],
)
def test_a_wrong_request_is_refused(pad, options, said, own_home):
    assert said in pad.refused("data", "show", "pad-ufes-20", *options, exit_status=2)
    assert not list((own_home / "work").iterdir())


def test_a_dataset_without_photographs_is_refused(pad):
    for path in pad.data.rglob("*.png"):
        path.write_bytes(b"")
    said = pad.refused("data", "show", "pad-ufes-20")
    assert "has no photograph to show, and 24 were dropped" in said


def test_the_real_photographs_are_shown(place, real_data, tmp_path):
    for name, classes in (("pad-ufes-20", 6), ("ham10000", 7)):
        said = place.json(
            "data", "show", name, "--to", tmp_path / "s.html", "--per-class", "2", DERM_DATA=str(real_data)
        )
        assert list(said["shown"].values()) == [2] * classes
        assert said["unreadable"] == {}


def test_the_whole_dataset_packed_has_the_same_pixels(pad, page):
    from derm_cli.config import load
    from derm_cli.data.locating import locate
    from derm_cli.data.records import read_records
    from derm_cli.workflows.session import Session

    _, shown = page("--size", "48")
    session = Session(load({"data": str(pad.data), "cache": str(pad.root / "cache")}))
    records = read_records(locate("pad-ufes-20", session.settings, session.registry))
    ingested = ingest(records, Preprocessing(size=48), session.settings.cache_folder)
    for case, row in zip(ingested.records.frame["case_id"], ingested.records.frame["row"], strict=True):
        np.testing.assert_array_equal(shown[case][0], ingested.photographs[row])
