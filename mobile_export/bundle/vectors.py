"""Test vectors: drawn photographs of nobody, of each kind that programs read differently, with the run's answers.

The drawings need no font, no file and no network, and the same versions of NumPy and Pillow give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from derm_cli.plugin import AnswerEncoding, PackRequest
from mobile_export.bundle.layout import EXPECTED, VECTORS

WIDTH, HEIGHT = 160, 120
_ORIENTATION, _TURNED = 0x0112, 6


def write_vectors(request: PackRequest, folder: Path) -> list[dict[str, Any]]:
    """Draw the vectors into a bundle's folder, ask the run about each, and write what it answers; return that.

    Each has ``file``, ``answers`` (by question, as text) and ``probabilities`` in the order of the classes.
    """
    (folder / VECTORS).mkdir()
    asked: list[tuple[Path, Mapping[str, float | str]]] = []
    encoding = request.facts.answers
    for number, (name, write) in enumerate(_DRAWINGS.items()):
        path = folder / VECTORS / name
        write(path, number, request.facts.preprocessing.size)
        asked.append((path, {} if encoding is None or number % 2 == 0 else _some_answers(encoding, number)))
    probabilities = request.answer(asked)
    rows = [
        {
            "file": path.relative_to(folder).as_posix(),
            "answers": {question: str(answer) for question, answer in answers.items()},
            "probabilities": [float(each) for each in row],
        }
        for (path, answers), row in zip(asked, probabilities, strict=True)
    ]
    (folder / EXPECTED).write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return rows


def _some_answers(encoding: AnswerEncoding, number: int) -> dict[str, float | str]:
    """Return an answer to each question: a number near the mean, one of the choices, yes or no in turn."""
    answers: dict[str, float | str] = {}
    for each in encoding.fields:
        if each.field.kind == "number":
            low, high = each.field.range or (each.mean - each.deviation, each.mean + each.deviation)
            answers[each.field.name] = min(max(float(round(each.mean + (number % 5 - 2) * each.deviation)), low), high)
        elif each.field.kind == "yes-no":
            answers[each.field.name] = ("yes", "no")[number // 2 % 2]
        elif each.choices:
            answers[each.field.name] = each.choices[number // 2 % len(each.choices)]
    return answers


def draw(number: int, width: int = WIDTH, height: int = HEIGHT) -> npt.NDArray[np.uint8]:
    """Return uint8 (height, width, 3): skin with fine grain and a spot of which size, place and colours are drawn."""
    random = np.random.default_rng(number)
    down, across = np.mgrid[:height, :width] / min(width, height)
    place = np.array([height, width]) / min(width, height) * random.uniform(0.4, 0.6, 2)
    long, short = random.uniform(0.15, 0.4, 2)
    edge = 1 + 0.15 * np.sin(random.integers(3, 9) * np.arctan2(down - place[0], across - place[1]))
    distance = np.hypot((down - place[0]) / long, (across - place[1]) / short) / edge
    inside = 1 / (1 + np.exp((distance - 1) * random.uniform(5, 20)))[..., None]
    skin = random.uniform((150, 100, 80), (240, 200, 180))
    spot = random.uniform((30, 15, 10), (200, 120, 110)) * (1 + 0.3 * np.sin(distance * 6))[..., None]
    grain = random.normal(0, 6, (height, width, 1)) + random.normal(0, 2, (height, width, 3))
    pixels: npt.NDArray[np.float64] = skin * (1 - inside) + spot * inside + grain
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def _plain(path: Path, number: int, size: int) -> None:  # noqa: ARG001
    Image.fromarray(draw(number)).save(path, quality=92)


def _turned(path: Path, number: int, size: int) -> None:  # noqa: ARG001
    exif = Image.Exif()
    exif[_ORIENTATION] = _TURNED
    Image.fromarray(draw(number)).save(path, quality=92, exif=exif)


def _tall(path: Path, number: int, size: int) -> None:  # noqa: ARG001
    Image.fromarray(draw(number, 90, 640)).save(path, quality=92)


def _transparent(path: Path, number: int, size: int) -> None:  # noqa: ARG001
    pixels = draw(number)
    alpha = np.broadcast_to(np.linspace(0, 255, pixels.shape[1]).astype(np.uint8), pixels.shape[:2])
    Image.fromarray(np.dstack([pixels, alpha])).save(path)


def _sixteen_bits(path: Path, number: int, size: int) -> None:  # noqa: ARG001
    grey = draw(number).mean(axis=2)
    Image.fromarray((grey * 257).astype(np.uint16)).save(path)


def _grey(path: Path, number: int, size: int) -> None:  # noqa: ARG001
    Image.fromarray(draw(number)).convert("L").save(path)


def _palette(path: Path, number: int, size: int) -> None:  # noqa: ARG001
    Image.fromarray(draw(number)).quantize(64).save(path)


def _inks(path: Path, number: int, size: int) -> None:  # noqa: ARG001
    Image.fromarray(draw(number)).convert("CMYK").save(path, quality=92)


def _resized(path: Path, number: int, size: int) -> None:
    """A square of the network's own size, which every resize rule leaves as it is: it tests all but resizing."""
    Image.fromarray(draw(number, size, size)).save(path)


_DRAWINGS: dict[str, Callable[[Path, int, int], None]] = {
    "plain.jpg": _plain,
    "transparent.png": _transparent,
    "sixteen-bit-grey.png": _sixteen_bits,
    "rotated.jpg": _turned,
    "tall.jpg": _tall,
    "grey.png": _grey,
    "palette.png": _palette,
    "cmyk.jpg": _inks,
    "already-resized.png": _resized,
    "another-resized.png": _resized,
    "third-resized.png": _resized,
}
