"""Features of photographs by a network as it was before training, stored by content: baselines are fitted on them."""

from __future__ import annotations

from typing import ClassVar

from derm_cli.runs.array_store import ArrayStore, Words


class FeatureStore(ArrayStore):
    """Features of the photographs of datasets, as one array of float32 (n, channels) each.

    `derm cache list` shows of the facts of each ``backbone``, ``weights``, ``photographs`` (how many), ``features`` (of
    each photograph) and ``run``.
    """

    kind = "features"
    words: ClassVar = Words(
        stored="file of features",
        again="it is removed, and they are computed again",
        unread="they are computed again",
        new="A file of features",
        others="other runs compute them again",
    )
