"""A dataset of made rows, without photographs."""

import pandas as pd
import pytest

from derm_cli.data.locating import LocatedDataset
from derm_cli.plugin import DatasetSpec
from derm_cli.taxonomy import LesionClass


@pytest.fixture
def located(tmp_path):
    """Return a maker of a located dataset whose plugin gives the frame that it is told."""

    def make(rows, classes=("A", "B", "C"), leave_out=()):
        frame = pd.DataFrame(rows, columns=["case_id", "file", "label"]).assign(diagnosis="Benign")
        for name in frame["file"]:
            if name != "gone.png":
                (tmp_path / name).touch()
        spec = DatasetSpec(
            name="made",
            title="Made",
            classes=tuple(LesionClass(name=name, title=name) for name in classes),
            records=lambda _: frame,
            modality="clinical",
            **dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-"),
        )
        return LocatedDataset("made", spec, tmp_path, tuple(leave_out))

    return make
