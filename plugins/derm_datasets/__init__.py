"""The public datasets in their publishers' layouts, readers for one's own photographs, and synthetic sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    from derm_cli.plugin import DatasetSpec


@hookimpl
def derm_datasets() -> list[DatasetSpec]:
    """Return the built-in datasets."""
    from derm_datasets import (
        ddi,
        dermai,
        dermofit,
        edra,
        fitzpatrick17k,
        folder,
        ham10000,
        isic_2018,
        isic_2019,
        isic_2020,
        isic_archive,
        pad_ufes_20,
        scin,
        synthetic,
        table,
    )

    challenges = (isic_2018, isic_2019, isic_2020, isic_archive)
    modules = (edra, dermofit, dermai, pad_ufes_20, ham10000, *challenges, fitzpatrick17k, ddi, scin, folder, table)
    return [*(module.SPEC for module in modules), isic_archive.MALIGNANCY_SPEC, *synthetic.SPECS]
