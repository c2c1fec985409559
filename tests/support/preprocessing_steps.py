"""A plugin with a step of preprocessing, and recipes that name it, as a project's file; what it makes of pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from derm_cli.plugin import ComponentOption, PreprocessingStepSpec

PLUGIN = """
from derm_cli.plugin import ComponentOption, PreprocessingStepSpec, RecipeSpec, hookimpl

def apply(pixels, options):
    left, top = options["left"], 1
    return (pixels[top:, left:] // 2) + {more}

@hookimpl
def derm_preprocessing_steps():
    left = ComponentOption(name="left", default=1, most=9, title="columns that are cut off on the left")
    return [PreprocessingStepSpec(
        name="dimmed", title="Half as light", apply=apply, options=(left,), version={version}
    )]

@hookimpl
def derm_recipes():
    steps = dict(stepped=("dimmed:left=2",), lost=("brushed",), wide=("dimmed:left=10",))
    return [RecipeSpec(name=name, title=name, source="tests", values=dict(preprocess=steps[name])) for name in steps]
"""
"""With places for ``version`` and for ``more``, which is added to each number."""


def dimmed(pixels: np.ndarray, left: int = 1, more: int = 0) -> np.ndarray:
    """Return what the step gives, computed beside it."""
    return pixels[1:, left:] // 2 + more


def step_spec(**changes) -> PreprocessingStepSpec:
    """Return the spec of such a step without a plugin's file."""
    left = ComponentOption(name="left", default=1, most=9, title="columns that are cut off on the left")
    values = {"apply": lambda pixels, options: dimmed(pixels, options["left"]), "options": (left,), **changes}
    return PreprocessingStepSpec(**{"name": "dimmed", "title": "Half as light", **values})


def write_project(folder: Path, version: int = 1, more: int = 0) -> dict[str, str]:
    """Write a project with the plugin into a folder; return the variables by which derm is called in it."""
    folder.mkdir()
    (folder / "derm.toml").touch()
    (folder / "derm_plugin.py").write_text(PLUGIN.format(version=version, more=more))
    return {"DERM_CONFIG": str(folder / "derm.toml")}
