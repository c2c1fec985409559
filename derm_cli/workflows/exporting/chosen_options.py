"""What of an exporter's own options tells two artefacts of one format apart: those that are not the defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from derm_cli.plugin import ExporterSpec
from derm_cli.plugin.options import shown


def chosen_options(spec: ExporterSpec, options: Mapping[str, Any]) -> str:
    """Return the options that are not the exporter's defaults as they are typed, as in ``level=9``; '' for none."""
    chosen = [each for each in spec.options if options.get(each.name, each.default) != each.default]
    return ",".join(f"{each.name}={shown(options[each.name])}" for each in chosen)


def file_ending(chosen: str) -> str:
    """Return what the name of an artefact's file has of its chosen options before the suffix, as in ``-level-9``."""
    return f"-{re.sub(r'[^a-zA-Z0-9.]+', '-', chosen)}" if chosen else ""
