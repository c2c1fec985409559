"""Checks for plugins' authors: each holds a spec to its contract and says in a sentence what it breaks.

::

    from derm_cli.plugin.testing import check_dataset

    def test_my_dataset(tmp_path):
        check_dataset(SPEC, make_a_small_copy(tmp_path))
"""

from derm_cli.plugin.testing.backbones import check_backbone
from derm_cli.plugin.testing.datasets import check_dataset

__all__ = ["check_backbone", "check_dataset"]
