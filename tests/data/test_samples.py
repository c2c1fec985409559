"""Labels as class indices."""

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.samples import class_indices


def test_labels_are_indices_in_the_order_of_the_classes():
    indices = class_indices(pd.Series(["b", "a", "b"]), ["a", "b"])
    assert indices.tolist() == [1, 0, 1]
    assert indices.dtype == np.int32


def test_a_label_that_is_no_class_is_refused():
    with pytest.raises(KeyError, match="c"):
        class_indices(pd.Series(["c"]), ["a", "b"])
