"""What is fuzzed: each target makes one spoilt input from a ``random.Random``, and holds derm to what it may do."""

from __future__ import annotations

import random as randomness
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from derm_cli.errors import DermError

LONGEST_SENTENCE = 4000
"""Characters of an error: a value of a megabyte is not to be quoted whole."""


class Broken(AssertionError):
    """Derm did what it promises never to do."""


@dataclass
class Target:
    """Something that reads what others wrote; ``folder`` is its own, to write to."""

    folder: Path
    description: str = field(default="", init=False)
    """How the input at hand was spoilt."""

    @property
    def name(self) -> str:
        return type(self).__name__.lower()

    def prepare(self) -> None:
        """Do once what every input needs: imports, sound files."""

    def run(self, seed: int, index: int) -> str:
        """Make the input of this number, hand it over, and return what came of it.  Raises what should not be."""
        self.description = ""
        # Each input depends on its own number alone, so that one can be repeated without those before it.
        random = Random(f"{seed} {self.name} {index}")
        randomness.seed(index)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                return self.check_one(random)
            except DermError as error:
                sentence = str(error)
                if len(sentence) > LONGEST_SENTENCE:
                    raise Broken(f"an error of {len(sentence)} characters: {sentence[:200]!r}") from error
                return "refused"

    def check_one(self, random: Random) -> str:
        """Spoil something, use it, and return in a word or two what came of it."""
        raise NotImplementedError


def promise(kept: bool, otherwise: str) -> None:
    """Raise Broken where a promise was not kept."""
    if not kept:
        raise Broken(otherwise)
