import numpy as np

from derm_cli.data.photographs import Photographs


def test_rows_of_several_packs_are_one_array():
    first = np.arange(4 * 2 * 2 * 3, dtype=np.uint8).reshape(4, 2, 2, 3)
    second = first + 100
    both = Photographs(((first, np.array([3, 1])), (second, np.array([0]))))
    assert (len(both), both.shape, both.nbytes) == (3, (3, 2, 2, 3), 36)
    np.testing.assert_array_equal(both.select(np.array([1, 2])).take(np.array([1, 0])), both.take(np.array([2, 1])))
    assert len(both.select(np.array([], dtype=np.intp))) == 0
    taken = both.take(np.array([2, 0, 1, 2]))
    np.testing.assert_array_equal(taken, np.stack([second[0], first[3], first[1], second[0]]))
