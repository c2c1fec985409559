"""Photographs take little memory, however many there are."""

import json
import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from derm_cli.cores import usable_cores
from derm_cli.data import parallel
from derm_cli.data.packing import decoding
from derm_cli.data.packing.pack import pack
from derm_cli.engine.feeding import CPU_RESIDENT_BYTES
from derm_cli.plan import Preprocessing

ROOT = Path(__file__).parents[3]
MANY = 100_000
GIGABYTE = 10**9


def memory_of(folder, count, side):
    """Train on a file of zeros, which takes no place on the disk, and return the peaks of the process."""
    file = folder / f"{count}-{side}.npy"
    np.lib.format.open_memmap(file, mode="w+", dtype=np.uint8, shape=(count, side, side, 3))
    path = str(ROOT)
    command = [sys.executable, "-m", "tests.support.memory_of_training", file]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def of_few(tmp_path_factory):
    return memory_of(tmp_path_factory.mktemp("few"), 200, 64)


@pytest.mark.parametrize(("side", "resident"), [(64, False), (29, True)], ids=["by windows", "resident"])
def test_training_on_a_hundred_thousand_photographs_takes_less_than_2_gigabytes_more_than_on_few(
    tmp_path, of_few, side, resident
):
    """By windows, and where they are in memory whole, of which that is nearly the most.

    The peak that the system counts has the pages of the mapped file in it, too, of which the system takes back what it
    needs elsewhere; beside it stands what is allocated.
    """
    found = memory_of(tmp_path, MANY, side)
    assert found["resident"] == resident
    assert (MANY * side**2 * 3 <= CPU_RESIDENT_BYTES) == resident
    more = {name: found[name] - of_few[name] for name in ("allocated", "in all")}
    print({name: f"{size / GIGABYTE:.2f} GB" for name, size in more.items()})
    assert more["allocated"] < 1.2 * GIGABYTE
    assert more["in all"] < 2 * GIGABYTE


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Three thousand small photographs, each of its own colour."""
    folder, paths = tmp_path_factory.mktemp("photographs"), []
    for number in range(3000):
        paths.append(folder / f"{number}.png")
        Image.new("RGB", (16, 16), (number % 256, number // 256, 90)).save(paths[-1])
    return paths


def most_of_packing(files, cache):
    """Return the most bytes that Python and NumPy held at a time, those of the mapped file not among them."""
    tracemalloc.start()
    try:
        packed = pack(files, Preprocessing(size=64), cache, "made")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert packed.photographs.nbytes == len(files) * 64 * 64 * 3
    assert packed.photographs[-1].any()
    return most


def test_packing_ten_times_as_many_photographs_takes_no_more_memory(files, tmp_path):
    few, many = most_of_packing(files[:300], tmp_path / "few"), most_of_packing(files, tmp_path / "many")
    print(f"packing 300: {few / 1e6:.1f} MB, 3000: {many / 1e6:.1f} MB")
    # The names and hashes of the files are kept, of the photographs but a few.
    assert many - few < 0.1 * 2700 * 64 * 64 * 3


def test_no_photograph_is_decoded_far_ahead_of_a_slow_disk(files, tmp_path, monkeypatch):
    read, decoded = decoding.preprocess, []

    def decode(image, rule, box):
        decoded.append(image)
        return read(image, rule, box)

    def halting(items, label, total=None):
        for number, item in enumerate(items):
            if number == 0:
                time.sleep(0.5)
                ahead.append(len(decoded))
            yield item

    ahead = []
    monkeypatch.setattr(decoding, "preprocess", decode)
    monkeypatch.setattr(parallel, "progress", halting)
    pack(files[:500], Preprocessing(size=16), tmp_path, "made")
    # Of the reading of the files for their hashes, and of decoding them.
    assert ahead[0] == 0 < ahead[1] <= parallel.ITEMS_AHEAD * usable_cores()
    assert len(decoded) == 500
