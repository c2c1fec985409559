"""The words of a chain: what may stand first in it for weights, and which names a dataset can have therefore."""

from __future__ import annotations

IMAGENET = "imagenet"
RUN_PREFIX = "run:"


def dataset_name_fault(name: str) -> str:
    """Return why no chain and no ``--leave-out DATASET:CLASS`` can name a dataset ``name``; empty where they can."""
    faults = {
        "is empty": not name.strip(),
        f"stands for the weights '{IMAGENET}' in a chain": name.strip().casefold() == IMAGENET,
        f"begins with '{RUN_PREFIX}', which stands for a run's weights in a chain": name.startswith(RUN_PREFIX),
        "has a comma, which stands between the datasets of a chain": "," in name,
        "has a colon, which --leave-out has between a dataset and its class": ":" in name,
        "begins or ends with a blank, which a chain leaves out": name != name.strip(),
        "has a character that nobody sees": not name.isprintable(),
    }
    return next((fault for fault, holds in faults.items() if holds), "")
