"""The public datasets in their publishers' layouts, readers for one's own photographs, and made sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    from derm_cli.plugin import DatasetSpec


@hookimpl
def derm_datasets() -> list[DatasetSpec]:
    """Return the built-in datasets."""
    from derm_datasets import dermai, dermofit, edra, folder, ham10000, pad_ufes_20, synthetic, table

    modules = (edra, dermofit, dermai, pad_ufes_20, ham10000, folder, table)
    return [*(module.SPEC for module in modules), *synthetic.SPECS]
