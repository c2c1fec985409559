"""What runs together have learnt from, chosen by and left alone."""

from __future__ import annotations

import pandas as pd
import pytest

from derm_cli.data.splitting.joined_split import joined_split


def split(parts: str, source: str = "own", dataset: str = "clinic") -> pd.DataFrame:
    """Return a split of cases a, b …, whose parts are letters: of train, validation, s for test, and . for none."""
    names = {"t": "train", "v": "validation", "s": "test"}
    rows = [(dataset, case, names[part], source) for case, part in zip("abcdef", parts, strict=False) if part != "."]
    return pd.DataFrame(rows, columns=["dataset", "case_id", "part", "source"])


@pytest.mark.parametrize(
    ("splits", "expected"),
    [
        (("tvs", "tvs"), {"a": "train", "b": "validation", "c": "test"}),
        (("tvs", "vtt"), {"a": "train", "b": "train", "c": "train"}),
        (("svs", "vsv"), {"a": "validation", "b": "validation", "c": "validation"}),
        (("tss", "ts."), {"a": "train", "b": "test"}),
        (("tvs", ".tv"), {"a": "train", "b": "train", "c": "validation"}),
    ],
)
def test_a_case_is_where_most_use_was_made_of_it(splits, expected):
    joined = joined_split([split(each) for each in splits], "clinic")
    assert joined.set_index("case_id")["part"].to_dict() == expected
    assert list(joined.columns) == ["dataset", "case_id", "part", "source"]


def test_of_another_dataset_a_test_case_stays_though_one_run_does_not_know_it():
    joined = joined_split([split("ts", dataset="other"), split("t.", dataset="other")], "clinic")
    assert joined.set_index("case_id")["part"].to_dict() == {"a": "train", "b": "test"}


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (("own, fold 1 of 2", "own, fold 2 of 2"), "own"),
        (("own", "own"), "own"),
        (("the publisher's lists, of 2020", "the publisher's lists, of 2020"), "the publisher's lists, of 2020"),
        (("own", "the publisher's lists"), ""),
    ],
)
def test_the_source_is_told_where_it_is_one(sources, expected):
    joined = joined_split([split("ttt", sources[0]), split("ttt", sources[1])], "clinic")
    assert set(joined["source"]) == {expected}
