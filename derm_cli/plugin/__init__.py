"""All that a plugin's author imports.

A plugin is a module that an entry point of the group ``derm`` names.  Its functions bear the names of hooks and the
marker :data:`hookimpl`; each returns facts and functions as frozen dataclasses::

    from derm_cli.plugin import DatasetSpec, LesionClass, hookimpl

    @hookimpl
    def derm_datasets() -> list[DatasetSpec]:
        return [DatasetSpec(name="my-clinic", ...)]

and its ``pyproject.toml`` says::

    [project.entry-points.derm]
    my-clinic = "my_clinic"

Importing a plugin must not import TensorFlow, Keras or pandas: heavy imports stand inside the functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derm_cli.plugin.lazy import PUBLIC_NAMES, import_name
from derm_cli.plugin.marker import hookimpl as hookimpl

if TYPE_CHECKING:
    from derm_cli.chain_names import IMAGENET as IMAGENET
    from derm_cli.console import clock as clock
    from derm_cli.console import progress as progress
    from derm_cli.console import say as say
    from derm_cli.console import table as table
    from derm_cli.console import terminal_width as terminal_width
    from derm_cli.console import warn as warn
    from derm_cli.cores import usable_cores as usable_cores
    from derm_cli.csv_cells import read_rows as read_rows
    from derm_cli.encoding import decode_text as decode_text
    from derm_cli.encoding import file_kind as file_kind
    from derm_cli.errors import DermError as DermError
    from derm_cli.errors import RequestError as RequestError
    from derm_cli.errors import first_line as first_line
    from derm_cli.errors import one_line as one_line
    from derm_cli.files import sha256_of as sha256_of
    from derm_cli.files import whole as whole
    from derm_cli.markdown import markdown_table as markdown_table
    from derm_cli.nouns import counted as counted
    from derm_cli.phase_options import Component as Component
    from derm_cli.phase_options import PhaseOptions as PhaseOptions
    from derm_cli.plan import Execution as Execution
    from derm_cli.plan import OfficialSplit as OfficialSplit
    from derm_cli.plan import Phase as Phase
    from derm_cli.plan import Plan as Plan
    from derm_cli.plan import Stage as Stage
    from derm_cli.plan import Teacher as Teacher
    from derm_cli.plugin.answers import Answer as Answer
    from derm_cli.plugin.answers import AnswerEncoding as AnswerEncoding
    from derm_cli.plugin.answers import EncodedField as EncodedField
    from derm_cli.plugin.artefact import ArtefactFacts as ArtefactFacts
    from derm_cli.plugin.artefact import Predictor as Predictor
    from derm_cli.plugin.artefact import checked_probabilities as checked_probabilities
    from derm_cli.plugin.column_names import SPELLINGS as SPELLINGS
    from derm_cli.plugin.column_names import ColumnNames as ColumnNames
    from derm_cli.plugin.column_names import match_columns as match_columns
    from derm_cli.plugin.component_specs import AnnealingSpec as AnnealingSpec
    from derm_cli.plugin.component_specs import AugmentationSpec as AugmentationSpec
    from derm_cli.plugin.component_specs import AverageSpec as AverageSpec
    from derm_cli.plugin.component_specs import ComponentSpec as ComponentSpec
    from derm_cli.plugin.component_specs import LossSpec as LossSpec
    from derm_cli.plugin.component_specs import MixingSpec as MixingSpec
    from derm_cli.plugin.component_specs import OptimizerSpec as OptimizerSpec
    from derm_cli.plugin.component_specs import RecipeSpec as RecipeSpec
    from derm_cli.plugin.component_specs import SamplerSpec as SamplerSpec
    from derm_cli.plugin.component_specs import TargetSpec as TargetSpec
    from derm_cli.plugin.component_specs import ViewSpec as ViewSpec
    from derm_cli.plugin.components import Average as Average
    from derm_cli.plugin.components import Loss as Loss
    from derm_cli.plugin.components import LossFacts as LossFacts
    from derm_cli.plugin.components import MixDraw as MixDraw
    from derm_cli.plugin.components import Mixing as Mixing
    from derm_cli.plugin.components import Rates as Rates
    from derm_cli.plugin.components import SamplingRequest as SamplingRequest
    from derm_cli.plugin.components import TargetFacts as TargetFacts
    from derm_cli.plugin.components import UpdateRule as UpdateRule
    from derm_cli.plugin.components import View as View
    from derm_cli.plugin.downloads import Download as Download
    from derm_cli.plugin.downloads import Listing as Listing
    from derm_cli.plugin.downloads import Page as Page
    from derm_cli.plugin.events import EpochReport as EpochReport
    from derm_cli.plugin.events import RunFacts as RunFacts
    from derm_cli.plugin.events import StageFacts as StageFacts
    from derm_cli.plugin.events import StopRequest as StopRequest
    from derm_cli.plugin.events import StudyFacts as StudyFacts
    from derm_cli.plugin.executor_specs import Capacity as Capacity
    from derm_cli.plugin.executor_specs import Executor as Executor
    from derm_cli.plugin.executor_specs import ExecutorSpec as ExecutorSpec
    from derm_cli.plugin.executor_specs import ProcessEnd as ProcessEnd
    from derm_cli.plugin.executor_specs import StudyProcess as StudyProcess
    from derm_cli.plugin.inspection import Inspection as Inspection
    from derm_cli.plugin.inspection import Tensor as Tensor
    from derm_cli.plugin.inspection import Weights as Weights
    from derm_cli.plugin.interface import INTERFACE as INTERFACE
    from derm_cli.plugin.interface import DeprecatedInDerm as DeprecatedInDerm
    from derm_cli.plugin.json_values import from_json as from_json
    from derm_cli.plugin.json_values import to_json as to_json
    from derm_cli.plugin.judging_specs import JudgedCases as JudgedCases
    from derm_cli.plugin.judging_specs import JudgedClass as JudgedClass
    from derm_cli.plugin.judging_specs import MetricSpec as MetricSpec
    from derm_cli.plugin.keras_models import check_keras_parts as check_keras_parts
    from derm_cli.plugin.keras_models import read_keras_model as read_keras_model
    from derm_cli.plugin.metadata_fields import COMMON_FIELDS as COMMON_FIELDS
    from derm_cli.plugin.metadata_fields import MetadataField as MetadataField
    from derm_cli.plugin.metadata_fields import common_fields as common_fields
    from derm_cli.plugin.missing import is_unknown as is_unknown
    from derm_cli.plugin.names import canonical_names as canonical_names
    from derm_cli.plugin.names import clean_name as clean_name
    from derm_cli.plugin.names import known_names as known_names
    from derm_cli.plugin.near_paths import NearPaths as NearPaths
    from derm_cli.plugin.options import ComponentOption as ComponentOption
    from derm_cli.plugin.packager_specs import Answers as Answers
    from derm_cli.plugin.packager_specs import CheckedPhotograph as CheckedPhotograph
    from derm_cli.plugin.packager_specs import Licence as Licence
    from derm_cli.plugin.packager_specs import ModelCheck as ModelCheck
    from derm_cli.plugin.packager_specs import PackagerSpec as PackagerSpec
    from derm_cli.plugin.packager_specs import PackedModel as PackedModel
    from derm_cli.plugin.packager_specs import PackRequest as PackRequest
    from derm_cli.plugin.packager_specs import Verification as Verification
    from derm_cli.plugin.packager_specs import VerifyRequest as VerifyRequest
    from derm_cli.plugin.photograph_files import DICOM_SUFFIXES as DICOM_SUFFIXES
    from derm_cli.plugin.photograph_files import HEIF_SUFFIXES as HEIF_SUFFIXES
    from derm_cli.plugin.photograph_files import PHOTOGRAPH_SUFFIXES as PHOTOGRAPH_SUFFIXES
    from derm_cli.plugin.photograph_files import RAW_SUFFIXES as RAW_SUFFIXES
    from derm_cli.plugin.photograph_files import is_system_name as is_system_name
    from derm_cli.plugin.predicted import PredictedPhotograph as PredictedPhotograph
    from derm_cli.plugin.predicted import PredictionSummary as PredictionSummary
    from derm_cli.plugin.preprocessing_specs import PreprocessingStepSpec as PreprocessingStepSpec
    from derm_cli.plugin.proof import proves_nothing as proves_nothing
    from derm_cli.plugin.records import NUMBER_COLUMNS as NUMBER_COLUMNS
    from derm_cli.plugin.records import RECORD_COLUMNS as RECORD_COLUMNS
    from derm_cli.plugin.records import REQUIRED_COLUMNS as REQUIRED_COLUMNS
    from derm_cli.plugin.records import RecordColumn as RecordColumn
    from derm_cli.plugin.records import answer_column as answer_column
    from derm_cli.plugin.report_specs import ReportParagraph as ReportParagraph
    from derm_cli.plugin.report_specs import ReportPlot as ReportPlot
    from derm_cli.plugin.report_specs import ReportSectionFacts as ReportSectionFacts
    from derm_cli.plugin.report_specs import ReportSectionSpec as ReportSectionSpec
    from derm_cli.plugin.report_specs import ReportTable as ReportTable
    from derm_cli.plugin.requests import DatasetFacts as DatasetFacts
    from derm_cli.plugin.requests import PlanRequest as PlanRequest
    from derm_cli.plugin.requests import ScheduleRequest as ScheduleRequest
    from derm_cli.plugin.specs import HEAD as HEAD
    from derm_cli.plugin.specs import STEM as STEM
    from derm_cli.plugin.specs import BackboneSpec as BackboneSpec
    from derm_cli.plugin.specs import Block as Block
    from derm_cli.plugin.specs import DatasetSpec as DatasetSpec
    from derm_cli.plugin.specs import ExporterSpec as ExporterSpec
    from derm_cli.plugin.specs import ScheduleSpec as ScheduleSpec
    from derm_cli.plugin.specs import StrategySpec as StrategySpec
    from derm_cli.plugin.specs import WeightSource as WeightSource
    from derm_cli.plugin.subgroup_columns import SubgroupColumn as SubgroupColumn
    from derm_cli.plugin.threshold_facts import ThresholdFacts as ThresholdFacts
    from derm_cli.plugin.variants import FLOAT_INPUT as FLOAT_INPUT
    from derm_cli.plugin.variants import CalibrationPhotographs as CalibrationPhotographs
    from derm_cli.plugin.variants import ExporterVariant as ExporterVariant
    from derm_cli.plugin.vectors import VectorFile as VectorFile
    from derm_cli.preprocessing import Preprocessing as Preprocessing
    from derm_cli.preprocessing import PreprocessingStep as PreprocessingStep
    from derm_cli.quiet import quietly as quietly
    from derm_cli.scratch import scratch_folder as scratch_folder
    from derm_cli.tables import TableRow as TableRow
    from derm_cli.tables import TextTable as TextTable
    from derm_cli.tables import missing_column as missing_column
    from derm_cli.tables import read_text_table as read_text_table
    from derm_cli.taxonomy import LesionClass as LesionClass
    from derm_cli.taxonomy import covering_class as covering_class
    from derm_cli.taxonomy import known_diagnoses as known_diagnoses

__all__ = list(PUBLIC_NAMES)


def __getattr__(name: str) -> Any:
    value = globals()[name] = import_name(name)
    return value
