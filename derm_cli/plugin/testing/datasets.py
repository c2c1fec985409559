"""Checks for plugins' authors: each holds a spec to its contract and says in a sentence what it breaks.

::

    from derm_cli.plugin.testing import check_dataset

    def test_my_dataset(tmp_path):
        check_dataset(SPEC, make_a_small_copy(tmp_path))
"""

from __future__ import annotations

import tempfile
from fnmatch import fnmatchcase
from numbers import Real
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from derm_cli.plugin.specs import BackboneSpec, DatasetSpec
from derm_cli.taxonomy import covering_class, known_diagnoses

if TYPE_CHECKING:
    import keras
    import pandas as pd

REQUIRED = ("case_id", "file", "label", "diagnosis")
KNOWN_VALUES = {
    "sex": ("male", "female"),
    "fitzpatrick": range(1, 7),
    "skin_tone": ("1-2", "3-4", "5-6"),
    "image_type": ("clinical", "dermoscopic", "macroscopic", "anatomical"),
    "split": ("train", "validation", "test"),
}
OLDEST_YEARS = 120


def check_dataset(spec: DatasetSpec, root: Path) -> pd.DataFrame:
    """Read the records of a good copy of the dataset in ``root`` and return them.

    Raises AssertionError where a column is missing, a case stands twice, a file is not there, a label is no class, a
    diagnosis is not of the ISIC hierarchy or not covered by its own class, a sex, age, skin type, image type, site or
    part of an official split is not as :class:`DatasetSpec` has it, that split has no name, or a mask is not there.
    """
    classes = spec.classes or (spec.read_classes(root) if spec.read_classes else ())
    names = {each.name for each in classes}
    for place in (place for each in classes for place in each.diagnoses):
        assert place in known_diagnoses(), f"the ISIC hierarchy has no place '{place}'"
    frame = spec.records(root)
    for column in REQUIRED:
        assert column in frame, f"the records have no column '{column}'"
    assert len(frame), "there are no records"
    for case in frame["case_id"][frame["case_id"].duplicated()]:
        raise AssertionError(f"case '{case}' stands twice")
    _check_files(frame, "file", root)
    known = frame[list(REQUIRED)].astype(object).fillna("")
    for case, file, label, diagnosis in known.itertuples(index=False):
        for column, value in zip(REQUIRED, (case, file, label, diagnosis), strict=True):
            assert isinstance(value, str), f"case '{case}': its {column} is {value!r}, which is no text"
        assert case, "a record has no case_id"
        assert label in names, f"case '{case}': the label '{label}' is no class"
        if diagnosis:
            assert diagnosis in known_diagnoses(), f"case '{case}': the ISIC hierarchy has no place '{diagnosis}'"
            covering = covering_class(classes, diagnosis)
            found = f"falls into '{covering}'" if covering else "falls into no class"
            assert covering == label, f"case '{case}' is '{label}', but its diagnosis {found}"
    _check_metadata(frame)
    _check_files(frame, "mask", root)
    split = "split" in frame and frame["split"].notna().any()
    assert spec.official_split or not split, "the records have an official split, which official_split does not name"
    return frame


def _check_metadata(frame: pd.DataFrame) -> None:
    for column in {"age", "site", *KNOWN_VALUES} & set(frame.columns):
        for value in frame[column].dropna().unique():
            if column == "age":
                fits, wanted = isinstance(value, Real) and 0 <= float(value) <= OLDEST_YEARS, "years"
            elif column == "site":
                fits, wanted = (
                    isinstance(value, str) and bool(value) and value == value.strip().lower(),
                    "lower-case text",
                )
            else:
                fits, wanted = value in KNOWN_VALUES[column], "one of " + ", ".join(map(str, KNOWN_VALUES[column]))
            assert fits, f"a record's {column} is {value!r}, but must be {wanted}, or missing"


def _check_files(frame: pd.DataFrame, column: str, root: Path) -> None:
    """Every file that the ``column`` names must be there, below ``root``."""
    import pandas as pd

    for case, path in frame[["case_id", column]].itertuples(index=False) if column in frame else ():
        if column != "file" and pd.isna(path):
            continue
        assert isinstance(path, str), f"case '{case}': its {column} is {path!r}, which is no text"
        assert "\\" not in path, f"case '{case}': the {column} '{path}' has other slashes than forward ones"
        assert not PurePosixPath(path).is_absolute(), (
            f"case '{case}': the {column} '{path}' is not relative to the folder"
        )
        assert (root / path).is_file(), f"case '{case}': the {column} '{path}' is not there"


def check_backbone(spec: BackboneSpec, size: int = 64) -> keras.Model:
    """Build the backbone with random weights for photographs of ``size`` pixels and return it.

    Raises AssertionError where it is not flat, has a Lambda layer, takes or gives other shapes than it should, has a
    pattern that matches no layer or a layer that is in two blocks, has blocks that are not listed from the top, has no
    scaling before its first kernel, or is not the same after being saved and loaded.
    """
    model = spec.build(size, None)
    _check_form(model, size)
    _check_blocks(model, spec)
    _check_scaling(model)
    _check_saving(model, size)
    return model


def _check_form(model: keras.Model, size: int) -> None:
    import keras

    for layer in model.layers:
        assert not isinstance(layer, keras.Model), f"layer '{layer.name}' is a model inside the model"
        assert not isinstance(layer, keras.layers.Lambda), f"layer '{layer.name}' is a Lambda layer"
    for name, tensor in (("input", model.input), ("output", model.output)):
        assert keras.utils.is_keras_tensor(tensor), f"the {name} is a {type(tensor).__name__}, not one tensor"
    assert model.input.shape == (None, size, size, 3), f"the input has the shape {model.input.shape}"
    assert model.input.dtype == "float32", f"the input has the dtype {model.input.dtype}"
    assert len(model.output.shape) == 4, f"the output has the shape {model.output.shape}, and is no feature map"


def _check_blocks(model: keras.Model, spec: BackboneSpec) -> None:
    depths = []
    owner: dict[str, str] = {}
    for block in spec.blocks:
        places = set()
        for pattern in block.layers:
            matching = {place for place, layer in enumerate(model.layers) if fnmatchcase(layer.name, pattern)}
            assert matching, f"the pattern '{pattern}' of block '{block.name}' matches no layer"
            places |= matching
        assert places, f"block '{block.name}' has no pattern"
        for name in (model.layers[place].name for place in places):
            assert name not in owner, f"layer '{name}' is in the blocks '{owner[name]}' and '{block.name}'"
            owner[name] = block.name
        depths.append(min(places))
    assert depths == sorted(depths, reverse=True), "the blocks are not listed from the top"


def _check_scaling(model: keras.Model) -> None:
    """Something must stand between the photographs and the first kernel that learns; what it computes is its own."""
    import keras

    scaled = False
    for operation in model.operations:
        if any(len(weight.shape) > 1 for weight in getattr(operation, "trainable_weights", ())):
            assert scaled, f"nothing scales the photographs before the layer '{operation.name}'"
            return
        scaled |= not isinstance(operation, keras.layers.InputLayer | keras.layers.ZeroPadding2D)


def _check_saving(model: keras.Model, size: int) -> None:
    import keras
    import numpy as np

    photographs = np.random.default_rng(0).uniform(0, 255, (2, size, size, 3)).astype("float32")
    features = model.predict(photographs, verbose=0)
    assert np.isfinite(features).all(), "the features of raw photographs are not finite"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        again = keras.saving.load_model(path, compile=False).predict(photographs, verbose=0)
    assert np.array_equal(features, again), "the features differ after saving and loading"
