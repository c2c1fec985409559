"""Synthetic photographs that programs read in different ways: turned by EXIF, of other colours, modes and bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from tests.support import colour_profiles

WIDTH, HEIGHT = 120, 90


def draw(seed: int, channels: int = 3) -> Image.Image:
    """Return a blurred, coloured photograph of nothing."""
    pixels = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, channels), dtype=np.uint8)
    spread = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(2))
    return spread.point(lambda value: (value - 128) * 4 + 128)


def make_photographs(folder: Path) -> list[Path]:
    """Write one of each awkward kind into ``folder``, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    turned, mirrored = Image.Exif(), Image.Exif()
    turned[0x0112], mirrored[0x0112] = 6, 7
    p3 = colour_profiles.display_p3()
    draw(0).save(folder / "plain.jpg", quality=90)
    draw(1).save(folder / "turned.jpg", exif=turned)
    draw(2).save(folder / "phone.jpg", exif=turned, icc_profile=p3)
    draw(3).save(folder / "mirrored.png", exif=mirrored, icc_profile=colour_profiles.srgb())
    draw(4, 4).save(folder / "alpha.png", icc_profile=p3)
    draw(5).convert("P", palette=Image.Palette.ADAPTIVE).save(folder / "palette.png", transparency=3)
    draw(6).quantize(200).save(folder / "palette-p3.png", icc_profile=p3)
    draw(7).convert("CMYK").save(folder / "inks.jpg")
    draw(8).convert("CMYK").save(folder / "press.tiff", icc_profile=colour_profiles.cmyk())
    draw(9).convert("L").save(folder / "grey.jpg", icc_profile=colour_profiles.grey(1.8))
    draw(10, 4).convert("LA").save(folder / "grey-alpha.png")
    Image.fromarray(np.asarray(draw(11).convert("L")).astype(np.uint16) * 250 + 90).save(folder / "sixteen.png")
    draw(12).save(folder / "turned.tiff", exif=turned)
    draw(13).save(folder / "damaged-profile.webp", lossless=True, icc_profile=p3[:300])
    draw(14).resize((400, 30)).save(folder / "flat.png")
    return sorted(folder.iterdir())


def make_mask(photograph: Path, target: Path) -> Path:
    """Write the mask of an ellipse, off the middle, for a photograph; it is upright, as the photograph is shown."""
    with Image.open(photograph) as image:
        image.load()
        width, height = image.size
        if image.getexif().get(0x0112, 1) > 4:
            width, height = height, width
    down, across = np.mgrid[:height, :width]
    inside = ((across - width * 0.4) / (width * 0.2)) ** 2 + ((down - height * 0.6) / (height * 0.25)) ** 2 < 1
    target.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((inside * 255).astype(np.uint8)).save(target)
    return target
