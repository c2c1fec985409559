"""Text of files that people edit: UTF-8, or UTF-16 and UTF-32 with a byte order mark, as their programs write it."""

from __future__ import annotations

import codecs

REMEDY = "save it as CSV in UTF-8, which spreadsheets call 'CSV UTF-8'"

_MARKS = (
    # UTF-32's mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"\x1f\x8b", "a file packed by gzip"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a Rich Text document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"SQLite format 3", "an SQLite database"),
)
_WEB_PAGES = (b"<!doctype", b"<html", b"<table", b"<?xml")


class EncodingFault(ValueError):
    """Why the contents of a file are no text: words that follow the file's name, as in "is an Excel workbook"."""


def decode_text(content: bytes) -> str:
    """Return the text of a file without its byte order mark.

    Raises EncodingFault where it is in no encoding that is sure.  Others are not guessed: what is 'ä' in one of them is
    another letter in the next.
    """
    kind = file_kind(content)
    if kind:
        raise EncodingFault(f"is {kind}")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8-sig")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8-sig":
            raise EncodingFault(f"is no UTF-8 text, but damaged {encoding.upper()}") from None
        raise EncodingFault(f"is no UTF-8 text ({_odd_byte(content, error.start)})") from None
    if text.count("\0") > len(text) / 10:
        raise EncodingFault("seems to be UTF-16 without a byte order mark")
    return text


def file_kind(content: bytes) -> str:
    """Return what a file that is no text is, as in 'an Excel workbook', by how it begins; empty where it may be one."""
    if content.startswith(b"PK\x03\x04"):
        # The names of an archive's members are not packed.
        if b"xl/" in content:
            return "an Excel workbook"
        return "an OpenDocument file" if b"opendocument" in content[:200] else "a ZIP file"
    if content[:200].removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_WEB_PAGES):
        return "a web page"
    return next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), "")


def _odd_byte(content: bytes, position: int) -> str:
    line = content.count(b"\n", 0, position) + 1
    byte = content[position : position + 1]
    letter = byte.decode("cp1252", "replace")
    guess = f", '{letter}' in Windows-1252" if letter.isprintable() and letter != "�" else ""
    return f"line {line} has the byte 0x{byte.hex()}{guess}"
