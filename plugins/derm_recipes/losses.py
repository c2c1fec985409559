"""Losses: what a network is asked to make small.

In each, t are the targets (shares of each class that sum to 1), z the logits, p = softmax(z), and n the number of
training photographs of each class.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from derm_cli.plugin import Loss, LossFacts


def cross_entropy(options: Mapping[str, Any], facts: LossFacts) -> Loss:  # noqa: ARG001
    """Return -sum_c t_c log p_c."""
    return lambda targets, logits, _progress: _cross_entropy(targets, logits)


def class_weighted(options: Mapping[str, Any], facts: LossFacts) -> Loss:
    """Return -sum_c w_c t_c log p_c with w_c in proportion to n_c^-power, 1 on average over the photographs.

    With power 1 it is the balanced weighting of King and Zeng 2001, section 4.
    """
    counts = _counts(facts)
    weights = counts ** -options["power"]
    weights = weights * counts.sum() / (counts * weights).sum()

    def loss(targets: Any, logits: Any, _progress: Any) -> Any:
        return _cross_entropy(targets * weights.astype(np.float32), logits)

    return loss


def focal(options: Mapping[str, Any], facts: LossFacts) -> Loss:  # noqa: ARG001
    """Return -sum_c t_c (1 - p_c)^gamma log p_c (Lin et al. 2017, equation 4)."""

    def loss(targets: Any, logits: Any, _progress: Any) -> Any:
        from keras import ops

        log_p = ops.log_softmax(logits, axis=-1)
        # (1 - p)^gamma has an endless slope where p is 1 and gamma is below 1.
        other = ops.clip(1.0 - ops.exp(log_p), 1e-7, 1.0)
        return -ops.sum(targets * ops.power(other, options["gamma"]) * log_p, axis=-1)

    return loss


def logit_adjusted(options: Mapping[str, Any], facts: LossFacts) -> Loss:
    """Return the cross-entropy of z_c + tau log(n_c / n) (Menon et al. 2021, equation 10).

    With tau 1 it is the balanced softmax (Ren et al. 2020, equation 4).  The network itself gives z: the classes are
    as if they were equally frequent.  It goes with a sampler that shows classes as often as they come.
    """
    offsets = options["tau"] * facts.log_prior

    def loss(targets: Any, logits: Any, _progress: Any) -> Any:
        return _cross_entropy(targets, logits + offsets.astype(np.float32))

    return loss


def ldam(options: Mapping[str, Any], facts: LossFacts) -> Loss:
    """Return the cross-entropy of s (z_c - t_c m_c), m_c in proportion to n_c^-1/4, at most ``margin``.

    Label-distribution-aware margins with deferred re-weighting (Cao et al. 2019, equations 12 and 13, algorithm 1):
    once the share ``deferred`` of the phase is done, a class weighs (1 - beta) / (1 - beta^n_c) (Cui et al. 2019,
    equation 2), 1 on average over the classes.  The authors have s = 30 for logits that are cosines; those of derm's
    head are not, so s is 1.
    """
    counts = _counts(facts)
    margins = counts**-0.25
    margins = (margins * options["margin"] / margins.max()).astype(np.float32)
    weights = (1 - options["beta"]) / (1 - options["beta"] ** counts)
    weights = (weights * len(counts) / weights.sum()).astype(np.float32)

    def loss(targets: Any, logits: Any, progress: Any) -> Any:
        from keras import ops

        weighted = ops.where(progress >= options["deferred"], targets * weights, targets)
        return _cross_entropy(weighted, options["scale"] * (logits - targets * margins))

    return loss


def _counts(facts: LossFacts) -> npt.NDArray[np.float64]:
    return np.maximum(np.asarray(facts.counts, dtype=np.float64), 1.0)


def _cross_entropy(targets: Any, logits: Any) -> Any:
    import keras

    return keras.losses.categorical_crossentropy(targets, logits, from_logits=True)
