"""The metrics that plugins add to an evaluation."""

from __future__ import annotations

from dataclasses import replace

from derm_cli.plugin import MetricSpec
from derm_cli.plugin.registry import Registry
from derm_cli.workflows.evaluating.run_evaluation import DEFAULT_OPTIONS, JudgementOptions


def plugin_metrics(registry: Registry) -> tuple[MetricSpec, ...]:
    """Return the metrics of plugins."""
    return tuple(registry.all(MetricSpec).values())


def with_plugin_metrics(registry: Registry, options: JudgementOptions = DEFAULT_OPTIONS) -> JudgementOptions:
    """Return options by which the metrics of plugins are computed too."""
    return replace(options, metrics=plugin_metrics(registry))
