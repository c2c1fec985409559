"""Which worker runs a test, and when: what a module shares is made once, and what lasts longest begins first."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.support.sources import ROOT

SHARED = ("calibrated", "finished", "real_run")
"""Trained runs that tests of several modules look at: all of those who take one, and say nothing else, are a group."""

LONGEST = (
    "tests/plugins/derm_ray/test_executor.py",
    "tests/end_to_end/test_calibration.py",
    "tests/end_to_end/test_answers.py",
    "tests/docs/test_running.py",
    "tests/end_to_end/test_kill.py",
    "tests/end_to_end/test_last_model.py",
    "tests/end_to_end/test_preprocessing.py",
    "tests/end_to_end/test_main_job.py",
    "tests/house/test_installation.py",
    "tests/end_to_end/test_stored.py",
    "tests/end_to_end/test_privacy.py",
    "tests/end_to_end/test_stage_store.py",
    "tests/end_to_end/test_studies.py",
    "tests/end_to_end/test_chains.py",
    "tests/mobile_export/artefact/test_contract.py",
    "tests/plugins/derm_backbones/test_specs.py",
    "tests/engine/test_components.py",
    "tests/engine/stepping/test_by_jax.py",
    "tests/plugins/derm_recipes/test_recipes.py",
    "tests/plugins/derm_datasets/synthetic/test_drawing.py",
    "tests/plugins/derm_trackers/test_progress.py",
    "tests/end_to_end/test_splits.py",
    "tests/end_to_end/test_bad_input.py",
    "tests/engine/test_compile_ahead.py",
)
"""The files that last longest, in the order in which they begin; at the end no worker waits for one of them."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Group what a worker of pytest-xdist has collected by what the tests share, and put the longest first.

    It is done before the worker puts the groups into the names of tests.  Workers take groups, and tests that are in
    none, in this order if pytest is called with ``--dist loadgroup --no-loadscope-reorder``.
    """
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        group = group_of(item)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))
    ranks = {ROOT / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def group_of(item: pytest.Item) -> str:
    """Return the group of a test that names none: of its shared run, else of its module; '' where it shares nothing."""
    if item.get_closest_marker("xdist_group"):
        return ""
    assert isinstance(item, pytest.Function)
    definitions = item._fixtureinfo.name2fixturedefs
    for name in SHARED:
        if name in definitions:
            return name
    scopes: Iterable[str] = (each.scope for found in definitions.values() for each in found)
    return item.nodeid.partition("::")[0] if "module" in scopes else ""
