"""Sections of plugins in a report: what they return, as blocks that the page shows; all of their text is text."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from derm_cli.console import warn
from derm_cli.errors import DermError, Interrupted, one_line
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.metrics.plugin_metrics import cases_for_plugins
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.headings import Heading
from derm_cli.evaluation.reporting.tables.table import Cell, Number, Table
from derm_cli.plugin import ReportParagraph, ReportPlot, ReportSectionFacts, ReportSectionSpec, ReportTable
from derm_cli.plugin.calling import PluginFault, PluginFunction
from derm_cli.plugin.pictures import picture_of


@dataclass(frozen=True)
class ShownPicture:
    """A plot as a page shows it: its title, the picture as a ``data:`` URL, and how it is to be read."""

    title: str
    data_url: str
    reading: str


@dataclass(frozen=True)
class SectionBlock:
    """A part of a section: a paragraph, a table or a picture."""

    paragraph: str = ""
    table: Table | None = None
    picture: ShownPicture | None = None


@dataclass(frozen=True)
class PluginSection:
    """A section of a plugin: its heading, the id of the section that it follows, and its blocks in their order."""

    heading: Heading
    after: str
    blocks: tuple[SectionBlock, ...]


def plugin_sections(
    specs: Sequence[ReportSectionSpec],
    title: str,
    judgement: Judgement | None,
    predictions: Predictions | None,
    evaluation: Mapping[str, Any],
    *,
    synthetic: bool,
) -> list[PluginSection]:
    """Return the sections of plugins that have something to show, of the report ``title`` of an ``evaluation``.

    One that fails is warned of, and says so on the page; all else of the page stands.
    """
    if not specs:
        return []
    cases = cases_for_plugins(predictions, judgement.severities) if judgement and predictions else None
    found = []
    for spec in specs:
        # Each its own copy: what one changes is nobody else's.
        facts = ReportSectionFacts(
            title=title,
            classes=cases.classes if cases else (),
            cases=cases,
            evaluation=copy.deepcopy(dict(evaluation)),
            synthetic=synthetic,
        )
        blocks = _blocks(spec, facts)
        if blocks:
            heading = Heading(f"plugin-{spec.name}", spec.title, spec.subtitle, f"By plugin {_plugin_of(spec)}.")
            found.append(PluginSection(heading, spec.after, blocks))
    return found


def _blocks(spec: ReportSectionSpec, facts: ReportSectionFacts) -> tuple[SectionBlock, ...]:
    try:
        return tuple(_block(spec, number, each) for number, each in enumerate(spec.render(facts), start=1))
    except (Interrupted, MemoryError):
        raise
    except Exception as error:
        warn(_told(spec, error))
        return (SectionBlock(paragraph=f"Plugin '{_plugin_of(spec)}' failed to write this section; all else stands."),)


def _told(spec: ReportSectionSpec, error: Exception) -> str:
    """Return what is told of a section that failed: whose it is, and what to do."""
    if isinstance(error, PluginFault) or not isinstance(spec.render, PluginFunction):
        return str(error)
    if isinstance(error, DermError):
        return f"{spec.render.origin.owner}: report section '{spec.name}': {error}"
    return str(spec.render.origin.failed(spec.render, error))


def _block(spec: ReportSectionSpec, number: int, given: ReportParagraph | ReportTable | ReportPlot) -> SectionBlock:
    if isinstance(given, ReportParagraph):
        return SectionBlock(paragraph=given.text)
    if isinstance(given, ReportPlot):
        return SectionBlock(picture=ShownPicture(given.title, picture_of(given.content).data_url, given.reading))
    rows = tuple(tuple(_cell(each, given.decimals) for each in row) for row in given.rows)
    return SectionBlock(table=Table(f"plugin_{spec.name}_{number}", given.title, tuple(given.header), rows))


def _cell(value: Any, decimals: int) -> Cell:
    """Return a cell as tables have it; a number that is none is undefined."""
    if isinstance(value, str):
        return one_line(value)
    if value is None or math.isnan(value):
        return Number(None, scale=1, decimals=decimals)
    return int(value) if isinstance(value, Integral) else Number(float(value), scale=1, decimals=decimals)


def _plugin_of(spec: ReportSectionSpec) -> str:
    origin = getattr(spec.render, "origin", None)
    return origin.plugin if origin else spec.name
