"""Trains a tiny network with each built-in component in turn, and prints the losses: a script for one backend."""

from __future__ import annotations

import json
import sys

import numpy as np

from derm_cli.phase_options import Component


def trained_with(augmentation: Component | None = None, **options) -> list[float]:
    """Train two epochs with an augmentation or with options, without what is drawn at random but for the first."""
    from dataclasses import replace
    from functools import partial

    from tests.support.tiny_network import (
        CLASSES,
        TINY,
        TrainingLog,
        build,
        made_photographs,
        made_stage,
        trainer_for,
    )

    stage = made_stage([("block2",)], **options)
    paths = ("Benign", "Malignant:A", "Malignant:B")
    named = tuple(replace(each, diagnoses=(path,)) for each, path in zip(CLASSES, paths, strict=True))
    trainer = trainer_for(
        replace(TINY, build=partial(build, dropout=0.0)),
        made_photographs(24),
        replace(stage, classes=named),
        augmentation=augmentation,
    )
    # Each backend draws its own first weights.
    draw = np.random.default_rng(8)
    for variable in trainer.network.model.weights:
        if len(variable.shape) > 1:
            variable.assign(draw.normal(0, 0.2, variable.shape).astype("float32"))
    log = TrainingLog()
    trainer.train(log)
    return log.losses


def main() -> None:
    """Print the losses of each component as JSON, by ``kind name``."""
    from derm_cli.engine import backend

    backend.start(3)
    from derm_cli.plugin import AugmentationSpec
    from derm_cli.plugin.component_specs import PHASE_COMPONENTS
    from tests.support.tiny_network import COMPONENTS

    losses = {}
    for kind in PHASE_COMPONENTS:
        for name in COMPONENTS.all(kind):
            if name != "distilled":
                losses[f"{kind.phase_option} {name}"] = trained_with(**{kind.phase_option: name})
    losses["scale 0.5"] = trained_with(scale=0.5)
    for name, spec in COMPONENTS.all(AugmentationSpec).items():
        losses[f"augmentation {name}"] = trained_with(spec.component())
    json.dump(losses, sys.stdout)


if __name__ == "__main__":
    main()
