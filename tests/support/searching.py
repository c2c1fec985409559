"""Looking for secrets in every byte that was written: as they are, in other encodings, in archives and in pages."""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

_BASE64 = re.compile(rb"base64,([A-Za-z0-9+/=]{16,})")


def encodings(secret: str) -> tuple[bytes, ...]:
    """Return a secret as programs write text."""
    return (secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be"), secret.encode("utf-32-le"))


def inside(content: bytes, depth: int = 0) -> Iterator[bytes]:
    """Yield bytes, and what they carry: members of an archive, pictures of a page, compressed parts of a PNG."""
    yield content
    if depth > 3:
        return
    if b"PK\x05\x06" in content:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    yield name.encode()
                    yield from inside(archive.read(name), depth + 1)
        except zipfile.BadZipFile:
            pass
    for found in _BASE64.finditer(content):
        try:
            yield from inside(base64.b64decode(found[1]), depth + 1)
        except (binascii.Error, ValueError):
            continue
    if content.startswith(b"\x89PNG"):
        yield from _chunks(content)


def _chunks(png: bytes) -> Iterator[bytes]:
    place = 8
    while place + 8 <= len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        if kind in (b"zTXt", b"iTXt", b"iCCP"):
            for start in range(min(len(data), 200)):
                try:
                    yield zlib.decompress(data[start:])
                    break
                except zlib.error:
                    continue
        place += 12 + length


def found_in(folder: Path, secrets: dict[str, tuple[bytes, ...]]) -> list[str]:
    """Return where below ``folder`` a secret stands: in a file, or in its name."""
    told = []
    for path in sorted(folder.rglob("*")):
        contents = [path.name.encode(), *(inside(path.read_bytes()) if path.is_file() else ())]
        told += [
            f"{name} in {path.relative_to(folder)}"
            for name, forms in secrets.items()
            if any(form in content for content in contents for form in forms)
        ]
    return told
