"""Photographs of a dataset, class by class, as the network sees them: what ``derm data show`` draws."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from derm_cli.console import progress
from derm_cli.data.contact_sheet import ClassRow, ContactSheet, Picture
from derm_cli.data.ingesting import mask_paths
from derm_cli.data.locating import locate
from derm_cli.data.packing.pack import pack
from derm_cli.data.preprocessing import Pixels
from derm_cli.data.records import Records, read_usable_records
from derm_cli.errors import DermError, RequestError, did_you_mean
from derm_cli.phase_options import Component
from derm_cli.plan import Preprocessing
from derm_cli.workflows.session import Session

MOST = 100_000_000
"""Pixels on a sheet; more would be a file that few programs open."""


def draw_sheet(
    session: Session,
    name: str,
    preprocessing: Preprocessing,
    *,
    per_class: int,
    seed: int = 0,
    classes: Sequence[str] = (),
    augmentation: Component | None = None,
    variants: int = 4,
    names: bool = True,
) -> ContactSheet:
    """Draw at most ``per_class`` photographs of each class, of ``classes`` alone where any are named.

    Which ones depends on the seed and their cases alone, so a photograph that is added moves no other.  With an
    ``augmentation`` each is followed by ``variants`` of it, changed as training changes it.  Without ``names`` no case
    is told.  Raises RequestError for an unknown class and for a sheet that is too large, and DermError where there is
    no photograph to show.
    """
    records = read_usable_records(locate(name, session.settings, session.registry))
    class_names = [each.name for each in records.classes]
    for each in classes:
        if each not in class_names:
            raise RequestError(f"Dataset '{name}' has no class '{each}'.{did_you_mean(each, class_names)}")
    wanted = [each for each in class_names if not classes or each in classes]
    _check_size(records, wanted, per_class, preprocessing.size, variants if augmentation else 0)
    drawn = _Drawn(records, preprocessing, seed)
    rows = {each: drawn.first(each, per_class) for each in wanted}
    if not any(rows.values()):
        dropped = len(records.dropped) + sum(drawn.unreadable.values())
        raise DermError(
            f"Dataset '{name}' has no photograph to show, and {dropped} were dropped: run 'derm data check'."
        )
    pixels = {row: drawn.pixels[row] for shown in rows.values() for row in shown}
    changed = _augmented(session, pixels, augmentation, seed, variants) if augmentation else {}
    cases, labels = records.frame["case_id"].tolist(), records.frame["label"].value_counts()
    return ContactSheet(
        title=f"{name}: {records.located.spec.title}",
        is_synthetic=records.located.spec.synthetic,
        rule=preprocessing.text(),
        changes=augmentation.text() if augmentation else "",
        classes=tuple(
            ClassRow(
                name=each.name,
                title=each.title,
                count=int(labels.get(each.name, 0)),
                pictures=tuple(
                    Picture(cases[row] if names else "", (pixels[row], *changed.get(row, ())), drawn.whole.get(row, ""))
                    for row in rows[each.name]
                ),
            )
            for each in records.classes
            if each.name in rows
        ),
        dropped={str(reason): int(count) for reason, count in records.dropped["reason"].value_counts().items()},
        unreadable=dict(drawn.unreadable),
    )


class _Drawn:
    """Photographs that are drawn by lot from a dataset's records, and read in the one way that there is."""

    def __init__(self, records: Records, preprocessing: Preprocessing, seed: int) -> None:
        self.records, self.preprocessing, self.seed = records, preprocessing, seed
        self.pixels: dict[int, Pixels] = {}
        self.whole: dict[int, str] = {}
        self.unreadable: Counter[str] = Counter()
        self._masks = mask_paths(records.frame, records.located.root)

    def first(self, label: str, count: int) -> list[int]:
        """Return the rows of the first ``count`` photographs of a class that can be read."""
        frame = self.records.frame
        left = np.flatnonzero(frame["label"] == label).tolist()
        left.sort(key=lambda row: hashlib.sha256(f"{self.seed} {frame['case_id'].iloc[row]}".encode()).digest())
        shown: list[int] = []
        while left and len(shown) < count:
            # Some more of those that are left take the place of what cannot be read.
            candidates, left = left[: count - len(shown)], left[count - len(shown) :]
            shown += self._read(candidates, f"class {label} of {self.records.name}")
        return shown

    def _read(self, rows: list[int], label: str) -> list[int]:
        root, files = self.records.located.root, self.records.frame["file"]
        masks = None if self._masks is None else [self._masks[row] for row in rows]
        # A pack of its own, that nobody would find again, has no place in the cache.
        with TemporaryDirectory(prefix="derm-") as cache:
            packed = pack([root / files.iloc[row] for row in rows], self.preprocessing, Path(cache), label, masks)
            self.unreadable.update(packed.unreadable.values())
            read = [position for position in range(len(rows)) if position not in packed.unreadable]
            self.pixels |= {rows[position]: np.array(packed.photographs[position]) for position in read}
            self.whole |= {rows[position]: f"whole: {why}" for position, why in packed.uncropped.items()}
        return [rows[position] for position in read]


def _augmented(
    session: Session, photographs: dict[int, Pixels], augmentation: Component, seed: int, variants: int
) -> dict[int, tuple[Pixels, ...]]:
    """Return each photograph changed ``variants`` times as training changes it, the same for a seed."""
    from derm_cli.engine import backend

    backend.start(seed)
    from keras import ops

    from derm_cli.engine.components import augmentation_layer

    layer, augmented = augmentation_layer(augmentation, seed, session.registry), {}
    for row, pixels in progress(photographs.items(), "Augmenting", total=len(photographs)):
        changed = ops.convert_to_numpy(layer(np.repeat(pixels[np.newaxis], variants, axis=0).astype(np.float32)))
        augmented[row] = tuple(np.rint(changed).astype(np.uint8))
    return augmented


def _check_size(records: Records, wanted: list[str], per_class: int, size: int, variants: int) -> None:
    counts = records.frame["label"].value_counts()
    shown = sum(min(per_class, int(counts.get(each, 0))) for each in wanted) * (1 + variants)
    if shown * size**2 > MOST:
        raise RequestError(
            f"A sheet of '{shown:,}' pictures of {size} pixels a side is too large: give a smaller --per-class or "
            "--size, or one class with --class."
        )
