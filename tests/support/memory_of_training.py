"""Trains the tiny network for a few windows of photographs that are mapped from a file; prints its memory as JSON.

For test_memory.py: in a process of its own, so that its peaks are its own.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from pathlib import Path

import numpy as np

from derm_cli.data.photographs import Photographs
from derm_cli.engine import backend
from tests.support.tiny_network import TINY, TrainingLog, made_stage, trainer_for

STEPS, PER_CLASS = 100, 96


class Enough(Exception):
    """So many steps were taken."""


class Allocated(threading.Thread):
    """Looks every few milliseconds at what is allocated, since the system keeps no peak of it."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.ended = 0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.002):
            self.peak = max(self.peak, memory("RssAnon"))


def memory(field: str) -> int:
    found = re.search(rf"^{field}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) << 10


def train(pixels: np.ndarray) -> bool:
    """Train for so many steps, and tell whether all photographs were in memory."""

    def enough(position):
        if position.epoch * trainer.steps + position.step >= STEPS:
            raise Enough

    count = len(pixels)
    photographs = Photographs(((pixels, np.arange(count)),)), np.arange(count, dtype=np.int32) % 3
    # With mixup nothing is kept in the place of photographs.
    stage = made_stage([("block2",)], epochs=STEPS, mixup=0.2)
    trainer = trainer_for(TINY, photographs, stage, per_class=PER_CLASS, augmentation=None)
    try:
        trainer.train(TrainingLog(enough))
    except Enough:
        return trainer.programs._photographs.resident
    raise AssertionError("the training ended before")


backend.start(11)
allocated = Allocated()
allocated.start()
resident = train(np.load(sys.argv[1], mmap_mode="r"))
allocated.ended.set()
allocated.join()
print(json.dumps({"resident": resident, "allocated": allocated.peak, "in all": memory("VmHWM")}))
