"""The kind of spec by which a plugin adds a step of preprocessing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from derm_cli.plugin.options import ComponentOption, OptionedSpec
from derm_cli.preprocessing import NO_STEPS, PreprocessingStep

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PreprocessingStepSpec(OptionedSpec):
    """A change of each photograph before it is resized, such as taking hair away; ``derm train --preprocess NAME``.

    ``apply(pixels, options)`` takes uint8 RGB (h, w, 3), of any height and width, which it may write into, and the
    values of ``options`` by name; it returns uint8 RGB (h', w', 3).  The photograph is upright, in sRGB, on white, and
    cropped to the lesion where that is asked for.  The same pixels and options give the same bytes, whichever
    photographs came before, and several threads may call it at once.  It is the same wherever derm reads photographs:
    training, evaluating, predicting.  ``version`` is raised where it gives other pixels: runs, packs and stages of
    another version are others.  Outside of derm nobody has it, so no bundle is made of a run with such a step.
    ``source`` names the publication.
    """

    kind: ClassVar[str] = "preprocessing step"
    hook: ClassVar[str] = "derm_preprocessing_steps"

    name: str
    title: str
    apply: Callable[[npt.NDArray[np.uint8], Mapping[str, Any]], npt.NDArray[np.uint8]]
    version: int = 1
    options: tuple[ComponentOption, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(self.name != NO_STEPS, "name", self.name, "another name: it stands for no step")
        self._require_callable("apply")
        fits = isinstance(self.version, int) and not isinstance(self.version, bool) and self.version >= 1
        self._require(fits, "version", self.version, "a positive whole number")
        self._require_options()
        self._require(isinstance(self.source, str), "source", self.source, "a text")

    def step(self, options: Mapping[str, Any] | None = None) -> PreprocessingStep:
        """Return the step with ``options``, with its defaults for the others, and with its function.

        Raises RequestError for an unknown option, or a value that it cannot have.
        """
        values = self.component(options).options
        return PreprocessingStep(name=self.name, options=values, version=self.version, apply=self.apply)
