"""Two artefacts of one format are told apart by the options that are not the exporter's defaults."""

from __future__ import annotations

import pytest

from derm_cli.plugin import ComponentOption, ExporterSpec
from derm_cli.workflows.exporting.chosen_options import chosen_options, file_ending

SPEC = ExporterSpec(
    name="made",
    title="Made",
    suffix=".made",
    export=lambda *_: None,
    load=lambda _: None,
    options=(
        ComponentOption(name="level", default=6, most=9, title="how hard"),
        ComponentOption(name="range", default=(0.0, 1.0), title="of what"),
        ComponentOption(name="layout", default="rows", choices=("rows", "in columns"), title="which way"),
        ComponentOption(name="small", default=False, title="whether small"),
    ),
)


@pytest.mark.parametrize(
    ("options", "chosen", "ending"),
    [
        ({}, "", ""),
        ({"level": 6, "small": False}, "", ""),
        ({"level": 9}, "level=9", "-level-9"),
        ({"small": True, "level": 0}, "level=0,small=on", "-level-0-small-on"),
        ({"range": (0.25, 0.5)}, "range=0.25..0.5", "-range-0.25..0.5"),
        ({"layout": "in columns"}, "layout=in columns", "-layout-in-columns"),
    ],
)
def test_what_is_not_the_default_is_in_the_key_and_in_the_name_of_the_file(options, chosen, ending):
    assert chosen_options(SPEC, options) == chosen
    assert file_ending(chosen) == ending
