"""Plugins' own steps of preprocessing: a photograph's pixels are handed to each, one after another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from derm_cli.errors import DermError
from derm_cli.preprocessing import PreprocessingStep


def changed_by_steps(image: Image.Image, steps: Sequence[PreprocessingStep]) -> Image.Image:
    """Return an RGB image after ``steps``; itself where there is none.

    Raises DermError where nobody has looked a step up: pixels without it would be others than the network learnt from.
    """
    for step in steps:
        if step.apply is None:
            raise DermError(
                f"The preprocessing step '{step.name}' was not looked up, and no photograph is read without it: give "
                "derm_cli.workflows.preprocessing_steps.with_steps the preprocessing first."
            )
        # A copy, which the plugin may write into.
        image = Image.fromarray(np.ascontiguousarray(step.apply(np.array(image), step.options)))
    return image
