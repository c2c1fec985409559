"""Checks for plugins' authors: each holds a spec to its contract and says in a sentence what it breaks.

::

    from derm_cli.plugin.testing import check_dataset

    def test_my_dataset(tmp_path):
        check_dataset(SPEC, make_a_small_copy(tmp_path))

:mod:`derm_cli.plugin.testing.pytest_plugin` runs all checks of a plugin, and so does ``derm plugins check NAME``.
"""

from derm_cli.plugin.testing.backbones import check_backbone
from derm_cli.plugin.testing.checks import Check, plugin_checks
from derm_cli.plugin.testing.component_kinds import check_component
from derm_cli.plugin.testing.datasets import check_dataset
from derm_cli.plugin.testing.executors import check_executor
from derm_cli.plugin.testing.exporters import check_exporter, check_packager
from derm_cli.plugin.testing.hooks import check_commands, check_tracker
from derm_cli.plugin.testing.judging import check_metric, check_report_section
from derm_cli.plugin.testing.planners import check_recipe, check_schedule, check_strategy
from derm_cli.plugin.testing.preprocessing_steps import check_preprocessing_step

__all__ = [
    "Check",
    "check_backbone",
    "check_commands",
    "check_component",
    "check_dataset",
    "check_executor",
    "check_exporter",
    "check_metric",
    "check_packager",
    "check_preprocessing_step",
    "check_recipe",
    "check_report_section",
    "check_schedule",
    "check_strategy",
    "check_tracker",
    "plugin_checks",
]
