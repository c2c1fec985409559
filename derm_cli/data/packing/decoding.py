"""Decoding a file into its row of a pack: the pixels and the facts, at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from derm_cli.data.facts import facts_of
from derm_cli.data.packing.files import checksum_of
from derm_cli.data.packing.notes import UNREADABLE, PackRow, RowKey
from derm_cli.data.preprocessing import (
    Pixels,
    RefusedPhotograph,
    UnreadablePhotograph,
    lesion_box,
    open_photograph,
    preprocess,
    turn_upright,
)
from derm_cli.data.preprocessing.cropping import Box
from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing

NO_MASK = "it has no mask"


@dataclass(frozen=True)
class DecodeTask:
    """A file to be decoded and the mask of its lesion, with the contents that they had when they were hashed."""

    path: Path
    mask: Path | None
    key: RowKey

    def unreadable(self, reason: str, preprocessing: Preprocessing) -> tuple[PackRow, None]:
        """Return the row of a file that gives no pixels."""
        black = checksum_of(bytes(preprocessing.size**2 * 3))
        return PackRow(*self.key, black, unreadable=reason, uncropped=None, facts=None), None


def decode(task: DecodeTask, preprocessing: Preprocessing) -> tuple[PackRow, Pixels | None]:
    """Decode a file.  Raises DermError where it, or its mask, is not any more what it was when it was hashed."""
    content, mask = task.key
    try:
        with open_photograph(task.path, content) as image:
            facts = facts_of(task.path, image)
            upright_image = turn_upright(image)
            box, uncropped = _crop_box(task, upright_image, preprocessing)
            pixels = preprocess(upright_image, preprocessing, box)
    except UnreadablePhotograph as reason:
        if isinstance(reason, RefusedPhotograph) and not content.startswith(UNREADABLE):
            raise _try_again_error(task.path, reason) from None
        return task.unreadable(str(reason), preprocessing)
    return PackRow(content, mask, checksum_of(pixels.data), None, uncropped, facts), pixels


def _crop_box(
    task: DecodeTask, upright_image: Image.Image, preprocessing: Preprocessing
) -> tuple[Box | None, str | None]:
    if preprocessing.crop == "none":
        return None, None
    mask, content = task.mask, task.key[1]
    if mask is None or content is None:
        return None, NO_MASK
    try:
        return lesion_box(mask, upright_image.size, preprocessing.crop_margin, content), None
    except UnreadablePhotograph as reason:
        if isinstance(reason, RefusedPhotograph) and not content.startswith(UNREADABLE):
            raise _try_again_error(mask, reason) from None
        return None, f"its mask: {reason}"


def _try_again_error(path: Path, reason: RefusedPhotograph) -> DermError:
    return DermError(
        f"'{path}' could not be decoded ({reason}): mend that, then give the command again, and it goes on there."
    )
