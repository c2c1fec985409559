"""What passes between components and the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from derm_cli.taxonomy import LesionClass


@dataclass(frozen=True, kw_only=True)
class LossFacts:
    """What a loss is told: the number of training photographs of each class, in the order of the classes."""

    counts: tuple[int, ...]

    @property
    def log_prior(self) -> npt.NDArray[np.float64]:
        """The logarithm of each class's share of the photographs, (classes,); a class without any counts as one."""
        import numpy as np

        numbers = np.maximum(np.asarray(self.counts, dtype=np.float64), 1.0)
        return np.asarray(np.log(numbers / numbers.sum()))


@dataclass(frozen=True, kw_only=True)
class SamplingRequest:
    """What a sampler is told of an epoch.

    ``labels``, int (n,), are class indices below ``classes``; a batch has ``per_class * classes`` photographs, and the
    epoch ``steps`` batches.  ``progress``, 0..1, is the share of the phase's epochs that are done: 0 in the first
    epoch, 1 in the last.
    """

    labels: npt.NDArray[np.integer[Any]]
    classes: int
    per_class: int
    steps: int
    progress: float


@dataclass(frozen=True, kw_only=True)
class TargetFacts:
    """What targets are computed from: labels, class indices (n,), and the classes in their order.

    ``answers``, float32 (n, classes), are the probabilities that a teacher gives of each photograph, None without one.
    """

    labels: npt.NDArray[np.integer[Any]]
    classes: tuple[LesionClass, ...]
    answers: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, kw_only=True)
class MixDraw:
    """How a photograph is mixed with its partner.

    ``shares``, float32 (steps, n) in 0..1, is what is left of the first outside ``boxes``, float32 (steps, n, 4): top,
    bottom, left and right in shares of the photograph, inside of which the partner is shown; None for no boxes.
    """

    shares: npt.NDArray[np.float32]
    boxes: npt.NDArray[np.float32] | None = None


class Mixing(Protocol):
    """Draws how photographs are mixed."""

    @property
    def boxed(self) -> bool:
        """Whether its draws have boxes."""

    def draw(self, shape: tuple[int, int], generator: np.random.Generator) -> MixDraw:
        """Draw for ``shape``: the steps of an epoch, and the photographs of a batch."""


class UpdateRule(Protocol):
    """How one step moves one variable, in Keras operations.  Values and slots are tensors of the variable's shape."""

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of what is kept of each variable between steps; each begins as zeros."""

    def corrected(self, rates: Any, step: Any) -> Any:
        """Return rates, float32 (n,), as they are at a step, a float32 scalar from 1 on: Adam's have a bias."""

    def update(self, gradient: Any, value: Any, slots: Sequence[Any], rates: Rates) -> tuple[Any, list[Any]]:
        """Return what is subtracted from ``value``, and the slots after the step."""


@dataclass(frozen=True)
class Rates:
    """The rate of one variable at one step, float32 scalars: annealed, and then corrected by the rule.

    ``is_kernel`` tells whether the variable is one that is decayed: biases and the weights of norms are not.
    """

    rate: Any
    corrected: Any
    is_kernel: bool


class Average(Protocol):
    """The weight with which each step's weights enter the average."""

    def weights(self, steps: int, epochs: int) -> npt.NDArray[np.float64]:
        """Return it for every step of a phase, (steps * epochs,) in 0..1, 1 at the first step that counts.

        After a step of weight w the average is (1 - w) times what it was, and w times the weights as they are.
        """


View = Callable[["npt.NDArray[np.uint8]"], "npt.NDArray[np.uint8]"]
"""See :class:`derm_cli.plugin.component_specs.ViewSpec`."""

Loss = Callable[[Any, Any, Any], Any]
"""See :class:`derm_cli.plugin.component_specs.LossSpec`."""
