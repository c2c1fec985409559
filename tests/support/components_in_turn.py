"""Trains a tiny network with each built-in component in turn, and prints the losses: a script for one backend."""

from __future__ import annotations

import json
import sys

import numpy as np


def trained_with(option: str, spec, augmentation: str | None = None) -> list[float]:
    """Train two epochs with the component, without what is drawn at random but for an augmentation."""
    from dataclasses import replace
    from functools import partial

    from derm_cli.phase_options import Component
    from tests.support.tiny_network import (
        CLASSES,
        TINY,
        TrainingLog,
        build,
        made_photographs,
        made_stage,
        trainer_for,
    )

    options = {} if augmentation else {option: spec.name}
    stage = made_stage([("block2",)], **options)
    paths = ("Benign", "Malignant:A", "Malignant:B")
    paths = ("Benign", "Malignant:A", "Malignant:B")
    named = tuple(replace(each, diagnoses=(path,)) for each, path in zip(CLASSES, paths, strict=True))
    changed = Component(name=augmentation, options=spec.component().options) if augmentation else None
    trainer = trainer_for(
        replace(TINY, build=partial(build, dropout=0.0)),
        made_photographs(24),
        replace(stage, classes=named),
        augmentation=changed,
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
        for name, spec in COMPONENTS.all(kind).items():
            if name != "distilled":
                losses[f"{kind.phase_option} {name}"] = trained_with(kind.phase_option, spec)
    for name, spec in COMPONENTS.all(AugmentationSpec).items():
        losses[f"augmentation {name}"] = trained_with("", spec, name)
    json.dump(losses, sys.stdout)


if __name__ == "__main__":
    main()
