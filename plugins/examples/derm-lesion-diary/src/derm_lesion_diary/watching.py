"""What this plugin says when a run is finished."""

from __future__ import annotations

from typing import Any

from derm_cli.plugin import warn


def tell_of_missed_melanomas(evaluation: dict[str, Any]) -> None:
    """Warn where melanomas of the test part were taken for something else.

    ``evaluation`` is what the run's ``evaluation.json`` holds.  Silent where there is no class ``melanoma``.
    """
    melanoma = evaluation["per_class"].get("melanoma")
    if melanoma and melanoma["support"]:
        missed = round(melanoma["support"] * (1 - melanoma["sensitivity"]))
        if missed:
            warn(f"{missed} of {melanoma['support']} melanomas of the test photographs are missed.")
