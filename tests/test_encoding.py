"""Text is read in the encodings that are sure; what is none is named."""

from __future__ import annotations

import pytest

from derm_cli.encoding import EncodingFault, decode_text, file_kind

TEXT = "Nävus, 5 µm\nMelanom\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_an_encoding_that_is_sure_is_read(encoding: str) -> None:
    assert decode_text(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("width", [16, 32])
def test_a_byte_order_mark_tells_either_order(width: int, order: str) -> None:
    assert decode_text(f"\ufeff{TEXT}".encode(f"utf-{width}-{order}")) == TEXT


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (TEXT.encode("cp1252"), r"no UTF-8 text \(line 1 has the byte 0xe4, 'ä' in Windows-1252\)"),
        (b"a\nb\n\x81", r"no UTF-8 text \(line 3 has the byte 0x81\)"),
        (TEXT.encode("shift-jis", "ignore") + "皮膚".encode("shift-jis"), "no UTF-8 text"),
        (TEXT.encode("utf-16-le"), "no UTF-8 text"),
        ("case\nlabel".encode("utf-16-be"), "seems to be UTF-16 without a byte order mark"),
        (b"\xff\xfea\x00b", "damaged UTF-16"),
        (b"PK\x03\x04 xl/workbook.xml", "is an Excel workbook"),
    ],
)
def test_what_is_no_text_for_sure_is_refused_with_the_fault(content: bytes, fault: str) -> None:
    with pytest.raises(EncodingFault, match=fault):
        decode_text(content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04 [Content_Types].xml xl/workbook.xml", "an Excel workbook"),
        (b"PK\x03\x04 mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "an OpenDocument file"),
        (b"PK\x03\x04 a.csv", "a ZIP file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an Excel workbook"),
        (b"\x1f\x8b\x08", "a file packed by gzip"),
        (b"\n<!DOCTYPE html>", "a web page"),
        (b"PAR1", "a Parquet file"),
        (b"case_id,label\n", ""),
        (b"", ""),
    ],
)
def test_a_file_of_another_kind_is_named(content: bytes, kind: str) -> None:
    assert file_kind(content) == kind
