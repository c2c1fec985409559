"""Checked datasets of made rows, without photographs: facts and fingerprints as they are told."""

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.checking.findings import DecodedDataset
from derm_cli.data.facts import Facts
from derm_cli.data.locating import LocatedDataset
from derm_cli.data.record_values import REFUSED
from derm_cli.data.records import DROPPED, Records
from derm_cli.plugin import DatasetSpec
from derm_cli.taxonomy import LesionClass


def looks(seed):
    """Return a fingerprint that is like no other seed's."""
    return np.random.default_rng(seed).bytes(32).hex()


def facts(seed=None, **changes):
    known = {"format": "JPEG", "width": 600, "height": 450, "mode": "RGB"}
    known |= {"brightness": 128.0, "contrast": 30.0, "focus": 50.0, "fingerprint": "" if seed is None else looks(seed)}
    return Facts(**(known | changes))


@pytest.fixture
def make(tmp_path):
    """Return a maker of a checked dataset of ``labels``; what is not told of is unsuspicious."""

    def checked(
        labels, *, name="made", classes=None, of=None, dropped=(), refused=(), masks=None, official="", **columns
    ):
        declared = classes if classes is not None else dict.fromkeys(sorted(set(labels)), ())
        spec = DatasetSpec(
            name="made",
            title="Made",
            classes=tuple(LesionClass(name=key, title=key, diagnoses=tuple(known)) for key, known in declared.items()),
            records=lambda _: frame,
            modality="clinical",
            official_split=official,
            **dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-"),
        )
        count = len(labels)
        cases = [str(row) for row in range(count)]
        required = {"case_id": cases, "file": [f"{case}.jpg" for case in cases], "label": labels, "diagnosis": ""}
        frame = pd.DataFrame(required | {"sha256": [f"{name}{case}" for case in cases]} | columns)
        gone = pd.DataFrame([(name, *row) for row in dropped], columns=list(DROPPED), dtype=str)
        odd = pd.DataFrame(list(refused), columns=list(REFUSED), dtype=str)
        located = LocatedDataset(name, spec, tmp_path)
        records = Records(located, spec.classes, frame, gone, refused=odd)
        return DecodedDataset(records, tuple(of or [facts() for _ in labels]), masks or {})

    return checked


@pytest.fixture
def fact():
    """Return a maker of facts, with the looks of a seed."""
    return facts


@pytest.fixture
def told():
    """Return a function that gives findings by kind: their groups of case ids, or else their details."""

    def by_kind(findings):
        found = {}
        for each in findings:
            groups = [[case.case_id or case.file for case in group] for group in each.groups]
            found.setdefault(each.kind.name, []).extend(groups or [each.detail])
        return found

    return by_kind
