"""Synthetic photographs of skin lesions, in three domains, to try derm out and to test it without a patient.

The chain of the demonstration is ``synthetic-dermoscopy,synthetic-clinic,synthetic-phone``.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, common_fields
from derm_datasets.class_titles import class_titles
from derm_datasets.synthetic.domains import CLINIC, DERMOSCOPY, DOMAINS, PHONE, SEED, SIDE, Domain

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["CLINIC", "DERMOSCOPY", "DOMAINS", "PHONE", "SPECS", "make_dataset"]


def make_dataset(
    root: Path, domain: Domain, counts: Mapping[str, int] | None = None, size: int = SIDE, seed: int = SEED
) -> None:
    """Draw ``domain`` into ``root``: see :func:`derm_datasets.synthetic.dataset.make_dataset`."""
    from derm_datasets.synthetic import dataset

    dataset.make_dataset(root, domain, counts, size, seed)


def _records(root: Path) -> pd.DataFrame:
    from derm_datasets.synthetic import dataset

    return dataset.read_records(root)


def _spec(domain: Domain) -> DatasetSpec:
    return DatasetSpec(
        name=domain.name,
        title=domain.title,
        classes=domain.lesion_classes,
        titles=class_titles(domain.lesion_classes),
        records=_records,
        modality="made",
        licence="Apache-2.0 (made by derm; no patient)",
        citation="none: made by derm",
        homepage="none: made by derm",
        obtain="nothing to get: derm draws it at the first use",
        layout="records.csv  MADE.txt  images/<case_id>.jpg",
        make=partial(make_dataset, domain=domain),
        metadata=common_fields("age", "sex", "site", "fitzpatrick"),
    )


SPECS: tuple[DatasetSpec, ...] = tuple(map(_spec, DOMAINS))
