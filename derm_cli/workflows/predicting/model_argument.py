"""Which of the arguments of ``derm predict`` is the model, and which are photographs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from derm_cli.data.preprocessing import UnreadablePhotograph, open_photograph
from derm_cli.errors import RequestError
from derm_cli.plugin import RAW_SUFFIXES, ExporterSpec
from derm_cli.plugin.specs import ZIPPED
from derm_cli.runs import layout
from derm_cli.workflows.bundle_folder import packager_of
from derm_cli.workflows.predicting.named_photographs import NamedPhotographs, is_photograph_name, names_photographs
from derm_cli.workflows.predicting.predict import is_artefact
from derm_cli.workflows.session import Session


def model_and_images(session: Session, arguments: Sequence[str]) -> tuple[str, NamedPhotographs]:
    """Return the model and the photographs that were named, the model first; without one it is the default run.

    What is first is a photograph where it is one by its name or its contents, or stands for several
    (:class:`NamedPhotographs`).  Raises RequestError for a file that is neither, so that no other model answers in its
    place, for a model behind a photograph, and where no photograph is named.
    """
    is_named = _is_model(session, arguments[0])
    images = arguments[1:] if is_named else arguments
    if not images:
        raise RequestError(f"'{arguments[0]}' is a model, and no photograph is named: give one or more behind it.")
    for image in images:
        if is_artefact(session, image):
            raise RequestError(
                f"'{image}' is a model, and stands where a photograph should: name one model, before the photographs."
            )
    photographs = NamedPhotographs(images)
    return arguments[0] if is_named else str(session.runs.default().path), photographs


def _is_model(session: Session, argument: str) -> bool:
    """Tell whether what is named first is a model, or must be one.  Raises RequestError for a file that is neither."""
    path, registry = Path(argument), session.registry
    if names_photographs(argument):
        return False
    if path.is_dir():
        is_run_or_bundle = (path / layout.RECORD).is_file() or packager_of(registry, path) is not None
        return is_run_or_bundle or is_artefact(session, argument)
    if is_artefact(session, argument) or path.suffix.lower() == ZIPPED:
        return True
    if is_photograph_name(path) or path.suffix.lower() in RAW_SUFFIXES or (path.is_file() and _is_photograph(path)):
        return False
    if path.suffix or path.is_file():
        models = ", ".join(each.suffix for each in registry.all(ExporterSpec).values())
        raise RequestError(
            f"'{argument}' is neither a photograph nor a model that derm knows: name a run, a bundle or a file that "
            f"ends in {models}, or photographs alone."
        )
    return True


def _is_photograph(path: Path) -> bool:
    try:
        with open_photograph(path):
            return True
    except UnreadablePhotograph:
        return False
