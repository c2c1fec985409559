"""The checks for plugins' authors: each breach of a contract is told in words, and what keeps it passes."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

from derm_cli.plugin import BackboneSpec, Block, DatasetSpec, LesionClass
from derm_cli.plugin.testing import check_backbone, check_dataset

NEVUS = "Benign:Benign melanocytic proliferations:Nevus"
MELANOMA = "Malignant:Malignant melanocytic proliferations (Melanoma)"
CLASSES = (
    LesionClass(name="NEV", title="nevus", diagnoses=(NEVUS,)),
    LesionClass(name="MEL", title="melanoma", diagnoses=(MELANOMA,)),
)
GOOD = {
    "case_id": ["a", "b"],
    "file": ["images/a.png", "images/b.png"],
    "label": ["NEV", "MEL"],
    "diagnosis": [NEVUS, None],
    "sex": ["male", None],
    "age": [40.0, np.nan],
    "fitzpatrick": [3.0, np.nan],
    "image_type": ["clinical", "dermoscopic"],
    "site": ["back", None],
    "split": [None, "test"],
    "mask": [None, "images/a.png"],
    "camera": ["any", "column beside"],
}


@pytest.fixture
def root(tmp_path):
    """A folder with two empty files: no photograph is decoded."""
    (tmp_path / "images").mkdir()
    for name in ("a", "b"):
        (tmp_path / "images" / f"{name}.png").touch()
    return tmp_path


def dataset(table, **changes) -> DatasetSpec:
    texts = dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-")
    texts["official_split"] = "-"
    values = {"name": "set", "title": "Set", "classes": CLASSES, "modality": "clinical", **texts, **changes}
    return DatasetSpec(records=lambda _: pd.DataFrame(table), **values)


def test_a_good_dataset_gives_its_records(root):
    assert list(check_dataset(dataset(GOOD), root)["case_id"]) == ["a", "b"]


def test_classes_may_be_read_from_the_folder(root):
    spec = dataset(GOOD, classes=(), read_classes=lambda folder: CLASSES if folder == root else ())
    assert len(check_dataset(spec, root)) == 2


@pytest.mark.parametrize("column", ["case_id", "file", "label", "diagnosis"])
def test_a_column_that_is_not_there_is_named(root, column):
    with pytest.raises(AssertionError, match=f"the records have no column '{column}'"):
        check_dataset(dataset({name: values for name, values in GOOD.items() if name != column}), root)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"case_id": ["a", "a"]}, "case 'a' stands twice"),
        ({"case_id": ["a", None]}, "a record has no case_id"),
        ({"case_id": ["a", 7]}, "case '7': its case_id is 7, which is no text"),
        ({"file": ["images/a.png", "images/c.png"]}, "case 'b': the file 'images/c.png' is not there"),
        ({"file": ["images/a.png", r"images\b.png"]}, "has other slashes than forward ones"),
        ({"file": ["images/a.png", "/b.png"]}, "case 'b': the file '/b.png' is not relative to the folder"),
        ({"label": ["NEV", "BCC"]}, "case 'b': the label 'BCC' is no class"),
        ({"label": ["NEV", None]}, "case 'b': the label '' is no class"),
        ({"diagnosis": ["Naevus", ""]}, "case 'a': the ISIC hierarchy has no place 'Naevus'"),
        ({"diagnosis": [MELANOMA, ""]}, "case 'a' is 'NEV', but its diagnosis falls into 'MEL'"),
        ({"diagnosis": ["Indeterminate", ""]}, "case 'a' is 'NEV', but its diagnosis falls into no class"),
        ({"sex": ["male", "unknown"]}, "sex is 'unknown', but must be one of male, female, or missing"),
        ({"age": [40.0, 1987.0]}, "age is .*1987.*, but must be years, or missing"),
        ({"age": ["40", None]}, "age is '40', but must be years"),
        ({"fitzpatrick": [3.0, 0.0]}, "fitzpatrick is .*0.0.*, but must be one of 1, 2, 3, 4, 5, 6"),
        ({"image_type": ["clinical", "phone"]}, "image_type is 'phone', but must be one of clinical, dermoscopic"),
        ({"site": ["back", ""]}, "site is '', but must be lower-case text, or missing"),
        ({"site": ["back", "Arm"]}, "site is 'Arm', but must be lower-case text"),
        ({"site": ["back", 3]}, "site is 3, but must be lower-case text"),
        ({"split": ["train", "val"]}, "split is 'val', but must be one of train, validation, test, or missing"),
        ({"mask": [None, "images/c.png"]}, "case 'b': the mask 'images/c.png' is not there"),
        ({"mask": [None, r"images\a.png"]}, "case 'b': the mask .* has other slashes than forward ones"),
        ({"mask": [None, "/a.png"]}, "case 'b': the mask '/a.png' is not relative to the folder"),
        ({"mask": [None, 7.0]}, "case 'b': its mask is 7.0, which is no text"),
        ({"file": ["images/a.png", None]}, "case 'b': its file is .*, which is no text"),
    ],
)
def test_a_record_that_breaks_the_contract_is_named(root, changes, said):
    with pytest.raises(AssertionError, match=said):
        check_dataset(dataset({**GOOD, **changes}), root)


def test_an_official_split_without_a_name_is_told_of(root):
    with pytest.raises(AssertionError, match="an official split, which official_split does not name"):
        check_dataset(dataset(GOOD, official_split=""), root)
    check_dataset(dataset({**GOOD, "split": [None, None]}, official_split=""), root)


def test_a_class_with_a_place_that_the_hierarchy_has_not_is_named(root):
    classes = (*CLASSES, LesionClass(name="X", title="x", diagnoses=("Benign:Mole",)))
    with pytest.raises(AssertionError, match="the ISIC hierarchy has no place 'Benign:Mole'"):
        check_dataset(dataset(GOOD, classes=classes), root)


def test_a_dataset_without_records_is_told_of(root):
    with pytest.raises(AssertionError, match="there are no records"):
        check_dataset(dataset({name: [] for name in GOOD}), root)


def network(size, *, scaling=(layers.Rescaling,), entry=None, inner=None, form=None, dtype="float32"):
    """A stem, two convolutions named low and top, and whatever a test puts amiss."""
    image = keras.Input(entry or (size, size, 3), dtype=dtype)
    flow = layers.ZeroPadding2D()(image)
    for each in scaling:
        flow = each(1 / 255)(flow)
    flow = layers.Conv2D(2, 3, name="stem")(flow)
    flow = layers.Conv2D(2, 1, name="low_conv")(flow)
    flow = inner(flow) if inner else flow
    flow = layers.Conv2D(2, 1, name="top_conv")(flow)
    return keras.Model(*(form or (lambda *ends: ends))(image, flow))


GOOD_NETWORK = BackboneSpec(
    name="net",
    title="Net",
    parameters=68,
    input_size=8,
    build=lambda size, weights: network(size),
    blocks=(Block(name="top", layers=("top_*",)), Block(name="low", layers=("low_*",))),
)


def test_a_good_backbone_is_built_with_random_weights():
    asked = []
    spec = replace(GOOD_NETWORK, build=lambda size, weights: asked.append((size, weights)) or network(size))
    assert check_backbone(spec, size=8).count_params() == 68
    assert asked == [(8, None)]


@keras.saving.register_keras_serializable("made-for-a-test")
class Unsteady(layers.Layer):
    """Forgets its number when it is saved."""

    def __init__(self, **settings) -> None:
        super().__init__(**settings)
        self.number = np.random.default_rng().uniform(1, 2)

    def call(self, flow):
        return flow * self.number


@keras.saving.register_keras_serializable("made-for-a-test")
class Bursting(layers.Layer):
    """Divides by nothing."""

    def call(self, flow):
        return flow / 0.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"inner": keras.Sequential([layers.ReLU()], name="nest")}, "layer 'nest' is a model inside the model"),
        ({"inner": layers.Lambda(lambda flow: flow, name="any")}, "layer 'any' is a Lambda layer"),
        ({"entry": (16, 16, 3)}, r"the input has the shape \(None, 16, 16, 3\)"),
        ({"entry": (8, 8, 1)}, r"the input has the shape \(None, 8, 8, 1\)"),
        ({"dtype": "uint8"}, "the input has the dtype uint8"),
        ({"form": lambda image, flow: ([image], flow)}, "the input is a list, not one tensor"),
        ({"form": lambda image, flow: (image, {"map": flow})}, "the output is a dict, not one tensor"),
        (
            {"form": lambda image, flow: (image, layers.GlobalAveragePooling2D()(flow))},
            r"the output has the shape \(None, 2\), and is no feature map",
        ),
        ({"scaling": ()}, "nothing scales the photographs before the layer 'stem'"),
        ({"inner": Unsteady()}, "the features differ after saving and loading"),
        ({"inner": Bursting()}, "the features of raw photographs are not finite"),
    ],
)
def test_a_network_that_breaks_the_contract_is_told_of(changes, said):
    spec = replace(GOOD_NETWORK, build=lambda size, weights: network(size, **changes))
    with pytest.raises(AssertionError, match=said):
        check_backbone(spec, size=8)


def test_arithmetic_that_is_no_layer_scales_too():
    check_backbone(
        replace(GOOD_NETWORK, build=lambda size, weights: network(size, scaling=(lambda by: lambda flow: flow * by,))),
        size=8,
    )


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ({"top": ("top_*", "tpo_*"), "low": ("low_*",)}, "the pattern 'tpo_\\*' of block 'top' matches no layer"),
        ({"top": (), "low": ("low_*",)}, "block 'top' has no pattern"),
        ({"top": ("*_conv",), "low": ("low_*",)}, "layer 'low_conv' is in the blocks 'top' and 'low'"),
        ({"low": ("low_*",), "top": ("top_*",)}, "the blocks are not listed from the top"),
    ],
)
def test_blocks_that_break_the_contract_are_named(blocks, said):
    spec = replace(GOOD_NETWORK, blocks=tuple(Block(name=name, layers=each) for name, each in blocks.items()))
    with pytest.raises(AssertionError, match=said):
        check_backbone(spec, size=8)
