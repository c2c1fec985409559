"""Whole groups, shares of every class, every class in every part, whatever the order of the table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derm_cli.data.splitting.allocation import UNASSIGNED, GroupCounts, allocate


def one_class_a_group(sizes):
    """Return labels and groups of classes whose groups have these sizes."""
    labels = np.array([str(each) for each, groups in enumerate(sizes) for size in groups for _ in range(size)])
    groups = np.repeat(np.arange(sum(map(len, sizes))), [size for groups in sizes for size in groups])
    return labels, groups


def group_counts(labels, groups):
    return GroupCounts.from_records(labels, groups, [f"case-{number:05}" for number in range(len(labels))])


def allocated(groups, shares, seed=0, fixed=None):
    return allocate(groups, shares, seed, np.full(len(groups.names), UNASSIGNED) if fixed is None else fixed)


SIZES = st.lists(st.lists(st.integers(1, 4), min_size=4, max_size=30), min_size=2, max_size=5)


@settings(deadline=None, max_examples=60)
@given(sizes=SIZES, share=st.sampled_from([0.1, 0.2, 0.3, 0.5]), seed=st.integers(0, 20))
def test_every_class_is_in_both_parts_near_its_share(sizes, share, seed):
    groups = group_counts(*one_class_a_group(sizes))
    allocation = allocated(groups, [1 - share, share], seed)
    assert not allocation.lacking.any()
    totals = groups.class_shares[allocation.parts == 1].sum(axis=0)
    largest = groups.class_shares.max(axis=0)
    assert ((totals > 0) & (totals < 1)).all()
    assert (np.abs(totals - share) <= largest + 1e-9).all()


@settings(deadline=None, max_examples=60)
@given(
    members=st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=5), min_size=12, max_size=40),
    seed=st.integers(0, 5),
)
def test_groups_of_several_classes_are_dealt_so_that_no_part_lacks_one(members, seed):
    """Some groups have one class alone, at least three of each, so that there is always a way."""
    members = [*members, *([label] for label in range(4) for _ in range(3))]
    labels = np.array([str(label) for group in members for label in group])
    groups = np.repeat(np.arange(len(members)), [len(group) for group in members])
    allocation = allocated(group_counts(labels, groups), [0.8, 0.2], seed)
    assert not allocation.lacking.any()
    assert set(allocation.parts) == {0, 1}


@settings(deadline=None, max_examples=40)
@given(
    sizes=st.lists(st.lists(st.integers(1, 4), min_size=7, max_size=30), min_size=2, max_size=4),
    folds=st.integers(2, 7),
    seed=st.integers(0, 20),
)
def test_folds_cover_every_group_once_and_have_every_class(sizes, folds, seed):
    groups = group_counts(*one_class_a_group(sizes))
    allocation = allocated(groups, [1 / folds] * folds, seed)
    assert not allocation.lacking.any()
    assert ((allocation.parts >= 0) & (allocation.parts < folds)).all()
    for each in range(folds):
        totals = groups.class_shares[allocation.parts == each].sum(axis=0)
        assert (np.abs(totals - 1 / folds) <= groups.class_shares.max(axis=0) + 1e-9).all()


@settings(deadline=None, max_examples=40)
@given(sizes=SIZES, seed=st.integers(0, 5), shuffle=st.randoms())
def test_the_order_of_the_table_decides_nothing(sizes, seed, shuffle):
    labels, groups = one_class_a_group(sizes)
    cases = np.array([f"case-{number:05}" for number in range(len(labels))])
    order = list(range(len(labels)))
    shuffle.shuffle(order)
    # Group numbers that are others, too, as another order gives them.
    renumbered = np.array([shuffle.randrange(10**6) * 1000 + each for each in range(len(set(groups)))])[groups]
    one = GroupCounts.from_records(labels, groups, cases)
    other = GroupCounts.from_records(labels[order], renumbered[order], cases[order])
    ours = allocated(one, [0.8, 0.2], seed).parts[one.group_of_record]
    theirs = allocated(other, [0.8, 0.2], seed).parts[other.group_of_record]
    assert (ours[order] == theirs).all()


@settings(deadline=None, max_examples=40)
@given(sizes=SIZES, seed=st.integers(0, 5), kept=st.floats(0.1, 0.9))
def test_what_is_fixed_stays_and_the_rest_makes_up_for_it(sizes, seed, kept):
    groups = group_counts(*one_class_a_group(sizes))
    fixed = np.where(np.random.default_rng(seed).random(len(groups.names)) < kept, 0, UNASSIGNED)
    allocation = allocated(groups, [0.8, 0.2], seed, fixed)
    assert (allocation.parts[fixed == 0] == 0).all()
    free = groups.class_shares[fixed == UNASSIGNED].sum(axis=0)
    totals = groups.class_shares[allocation.parts == 1].sum(axis=0)
    # As near to the share as what is loose allows.
    assert (np.abs(totals - np.minimum(0.2, free)) <= groups.class_shares.max(axis=0) + 1e-9).all()


def test_without_groups_each_class_has_its_share():
    labels = np.repeat(["a", "b", "c"], [500, 50, 10])
    groups = group_counts(labels, np.arange(560))
    tested = allocated(groups, [0.8, 0.2]).parts[groups.group_of_record] == 1
    assert [int(tested[labels == each].sum()) for each in "abc"] == [100, 10, 2]


def test_large_groups_are_in_both_parts_as_small_ones_are():
    """A test part of small groups alone would not be of the patients that it stands for."""
    sizes = [[9] * 20 + [1] * 200]
    groups = group_counts(*one_class_a_group(sizes))
    tested = allocated(groups, [0.8, 0.2]).parts == 1
    large = groups.counts[:, 0] == 9
    assert (int(tested[large].sum()), int(tested[~large].sum())) == (4, 40)


def test_the_seed_decides():
    groups = group_counts(np.repeat(["a", "b"], 50), np.arange(100))
    first, again, other = (allocated(groups, [0.8, 0.2], seed).parts for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_the_same_bits_everywhere():
    """The order is drawn by a hash, so no version of a library changes a split."""
    groups = group_counts(np.repeat(["a", "b"], 8), np.arange(16))
    assert allocated(groups, [0.75, 0.25]).parts.tolist() == [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0]


def test_what_a_part_cannot_have_is_told():
    labels, groups = np.array(["a"] * 8 + ["b"] * 3), np.array([0, 1, 2, 3, 4, 5, 6, 7, 9, 9, 9])
    allocation = allocated(group_counts(labels, groups), [0.8, 0.2])
    assert allocation.lacking[:, 0].tolist() == [False, False]
    assert allocation.lacking[:, 1].sum() == 1


def test_a_part_that_needs_nothing_may_be_empty():
    groups = group_counts(np.array(["a", "a", "b", "b"]), np.arange(4))
    needed = np.array([[True, True], [False, False]])
    allocation = allocate(groups, [0.9, 0.1], 0, np.full(4, UNASSIGNED), needed)
    assert allocation.parts.tolist() == [0, 0, 0, 0]
    assert not allocation.lacking.any()


def test_many_groups_are_dealt_in_seconds():
    import time

    random = np.random.default_rng(0)
    groups = group_counts(random.choice(list("abcdefg"), 100_000), np.arange(100_000))
    began = time.monotonic()
    allocated(groups, [0.8, 0.2])
    assert time.monotonic() - began < 30
    assert groups.counts.shape == (100_000, 7)


@pytest.mark.parametrize("folds", [2, 5])
def test_extra_groups_go_to_folds_in_turns(folds):
    """Seven groups of each of four classes: no fold gets the odd ones of all."""
    groups = group_counts(*one_class_a_group([[1] * 7] * 4))
    sizes = np.bincount(allocated(groups, [1 / folds] * folds).parts, minlength=folds)
    assert sizes.max() - sizes.min() <= 1
