import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derm_cli.data.splitting import groups_of, split
from derm_cli.errors import DermError


@settings(deadline=None, max_examples=60)
@given(
    sizes=st.lists(st.lists(st.integers(1, 4), min_size=4, max_size=30), min_size=2, max_size=5),
    share=st.sampled_from([0.1, 0.2, 0.3, 0.5]),
    seed=st.integers(0, 20),
)
def test_no_group_is_on_both_sides_and_every_class_is_on_each(sizes, share, seed):
    labels = np.array([str(each) for each, groups in enumerate(sizes) for size in groups for _ in range(size)])
    groups = np.repeat(np.arange(sum(map(len, sizes))), [size for groups in sizes for size in groups])
    tested = split(labels, groups, share, seed, "made")
    for group in np.unique(groups):
        assert len(set(tested[groups == group])) == 1
    for each in np.unique(labels):
        assert 0 < tested[labels == each].mean() < 1


def test_without_groups_each_class_has_its_share():
    labels = np.repeat(["a", "b", "c"], [500, 50, 10])
    tested = split(labels, np.arange(560), 0.2, 0, "made")
    assert [int(tested[labels == each].sum()) for each in "abc"] == [100, 10, 2]


def test_the_seed_decides():
    labels, groups = np.repeat(["a", "b"], 50), np.arange(100)
    first, again, other = (split(labels, groups, 0.2, seed, "made") for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_what_cannot_be_split_without_a_leak_is_refused():
    labels, groups = np.array(["a"] * 8 + ["b"] * 3), np.array([0, 1, 2, 3, 4, 5, 6, 7, 9, 9, 9])
    with pytest.raises(DermError, match=r"the 3 photographs of class 'b' belong to one patient.*--leave-out made:b"):
        split(labels, groups, 0.2, 0, "made")


def test_groups_join_patients_lesions_and_equal_files():
    frame = pd.DataFrame(
        {
            "patient": ["p", "p", None, None, None, ""],
            "lesion": ["1", "2", "2", "3", "4", "5"],
        }
    )
    groups = groups_of(frame, pd.Series(["x", "y", "z", "w", "w", "v"]))
    assert groups[0] == groups[1] == groups[2]
    assert groups[3] == groups[4]
    assert len(set(groups)) == 3


def test_without_columns_each_record_is_alone():
    assert len(set(groups_of(pd.DataFrame({"label": ["a", "b", "a"]})))) == 3
