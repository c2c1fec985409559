"""Made (synthetic) photographs of skin lesions, in three domains, to try derm out and to test it without a patient.

The chain of the demonstration is ``synthetic-dermoscopy,synthetic-clinic,synthetic-phone``.
"""

from __future__ import annotations

from functools import partial

from derm_cli.plugin import DatasetSpec
from derm_datasets.synthetic.dataset import make_dataset, read_records
from derm_datasets.synthetic.domains import CLINIC, DERMOSCOPY, DOMAINS, PHONE, Domain

__all__ = ["CLINIC", "DERMOSCOPY", "DOMAINS", "PHONE", "SPECS", "make_dataset"]


def _spec(domain: Domain) -> DatasetSpec:
    return DatasetSpec(
        name=domain.name,
        title=domain.title,
        classes=domain.lesion_classes,
        records=read_records,
        modality="made",
        licence="Apache-2.0 (made by derm; no patient)",
        citation="none: made by derm",
        homepage="none: made by derm",
        obtain="nothing to get: derm draws it at the first use",
        layout="records.csv  MADE.txt  images/<case_id>.jpg",
        make=partial(make_dataset, domain=domain),
    )


SPECS: tuple[DatasetSpec, ...] = tuple(map(_spec, DOMAINS))
