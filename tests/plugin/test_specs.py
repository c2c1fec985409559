from dataclasses import FrozenInstanceError, replace

import pytest

from derm_cli.errors import SpecError
from derm_cli.plugin import (
    BackboneSpec,
    Block,
    DatasetSpec,
    DeprecatedInDerm,
    ExporterSpec,
    ExporterVariant,
    LesionClass,
    MetadataField,
    PackagerSpec,
    ScheduleSpec,
    StrategySpec,
    WeightSource,
    common_fields,
)
from derm_datasets import derm_datasets

BACKBONE = BackboneSpec(
    name="net",
    title="Net",
    parameters=1,
    input_size=32,
    build=lambda size, weights: None,
    blocks=(Block(name="top", layers=("top_*",)),),
    weights=(WeightSource(name="imagenet", licence="-", file="-", address="-"),),
)
DATASET = DatasetSpec(
    name="set",
    title="Set",
    classes=(LesionClass(name="a", title="A"),),
    records=print,
    modality="clinical",
    licence="-",
    citation="-",
    homepage="-",
    obtain="-",
    layout="-",
)
VARIANT = ExporterVariant(name="int8", title="I", export=print, agreement=0.98)
PACKAGER = PackagerSpec(name="pack", title="Pack", marker="facts.json", pack=print, verify=print, models=print)
EXPORTER = ExporterSpec(name="fmt", title="Fmt", suffix=".fmt", export=print, load=print)


def test_specs_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        BACKBONE.name = "other"


@pytest.mark.parametrize(
    ("spec", "changes", "field"),
    [
        (BACKBONE, {"parameters": 0}, "parameters"),
        (BACKBONE, {"input_size": "300"}, "input_size"),
        (BACKBONE, {"build": None}, "build"),
        (BACKBONE, {"blocks": ()}, "blocks"),
        (BACKBONE, {"blocks": (Block(name="head", layers=("x",)),)}, "blocks"),
        (BACKBONE, {"blocks": BACKBONE.blocks * 2}, "blocks"),
        (BACKBONE, {"weights": ("imagenet",)}, "weights"),
        (DATASET, {"template": "cases.csv"}, "template"),
        (DATASET, {"metadata": ("age",)}, "metadata"),
        (DATASET, {"titles": {"pt": {"a": "nevo\n"}}}, "titles"),
        (EXPORTER, {"variants": ("int8",)}, "variants"),
        (EXPORTER, {"variants": (VARIANT, VARIANT)}, "variants"),
        (DATASET, {"metadata": common_fields("age", "age")}, "metadata"),
        (DATASET, {"metadata": (MetadataField(name="itch", title="How much?", kind="number"),)}, "metadata"),
        (DATASET, {"read_metadata": "questions.csv"}, "read_metadata"),
        (EXPORTER, {"suffix": "fmt"}, "suffix"),
        (EXPORTER, {"load": 3}, "load"),
        (EXPORTER, {"tolerance": 2}, "tolerance"),
        (PACKAGER, {"marker": ""}, "marker"),
        (PACKAGER, {"marker": "../facts.json"}, "marker"),
        (PACKAGER, {"marker": "/facts.json"}, "marker"),
        (PACKAGER, {"exporters": ()}, "exporters"),
        (PACKAGER, {"verify": None}, "verify"),
        (PACKAGER, {"pack": "zip"}, "pack"),
        (PACKAGER, {"models": ()}, "models"),
        (StrategySpec(name="s", title="S", plan=print), {"plan": 1}, "plan"),
        (ScheduleSpec(name="s", title="S", phases=print), {"phases": 1}, "phases"),
    ],
)
def test_a_wrong_field_is_named(spec, changes, field):
    with pytest.raises(SpecError, match=f"{spec.kind} '{spec.name}': field '{field}' is .*, but must be"):
        replace(spec, **changes)


def test_a_dataset_that_is_drawn_is_synthetic_under_its_older_name_too():
    for spec in derm_datasets():
        with pytest.warns(DeprecatedInDerm, match="'made' of a DatasetSpec is deprecated: use 'synthetic'"):
            assert spec.synthetic == spec.made == (spec.modality == "made")
