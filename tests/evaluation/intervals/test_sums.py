import math

import numpy as np
import pytest

from derm_cli.evaluation.intervals.sums import sum_of_products


@pytest.mark.parametrize("count", [0, 3, 1000])
def test_a_sum_of_products_hangs_on_no_place_in_memory(count):
    values = np.random.default_rng(1).normal(size=(2, count + 7)) * 1e3
    found = set()
    for shift in range(8):
        memory = np.zeros(count + 8)
        vector = memory[shift : shift + count]
        vector[:] = values[0, :count]
        found.add(sum_of_products(vector, values[1, :count]))
    assert len(found) == 1
    assert found.pop() == pytest.approx(math.fsum(values[0, :count] * values[1, :count]), rel=1e-12)
