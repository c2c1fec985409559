"""Under JAX, each batch is divided among the devices, and what is trained is the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support import trees

pytestmark = pytest.mark.xdist_group("jax")

ROOT = Path(__file__).parents[3]
TWO_DEVICES = {"KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
PHASES, EPOCHS, STEPS, ARRAYS = 3, 2, 4, 4
"""Of the training; a step reads four arrays: places, partners, shares and what is asked of the network."""


def printed(*command, **environment):
    """Run a command in a process of its own and return the JSON that it prints."""
    environment = {**os.environ, **TWO_DEVICES, **environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def found():
    return printed(sys.executable, "-m", "tests.support.on_two_devices", PYTHONPATH=str(ROOT))


def test_two_devices_train_what_one_trains(found):
    one, two = found["1"], found["2"]
    assert (one["settled"], two["settled"]) == (["cpu:0"], ["cpu:0", "cpu:1"])
    assert len(one["figures"]) == PHASES * EPOCHS
    np.testing.assert_allclose(one["figures"], two["figures"], rtol=1e-4)


def test_each_device_gets_its_part_of_each_batch(found):
    for devices in (1, 2):
        parts = found[str(devices)]["parts"]
        # And the batch that the program was traced for.
        assert len(parts) == (PHASES * EPOCHS * STEPS + 1) * ARRAYS
        for part in parts:
            assert [size for _, size in part] == [6 // devices] * devices
            assert len({device for device, _ in part}) == devices


def test_the_network_is_on_every_device_that_trains_it(found):
    assert (found["1"]["homes"], found["2"]["homes"]) == ([1], [2])


def test_the_distribution_is_put_back(found):
    assert found["left"] == "None"


def test_a_training_on_two_devices_goes_on_to_the_same_bits(found):
    again = found["again"]
    assert again["figures"] == found["2"]["figures"][-3:]
    assert again["same"]


def test_derm_trains_on_two_devices(tmp_path):
    trees.make_pad(tmp_path / "data" / "pad-ufes-20", per_class=4)
    settings = {f"DERM_{name.upper()}": str(tmp_path / name) for name in ("data", "runs", "cache")}
    options = ["--backbone", "effnet-lite0", "--size", "32", "--schedule", "linear-probe", "--epochs", "2"]
    derm = Path(sys.executable).with_name("derm")
    said = printed(derm, "train", *options, "--chain", "pad-ufes-20", "--devices", "2", "--json", **settings)
    record = json.loads((tmp_path / "runs" / said["run"] / "run.json").read_text())
    assert record["status"] == "finished"
    assert record["environment"]["backend"] == "jax"
    assert record["environment"]["devices"] == ["cpu:0", "cpu:1"]
