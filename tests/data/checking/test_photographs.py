"""What is doubtful about a photograph: each kind by what it needs to hold, and nothing of an ordinary one."""

import pytest

from derm_cli.data.checking.photographs import doubtful_photographs, wrong_extension


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        ("blank", {"contrast": 0.4, "grey": True, "focus": 0.0, "brightness": 3.0}, "contrast 0.4"),
        ("grey", {"grey": True}, "RGB"),
        ("transparent", {"mode": "RGBA", "alpha": True, "transparent": True}, "RGBA"),
        ("damaged-profile", {"profile": "damaged"}, "damaged"),
        ("small", {"width": 111, "height": 900}, "111x900"),
        ("tells-place", {"gps": True}, "GPS"),
        ("alpha", {"mode": "LA", "alpha": True}, "LA"),
        ("palette", {"mode": "P"}, "P"),
        ("cmyk", {"mode": "CMYK"}, "CMYK"),
        ("sixteen-bit", {"bits": 16}, "16 bits"),
        ("turned", {"orientation": 8}, "orientation 8"),
        ("several-frames", {"format": "MPO", "frames": 2}, "2 images"),
        ("other-profile", {"profile": "other"}, "other"),
        ("tells-more", {"personal": True}, "metadata"),
        ("blurred", {"focus": 7.9}, "focus 7.9"),
        ("dark", {"brightness": 39.0}, "brightness 39"),
        ("bright", {"brightness": 236.0}, "brightness 236"),
        ("large", {"width": 10_000, "height": 5_001}, "10000x5001"),
        ("wrong-extension", {"format": "PNG"}, ".jpg, but it is PNG"),
    ],
)
def test_one_photograph_of_each_kind(make, fact, told, kind, changes, said):
    checked = make(["A", "B", "A"], of=[fact(), fact(**changes), fact()])
    (finding,) = doubtful_photographs(checked)
    assert told([finding]) == {kind: [["1"]]}
    assert finding.cases[0].detail == said


def test_ordinary_photographs_are_not_doubted(make, fact):
    edges = [{"width": 112, "height": 112}, {"focus": 8.0}, {"brightness": 40.0}, {"brightness": 235.0}]
    edges += [{"width": 10_000, "height": 5_000}, {"contrast": 2.0}, {"profile": "srgb"}]
    assert not list(doubtful_photographs(make(["A"] * len(edges), of=[fact(**each) for each in edges])))


@pytest.mark.parametrize(
    ("file", "found", "said"),
    [
        ("a/b.jpg", "JPEG", ""),
        ("b.JPEG", "JPEG", ""),
        ("b.jpg", "MPO", ""),
        ("b.TIF", "TIFF", ""),
        ("b.jp2", "JPEG2000", ""),
        ("b.png", "JPEG", ".png, but it is JPEG"),
        ("b.jpg", "WEBP", ".jpg, but it is WEBP"),
        ("b", "PNG", "no ending, but it is PNG"),
        ("b.v2", "PNG", ".v2, but it is PNG"),
    ],
)
def test_endings(fact, file, found, said):
    assert wrong_extension(file, fact(format=found)) == said
