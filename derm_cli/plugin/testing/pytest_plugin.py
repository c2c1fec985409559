"""The kit as a plugin of pytest: ``-p derm_cli.plugin.testing.pytest_plugin`` among the options of a plugin's tests.

A test that bears the mark ``derm_plugin("NAME")`` and takes ``derm_check`` runs once for each check of that plugin::

    @pytest.mark.derm_plugin("my-clinic")
    def test_the_plugin_keeps_its_contract(derm_check):
        derm_check()

The fixture ``derm_folders`` has folders of small good copies of datasets, by name: override it where there are any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from derm_cli.plugin.registry import Registry
from derm_cli.plugin.specs import DatasetSpec
from derm_cli.plugin.testing.checks import plugin_checks

MARK = "derm_plugin"


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the mark."""
    config.addinivalue_line("markers", f"{MARK}(name): run the test once for each check of the plugin of that name")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each check, where a test asks for one."""
    if "derm_check_number" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker(MARK)
    if mark is None:
        raise pytest.UsageError(
            f'Mark the test with @pytest.mark.{MARK}("NAME"): derm_check must know of which plugin.'
        )
    titles = [str(each) for each in plugin_checks(Registry(), mark.args[0])]
    metafunc.parametrize("derm_check_number", range(len(titles)), ids=titles)


@pytest.fixture
def derm_folders() -> Mapping[str, Path]:
    """Folders of small good copies of datasets, by name: none, unless a plugin's tests say otherwise."""
    return {}


@pytest.fixture
def derm_check(
    request: pytest.FixtureRequest, derm_folders: Mapping[str, Path], derm_check_number: int
) -> Callable[[], Any]:
    """Return one check of the plugin, which fails the test with what it finds."""
    mark = request.node.get_closest_marker(MARK)

    def folder_of(spec: DatasetSpec) -> Path | None:
        return derm_folders.get(spec.name)

    check = plugin_checks(Registry(), mark.args[0], folder_of)[derm_check_number]

    def run() -> None:
        if fault := check.outcome().fault:
            pytest.fail(f"{check}: {fault}", pytrace=False)

    return run
