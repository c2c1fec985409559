"""Synthetic photographs with enough in them to be recognized by, and files that are wrong in all ways."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int, size: tuple[int, int] = (160, 120)) -> Image.Image:
    """Return a synthetic photograph of coloured clouds: each seed gives another."""
    clouds = np.random.default_rng(seed).integers(30, 226, (24, 24, 3), dtype="uint8")
    return Image.fromarray(clouds).resize(size, Image.Resampling.BICUBIC)


def deep(seed: int) -> Image.Image:
    """Return a synthetic photograph in grey of 16 bits."""
    return Image.fromarray(np.asarray(picture(seed).convert("L")).astype("uint16") * 257)


def see_through(seed: int, alpha: int) -> Image.Image:
    """Return a synthetic photograph with an alpha channel of one value."""
    image = picture(seed).convert("RGBA")
    image.putalpha(alpha)
    return image


def personal(orientation: int = 6) -> Image.Exif:
    """Return EXIF with an orientation, an artist, a serial number, a time and a place."""
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = orientation, "Dr Secret"
    exif.get_ifd(0x8769)[0xA431] = "SERIAL-123"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 26.0)
    return exif


def write_png(path: Path, width: int, height: int, bits: int = 8) -> None:
    """Write a PNG in colour of any size, with pixels for a few rows alone if it is large."""
    rows = min(height, 40)
    data = zlib.compress(
        (b"\0" + bytes(range(256)) * (width * 3 * bits // 8 // 256 + 1))[: 1 + width * 3 * bits // 8] * rows
    )
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0)), (b"IDAT", data), (b"IEND", b""))
    parts = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
