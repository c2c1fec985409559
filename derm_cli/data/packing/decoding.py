"""From a file to its row in a pack: one decoding gives the pixels and the facts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from derm_cli.data.facts import facts_of
from derm_cli.data.packing.files import checksum_of
from derm_cli.data.packing.notes import UNREADABLE, Key, Row
from derm_cli.data.preprocessing import (
    Pixels,
    RefusedPhotograph,
    UnreadablePhotograph,
    lesion_box,
    opened,
    pixels_of,
    upright,
)
from derm_cli.data.preprocessing.cropping import Box
from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing

NO_MASK = "it has no mask"


@dataclass(frozen=True)
class Task:
    """A file to be decoded and the mask of its lesion, with the contents that they had when they were hashed."""

    path: Path
    mask: Path | None
    key: Key

    def unreadable(self, reason: str, preprocessing: Preprocessing) -> tuple[Row, None]:
        """Return the row of a file that gives no pixels."""
        black = checksum_of(bytes(preprocessing.size**2 * 3))
        return Row(*self.key, black, unreadable=reason, uncropped=None, facts=None), None


def decode(task: Task, preprocessing: Preprocessing) -> tuple[Row, Pixels | None]:
    """Decode a file.  Raises DermError where it, or its mask, is not any more what it was when it was hashed."""
    content, mask = task.key
    try:
        with opened(task.path, content) as image:
            facts = facts_of(task.path, image)
            turned = upright(image)
            box, uncropped = _box(task, turned, preprocessing)
            pixels = pixels_of(turned, preprocessing, box)
    except UnreadablePhotograph as reason:
        if isinstance(reason, RefusedPhotograph) and not content.startswith(UNREADABLE):
            raise _not_now(task.path, reason) from None
        return task.unreadable(str(reason), preprocessing)
    return Row(content, mask, checksum_of(pixels.data), None, uncropped, facts), pixels


def _box(task: Task, turned: Image.Image, preprocessing: Preprocessing) -> tuple[Box | None, str | None]:
    if preprocessing.crop == "none":
        return None, None
    mask, content = task.mask, task.key[1]
    if mask is None or content is None:
        return None, NO_MASK
    try:
        return lesion_box(mask, turned.size, preprocessing.crop_margin, content), None
    except UnreadablePhotograph as reason:
        if isinstance(reason, RefusedPhotograph) and not content.startswith(UNREADABLE):
            raise _not_now(mask, reason) from None
        return None, f"its mask: {reason}"


def _not_now(path: Path, reason: RefusedPhotograph) -> DermError:
    return DermError(
        f"'{path}' could not be decoded ({reason}): mend that, then give the command again, and it goes on there."
    )
