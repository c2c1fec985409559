"""Predicts photographs with a finished run's model or an artefact: ``derm predict``."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from derm_cli.console import progress, warn
from derm_cli.cores import usable_cores
from derm_cli.data.preprocessing import Pixels, UnreadablePhotograph, read_photograph
from derm_cli.data.vectors import Vectors
from derm_cli.engine import backend
from derm_cli.errors import DermError, RequestError
from derm_cli.plugin import ArtefactFacts, ExporterSpec, Predictor, checked_probabilities
from derm_cli.plugin.registry import Registry
from derm_cli.plugin.specs import ZIPPED
from derm_cli.runs import layout
from derm_cli.runs.home import home_of
from derm_cli.runs.runs import require_finished
from derm_cli.workflows.bundle_folder import is_bundle, opened_bundle
from derm_cli.workflows.predicting.answers import Answers, answers_of_images
from derm_cli.workflows.predicting.class_maps import MapPictures, map_files
from derm_cli.workflows.predicting.reading_ahead import AHEAD, reading_ahead
from derm_cli.workflows.predicting.views import is_concurrent, with_views
from derm_cli.workflows.preprocessing_steps import with_steps
from derm_cli.workflows.session import Session
from derm_cli.workflows.vectors import vectors_of_model

CHUNK = 64
KERAS_EXPORTER = "keras"
"""The exporter by which a run stores its own model."""


Probabilities = npt.NDArray[np.float32]
"""Of one photograph, (classes,)."""


class PhotographSequence(Protocol):
    """Photographs that are read some at a time, uint8 (n, size, size, 3): those of packs, for example."""

    def __len__(self) -> int: ...
    def take(self, indices: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]: ...


@dataclass(frozen=True)
class ImagePrediction:
    """The prediction of one image file: probabilities by class, or the reason why there are none.

    ``map`` is the picture of a class map, where one was asked for.  ``answers`` are those that were used beside the
    photograph, by question; None for a model that takes none.
    """

    file: str
    probabilities: dict[str, float] | None
    reason: str | None = None
    map: Path | None = None
    answers: dict[str, float | str] | None = None

    @property
    def prediction(self) -> str | None:
        """The most probable class."""
        return max(self.probabilities, key=self.probabilities.__getitem__) if self.probabilities else None

    def to_json(self) -> dict[str, Any]:
        """Return the prediction as JSON values; with ``answers`` and ``map`` only where there are any."""
        values: dict[str, Any] = {
            "file": self.file,
            "prediction": self.prediction,
            "probabilities": self.probabilities,
            "reason": self.reason,
        }
        values |= {} if self.answers is None else {"answers": self.answers}
        return values if self.map is None else values | {"map": str(self.map)}


def predictor_probabilities(
    predictor: Predictor, photographs: PhotographSequence, label: str, answers: npt.NDArray[np.float32] | None = None
) -> npt.NDArray[np.float32]:
    """Return the probabilities of every photograph, float32 (n, classes), by its ``answers`` (n, k) where given.

    Raises DermError where one of them is no number: the model is broken.
    """
    starts = range(0, len(photographs), CHUNK)
    chunks = []
    for start in progress(starts, label, total=len(starts)):
        rows = np.arange(start, min(start + CHUNK, len(photographs)))
        # A predictor of a model without answers need not know of them.
        known = () if answers is None else (answers[rows],)
        chunks.append(predictor(photographs.take(rows), *known))
    return np.asarray(checked_probabilities(np.concatenate(chunks), predictor.facts), dtype=np.float32)


def load_predictor(session: Session, name: str) -> Predictor:
    """Load an artefact by its path, a bundle's first model by the bundle's, or a run's by the run's id or folder.

    An artefact is what its own facts say, wherever it lies.  Raises RequestError where there is none of them, and
    DermError for a file that was changed.  Warns of one of an older derm, whose seal is not over all of it.
    """
    if not is_artefact(session, name) and is_artefact_or_bundle(session, name):
        return _predictor_of_bundle(session, Path(name))
    exporter, path = locate_model(session, name)
    if exporter.name == KERAS_EXPORTER:
        backend.start()
    home = home_of(path)
    predictor = exporter.load(path)
    # An older derm's file in a run's folder was checked as a whole against the run's record.
    if home is None and not getattr(predictor, "is_sealed", True):
        warn(
            f"'{path}' was written by an older derm and has no seal over its facts and labels: whether they are the "
            f"network's own is not known. Export it again with 'derm export {predictor.facts.run}'."
        )
    return _ready(session, predictor)


def _ready(session: Session, predictor: Predictor) -> Predictor:
    """Return a predictor that looks at the views of its facts.  Raises RequestError where a plugin that it needs lacks.

    Without a step of its preprocessing it would answer too, from other pixels than it learnt from.
    """
    facts = predictor.facts
    with_steps(session.registry, facts.preprocessing, f"The model of run '{facts.run}'")
    return with_views(predictor, session.registry)


def _predictor_of_bundle(session: Session, path: Path) -> Predictor:
    """Load the first model of a bundle that an exporter reads.  Raises DermError where there is none."""
    with opened_bundle(session.registry, path) as (packager, folder):
        for model in packager.models(folder):
            exporter = exporter_of(session.registry, model)
            if exporter is not None:
                if exporter.name == KERAS_EXPORTER:
                    backend.start()
                return _ready(session, exporter.load(model))
    raise DermError(f"'{path}' has no model that an exporter here reads: install the plugin that wrote the bundle.")


def is_artefact(session: Session, name: str) -> bool:
    """Tell whether ``name`` is a file that an exporter wrote, by its ending, and no run."""
    return exporter_of(session.registry, Path(name)) is not None


def is_artefact_or_bundle(session: Session, name: str) -> bool:
    """Tell whether ``name`` is an artefact or a bundle by its form, and no run."""
    path = Path(name)
    return is_artefact(session, name) or path.suffix.lower() == ZIPPED or is_bundle(session.registry, path)


def locate_model(session: Session, name: str) -> tuple[ExporterSpec, Path]:
    """Return the exporter that loads an artefact or a run's model, and the file."""
    path = Path(name)
    exporter = exporter_of(session.registry, path)
    if exporter is None:
        run = session.runs.find(name)
        require_finished(run)
        return session.registry.get(ExporterSpec, KERAS_EXPORTER), run / layout.MODEL
    if not path.exists():
        raise RequestError(f"There is no file '{name}': name an artefact that 'derm export' wrote, or a run.")
    return exporter, path


