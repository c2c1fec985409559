"""A target that breaks every promise, to see that the fuzzer sees it."""

from __future__ import annotations

import os
import signal
import time
import warnings
from random import Random

from derm_cli.errors import DermError
from tests.fuzz.fuzz_targets import LONGEST_SENTENCE, Target


class Misbehaving(Target):
    """Input 3 raises, 5 warns, 7 never ends, 9 takes all memory, 11 ends the process, 13 waits, 15 talks on and on."""

    def run(self, seed: int, index: int) -> str:
        self.index = index
        return super().run(seed, index)

    def check_one(self, random: Random) -> str:
        self.description = f"number {self.index}"
        if self.index == 3:
            raise KeyError("what a user must not see")
        if self.index == 5:
            warnings.warn("image may be damaged", UserWarning, stacklevel=1)
        while self.index == 7:
            pass
        if self.index == 9:
            assert bytearray(8 * 2**30)
        if self.index == 11:
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.index == 13:
            time.sleep(1000)
        if self.index == 15:
            error = DermError()
            error.args = ("on " * LONGEST_SENTENCE,)
            raise error
        if self.index == 2:
            raise DermError("It is refused.")
        return "read"
