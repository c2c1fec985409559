"""A picture of a plugin's is a drawing and nothing else, whatever it was."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image, PngImagePlugin

from derm_cli.errors import DermError
from derm_cli.plugin import pictures
from derm_cli.plugin.pictures import picture_of

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inside: str, before: str = "", attributes: str = "") -> bytes:
    return f"{before}<svg {NAMESPACES} {attributes}>{inside}</svg>".encode()


def drawn(kind: str = "png") -> bytes:
    figure, file = Figure(figsize=(2, 1)), io.BytesIO()
    figure.subplots().plot([0, 1], [1, 0])
    figure.savefig(file, format=kind)
    return file.getvalue()


def noted_png() -> bytes:
    notes, file = PngImagePlugin.PngInfo(), io.BytesIO()
    notes.add_text("patient", "Jane Doe")
    Image.fromarray(np.full((4, 6, 3), 200, dtype=np.uint8)).save(file, format="PNG", pnginfo=notes)
    return file.getvalue()


def test_a_figure_is_a_png_with_the_same_bytes_each_time():
    figures = []
    for _ in range(2):
        figure = Figure(figsize=(2, 1))
        figure.subplots().plot([0, 1], [1, 0])
        figures.append(picture_of(figure))
    assert figures[0] == figures[1]
    assert figures[0].kind == "image/png"
    assert Image.open(io.BytesIO(figures[0].content)).size == (2 * pictures.DPI, pictures.DPI)


def test_a_png_is_its_pixels_alone():
    picture = picture_of(noted_png())
    assert b"Jane Doe" not in picture.content
    image = Image.open(io.BytesIO(picture.content))
    assert (image.size, image.convert("RGB").getpixel((0, 0))) == ((6, 4), (200, 200, 200))
    assert picture.data_url == f"data:image/png;base64,{base64.b64encode(picture.content).decode()}"


@pytest.mark.parametrize(
    "drawing",
    [
        svg('<path d="M0 0h1"/><use xlink:href="#a"/><rect fill="url(#g)" style="clip-path: url(#c)"/>'),
        svg("<style>path { fill: red }</style>", before='<?xml version="1.0" encoding="utf-8"?>\n'),
        svg('<image href="data:image/png;base64,AAAA"/>'),
        drawn("svg"),
    ],
    ids=["links inside", "a style", "a photograph inside", "of matplotlib"],
)
def test_a_drawing_is_taken_as_svg(drawing):
    picture = picture_of(drawing)
    assert picture.kind == "image/svg+xml"
    assert b"DOCTYPE" not in picture.content


BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (svg("<script>alert(1)</script>"), "an element 'script'"),
        (svg("<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>"), "'foreignObject'"),
        (svg('<rect onload="alert(1)"/>'), "an event 'onload'"),
        (svg("", attributes='onclick="alert(1)"'), "an event 'onclick'"),
        (svg('<image href="https://example.org/x.png"/>'), "a link to 'https://example.org/x.png'"),
        (svg('<use xlink:href="other.svg#a"/>'), "a link to 'other.svg#a'"),
        (svg('<a href="javascript:alert(1)"/>'), "a link to 'javascript:alert"),
        (svg('<image href="data:text/html;base64,AAAA"/>'), "a link to 'data:text/html"),
        (svg('<rect style="fill: url(https://example.org)"/>'), "a link in 'style'"),
        (svg("<style>@import 'x.css';</style>"), "a style that loads something"),
        (svg("<style>a { background: url( 'http://x' ) }</style>"), "a style that loads something"),
        (svg("&b;", before=BOMB), "'<!DOCTYPE'"),
        (svg("", before='<?xml-stylesheet href="x.css"?>'), "'<?xml-stylesheet'"),
        (svg("<path"), "An SVG cannot be read"),
        (b"<svg><path/></svg>", "must with 'svg' of the namespace"),
        ("<svg/>".encode("utf-16"), "neither a PNG nor an SVG"),
        (b"<svg \xff/>", "not in UTF-8"),
        (noted_png()[:60], "A PNG cannot be read"),
        (b"GIF89a", "neither a PNG nor an SVG"),
        ("<svg/>", "A plot is the str '<svg/>'"),
        (None, "A plot is None"),
    ],
)
def test_what_is_more_than_a_drawing_is_refused(content, said):
    with pytest.raises(DermError) as error:
        picture_of(content)
    assert said in str(error.value)


def test_what_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 20)
    monkeypatch.setattr(pictures, "MOST_BYTES", 20)
    for content, said in ((Figure(), "make it smaller"), (noted_png(), "'6 x 4' pixels"), (svg(""), "bytes")):
        with pytest.raises(DermError, match=said):
            picture_of(content)