def predict(
    session: Session,
    name: str,
    images: Iterable[str | Path],
    masks: Sequence[Path] = (),
    **options: Any,
) -> tuple[ArtefactFacts, list[ImagePrediction]]:
    """Return what :func:`predict_each` yields, once all is answered."""
    facts, answers = predict_each(session, name, images, masks, **options)
    return facts, list(answers)


def predict_each(
    session: Session,
    name: str,
    images: Iterable[str | Path],
    masks: Sequence[Path] = (),
    *,
    to: Path | None = None,
    map_class: str | None = None,
    answers: Sequence[str] = (),
    answers_file: Path | None = None,
    features: Path | None = None,
) -> tuple[ArtefactFacts, Generator[ImagePrediction, None, None]]:
    """Predict each image by the model ``name``; an image that cannot be read gets a reason in place of probabilities.

    They are yielded one by one as they are answered, and photographs are decoded beside that.  ``images`` may be any
    number, and are all looked at before only where one of these options is given:

    ``masks``, one for each image, are for a model whose preprocessing crops to the lesion; without them it is warned
    that the images are taken whole.  ``to`` is where the class map of each image is drawn over it: a PNG for one, else
    a folder; it is that of ``map_class``, or of the class that is predicted.  ``answers``, each ``NAME=VALUE``, hold
    for all images, over those of the table ``answers_file`` (:mod:`derm_cli.workflows.predicting.answers`).
    ``features`` is the file of vectors that the model reads in place of the images.  Raises RequestError where masks,
    answers or vectors are given that cannot be used, or lack, and where such pictures cannot be drawn.
    """
    if masks or to or answers_file:
        images = list(images)
        paths = list(map(Path, images))
    else:
        paths = []
    files = map_files(to, paths, masks) if to else []
    stored = _with_class_maps(session, name) if to else None
    predictor = load_predictor(session, name)
    facts = predictor.facts
    facts = replace(
        facts, preprocessing=with_steps(session.registry, facts.preprocessing, f"The model of run '{facts.run}'")
    )
    _check_masks(facts, paths, masks)
    vectors = vectors_of_model(session, facts, features)
    if vectors and to:
        raise RequestError(f"--map draws over photographs, but the model of run '{facts.run}' reads vectors.")
    if answers_file:
        known = iter(answers_of_images(facts, paths, answers, answers_file))
    else:
        known = repeat(*answers_of_images(facts, [Path()], answers))
    asked = (
        _Asked(str(image), own, mask, file)
        for image, own, mask, file in zip(images, known, masks or repeat(None), files or repeat(None), strict=False)
    )
    pictures = MapPictures(stored, facts, map_class) if stored else None
    return facts, _answered(predictor, facts, asked, pictures, vectors)


