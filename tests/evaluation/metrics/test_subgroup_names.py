from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from derm_cli.evaluation.metrics.subgroup_names import subgroup_names


def counts(column: str, values: Sequence[str]) -> dict[str, int]:
    return dict(Counter(subgroup_names(column, np.array(values)).tolist()))


def test_ages_are_cut_in_bands_and_what_is_none_is_unknown() -> None:
    ages = ["0", "19.5", "20", "39", "80", "101", "", "old", "-3"]
    assert counts("age", ages) == {"0 to 19": 2, "20 to 39": 2, "80 and over": 2, "unknown": 3}


def test_numbers_of_quality_are_cut_into_thirds() -> None:
    thirds = counts("focus", [f"{value}" for value in range(297)] + ["", "blurred", "nan"])
    assert list(thirds.values()).count(99) == 3
    assert thirds["unknown"] == 3
    assert {name.partition(",")[0] for name in thirds} == {"low third", "middle third", "high third", "unknown"}
    assert counts("brightness", ["dark", "light"]) == {"unknown": 2}


@pytest.mark.parametrize(
    ("column", "spelled", "expected"),
    [
        ("fitzpatrick", ["3", "3.0", "III", "type 3", "iii", "Type III"], {"3": 6}),
        ("fitzpatrick", ["1", "VI", "7", "", "dark"], {"1": 1, "6": 1, "7": 1, "unknown": 1, "dark": 1}),
        ("sex", ["M", "male", "Male", "f", "female", ""], {"male": 3, "female": 2, "unknown": 1}),
    ],
)
def test_one_thing_is_one_slice_however_it_is_written(
    column: str, spelled: list[str], expected: dict[str, int]
) -> None:
    assert counts(column, spelled) == expected
