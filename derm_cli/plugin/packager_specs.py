"""Packagers: what puts a run's artefacts into one folder for an app, and proves such a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from derm_cli.plugin.spec import Spec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from derm_cli.plugin.artefact import ArtefactFacts

Answers = Mapping[str, float | str]
"""What is known beside a photograph, by question."""


@dataclass(frozen=True, kw_only=True)
class PackedModel:
    """An artefact to be packed: its file, its exporter, and its variant ('' for the exporter's only one).

    ``parity`` tells how near it is to its run, as ``derm export --json`` does.
    """

    path: Path
    exporter: str
    variant: str = ""
    parity: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Licence:
    """The licence of a dataset, or of weights, that a model comes from; '' for what is not known here.

    ``non_commercial`` tells whether it forbids commercial use, as far as its words tell.
    """

    name: str
    title: str = ""
    licence: str = ""
    citation: str = ""
    homepage: str = ""
    non_commercial: bool = False


@dataclass(frozen=True, kw_only=True)
class PackRequest:
    """All that derm knows of a run whose artefacts are to be packed; nothing in it names a patient, a user or a path.

    ``run`` are hashes and versions, ``evaluation`` is the run's evaluation.json, {} where it has none, ``limitations``
    sentences on what that cannot tell.  ``severities`` has ``benign``, ``indeterminate``, ``malignant`` or None of each
    class, ``quality`` what ``derm data check`` asks of a photograph.  ``answer`` gives the run's own probabilities of
    photographs' files, each with its answers, float64 (n, classes).
    """

    facts: ArtefactFacts
    models: tuple[PackedModel, ...]
    run: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    limitations: tuple[str, ...]
    datasets: tuple[Licence, ...]
    weights: tuple[Licence, ...]
    severities: Mapping[str, str | None]
    quality: Mapping[str, Any]
    answer: Callable[[Sequence[tuple[Path, Answers]]], npt.NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class CheckedPhotograph:
    """A photograph's file on which a bundle is checked, and the run's own probabilities for it, class by class.

    ``answers`` are those given beside it, ``label`` its true class, '' where that is not known.
    """

    path: Path
    probabilities: tuple[float, ...]
    answers: Answers = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class VerifyRequest:
    """What a bundle is to be checked by: ``runtimes`` by name, none for all that can be had; a run's photographs.

    ``cache`` is a folder for environments of runtimes, a folder each, with ``NAME.lock`` beside it that is locked while
    it is made; without it none is made.
    """

    runtimes: tuple[str, ...] = ()
    photographs: tuple[CheckedPhotograph, ...] = ()
    cache: Path | None = None


@dataclass(frozen=True, kw_only=True)
class ModelCheck:
    """How near one model of a bundle, in one runtime, comes to what is expected of ``photographs`` of ``source``.

    Differences are of probabilities, ``agreement`` is the share of the same most probable class, 0..1, ``recall`` the
    change of each class's recall, in shares, where labels are known.  ``fault`` says why it failed, '' where it did
    not; ``worst`` are the photographs with the largest differences, of a failed check alone.
    """

    model: str
    variant: str
    runtime: str
    source: str
    photographs: int
    max_difference: float
    mean_difference: float
    agreement: float
    recall: Mapping[str, float] = field(default_factory=dict)
    fault: str = ""
    worst: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the check as JSON values."""
        return asdict(self) | {"recall": dict(self.recall), "worst": list(self.worst)}


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What a packager found of a bundle: each check, ``faults`` beside these, and ``notes`` that are none."""

    checks: tuple[ModelCheck, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether there is no fault."""
        return not self.faults and not any(each.fault for each in self.checks)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        checks = [each.to_json() for each in self.checks]
        return {"passed": self.passed, "checks": checks, "faults": list(self.faults), "notes": list(self.notes)}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PackagerSpec(Spec):
    """A form in which a run's artefacts leave together; its name is an option of ``derm export``, and the folder's.

    ``pack(request, folder)`` writes all files into an empty folder; the same request gives the same bytes.
    ``verify(folder, request)`` reads such a folder, which may be a stranger's: as data, no file of it is run.  Derm
    calls it before a bundle gets its final name, which it does not where a fault is found, and for ``derm verify``.
    ``models(folder)`` gives the files of its artefacts, checked as data too, for ``derm predict`` and others that load
    them by their exporters.  All raise DermError for what they cannot do.  ``marker`` is the file at the top of a
    bundle by which it is known, no other packager's; ``exporters`` are those that are asked for where a user names
    none.
    """

    kind: ClassVar[str] = "packager"
    hook: ClassVar[str] = "derm_packagers"
    unshared: ClassVar[tuple[str, ...]] = ("marker",)
    namespace: ClassVar[str] = "export"

    name: str
    title: str
    marker: str
    pack: Callable[[PackRequest, Path], None]
    verify: Callable[[Path, VerifyRequest], Verification]
    models: Callable[[Path], tuple[Path, ...]]
    exporters: tuple[str, ...] = ("tflite", "onnx")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_no_export_option()
        self._require_callable("pack", "verify", "models")
        parts = self.marker.split("/") if isinstance(self.marker, str) else [""]
        self._require(not {"", ".", ".."} & set(parts), "marker", self.marker, "a file's path in a bundle")
        self._require_tuple("exporters", str, empty=False)
