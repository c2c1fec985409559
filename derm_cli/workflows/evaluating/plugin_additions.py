"""What plugins add to an evaluation: metrics, and sections of the report."""

from __future__ import annotations

from dataclasses import replace

from derm_cli.plugin import MetricSpec, ReportSectionSpec
from derm_cli.plugin.registry import Registry
from derm_cli.workflows.evaluating.run_evaluation import DEFAULT_OPTIONS, JudgementOptions


def plugin_metrics(registry: Registry) -> tuple[MetricSpec, ...]:
    """Return the metrics of plugins."""
    return tuple(registry.all(MetricSpec).values())


def with_plugins(registry: Registry, options: JudgementOptions = DEFAULT_OPTIONS) -> JudgementOptions:
    """Return options by which the metrics of plugins are computed too, and their sections written."""
    sections = tuple(registry.all(ReportSectionSpec).values())
    return replace(options, metrics=plugin_metrics(registry), sections=sections)
