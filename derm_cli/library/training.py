"""``derm.train``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.library.calls import call
from derm_cli.library.run import Run

if TYPE_CHECKING:
    from typing import Unpack

    from derm_cli.library.command_arguments import TrainArguments


def train(**options: Unpack[TrainArguments]) -> Run:
    """Train a backbone through a chain of datasets as ``derm train`` does, and return the run, finished.

    ::

        run = derm.train(backbone="effnet-lite0", chain=["imagenet", "ham10000"], target="pad-ufes-20", epochs=3)

    The options are those of the command, with underscores, and the same defaults, derm.toml's and ``DERM_TRAIN_…``
    included.  ``resume=`` a run goes on with it, ``repeat=`` trains it again.  The bits are those of the command.
    Raises RequestError for what cannot be meant, DermError for what cannot be done, and Interrupted where Ctrl-C, or a
    signal, stopped it: its sentence says how to go on.
    """
    path, surroundings = call("train", (), options)
    return Run(path, surroundings)
