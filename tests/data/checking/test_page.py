"""The page: one file, no markup of others, no metadata of photographs."""

import base64
import io
import re

import pytest
from PIL import Image

from derm_cli.data.checking.findings import Case, grouped_findings, single_findings
from derm_cli.data.checking.page import NAMED, SHOWN, SIDE, thumbnail, write_page
from derm_cli.errors import DermError
from tests.support import synthetic_photographs

EVIL = "<script>alert(1)</script>"
DATASET = {
    "name": "made",
    "title": EVIL,
    "synthetic": False,
    "usable": 2,
    "records": 3,
    "patients": 2,
    "lesions": None,
    "imbalance": 1.0,
    "photographs": {EVIL: 2},
    "groups": {EVIL: 2},
    "coverage": {"sex": {"unknown": 2}},
}


def images(page):
    found = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(each))) for each in found]


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a page of findings and gives its text."""

    def write(findings, roots=None, **changes):
        roots = {"made": tmp_path} if roots is None else roots
        write_page(tmp_path / "page.html", "Fit to train on.", [DATASET | changes], findings, roots)
        return (tmp_path / "page.html").read_text(encoding="utf-8")

    return write


def test_duplicates_are_shown_side_by_side(written, tmp_path):
    for name in ("a.png", "b.png"):
        synthetic_photographs.picture(0, (400, 300)).save(tmp_path / name)
    pair = (Case("made", "a", "a.png", "nevus"), Case("made", "b", "b.png", "melanoma"))
    page = written(grouped_findings("contradicting-copies", [pair]))
    group = page[page.index('<div class="group">') :]
    assert group.index(">a</b>") < group.index(">b</b>") < group.index("</details>")
    assert [image.size for image in images(page)] == [(SIDE, 144), (SIDE, 144)]
    assert "the same file under contradicting classes" in page


def test_the_page_needs_nothing_else_and_runs_nothing(written, tmp_path):
    synthetic_photographs.picture(0).save(tmp_path / "a.png")
    page = written(single_findings("grey", [Case(EVIL, EVIL, "a.png", EVIL, EVIL)], EVIL))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r'(src|href|url)\s*[=(]\s*["\']?(?!data:)', page)
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page


def test_nothing_but_pixels_of_a_photograph_is_written(written, tmp_path):
    made = synthetic_photographs.picture(1, (300, 200))
    made.save(
        tmp_path / "a.jpg",
        exif=synthetic_photographs.personal(6),
        comment=b"Dr Secret",
        xmp=b"<x:xmpmeta>Dr Secret</x:xmpmeta>",
    )
    (image,) = images(written(single_findings("turned", [Case("made", "a", "a.jpg", "nevus")])))
    assert image.size == (128, SIDE)
    assert not image.getexif()
    assert not set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_photographs_can_be_left_out(written, tmp_path):
    synthetic_photographs.picture(0).save(tmp_path / "a.png")
    page = written(single_findings("grey", [Case("made", "a", "a.png", "nevus")]), roots={})
    assert not images(page)
    assert "<b>a</b>" in page


def test_what_cannot_be_read_is_named_without_a_picture(written, tmp_path):
    (tmp_path / "a.png").write_text("no image")
    assert thumbnail(tmp_path / "a.png") == thumbnail(tmp_path / "gone.png") == ""
    assert "<b>a</b>" in written(single_findings("not-an-image", [Case("made", "a", "a.png", "nevus")]))


def test_of_very_many_some_are_shown_some_named_and_the_rest_counted(written, tmp_path):
    synthetic_photographs.picture(0).save(tmp_path / "a.png")
    many = [Case("made", str(row), "a.png" if row < SHOWN else f"f{row}.png", "nevus") for row in range(NAMED + 7)]
    page = written(single_findings("alpha", many))
    assert len(images(page)) == SHOWN
    assert f"f{NAMED - 1}.png" in page
    assert f"f{NAMED}.png" not in page
    assert "and 7 more" in page


def test_made_photographs_are_told_of(written):
    assert "SYNTHETIC" in written([], synthetic=True)
    assert "SYNTHETIC" not in written([])


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DermError, match=r"cannot be written .*: name another file with --html"):
        write_page(tmp_path / "file" / "page.html", "", [DATASET], [], {})
