"""A synthetic dataset on disk: drawn into a folder that is whole or not there, and read back."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DermError, RequestError, progress
from derm_datasets.synthetic.domains import SEED, SIDE, Domain
from derm_datasets.synthetic.patients import SyntheticCase, draw_cases

if TYPE_CHECKING:
    import pandas as pd

RECORDS = "records.csv"
NOTICE = "MADE.txt"
MARK = "synthetic, made by derm"
"""What each photograph says of itself, in EXIF's ImageDescription."""

_NOTICE_TEXT = """These photographs are made by a program (derm, dataset '{name}', seed {seed}).

They show no patient and no lesion that ever was.  They are there to try derm out and to test it: a model that is
trained on them knows nothing of skin.  'records.csv' lists them; its patients, ages and diagnoses are made too.
"""


def make_dataset(
    root: Path, domain: Domain, counts: Mapping[str, int] | None = None, size: int = SIDE, seed: int = SEED
) -> None:
    """Draw a synthetic dataset into ``root``, which must be empty or not there.

    ``counts`` gives the number of photographs of each class (default: the domain's), ``size`` their side in pixels.
    The same arguments give the same bytes.  ``root`` appears when all is drawn; where two processes draw at once, the
    first to end wins.  Raises DermError where ``root`` has other contents, RequestError for an unknown class.
    """
    from derm_datasets.synthetic.drawing.photograph import draw_lesion

    for label in counts or {}:
        if label not in domain.counts:
            raise RequestError(f"'{domain.name}' has no class '{label}': its classes are {', '.join(domain.counts)}.")
    if root.exists() and any(root.iterdir()):
        raise DermError(
            f"'{root}' is not empty: name another folder, or remove it to have '{domain.name}' drawn there."
        )
    cases = list(draw_cases(domain, domain.counts if counts is None else counts, seed))
    with _whole_folder(root) as folder:
        (folder / "images").mkdir()
        lesions = groupby(cases, key=lambda case: case.lesion)
        for _, views in progress(lesions, f"Drawing {domain.name}", len({case.lesion for case in cases})):
            lesion_cases = list(views)
            for case, jpeg in zip(lesion_cases, draw_lesion(domain, lesion_cases, size, MARK), strict=True):
                (folder / case.file).write_bytes(jpeg)
        (folder / NOTICE).write_text(_NOTICE_TEXT.format(name=domain.name, seed=seed), encoding="utf-8")
        with (folder / RECORDS).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [field.name for field in fields(SyntheticCase)])
            writer.writeheader()
            writer.writerows(asdict(case) for case in cases)


def read_records(root: Path) -> pd.DataFrame:
    """Return ``records.csv`` of a synthetic dataset, a row a photograph, with the columns of :class:`SyntheticCase`.

    Raises DermError where it is not there.
    """
    import pandas as pd

    table = root / RECORDS
    if not table.is_file():
        raise DermError(
            f"'{root}' has no {RECORDS}, so it is no finished made dataset: remove it, and derm draws it anew."
        )
    text = {"case_id": str, "file": str, "label": str, "diagnosis": str, "patient": str, "lesion": str}
    return pd.read_csv(table, dtype=text)


@contextmanager
def _whole_folder(root: Path) -> Iterator[Path]:
    """Give a new folder beside ``root`` and rename it to ``root`` when all went well; a failure leaves nothing."""
    # The number of a process does not tell two apart: in containers that share a cache all may be number 1.
    folder = root.with_name(f".{root.name}.{os.getpid()}{int.from_bytes(os.urandom(4), 'big'):010}.part")
    folder.mkdir(parents=True)
    try:
        yield folder
        if root.exists() and not any(root.iterdir()):
            root.rmdir()
        try:
            folder.rename(root)
        except OSError:
            if not (root / RECORDS).is_file():
                raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
