"""Checks for plugins' authors: each holds a spec to its contract and says in a sentence what it breaks.

from derm_cli.plugin.testing import check_dataset

def test_my_dataset(tmp_path):
    check_dataset(SPEC, make_a_small_copy(tmp_path))
"""

from __future__ import annotations

import tempfile
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin.specs import BackboneSpec, DatasetSpec
from derm_cli.taxonomy import covering_class, known_diagnoses

if TYPE_CHECKING:
    import keras
    import pandas as pd

REQUIRED = ("case_id", "file", "label", "diagnosis")


def check_dataset(spec: DatasetSpec, root: Path) -> pd.DataFrame:
    """Read the records of a good copy of the dataset in ``root`` and return them.

    Raises AssertionError where a column is missing, a case stands twice, a file is not there, a label is no class, or
    a diagnosis is not of the ISIC hierarchy or not covered by its own class.
    """
    classes = spec.classes or (spec.read_classes(root) if spec.read_classes else ())
    names = {each.name for each in classes}
    for place in (place for each in classes for place in each.diagnoses):
        assert place in known_diagnoses(), f"the ISIC hierarchy has no place '{place}'"
    frame = spec.records(root)
    for column in REQUIRED:
        assert column in frame, f"the records have no column '{column}'"
    assert len(frame), "there are no records"
    assert not frame["case_id"].duplicated().any(), "a case_id stands twice"
    for case, file, label, diagnosis in frame[list(REQUIRED)].fillna("").itertuples(index=False):
        assert (root / file).is_file(), f"case '{case}': the file '{file}' is not there"
        assert label in names, f"case '{case}': the label '{label}' is no class"
        if diagnosis:
            assert diagnosis in known_diagnoses(), f"case '{case}': the ISIC hierarchy has no place '{diagnosis}'"
            covering = covering_class(classes, diagnosis)
            assert covering == label, f"case '{case}' is '{label}', but its diagnosis falls into '{covering}'"
    return frame


def check_backbone(spec: BackboneSpec, size: int) -> keras.Model:
    """Build the backbone with random weights for photographs of ``size`` pixels and return it.

    Raises AssertionError where it is not flat, has a Lambda layer, takes or gives other shapes than it should, has a
    block that matches no layer or shares one with another block, has blocks that are not listed from the top, does not
    scale, or is not the same after being saved and loaded.
    """
    import keras
    import numpy as np

    model = spec.build(size, None)
    for layer in model.layers:
        assert not isinstance(layer, keras.Model), f"layer '{layer.name}' is a model inside the model"
        assert not isinstance(layer, keras.layers.Lambda), f"layer '{layer.name}' is a Lambda layer"
    assert model.input.shape == (None, size, size, 3), f"the input has the shape {model.input.shape}"
    assert model.input.dtype == "float32", f"the input has the dtype {model.input.dtype}"
    assert len(model.output.shape) == 4, f"the output has the shape {model.output.shape}, and is no feature map"
    depths = []
    owner: dict[str, str] = {}
    for block in spec.blocks:
        places = [
            place
            for place, layer in enumerate(model.layers)
            if any(fnmatchcase(layer.name, pattern) for pattern in block.layers)
        ]
        assert places, f"block '{block.name}' matches no layer"
        for name in (model.layers[place].name for place in places):
            assert name not in owner, f"layer '{name}' is in the blocks '{owner[name]}' and '{block.name}'"
            owner[name] = block.name
        depths.append(min(places))
    assert depths == sorted(depths, reverse=True), "the blocks are not listed from the top"
    photographs = np.random.default_rng(0).uniform(0, 255, (2, size, size, 3)).astype("float32")
    features = model.predict(photographs, verbose=0)
    assert np.isfinite(features).all(), "the features of raw photographs are not finite"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        again = keras.saving.load_model(path, compile=False).predict(photographs, verbose=0)
    assert np.array_equal(features, again), "the features differ after saving and loading"
    return model
