"""Runs whose photographs a plugin's step changes: what an app must be told, and what cannot be made of them."""

from __future__ import annotations

from derm_cli.errors import RequestError
from derm_cli.plugin import ArtefactFacts
from derm_cli.runs.folder import RunFolder


def step_warning(facts: ArtefactFacts) -> str:
    """Return the sentence that tells what an app has to do by itself before it asks the model."""
    steps = ", then ".join(each.text() for each in facts.preprocessing.steps)
    return (
        f"the model of run '{facts.run}' learnt from photographs that a plugin changed before they were resized "
        f"({steps}), and no phone runs a plugin: an app has to do the same to the byte, or it gets other answers; the "
        "file names the steps in its facts, under 'preprocessing'."
    )


def refuse_bundle(run: RunFolder) -> None:
    """Refuse to make a bundle of a run whose photographs a plugin's step changes.

    Its client reads photographs by itself, without plugins, and would answer from other pixels.  Raises RequestError.
    """
    steps = run.plan.preprocessing.steps
    if steps:
        names = ", ".join(f"'{each.name}'" for each in steps)
        raise RequestError(
            f"Run '{run.id}' cannot be bundled: its photographs go through a plugin's preprocessing ({names}), which "
            "no client of a bundle can do. Export the model's file alone, as with --onnx, and let the app do it, or "
            "train with --preprocess none."
        )
