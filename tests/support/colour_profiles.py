"""Synthetic colour profiles (ICC.1, version 2 and 4 files), as small as they can be.

``display_p3`` is what an iPhone writes into its photographs: the colorants are those of Apple's profile, for the curve
is sRGB's own.
"""

from __future__ import annotations

import itertools
import struct

DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
"""XYZ of red, green and blue at full, for the white D50."""
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_WHITE = (0.9642, 1.0, 0.8249)


def display_p3() -> bytes:
    """Return the profile of Display P3."""
    return _matrix(DISPLAY_P3, "Display P3")


def srgb() -> bytes:
    """Return the profile of sRGB, as other programs write it."""
    return _matrix(SRGB, "sRGB IEC61966-2.1")


def grey(gamma: float) -> bytes:
    """Return the profile of a grey scale with a gamma."""
    return _profile(b"GRAY", b"XYZ ", {b"kTRC": _gamma(gamma), b"wtpt": _xyz(_WHITE)}, "made grey")


def cmyk() -> bytes:
    """Return the profile of a synthetic press whose inks are pale: none of them is ever black alone."""
    head = struct.pack(">4s4xBBBx9i", b"mft2", 4, 3, 2, *(65536 * (index in (0, 4, 8)) for index in range(9)))
    line = struct.pack(">2H", 0, 65535)
    grid = b""
    for cyan, magenta, yellow, black in itertools.product((0, 1), repeat=4):
        lightness = 100 - 20 * cyan - 25 * magenta - 5 * yellow - 40 * black
        a, b = 35 * magenta - 20 * cyan, 50 * yellow - 25 * cyan
        # Version 2 writes Lab in 16 bits with 0xFF00 for 100, and 0x8000 for a colourless a or b.
        grid += struct.pack(">3H", *(round(each * 256) for each in (lightness * 2.55, a + 128, b + 128)))
    table = head + struct.pack(">2H", 2, 2) + line * 4 + grid + line * 3
    tags = dict.fromkeys((b"A2B0", b"A2B1"), table) | {b"wtpt": _xyz(_WHITE)}
    return _profile(b"CMYK", b"Lab ", tags, "made press", version=2)


def _matrix(colorants: tuple[tuple[float, ...], ...], name: str) -> bytes:
    curve = struct.pack(">4s4xHxx5i", b"para", 3, *(_fixed(each) for each in _SRGB_CURVE))
    tags = {tag: _xyz(each) for tag, each in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve) | {b"wtpt": _xyz(_WHITE)}
    return _profile(b"RGB ", b"XYZ ", tags, name)


def _profile(space: bytes, connection: bytes, tags: dict[bytes, bytes], name: str, version: int = 4) -> bytes:
    tags = tags | {b"desc": _text(name, version), b"cprt": _text("made", version, b"cprt")}
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        table += struct.pack(">4s2I", tag, start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    head = struct.pack(">I4xI4s4s4s12x4s", start + len(data), version << 24, kind, space, connection, b"acsp")
    return head.ljust(68, b"\0") + _xyz(_WHITE)[8:] + bytes(48) + table + data


def _text(text: str, version: int, tag: bytes = b"desc") -> bytes:
    if version == 4:
        encoded = text.encode("utf-16-be")
        return struct.pack(">4s4x2I2s2s2I", b"mluc", 1, 12, b"en", b"US", len(encoded), 28) + encoded
    if tag == b"cprt":
        return b"text" + bytes(4) + text.encode() + b"\0"
    return struct.pack(">4s4xI", b"desc", len(text) + 1) + text.encode() + bytes(1 + 8 + 3 + 67)


def _gamma(gamma: float) -> bytes:
    return struct.pack(">4s4xHxxi", b"para", 0, _fixed(gamma))


def _xyz(values: tuple[float, ...]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(_fixed(each) for each in values))


def _fixed(value: float) -> int:
    return round(value * 65536)
