"""What the kit gives to plugins to try them: classes, facts of an artefact, a small network, a plan, photographs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.plan import Phase, Plan, Preprocessing, Stage
from derm_cli.plugin.answers import AnswerEncoding, EncodedField
from derm_cli.plugin.artefact import ArtefactFacts
from derm_cli.plugin.events import EpochReport, RunFacts, StageFacts
from derm_cli.plugin.metadata_fields import COMMON_FIELDS
from derm_cli.taxonomy import LesionClass

if TYPE_CHECKING:
    import keras
    import numpy as np
    import numpy.typing as npt

SIZE = 32
"""Pixels of a side of the kit's photographs."""
FILTERS = (8, 16, 32, 32)
"""Of the layers of the kit's network: as deep as what a converter may halve or quantize."""
CLASSES = (
    LesionClass(name="NEV", title="nevus", diagnoses=("Benign:Benign melanocytic proliferations:Nevus",)),
    LesionClass(
        name="SEK",
        title="seborrheic keratosis",
        diagnoses=("Benign:Benign epidermal proliferations:Seborrheic keratosis",),
    ),
    LesionClass(name="MEL", title="melanoma", diagnoses=("Malignant:Malignant melanocytic proliferations (Melanoma)",)),
)
ANSWERS = AnswerEncoding((EncodedField(field=COMMON_FIELDS["age"], mean=50.0, deviation=20.0),))
PHASES = (
    Phase(name="head", blocks=(), epochs=1, head_rate=1e-3, block_rate=1e-4),
    Phase(name="head+top", blocks=("top",), epochs=2, head_rate=1e-3, block_rate=1e-4),
)


def sample_facts(**changes: Any) -> ArtefactFacts:
    """Return the facts of a model for the kit's photographs and classes; ``changes`` replace some."""
    values: dict[str, Any] = {
        "run": "20260101-000000-abcd",
        "classes": CLASSES,
        "preprocessing": Preprocessing(size=SIZE),
        "backbone": "sample",
        "target": "sample",
        "made": True,
        "derm": "0",
    }
    return ArtefactFacts(**values | changes)


def sample_photographs(count: int = 6) -> npt.NDArray[np.uint8]:
    """Return photographs of noise, uint8 (count, size, size, 3), the same each time."""
    import numpy as np

    return np.random.default_rng(0).integers(0, 256, (count, SIZE, SIZE, 3), dtype=np.uint8)


def sample_network(*, answers: bool = False) -> keras.Model:
    """Return a network as a run stores it: float32 RGB of 0..255 in, probabilities of the classes out.

    With ``answers`` it has a second input of that name.
    """
    import keras
    import numpy as np
    from keras import layers

    image = keras.Input((SIZE, SIZE, 3), name="image")
    flow = layers.Rescaling(1 / 127.5, offset=-1)(image)
    for filters in FILTERS:
        flow = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(flow)
    flow = layers.Conv2D(len(CLASSES), 1, name="class_map")(flow)
    inputs, logits = [image], layers.GlobalAveragePooling2D(name="logits")(flow)
    if answers:
        inputs.append(keras.Input((ANSWERS.width,), name="answers"))
        logits = layers.Add()([logits, layers.Dense(len(CLASSES), use_bias=False)(inputs[1])])
    model = keras.Model(inputs if answers else image, layers.Softmax(name="probabilities")(logits))
    # The same each time; and so large that answers differ from photograph to photograph.
    draw = np.random.default_rng(1)
    scales = [(4 / max(1, each[..., 0].size)) ** 0.5 for each in model.get_weights()]
    weights = zip(model.get_weights(), scales, strict=True)
    model.set_weights([draw.normal(0, scale, each.shape).astype(np.float32) for each, scale in weights])
    return model


def sample_run(folder: Path) -> tuple[RunFacts, StageFacts, list[EpochReport], dict[str, Any]]:
    """Return what the hooks of a run are told of a short one in ``folder``: run, stage, epochs, and its evaluation."""
    stage = Stage(name="sample", datasets=("sample",), classes=CLASSES, phases=PHASES)
    plan = Plan(
        backbone="sample", weights=None, target="sample", stages=(stage,), preprocessing=Preprocessing(size=SIZE)
    )
    run = RunFacts(id="20260101-000000-abcd", folder=folder, plan=plan, synthetic=True)
    facts = StageFacts(index=0, stage=stage, photographs={each.name: 8 for each in CLASSES}, steps=4)
    epochs = [
        EpochReport(
            stage=0,
            stage_name=stage.name,
            phase=number,
            phase_name=phase.name,
            epoch=epoch,
            epochs=phase.epochs,
            loss=1.0,
            accuracy=0.5,
            images=24,
            seconds=1.0,
            head_rate=phase.head_rate,
            block_rate=phase.block_rate,
            first=epoch == 0,
            validation_loss=1.1 if number else None,
            validation_balanced_accuracy=0.4 if number else None,
        )
        for number, phase in enumerate(PHASES)
        for epoch in range(phase.epochs)
    ]
    per_class = {each.name: {"support": 4, "sensitivity": 0.5, "specificity": 0.5} for each in CLASSES}
    return run, facts, epochs, {"cases": 12, "balanced_accuracy": 0.5, "per_class": per_class}
