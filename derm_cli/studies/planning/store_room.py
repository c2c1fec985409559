"""Whether the store of stages has room for those that a study must keep at once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from derm_cli.config import CACHE_LIMIT
from derm_cli.console import warn
from derm_cli.data.downloading.space import size_text
from derm_cli.studies.planning.graph import WorkUnit

SPARE = 1.2
"""What is advised has so many times the room: a stage's file is a little larger than its network."""


def bytes_kept_at_once(units: Sequence[WorkUnit], stage_bytes: Mapping[str, int], workers: int = 1) -> int:
    """Return the most bytes of stages that a store has to keep at once, so that none of them is trained again.

    ``stage_bytes`` are those of each stage by its outline.  Units are taken to end in the order in which they begin,
    ``workers`` of them being at work; while stages wait for their users, what is at work stores one more of each.
    """
    users = Counter(unit.begins_with for unit in units if unit.begins_with)
    trained = {outline for unit in units for outline in unit.outlines}
    kept = {outline for outline in users if outline not in trained}
    kept_bytes = sum(stage_bytes[outline] for outline in kept)
    waiting, running, done, most = list(units), list[WorkUnit](), set[str](), 0
    while waiting or running:
        while len(running) < workers:
            ready = next((index for index, each in enumerate(waiting) if done.issuperset(each.after)), None)
            if ready is None:
                break
            running.append(waiting.pop(ready))
        own = sum(stage_bytes[each.outlines[-1]] for each in running if each.outlines)
        if kept or any(each.is_beginning for each in running):
            most = max(most, kept_bytes + own)
        ended = running.pop(0)
        done.add(ended.key)
        users[ended.begins_with] -= 1
        if ended.begins_with in kept and not users[ended.begins_with]:
            kept.remove(ended.begins_with)
            kept_bytes -= stage_bytes[ended.begins_with]
        if ended.is_beginning and users[ended.outlines[-1]]:
            kept.add(ended.outlines[-1])
            kept_bytes += stage_bytes[ended.outlines[-1]]
    return most


def warn_of_small_store(needed: int, limit: int) -> None:
    """Warn where the stages that must be kept at once, of ``needed`` bytes, are more than the store may have."""
    if needed <= limit:
        return
    # Two figures, rounded up.
    unit = 10 ** max(0, math.floor(math.log10(needed * SPARE)) - 1)
    advised = math.ceil(needed * SPARE / unit) * unit
    warn(
        f"The stages that the study must keep at once take about {size_text(needed)}, but the store of stages may have "
        f"{size_text(limit)}: what is shared will be trained again and again; set '{CACHE_LIMIT}' to "
        f"'{size_text(advised)}' or more."
    )
