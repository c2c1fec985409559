"""Which answers of a dataset are used, and how its training part settles their encoding."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.answers import AUTO, NONE, chosen_fields, encode_cases, fit_encoding, question_of_number
from derm_cli.data.locating import LocatedDataset
from derm_cli.data.records import Records
from derm_cli.errors import RequestError
from derm_cli.plugin import DatasetSpec, LesionClass, MetadataField, common_fields

FIELDS = common_fields("age", "sex", "site", "bleed", "biopsy")
CLASSES = tuple(
    LesionClass(name=name, title=name, diagnoses=(top,)) for name, top in (("MEL", "Malignant"), ("NEV", "Benign"))
)


@pytest.fixture
def records(tmp_path):
    """Sixty melanomas and sixty nevi; the sex is known of all melanomas, and of a third of the nevi."""

    def made(fields=FIELDS):
        spec = DatasetSpec(
            name="made",
            title="Made",
            classes=CLASSES,
            records=print,
            modality="clinical",
            **dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-"),
        )
        rows = np.arange(120)
        frame = pd.DataFrame(
            {
                "label": np.where(rows < 60, "MEL", "NEV"),
                "diagnosis": "",
                "age": rows % 80.0,
                "sex": np.where((rows < 60) | (rows % 3 == 0), "male", None),
                "site": np.where(rows % 2, "torso", "head/neck"),
                "bleed": np.where(rows % 4, "no", "yes"),
                "biopsy": np.where(rows < 60, "yes", "no"),
            }
        )
        return Records(LocatedDataset("made", spec, tmp_path), CLASSES, frame, pd.DataFrame(), metadata=tuple(fields))

    return made


@pytest.mark.parametrize(
    ("asked", "names", "cautioned"),
    [
        (NONE, [], []),
        (AUTO, ["age", "site", "bleed"], []),
        ("bleed,age", ["bleed", "age"], []),
        ("bleed, age, bleed", ["bleed", "age"], []),
        ("sex,age", ["sex", "age"], ["sex"]),
        ("biopsy", ["biopsy"], ["biopsy"]),
    ],
)
def test_what_is_asked_for_is_used_and_auto_leaves_shortcuts_out(asked, names, cautioned, records):
    fields, cautions = chosen_fields(records(), asked)
    assert [each.name for each in fields] == names
    assert list(cautions) == cautioned


@pytest.mark.parametrize(
    ("asked", "fields", "said"),
    [
        ("blead", FIELDS, "--metadata names 'blead', but dataset 'made' has no such answer. Did you mean 'bleed'?"),
        ("itch", FIELDS, "has no such answer. Known: age, biopsy, bleed, sex, site."),
        (AUTO, (), "--metadata is 'auto', but dataset 'made' has no answers: leave it out"),
        ("age", (), "--metadata is 'age', but dataset 'made' has no answers"),
        (AUTO, common_fields("sex", "biopsy"), "every answer of dataset 'made' tells how its label came about"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(asked, fields, said, records):
    with pytest.raises(RequestError) as refused:
        chosen_fields(records(fields), asked)
    assert said in str(refused.value)


CASES = pd.DataFrame(
    {
        "age": [20.0, 40.0, np.nan, 60.0],
        "bleed": ["yes", "no", "no", None],
        "site": ["torso", None, "head/neck", "torso"],
        "smoke": [None, None, None, None],
    }
)
SMOKE = MetadataField(name="smoke", title="Do you smoke?", kind="yes-no")


def test_the_encoding_is_that_of_the_cases_that_are_trained_on():
    encoding = fit_encoding((*common_fields("age", "bleed", "site"), SMOKE), CASES, {"bleed": "it tells"})
    # Of what nobody tells nothing can be learnt: it is no question of the model.
    assert encoding.names == ("age", "bleed", "site")
    age, bleed, site = encoding.fields
    assert (age.mean, age.deviation) == (40, pytest.approx(np.sqrt(800 / 3)))
    assert bleed.shares == (pytest.approx(1 / 3),)
    assert (site.choices, site.shares) == (("head/neck", "torso"), (pytest.approx(1 / 3), pytest.approx(2 / 3)))
    assert [each.caution for each in encoding.fields] == ["", "it tells", ""]


def test_cases_are_encoded_and_the_unknown_is_zero_and_the_mean_too():
    encoding = fit_encoding(common_fields("age", "bleed", "site"), CASES)
    found = encode_cases(encoding, CASES)
    assert found.dtype == np.float32
    assert found.shape == (4, 4)
    assert found[2, 0] == found[3, 1] == 0
    assert found[1, 2:].tolist() == [0, 0]
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-7)
    np.testing.assert_allclose(found[0], [-np.sqrt(1.5), 4 / 3, -1 / 3, 1 / 3], rtol=1e-6)
    assert question_of_number(encoding).tolist() == [0, 1, 2, 2]


def test_a_case_without_a_column_is_one_of_which_nothing_is_known():
    encoding = fit_encoding(common_fields("age", "bleed"), CASES)
    assert encode_cases(encoding, CASES[["site"]]).tolist() == [[0, 0]] * 4
    assert encode_cases(encoding, CASES[:0]).shape == (0, 2)


def test_a_number_that_never_changes_tells_nothing():
    encoding = fit_encoding(common_fields("age"), pd.DataFrame({"age": [30.0, 30.0]}))
    assert encode_cases(encoding, pd.DataFrame({"age": [30.0, 31.0]})).tolist() == [[0], [1]]
