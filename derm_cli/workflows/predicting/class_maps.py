"""Class maps of a stored model, and pictures of them: ``derm predict --map``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from derm_cli.console import warn
from derm_cli.engine import backend
from derm_cli.errors import RequestError, did_you_mean
from derm_cli.evaluation import SYNTHETIC
from derm_cli.evaluation.reporting.plots.class_map_overlay import captioned_overlay, write_png
from derm_cli.plugin import ArtefactFacts, read_keras_model

if TYPE_CHECKING:
    from derm_cli.engine.class_maps import ClassMaps


def load_class_maps(path: Path, run: str) -> ClassMaps:
    """Load the class maps of the model of ``run``, a ``.keras`` file; warn where they have a single position.

    Raises RequestError where the model is an ensemble, which has none.
    """
    backend.start()
    from derm_cli.engine.class_maps import ClassMaps
    from derm_cli.engine.network import CLASS_MAP

    model = read_keras_model(path)
    if not any(layer.name == CLASS_MAP for layer in model.layers):
        raise RequestError(
            f"The model of run '{run}' is an ensemble, and a mean of probabilities has no class map: name one of its "
            f"members, which 'derm runs show {run}' tells."
        )
    maps = ClassMaps(model)
    if maps.have_positions and maps.shape == (1, 1):
        warn(
            f"a class map of run '{run}' has one place alone, so it cannot tell where: train with a larger --size to "
            "see more."
        )
    return maps


class MapPictures:
    """Draws class maps of one model: of ``name``, or of the class that is predicted where that is None.

    Raises RequestError where the model has no class ``name``.
    """

    def __init__(self, path: Path, facts: ArtefactFacts, name: str | None) -> None:
        self._classes = [each.name for each in facts.classes]
        if name is not None and name not in self._classes:
            raise RequestError(
                f"The model of run '{facts.run}' has no class '{name}' for --map-class."
                f"{did_you_mean(name, self._classes)}"
            )
        self._facts, self._name = facts, name
        self._maps = load_class_maps(path, facts.run)
        if not self._maps.have_positions:
            raise RequestError(
                f"The model of run '{facts.run}' reads statistics of the whole photograph, so --map cannot be drawn: "
                "leave it out, or train one with --pooling mean."
            )

    def write(self, photograph: npt.NDArray[np.uint8], probabilities: Mapping[str, float], file: Path) -> None:
        """Write the map over ``photograph``, uint8 (size, size, 3) as the model is asked about it, as a PNG."""
        predicted = max(probabilities, key=probabilities.__getitem__)
        shown = self._name or predicted
        scores = self._maps(photograph[np.newaxis])[0, ..., self._classes.index(shown)]
        lines = [f"What speaks for {shown}: {probabilities[shown]:.1%}"]
        if shown != predicted:
            lines.append(f"predicted: {predicted}, {probabilities[predicted]:.1%}")
        if self._facts.made:
            lines.append(SYNTHETIC)
        write_png(captioned_overlay(photograph, scores, lines), file)


def map_files(to: Path, images: Sequence[Path], masks: Sequence[Path]) -> list[Path]:
    """Return the file of each image's map: ``to`` for one, else ``<name>-map.png`` in the folder ``to``.

    Raises RequestError where ``to`` cannot be that, and where a photograph or mask would be overwritten.
    """
    if to.suffix.lower() == ".png" and not to.is_dir():
        if len(images) > 1:
            raise RequestError(f"--map '{to}' is one picture for {len(images)} photographs: name a folder.")
        files = [to]
    elif not to.is_dir() and (to.suffix or to.exists()):
        raise RequestError(f"--map '{to}' is no PNG: name a file that ends in .png, or a folder.")
    else:
        stems: Counter[str] = Counter()
        files = []
        for image in images:
            # Folders of some systems take 'A' for 'a'.
            stems[image.stem.casefold()] += 1
            number = stems[image.stem.casefold()]
            files.append(to / f"{image.stem}-map{f'-{number}' if number > 1 else ''}.png")
    inputs = {each.resolve() for each in (*images, *masks)}
    for file in files:
        if file.resolve() in inputs:
            raise RequestError(f"--map would overwrite the photograph '{file}': name another file, or a folder.")
    return files