@dataclass(frozen=True)
class _Asked:
    """A photograph that is asked about: its answers, its mask, and where its map is drawn."""

    file: str
    answers: Answers
    mask: Path | None
    map: Path | None


def _answered(
    predictor: Predictor,
    facts: ArtefactFacts,
    asked: Iterable[_Asked],
    pictures: MapPictures | None,
    vectors: Vectors | None,
) -> Generator[ImagePrediction, None, None]:
    """Yield the prediction of each photograph that is asked about.

    The network sees one at a time: an answer must not depend on which others were asked about with it.  Photographs are
    decoded beside it, and where several may be asked about at once, each by itself, that is done beside each other.
    """
    labels, encoding = [each.name for each in facts.classes], facts.answers
    asks_beside = is_concurrent(predictor)

    def answer(each: _Asked, photograph: Pixels) -> Probabilities:
        vector = () if encoding is None else (encoding.encode(each.answers)[np.newaxis],)
        found: Probabilities = checked_probabilities(predictor(photograph[np.newaxis], *vector), facts)[0]
        return found

    def read(each: _Asked) -> tuple[Pixels, Probabilities | None] | UnreadablePhotograph:
        try:
            if vectors is not None:
                photograph = vectors.in_place_of_file(each.file)
            else:
                photograph = read_photograph(Path(each.file), facts.preprocessing, each.mask)
        except UnreadablePhotograph as reason:
            return reason
        return photograph, answer(each, photograph) if asks_beside else None

    # One thread more than cores: while one waits for the interpreter, another computes.
    threads = usable_cores() + asks_beside
    for each, known in reading_ahead(read, asked, ahead=max(AHEAD, threads), threads=threads):
        if isinstance(known, UnreadablePhotograph):
            yield ImagePrediction(each.file, None, str(known))
            continue
        photograph, values = known
        if values is None:
            values = answer(each, photograph)
        prediction = ImagePrediction(
            each.file,
            dict(zip(labels, map(float, values), strict=True)),
            answers=None if encoding is None else each.answers,
        )
        if pictures and each.map and prediction.probabilities:
            pictures.write(photograph, prediction.probabilities, each.map)
            prediction = replace(prediction, map=each.map)
        yield prediction


def _with_class_maps(session: Session, name: str) -> Path:
    """Return the file of a model that has class maps.  Raises RequestError where it gives probabilities alone."""
    exporter, path = locate_model(session, name)
    if exporter.name != KERAS_EXPORTER:
        raise RequestError(
            f"'{name}' answers with probabilities alone, so --map cannot be drawn: name the run that it is of, or its "
            f"{layout.MODEL}."
        )
    return path


def _check_masks(facts: ArtefactFacts, images: Sequence[Path], masks: Sequence[Path]) -> None:
    crops = facts.preprocessing.crop == "lesion"
    if masks and not crops:
        raise RequestError(
            f"--mask '{masks[0]}' is for a model that crops to the lesion, as that of '{facts.run}' does not."
        )
    if masks and len(masks) != len(images):
        raise RequestError(f"--mask is given '{len(masks)}' times for {len(images)} photographs: give one for each.")
    if crops and not masks:
        warn(uncropped_warning(facts))


def uncropped_warning(facts: ArtefactFacts) -> str:
    """Return the warning for images without masks, where the model crops to the lesion."""
    margin = facts.preprocessing.crop_margin
    return (
        f"the model of run '{facts.run}' learnt from photographs cropped to the lesion with a margin of {margin:.0%}: "
        "a photograph without a mask is taken whole, so let it show the lesion as large."
    )


def exporter_of(registry: Registry, path: Path) -> ExporterSpec | None:
    """Return the exporter that loads a file, or a folder, of this ending; None for any other."""
    suffix, is_folder = path.suffix.lower(), path.is_dir()
    found = (each for each in registry.all(ExporterSpec).values() if each.suffix.lower() == suffix)
    return next((each for each in found if not is_folder or each.is_folder), None)
