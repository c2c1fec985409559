"""Small image files of every format and kind, and mutations that know how such files are built."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from random import Random

import numpy as np
from PIL import Image, features

from tests.fuzz import mutations
from tests.support import colour_profiles

SIZE = (40, 30)
LARGEST = 1_000_000
"""Bytes to which a mutation that repeats something may lengthen a file."""
PNG = b"\x89PNG\r\n\x1a\n"


@cache
def corpus() -> dict[str, bytes]:
    """Return small sound files by name."""
    noise = np.random.default_rng(5).integers(0, 256, (*SIZE[::-1], 4), dtype=np.uint8)
    colour = Image.fromarray(noise[..., :3])
    modes = {
        "RGB": colour,
        "L": colour.convert("L"),
        "1": colour.convert("1"),
        "P": colour.quantize(40),
        "RGBA": Image.fromarray(noise),
        "LA": Image.fromarray(noise).convert("LA"),
        "CMYK": colour.convert("CMYK"),
        "I;16": Image.fromarray(noise[..., 0].astype(np.uint16) * 257),
        "F": Image.fromarray(noise[..., 0].astype(np.float32)),
        "YCbCr": colour.convert("YCbCr"),
        "LAB": colour.convert("LAB"),
        "I": Image.fromarray(noise[..., 0].astype(np.int32) * 300),
    }
    wanted = {
        "JPEG": ("RGB", "L", "CMYK"),
        "PNG": ("RGB", "L", "1", "P", "RGBA", "LA", "I;16"),
        "TIFF": ("RGB", "L", "1", "P", "RGBA", "CMYK", "I;16", "F", "I", "YCbCr", "LAB"),
        "GIF": ("P", "L"),
        "BMP": ("RGB", "L", "P", "1", "RGBA"),
        "WEBP": ("RGB", "RGBA"),
        "PPM": ("RGB", "L", "1", "I;16"),
        "JPEG2000": ("RGB", "L", "RGBA"),
        "AVIF": ("RGB", "RGBA"),
    }
    files = {}
    for kind, names in wanted.items():
        if kind == "AVIF" and not features.check("avif"):
            continue
        for name in names:
            files[f"{kind} {name}"] = _saved(modes[name], kind)
    exif, profile = _exif(), colour_profiles.display_p3()
    files["JPEG exif icc"] = _saved(colour, "JPEG", exif=exif, icc_profile=profile, comment=b"a comment")
    files["JPEG progressive"] = _saved(colour, "JPEG", progressive=True, subsampling=2, restart_marker_rows=1)
    files["MPO"] = _saved(colour, "MPO", save_all=True, append_images=_others(colour))
    files["PNG exif icc"] = _saved(colour, "PNG", exif=exif, icc_profile=profile, pnginfo=_texts())
    files["PNG animated"] = _saved(colour, "PNG", save_all=True, append_images=_others(colour))
    files["PNG transparent"] = _saved(colour.quantize(8), "PNG", transparency=3)
    files["WEBP exif icc"] = _saved(colour, "WEBP", exif=exif, icc_profile=profile, xmp=b"<x:xmpmeta/>")
    files["WEBP animated"] = _saved(colour, "WEBP", save_all=True, append_images=_others(colour))
    files["GIF animated"] = _saved(
        colour.quantize(8), "GIF", save_all=True, append_images=_others(colour), comment=b"c"
    )
    files["TIFF pages"] = _saved(colour, "TIFF", save_all=True, append_images=_others(colour))
    for way in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "tiff_deflate"):
        files[f"TIFF {way}"] = _saved(colour, "TIFF", compression=way, exif=exif, icc_profile=profile)
    for way in ("group3", "group4", "tiff_ccitt"):
        files[f"TIFF {way}"] = _saved(colour.convert("1"), "TIFF", compression=way)
    return files


def spoilt_picture(random: Random) -> tuple[bytes, str]:
    """Return a file that was spoilt, and how."""
    files = corpus()
    name = random.choice(sorted(files))
    data, of_kind = files[name], OF_KIND.get(name.partition(" ")[0], ())
    if random.random() < 0.04:
        bomb = random.choice(BOMBS)
        return bomb(random), bomb.__name__
    changes = [name]
    for _ in range(random.choice((1, 1, 2, 3))):
        if of_kind and random.random() < 0.55:
            change = random.choice(of_kind)
            data = change(random, data)
            changes.append(change.__name__)
        else:
            data, how = mutations.spoil_bytes(random, data, (*mutations.BYTES, spliced), most=3)
            changes.append(how)
    if data.startswith(PNG) and random.random() < 0.7:
        data = with_checksums(data)
        changes.append("with checksums")
    return data, ", ".join(changes)


def spliced(random: Random, data: bytes) -> bytes:
    """Return the beginning of one file and the end of another."""
    other = random.choice(sorted(corpus().items()))[1]
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


# PNG: chunks of length, name, body, checksum.


def png_field(random: Random, data: bytes) -> bytes:
    """Change a byte of the header: sides, bits, colour type, compression, filter, interlace."""
    fields = (*range(16, 24), 24, 25, 26, 27, 28)
    offset = random.choice(fields)
    new = bytes([random.choice((0, 1, 2, 3, 4, 6, 7, 8, 16, 0x7F, 0xFF))])
    return data[:offset] + new + data[offset + 1 :]


def png_chunks(random: Random, data: bytes) -> bytes:
    """Leave out, double or move a chunk, or give it another length."""
    chunks = _chunks(data)
    if not chunks:
        return data
    number = random.randrange(len(chunks))
    name, body = chunks[number]
    kind = random.choice(("gone", "twice", "moved", "longer", "renamed", "empty"))
    if kind == "gone":
        del chunks[number]
    elif kind == "twice":
        chunks.insert(random.randrange(len(chunks) + 1), (name, body))
    elif kind == "moved":
        chunks.insert(random.randrange(len(chunks)), chunks.pop(number))
    elif kind == "renamed":
        chunks[number] = (
            random.choice((b"IDAT", b"PLTE", b"tRNS", b"fdAT", b"acTL", b"IEND", b"xxxx", b"\0\0\0\0")),
            body,
        )
    elif kind == "empty":
        chunks[number] = (name, b"")
    rebuilt = _png(chunks)
    if kind == "longer":
        at = 8 + sum(12 + len(each) for _, each in chunks[:number])
        rebuilt = rebuilt[:at] + struct.pack(">I", random.choice(mutations.NUMBERS)) + rebuilt[at + 4 :]
    return rebuilt


def png_extra(random: Random, data: bytes) -> bytes:
    """Add a chunk of metadata, with anything in it."""
    payload = random.choice((b"", b"\0", b"key\0", random.randbytes(40), b"a" * 70000, _exif_block(random)))
    packed = zlib.compress(random.choice((payload, b"\0" * 3_000_000)))
    extra = random.choice(
        (
            (b"tEXt", b"key\0" + payload),
            (b"zTXt", b"key\0\0" + packed),
            (b"iTXt", b"key\0\1\0\0\0" + packed),
            (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + payload),
            (b"eXIf", payload),
            (b"iCCP", b"icc\0\0" + packed),
            (b"acTL", struct.pack(">II", random.choice(mutations.NUMBERS), 0)),
            (b"fcTL", random.randbytes(26)),
            (b"PLTE", payload[:999]),
            (b"tRNS", payload[:999]),
            (b"gAMA", payload[:4]),
            (b"cHRM", payload[:32]),
            (b"pHYs", payload[:9]),
            (b"sRGB", payload[:1]),
            (b"IHDR", struct.pack(">IIBBBBB", *random.sample(mutations.NUMBERS, 2), 8, 2, 0, 0, 0)),
        )
    )
    chunks = _chunks(data)
    chunks.insert(random.randint(0, len(chunks)), extra)
    return _png(chunks)


def with_checksums(data: bytes) -> bytes:
    """Return a PNG whose chunks have the checksums of what is in them, so that a change is not seen by those."""
    rebuilt, offset = bytearray(data), 8
    while offset + 12 <= len(rebuilt):
        (length,) = struct.unpack(">I", rebuilt[offset : offset + 4])
        end = offset + 8 + length
        if end + 4 > len(rebuilt):
            break
        rebuilt[end : end + 4] = struct.pack(">I", zlib.crc32(rebuilt[offset + 4 : end]))
        offset = end + 4
    return bytes(rebuilt)


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, offset = [], 8
    while offset + 8 <= len(data):
        (length,) = struct.unpack(">I", data[offset : offset + 4])
        chunks.append((data[offset + 4 : offset + 8], data[offset + 8 : offset + 8 + length]))
        offset += 12 + length
    return chunks


def _png(chunks: list[tuple[bytes, bytes]]) -> bytes:
    parts = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return PNG + b"".join(parts)


# JPEG: segments that begin with FF and a marker.


def jpeg_segment(random: Random, data: bytes) -> bytes:
    """Leave out, double, move or lengthen a segment, or change what is in it."""
    offsets = [
        offset for offset in range(2, len(data) - 4) if data[offset] == 0xFF and data[offset + 1] not in (0, 0xFF)
    ]
    if not offsets:
        return data
    offset = random.choice(offsets[:14])
    (length,) = struct.unpack(">H", data[offset + 2 : offset + 4])
    end = offset + 2 + length
    segment, rest = data[offset:end], data[end:]
    kind = random.choice(("gone", "twice", "many", "length", "inside", "marker", "front"))
    if kind == "gone":
        return data[:offset] + rest
    if kind in ("twice", "many"):
        return data[:offset] + segment * (2 if kind == "twice" else 200) + rest
    if kind == "length":
        return (
            data[:offset]
            + segment[:2]
            + struct.pack(">H", random.choice((0, 1, 2, 3, 255, 65535)))
            + segment[4:]
            + rest
        )
    if kind == "marker":
        return data[: offset + 1] + bytes([random.randrange(0xC0, 0xFF)]) + data[offset + 2 :]
    if kind == "front":
        return data[:2] + segment + data[2:offset] + rest
    return data[:offset] + segment[:4] + mutations.spoil_bytes(random, segment[4:], most=1)[0] + rest


def jpeg_frame(random: Random, data: bytes) -> bytes:
    """Change sides, components or sampling where the frame is described."""
    for marker in (b"\xff\xc0", b"\xff\xc1", b"\xff\xc2"):
        offset = data.find(marker)
        if offset >= 0:
            at = offset + 4 + random.randrange(15)
            return data[:at] + bytes([random.choice((0, 1, 2, 3, 4, 8, 12, 0x11, 0x22, 0x44, 0xFF))]) + data[at + 1 :]
    return data


def jpeg_extra(random: Random, data: bytes) -> bytes:
    """Add a segment of metadata with anything in it."""
    payload = random.choice((b"", random.randbytes(60), b"\0" * 5000, _exif_block(random), _exif_block(random)))[:65000]
    body = random.choice(
        (
            b"Exif\0\0" + payload,
            b"Exif\0\0" + payload,
            b"http://ns.adobe.com/xap/1.0/\0"
            + random.choice((payload, b"<x" * 900, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')),
            b"ICC_PROFILE\0" + bytes([random.randrange(4), random.randrange(4)]) + payload,
            b"MPF\0" + payload,
            b"Photoshop 3.0\0" + b"8BIM\4\4\0\0" + struct.pack(">I", random.choice(mutations.NUMBERS)) + payload,
            b"Adobe" + payload[:7],
            b"JFIF\0" + payload[:9],
        )
    )
    marker = bytes([random.choice((0xE0, 0xE1, 0xE1, 0xE2, 0xED, 0xEE, 0xFE))])
    return data[:2] + b"\xff" + marker + struct.pack(">H", len(body) + 2) + body + data[2:]


# TIFF, also within EXIF: entries of tag, type, count, value.


def tiff_entry(random: Random, data: bytes) -> bytes:
    """Change a field of an entry of the first directory, or where the next directory is."""
    if len(data) < 16 or data[:2] not in (b"II", b"MM"):
        return data
    order = "<" if data[:2] == b"II" else ">"
    (start,) = struct.unpack(order + "I", data[4:8])
    if start + 2 > len(data):
        return data
    (count,) = struct.unpack(order + "H", data[start : start + 2])
    entry = start + 2 + 12 * random.randrange(max(1, min(count, 40)))
    within, form = random.choice(((0, "H"), (2, "H"), (4, "I"), (8, "I"), (8, "I")))
    offset = entry + within
    value = random.choice(
        (*mutations.NUMBERS, start, 8, len(data), len(data) - 1, 0x8769, 0x8825, 273, 279, 256, 257, 277)
    )
    if random.random() < 0.2:
        offset, form, value = start + 2 + 12 * count, "I", random.choice((start, 8, 4, len(data) - 6, value))
    new = struct.pack(order + form, value & (0xFFFF if form == "H" else 0xFFFFFFFF))
    return data[:offset] + new + data[offset + len(new) :]


def tiff_chain(random: Random, data: bytes) -> bytes:
    """Append directories that point at each other, or many of them, one after another."""
    if data[:2] != b"II" or len(data) < 8:
        return data
    (start,) = struct.unpack("<I", data[4:8])
    count = random.choice((1, 2, 2000))
    entries = struct.unpack("<H", data[start : start + 2])[0] if start + 2 <= len(data) else 0
    directory = data[start : start + 2 + 12 * min(entries, 60)]
    begin, size = len(data), len(directory) + 4
    chain = b"".join(
        directory + struct.pack("<I", begin + size * ((number + 1) % (count + 1))) for number in range(count)
    )
    link = start + len(directory)
    return data[:link] + struct.pack("<I", begin) + data[link + 4 :] + chain


def _exif_block(random: Random) -> bytes:
    """Return a TIFF block as EXIF has it, with entries and sub-directories that may point at anything."""
    entries = []
    for _ in range(random.choice((0, 1, 3, 30))):
        tag = random.choice(
            (0x0112, 0x8769, 0x8825, 0xA005, 0x927C, 0x013B, 0x9286, 0x0201, 0xA302, 700, random.randrange(65536))
        )
        count = random.choice((0, 1, 1, 2, 4, 1000, 0xFFFFFFFF))
        value = random.choice((0, 1, 6, 8, 9, 0xFFFF, 0xFFFFFFFF, 26))
        entries.append(struct.pack("<HHII", tag, random.randrange(15), count, value))
    directory = struct.pack("<H", random.choice((len(entries), 0xFFFF))) + b"".join(entries)
    block = b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", random.choice((0, 8, 8, 26)))
    return block + random.choice((b"", random.randbytes(100)))


# Others.


def gif_frames(random: Random, data: bytes) -> bytes:
    """Repeat the frames of a GIF."""
    offset = data.find(b"\x21\xf9")
    offset = offset if offset > 0 else data.find(b"\x2c")
    # Not thousands of thousands, if it was done before.
    frames = data[offset:-1] * min(random.choice((2, 400)), 1 + LARGEST // (len(data) + 1))
    return data if offset < 0 else data[:offset] + frames + data[-1:]


def webp_lengths(random: Random, data: bytes) -> bytes:
    """Change the length, or the name, of a chunk of a RIFF or ISO file."""
    names = [data.find(name) for name in (b"RIFF", b"VP8", b"VP8X", b"ALPH", b"ICCP", b"EXIF", b"ANIM", b"ANMF")]
    offset = random.choice([each for each in names if each >= 0] or [0])
    new = struct.pack("<I", random.choice(mutations.NUMBERS))
    return data[: offset + 4] + new + data[offset + 8 :]


def ppm_header(random: Random, data: bytes) -> bytes:
    """Write another head of a PPM."""
    sides = random.sample((*mutations.NUMBERS, -1, 40, 30, 10**20, "", "x", "#"), 3)
    return random.choice((b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"P7", b"Pf", b"PyRGBA")) + (
        b"\n%s %s\n%s\n" % tuple(str(side).encode() for side in sides) + data[12:]
    )


def gif_of_many_frames(random: Random) -> bytes:
    """A GIF of thousands of frames, each some bytes."""
    frame = b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\x20\0\x20\0\0\2\2\x4c\1\0"
    head = b"GIF89a" + struct.pack("<HHBBB", 32, 32, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + frame * random.choice((3000, 20_000)) + b"\x3b"


def png_of_many_pixels(random: Random) -> bytes:
    """A PNG with the head of a huge photograph and a few rows, or none."""
    side = random.choice((13_000, 13_400, 20_000, 2**31 - 1))
    colour, depth = random.choice(((2, 8), (0, 1), (6, 16), (3, 8)))
    body = zlib.compress(b"\0" * 3_000_000)
    head = struct.pack(">IIBBBBB", side, random.choice((side, 16)), depth, colour, 0, 0, random.randrange(2))
    return _png([(b"IHDR", head), (b"PLTE", b"\0" * 768), (b"IDAT", body), (b"IEND", b"")])


def tiff_of_many_pixels(random: Random) -> bytes:
    """A TIFF that says that it is huge, compressed or not, and has nothing in it."""
    side = random.choice((13_000, 40_000, 2**31 - 1, 2**32 - 1))
    values = {
        256: side,
        257: random.choice((side, 30)),
        258: 8,
        259: random.choice((1, 5, 7, 8, 32773)),
        262: 2,
        273: 8,
        277: 3,
    }
    values |= {278: side, 279: random.choice((0, 100, 2**31 - 1))}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value & 0xFFFFFFFF) for tag, value in values.items())
    return b"II*\0" + struct.pack("<IH", 8, len(values)) + entries + b"\0\0\0\0" + random.randbytes(50)


def bmp_of_many_pixels(random: Random) -> bytes:
    """A BMP of huge sides, run-length encoded or not."""
    side = random.choice((13_000, 40_000, 2**31 - 1, -(2**31)))
    head = struct.pack(
        "<IiiHHIIiiII", 40, side, random.choice((side, 30, -30)), 1, random.choice((1, 8, 24)), 1, 0, 0, 0, 0, 0
    )
    return b"BM" + struct.pack("<IHHI", 60, 0, 0, 54) + head + random.randbytes(300)


OF_KIND = {
    "PNG": (png_field, png_chunks, png_extra),
    "JPEG": (jpeg_segment, jpeg_frame, jpeg_extra),
    "MPO": (jpeg_segment, jpeg_frame, jpeg_extra),
    "TIFF": (tiff_entry, tiff_entry, tiff_entry, tiff_chain),
    "GIF": (gif_frames,),
    "WEBP": (webp_lengths,),
    "AVIF": (webp_lengths,),
    "PPM": (ppm_header,),
}
BOMBS = (gif_of_many_frames, png_of_many_pixels, tiff_of_many_pixels, bmp_of_many_pixels)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    # A copy: an image keeps how it was saved before.
    image.copy().save(buffer, kind, **options)
    return buffer.getvalue()


def _others(image: Image.Image) -> list[Image.Image]:
    return [image.rotate(angle) for angle in (90, 180)]


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "made"
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0a comment"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 26.0)
    return exif


def _texts() -> object:
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("Author", "made")
    texts.add_itxt("Comment", "é" * 20, zip=True)
    return texts
