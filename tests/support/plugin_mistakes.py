"""Mistakes that plugins' authors make, as files ``derm_plugin.py``, and the sentence that tells of each.

The kit and training must say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

NETWORK = """
from derm_cli.plugin import BackboneSpec, Block, hookimpl

def build(size, weights):
    import keras
    from keras import layers
    image = keras.Input((size, size, 3))
    flow = {scaling}(image)
    flow = layers.Conv2D(2, 3, strides=4, name="low_conv")(flow)
    flow = {middle}(flow)
    flow = layers.Conv2D(2, 1, name="top_conv")(flow)
    return keras.Model(image, {output})

def layer_of_ours(parent):
    class Ours(parent):
        def __init__(self, number):
            super().__init__()

        def call(self, flow):
            return flow

    return Ours

@hookimpl
def derm_backbones():
    return [BackboneSpec(name="net", title="Net", parameters=62, input_size=32, build=build, blocks=({blocks}))]
"""
TOP, LOW = 'Block(name="top", layers=("top_*",)),', 'Block(name="low", layers=("low_*",)),'
SCHEDULE = """
from derm_cli.plugin import Phase, ScheduleSpec, hookimpl

@hookimpl
def derm_schedules():
    def phases(request):
        return (Phase(name="head", blocks={blocks}, epochs={epochs}, head_rate=1e-3, block_rate=1e-4),)
    return [ScheduleSpec(name="ours", title="Ours", phases=phases)]
"""
STRATEGY = """
from dataclasses import replace
from derm_cli.plugin import Stage, StrategySpec, hookimpl

@hookimpl
def derm_strategies():
    def plan(request):
        target = request.target
        return ({stage},)
    return [StrategySpec(name="ours", title="Ours", plan=plan)]
"""
STAGE = "Stage(name='s', datasets={datasets}, classes={classes}, phases=request.phases, head={head!r})"
DATASET = """
from derm_cli.plugin import DatasetSpec, DermError, LesionClass, hookimpl

def records(root):
    import pandas as pd
    files = sorted(path.relative_to(root).as_posix() for path in root.glob("*/*.png"))
    if not files:
        raise DermError(f"'{root}' has no photograph.")
    return pd.DataFrame({"case_id": files, "file": files, "label": [each[:3] for each in files], "diagnosis": ""})

NEVUS = "Benign:Benign melanocytic proliferations:NAEVUS"
CLASSES = (LesionClass(name="NEV", title="nevus", diagnoses=(NEVUS,)), LesionClass(name="MEL", title="melanoma"))

@hookimpl
def derm_datasets():
    facts = dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "none")
    return [DatasetSpec(name="ours", title="Ours", classes=CLASSES, records=records, modality="clinical", **facts)]
"""
EXPORTER = """
from derm_cli.plugin import ExporterSpec, hookimpl

@hookimpl
def derm_exporters():
    return [ExporterSpec(name={name!r}, title="Ours", suffix={suffix!r}, export=print, load=print)]
"""


@dataclass(frozen=True)
class Mistake:
    """A plugin's text, what a training needs of it, as options, and the sentence that tells of the mistake."""

    text: str
    options: tuple[str, ...]
    said: str


def network(said: str, **parts: str) -> Mistake:
    good = {"scaling": "layers.Rescaling(1 / 255)", "middle": "layers.ReLU()", "output": "flow", "blocks": TOP + LOW}
    return Mistake(NETWORK.format(**good | parts), ("--backbone", "net"), said)


def schedule(said: str, blocks: str = "()", epochs: str = "1") -> Mistake:
    return Mistake(SCHEDULE.format(blocks=blocks, epochs=epochs), ("--schedule", "ours"), said)


def strategy(said: str, **parts: str) -> Mistake:
    good = {"datasets": "(target.name,)", "classes": "target.classes", "head": "new"}
    return Mistake(STRATEGY.format(stage=STAGE.format(**good | parts)), ("--strategy", "ours"), said)


REFUSED = {
    "a Lambda layer": network("is a Lambda layer, which no finished model can be", middle="layers.Lambda(lambda x: x)"),
    "no scaling": network(
        "nothing scales the photographs before the layer 'low_conv': they come as 0 to 255",
        scaling="layers.ZeroPadding2D(0)",
    ),
    "blocks upside down": network(
        "the blocks are not listed from the top, so that the lowest would be unfrozen first: list them as top, low",
        blocks=LOW + TOP,
    ),
    "a pattern that matches nothing": network(
        "the pattern 'tpo_*' of block 'top' matches no layer", blocks='Block(name="top", layers=("top_*", "tpo_*")),'
    ),
    "a pooled output": network("and is no feature map", output="layers.GlobalAveragePooling2D()(flow)"),
    "a layer that cannot be loaded": network(
        "cannot be loaded again",
        middle="layer_of_ours(layers.Layer)(3)",
    ),
    "a part of an epoch": schedule("with 'epochs' the float 0.5, which is no int", epochs="0.5"),
    "an epoch and a half": schedule("with 'epochs' the float 1.5, which is no int", epochs="1.5"),
    "blocks of a schedule as a text": schedule(
        "with 'blocks' the str 'top', which is no tuple[str, ...]", blocks="'top'"
    ),
    "a block that there is not": schedule("the block 'no', which the backbone has not", blocks="('no',)"),
    "classes that are not the target's": strategy("does not end with the classes of", classes="target.classes[:1]"),
    "a head from nowhere": strategy("carries an unfit head into stage 's'", head="carried"),
    "no dataset": strategy("gives stage 's' no dataset of the chain", datasets="()"),
    "a diagnosis that there is not": Mistake(
        DATASET,
        ("--chain", "ours"),
        "no place 'Benign:Benign melanocytic proliferations:NAEVUS'; did you mean 'Benign:Benign melanocytic "
        "proliferations:Nevus'?",
    ),
}
"""What a training refuses before its first step, and the kit finds."""

LEFT_OUT = {
    "blocks as a text": network(
        "field 'blocks: top' is 'top_*', but must be a tuple of patterns of layers' names, as in ('top_*',)",
        blocks='Block(name="top", layers="top_*"),',
    ),
    "a suffix that another has": Mistake(
        EXPORTER.format(name="ours", suffix=".TFLite"),
        (),
        "the exporter 'ours' has the suffix '.TFLite' of 'tflite' of plugin 'mobile-export'; it is not used",
    ),
    "the name of an option": Mistake(
        EXPORTER.format(name="json", suffix=".ours"),
        (),
        "exporter 'json': field 'name' is 'json', but must be no option of 'derm export' (--float-input, --help, --js",
    ),
}
"""What is never in use, so that no training meets it, and the kit finds."""
