"""Where the names of :mod:`derm_cli.plugin` are defined, and their import at first use.

A plugin's module, which derm imports whenever it starts, costs next to nothing so.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

HOMES = {
    "derm_cli.chain_names": ("IMAGENET",),
    "derm_cli.console": ("clock", "progress", "say", "table", "terminal_width", "warn"),
    "derm_cli.cores": ("usable_cores",),
    "derm_cli.csv_cells": ("read_rows",),
    "derm_cli.encoding": ("decode_text", "file_kind"),
    "derm_cli.errors": ("DermError", "RequestError", "first_line", "one_line"),
    "derm_cli.files": ("sha256_of", "whole"),
    "derm_cli.markdown": ("markdown_table",),
    "derm_cli.nouns": ("counted",),
    "derm_cli.phase_options": ("Component", "PhaseOptions"),
    "derm_cli.plan": ("Execution", "OfficialSplit", "Phase", "Plan", "Stage", "Teacher"),
    "derm_cli.preprocessing": ("Preprocessing", "PreprocessingStep"),
    "derm_cli.plugin.answers": ("Answer", "AnswerEncoding", "EncodedField"),
    "derm_cli.plugin.artefact": ("ArtefactFacts", "Predictor", "checked_probabilities"),
    "derm_cli.plugin.column_names": ("SPELLINGS", "ColumnNames", "match_columns"),
    "derm_cli.plugin.component_specs": (
        *("AnnealingSpec", "AugmentationSpec", "AverageSpec", "ComponentSpec", "LossSpec"),
        *("MixingSpec", "OptimizerSpec", "RecipeSpec", "SamplerSpec", "TargetSpec", "ViewSpec"),
    ),
    "derm_cli.plugin.components": (
        *("Average", "Loss", "LossFacts", "MixDraw", "Mixing", "Rates", "SamplingRequest", "TargetFacts"),
        *("UpdateRule", "View"),
    ),
    "derm_cli.plugin.downloads": ("Download", "Listing", "Page"),
    "derm_cli.plugin.events": ("EpochReport", "RunFacts", "StageFacts", "StopRequest", "StudyFacts"),
    "derm_cli.plugin.executor_specs": ("Capacity", "Executor", "ExecutorSpec", "ProcessEnd", "StudyProcess"),
    "derm_cli.plugin.inspection": ("Inspection", "Tensor", "Weights"),
    "derm_cli.plugin.interface": ("INTERFACE", "DeprecatedInDerm"),
    "derm_cli.plugin.json_values": ("from_json", "to_json"),
    "derm_cli.plugin.judging_specs": ("JudgedCases", "JudgedClass", "MetricSpec"),
    "derm_cli.plugin.keras_models": ("check_keras_parts", "read_keras_model"),
    "derm_cli.plugin.near_paths": ("NearPaths",),
    "derm_cli.plugin.options": ("ComponentOption",),
    "derm_cli.plugin.packager_specs": (
        *("Answers", "CheckedPhotograph", "Licence", "ModelCheck", "PackRequest", "PackagerSpec", "PackedModel"),
        *("Verification", "VerifyRequest"),
    ),
    "derm_cli.plugin.photograph_files": (
        *("DICOM_SUFFIXES", "HEIF_SUFFIXES", "PHOTOGRAPH_SUFFIXES", "RAW_SUFFIXES"),
        "is_system_name",
    ),
    "derm_cli.plugin.metadata_fields": ("COMMON_FIELDS", "MetadataField", "common_fields"),
    "derm_cli.plugin.missing": ("is_unknown",),
    "derm_cli.plugin.names": ("canonical_names", "clean_name", "known_names"),
    "derm_cli.plugin.predicted": ("PredictedPhotograph", "PredictionSummary"),
    "derm_cli.plugin.preprocessing_specs": ("PreprocessingStepSpec",),
    "derm_cli.plugin.proof": ("proves_nothing",),
    "derm_cli.plugin.records": (
        "NUMBER_COLUMNS",
        "RECORD_COLUMNS",
        "REQUIRED_COLUMNS",
        "RecordColumn",
        "answer_column",
    ),
    "derm_cli.plugin.report_specs": (
        *("ReportParagraph", "ReportPlot", "ReportSectionFacts", "ReportSectionSpec", "ReportTable"),
    ),
    "derm_cli.plugin.requests": ("DatasetFacts", "PlanRequest", "ScheduleRequest"),
    "derm_cli.plugin.specs": (
        *("HEAD", "STEM", "BackboneSpec", "Block", "DatasetSpec", "ExporterSpec", "ScheduleSpec", "StrategySpec"),
        "WeightSource",
    ),
    "derm_cli.plugin.subgroup_columns": ("SubgroupColumn",),
    "derm_cli.plugin.threshold_facts": ("ThresholdFacts",),
    "derm_cli.plugin.variants": ("FLOAT_INPUT", "CalibrationPhotographs", "ExporterVariant"),
    "derm_cli.plugin.vectors": ("VectorFile",),
    "derm_cli.quiet": ("quietly",),
    "derm_cli.scratch": ("scratch_folder",),
    "derm_cli.tables": ("TableRow", "TextTable", "missing_column", "read_text_table"),
    "derm_cli.taxonomy": ("LesionClass", "covering_class", "known_diagnoses"),
}
"""The public names of :mod:`derm_cli.plugin` by the module that defines them, but for ``hookimpl``."""

_HOME = {name: home for home, names in HOMES.items() for name in names}

FORMER: dict[str, str] = {}
"""Names that were public once and still work, and those to use in their place: whoever imports one is told."""

PUBLIC_NAMES = sorted((*_HOME, "hookimpl"), key=lambda name: (not name.isupper(), name[0].islower(), name))
"""Every public name: constants, classes, functions."""


def import_name(name: str) -> Any:
    """Import the public ``name`` from the module that defines it.  Raises AttributeError for any other name."""
    if name in FORMER:
        from derm_cli.plugin.interface import deprecated

        deprecated(f"'{name}' of derm_cli.plugin", f"'{FORMER[name]}'", depth=4)
        name = FORMER[name]
    if name not in _HOME:
        raise AttributeError(f"module 'derm_cli.plugin' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)
