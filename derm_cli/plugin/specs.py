"""The kinds of specs: datasets, backbones, strategies, schedules and exporters, as plugins describe them to derm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from derm_cli.chain_names import dataset_name_fault
from derm_cli.plugin.downloads import Download, Listing
from derm_cli.plugin.interface import deprecated
from derm_cli.plugin.metadata_fields import MetadataField, means_the_common_one
from derm_cli.plugin.options import ComponentOption, OptionedSpec
from derm_cli.plugin.spec import Spec
from derm_cli.plugin.subgroup_columns import SubgroupColumn
from derm_cli.plugin.variants import ExporterVariant
from derm_cli.taxonomy import LesionClass

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from derm_cli.plan import Phase, Stage
    from derm_cli.plugin.artefact import Predictor
    from derm_cli.plugin.inspection import Inspection
    from derm_cli.plugin.requests import PlanRequest, ScheduleRequest
    from derm_cli.plugin.vectors import VectorFile

HEAD = "head"
STEM = "stem"
"""Names that no block may bear: the head, always unfrozen, and what no block names, the backbone's first layers."""

ZIPPED = ".zip"
"""The ending of a bundle that is one file, and of no artefact."""
MODALITIES = ("clinical", "dermoscopic", "mixed", "made")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DatasetSpec(Spec):
    """A dataset as its publisher ships it.

    ``classes`` in their order, with the diagnoses that each covers; empty where only the folder itself can tell, and
    then ``read_classes(root)`` must.  ``records(root)`` reads the folder's tables, decodes no photograph, and returns
    a DataFrame with a row a photograph and the columns of :data:`RECORD_COLUMNS`: those that are required, and of the
    others what is known; what is unknown is missing (NaN), never invented.  A row whose label is none of the classes,
    or whose file is not there, is returned all the same, and so is an age that is none: derm drops what it cannot use
    and says why.  It raises DermError where the folder has not the layout, which ``layout`` describes in that error.
    ``official_split`` names the split of which the column ``split`` has the parts.  ``photographs`` is how many the
    publisher tells of.

    ``template(root)`` writes an empty copy of the layout, with what must be filled in, for who brings photographs of
    one's own.  A synthetic dataset has ``make(root)``, which draws its photographs into an empty folder; all that
    comes of it is marked as synthetic.  ``downloads`` are the files that its licence allows derm to download for
    whoever accepts it, and lists of such.  ``reader`` marks a layout without a folder of its own (``folder``, ``csv``),
    which a table ``[datasets.NAME]`` of derm.toml puts to use.

    ``metadata`` are the questions that the dataset answers, each in the column of records of its name, and
    ``read_metadata(root)`` returns more where the folder itself tells; a name of :data:`COMMON_FIELDS` means that one.

    ``titles`` has, by language (ISO 639-1) and name of a class, titles beside the English ones, as in
    ``{"pt": {"NEV": "nevo"}}``: artefacts carry them where ``derm export --labels`` asks for the language.

    ``subgroups`` are columns of its own by which evaluations form subgroups, each in the column of records of its name.
    """

    kind: ClassVar[str] = "dataset"
    hook: ClassVar[str] = "derm_datasets"

    name: str
    title: str
    classes: tuple[LesionClass, ...]
    records: Callable[[Path], pd.DataFrame]
    modality: Literal["clinical", "dermoscopic", "mixed", "made"]
    licence: str
    citation: str
    homepage: str
    obtain: str
    layout: str
    read_classes: Callable[[Path], tuple[LesionClass, ...]] | None = None
    make: Callable[[Path], None] | None = None
    template: Callable[[Path], None] | None = None
    reader: bool = False
    official_split: str = ""
    photographs: int | None = None
    downloads: tuple[Download | Listing, ...] = ()
    metadata: tuple[MetadataField, ...] = ()
    read_metadata: Callable[[Path], tuple[MetadataField, ...]] | None = None
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    subgroups: tuple[SubgroupColumn, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(not dataset_name_fault(self.name), "name", self.name, "one that means no weights in a chain")
        self._require_tuple("classes", LesionClass)
        names = [each.name for each in self.classes]
        self._require(len(set(names)) == len(names), "classes", names, "names that differ")
        self._require(
            self.classes or callable(self.read_classes),
            "classes",
            self.classes,
            "given, or read_classes in their place",
        )
        self._require_callable("records")
        self._require(self.modality in MODALITIES, "modality", self.modality, "one of " + ", ".join(MODALITIES))
        self._require(
            (self.modality == "made") == (self.make is not None), "make", self.make, "given for made sets alone"
        )
        self._require(
            self.template is None or callable(self.template), "template", self.template, "a function, or left out"
        )
        self._require_text("licence", "citation", "homepage", "obtain", "layout")
        self._require_tuple("downloads", Download, Listing)
        self._require_tuple("metadata", MetadataField)
        self._require_tuple("subgroups", SubgroupColumn)
        own = [*(each.name for each in self.subgroups), *(each.name for each in self.metadata)]
        titles = [each.title.casefold() for each in self.subgroups]
        differ = len(set(own)) == len(own) and len(set(titles)) == len(titles)
        self._require(differ or not self.subgroups, "subgroups", own, "columns of names and titles that differ")
        asked = [each.name for each in self.metadata]
        self._require(len(set(asked)) == len(asked), "metadata", asked, "fields of names that differ")
        for each in self.metadata:
            self._require(
                means_the_common_one(each), "metadata", each.name, "another name, or the common field of that name"
            )
        self._require(
            self.read_metadata is None or callable(self.read_metadata),
            "read_metadata",
            self.read_metadata,
            "a function, or left out",
        )
        lines = [title for by_class in self.titles.values() for title in by_class.values()]
        self._require(
            all(title == title.strip() and len(title.splitlines()) == 1 for title in lines),
            "titles",
            self.titles,
            "lines of text without blanks around them",
        )

    @property
    def synthetic(self) -> bool:
        """Whether the photographs are drawn by a program."""
        return self.make is not None

    @property
    def made(self) -> bool:
        """The same as ``synthetic``, under its older name, which goes."""
        deprecated("'made' of a DatasetSpec", "'synthetic'")
        return self.synthetic


@dataclass(frozen=True, kw_only=True)
class Block:
    """A named part of a backbone: every layer whose name one of ``layers`` (shell patterns) matches."""

    name: str
    layers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WeightSource:
    """Where weights come from: the name used in a chain, the licence, the file, and the address to get it from."""

    name: str
    licence: str
    file: str
    address: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class BackboneSpec(Spec):
    """A convolutional network with named blocks.

    ``build(size, weights)`` returns a ``keras.Model`` without Lambda layers: float32 RGB of 0..255 with shape (batch,
    size, size, 3) in, feature map (batch, h, w, channels) out, scaling inside.  Models inside it, as those of Keras's
    ConvNeXt, are taken apart: their layers take their places, under their own names where these are free.  ``weights``
    is None for random ones or the name of a WeightSource; ``build`` raises DermError with the file, the folder and the
    address where they cannot be had.  ``blocks`` are listed from the top; what none of them matches is the stem.
    ``parameters`` is the number of weights, ``input_size`` the default side in pixels.  ``statistics`` names the blocks
    that ``--pooling statistics`` reads where they end; without any, all but the top one.  A backbone that reads vectors
    in place of photographs has ``vectors``, which opens the file that ``--features`` names; it may have neither
    parameters nor blocks, and its ``build`` is given the side of the file's squares.
    """

    kind: ClassVar[str] = "backbone"
    hook: ClassVar[str] = "derm_backbones"

    name: str
    title: str
    parameters: int
    input_size: int
    build: Callable[[int, str | None], keras.Model]
    blocks: tuple[Block, ...]
    weights: tuple[WeightSource, ...] = ()
    statistics: tuple[str, ...] = ()
    vectors: Callable[[Path], VectorFile] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        least = {"parameters": 0 if self.vectors else 1, "input_size": 1}
        for number, smallest in least.items():
            value = getattr(self, number)
            self._require(isinstance(value, int) and value >= smallest, number, value, "a positive whole number")
        self._require_callable("build")
        self._require(
            self.vectors is None or callable(self.vectors), "vectors", self.vectors, "a function, or left out"
        )
        self._require_tuple("blocks", Block, order=", top first", empty=self.vectors is not None)
        names = [block.name for block in self.blocks]
        self._require(
            len(set(names)) == len(names) and HEAD not in names and STEM not in names,
            "blocks",
            names,
            f"names that differ, none of them '{HEAD}' or '{STEM}'",
        )
        for block in self.blocks:
            # A text is a sequence of patterns too, a letter each: with a star among them, all layers would match.
            fits = (
                isinstance(block.layers, tuple) and block.layers and all(isinstance(each, str) for each in block.layers)
            )
            wanted = f"a tuple of patterns of layers' names, as in ('{block.name}_*',)"
            self._require(fits, f"blocks: {block.name}", block.layers, wanted)
        self._require_tuple("weights", WeightSource)
        self._require_tuple("statistics", str)
        self._require(set(self.statistics) <= set(names), "statistics", self.statistics, "names of its blocks")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class StrategySpec(Spec):
    """A planner: a pure function from a request to stages, of which the last must have the target's classes."""

    kind: ClassVar[str] = "strategy"
    hook: ClassVar[str] = "derm_strategies"

    name: str
    title: str
    plan: Callable[[PlanRequest], tuple[Stage, ...]]

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_callable("plan")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ScheduleSpec(OptionedSpec):
    """How a stage is trained: a pure function from a request to phases.

    ``options`` are its own, as in ``--schedule NAME:OPTION=VALUE``; the request has their values.
    """

    kind: ClassVar[str] = "schedule"
    hook: ClassVar[str] = "derm_schedules"

    name: str
    title: str
    phases: Callable[[ScheduleRequest], tuple[Phase, ...]]
    options: tuple[ComponentOption, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_callable("phases")
        self._require_options()


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ExporterSpec(OptionedSpec):
    """A format for the finished model.

    ``export(model, facts, path)`` writes to ``path`` the network ``model`` (float RGB 0..255 in, probabilities out)
    with uint8 NHWC input ``image`` and output ``probabilities``, and ``facts`` inside the file.  Where ``facts`` have
    ``answers``, the network has a second input of that name, float32 (n, k), and the file too.  ``load(path)`` gives a
    Predictor; it raises DermError where the file is not one of derm's.  ``tolerance`` is the largest difference of a
    probability from the run's model that is accepted.  ``suffix`` is no other exporter's: by it a file is known;
    ``.zip`` is a packager's.
    ``inspect(path)`` tells what is in a file as data, without a runtime; None where the format cannot.
    ``model`` is of the backend in use, which may be JAX: who needs TensorFlow then runs it in a process of its own, as
    the built-in exporters do.  ``variants`` are further files of the format, such as quantized ones; without any, the
    options that ask for variants leave the format as it is.  ``options`` are its own, as in ``derm export --NAME-OPTION
    VALUE``; where there are any, ``export`` gets their values by name as a fourth argument.  With ``is_folder``,
    ``path`` is a folder that it makes, sealed and known as a whole; its name ends in the suffix all the same.
    """

    kind: ClassVar[str] = "exporter"
    hook: ClassVar[str] = "derm_exporters"
    unshared: ClassVar[tuple[str, ...]] = ("suffix",)
    namespace: ClassVar[str] = "export"

    name: str
    title: str
    suffix: str
    export: Callable[..., None]
    load: Callable[[Path], Predictor]
    tolerance: float = 1e-4
    inspect: Callable[[Path], Inspection] | None = None
    variants: tuple[ExporterVariant, ...] = ()
    options: tuple[ComponentOption, ...] = ()
    is_folder: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_no_export_option()
        self._require(
            isinstance(self.suffix, str) and self.suffix.startswith(".") and len(self.suffix) > 1,
            "suffix",
            self.suffix,
            "a file suffix such as '.tflite'",
        )
        self._require(self.suffix.lower() != ZIPPED, "suffix", self.suffix, "another one, for this is a bundle's")
        self._require_callable("export", "load")
        self._require(
            self.inspect is None or callable(self.inspect), "inspect", self.inspect, "a function, or left out"
        )
        self._require(
            isinstance(self.tolerance, int | float) and 0 < self.tolerance < 1,
            "tolerance",
            self.tolerance,
            "a number between 0 and 1",
        )
        self._require_tuple("variants", ExporterVariant)
        names = [each.name for each in self.variants]
        self._require(len(set(names)) == len(names), "variants", names, "variants of names that differ")
        self._require_options()


def spec_kinds() -> list[type[Spec]]:
    """Return the kinds of specs, in the order in which derm lists them: those of this module, components, others'."""
    from derm_cli.plugin import (
        component_specs,
        executor_specs,
        judging_specs,
        packager_specs,
        preprocessing_specs,
        report_specs,
    )

    kinds = (
        *Spec.__subclasses__(),
        *OptionedSpec.__subclasses__(),
        *component_specs.ComponentSpec.__subclasses__(),
    )
    others = (packager_specs, executor_specs, judging_specs, report_specs, preprocessing_specs, component_specs)
    modules = (__name__, *(each.__name__ for each in others))
    order = {module: number for number, module in enumerate(modules)}
    with_hooks = [kind for kind in kinds if "hook" in vars(kind)]
    return sorted(with_hooks, key=lambda kind: order.get(kind.__module__, len(modules)))
