import keras
import numpy as np
import pytest

from derm_cli.engine.checkpoint import Checkpoint, Position, save
from derm_cli.errors import DermError


def variables(*values):
    return [keras.Variable(np.asarray(value, dtype="float32")) for value in values]


def test_position_and_bits_come_back(tmp_path):
    save(tmp_path / "c", Position(1, 2, 3), variables([0.1, float("nan")], [[2.0]]))
    stored, fresh = Checkpoint(tmp_path / "c"), variables([0, 0], [[0]])
    stored.restore(fresh)
    assert stored.position == Position(1, 2, 3)
    np.testing.assert_array_equal(fresh[0].numpy(), np.float32([0.1, float("nan")]))
    np.testing.assert_array_equal(fresh[1].numpy(), [[2.0]])


@pytest.mark.parametrize("damage", [lambda raw: raw[:-5], lambda raw: raw[:90] + b"?" + raw[91:], lambda raw: b""])
def test_a_damaged_file_is_named(tmp_path, damage):
    path = tmp_path / "c"
    save(path, Position(0, 0, 1), variables([1.0]))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DermError, match=r"checkpoint '.*/c' is damaged"):
        Checkpoint(path)


def test_variables_that_do_not_fit_are_refused(tmp_path):
    save(tmp_path / "c", Position(0, 0, 1), variables([1.0]))
    with pytest.raises(DermError, match="another network"):
        Checkpoint(tmp_path / "c").restore(variables([1.0, 2.0]))
