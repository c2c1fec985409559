"""What a plugin's functions must give beside a type: shapes, values and files; and what they may raise by contract."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

_ALLOWED: dict[str, tuple[type[Exception], ...]] = {
    "sampler.build()": (ValueError,),
    "list.read": (ValueError,),
}
"""Errors that a contract names, by kind and field; ``()`` marks what the function gives to be called."""


def may_raise(role: str) -> tuple[type[BaseException], ...]:
    """Return the errors that a function of this role may raise by its contract, beside DermError."""
    if role == "command":
        # Only the command line imports Click, and there is no command without it.
        click: Any = sys.modules["click"]
        return (click.ClickException, click.exceptions.Exit, click.Abort, SystemExit)
    return _ALLOWED.get(role, ())


def wrong_content(role: str, result: Any, arguments: tuple[Any, ...]) -> str:
    """Return what is wrong with a result of the declared type, as in ``gives shape (3,), …``; '' where nothing is."""
    check = _CHECKS.get(role)
    return check(result, arguments) if check else ""


def _shape(result: Any, wanted: tuple[int | None, ...]) -> str:
    fits = len(result.shape) == len(wanted) and all(
        side is None or side == found for side, found in zip(wanted, result.shape, strict=True)
    )
    shown = str(tuple("any" if side is None else side for side in wanted)).replace("'", "")
    return "" if fits else f"gives an array of shape {tuple(result.shape)}, but must give {shown}"


def _drawn(result: Any, arguments: tuple[Any, ...]) -> str:
    request = arguments[0]
    if wrong := _shape(result, (request.steps, request.classes * request.per_class)):
        return wrong
    count = len(request.labels)
    if result.size and (result.min() < 0 or result.max() >= count):
        return f"gives index {max(result.max(), -result.min())}, but there are {count} photographs"
    return ""


def _targets(result: Any, arguments: tuple[Any, ...]) -> str:
    import numpy as np

    facts = arguments[1]
    if wrong := _shape(result, (len(facts.labels), len(facts.classes))):
        return wrong
    fits = np.isfinite(result).all() and np.allclose(result.sum(axis=1), 1, atol=1e-3) and (result >= -1e-6).all()
    return "" if fits else "gives rows that are no shares which sum to 1"


def _probabilities(result: Any, arguments: tuple[Any, ...]) -> str:
    return _shape(result, (len(arguments[0]), None))


def _factors(result: Any, arguments: tuple[Any, ...]) -> str:
    return _shape(result, arguments[0].shape) or _finite(result)


def _weights(result: Any, arguments: tuple[Any, ...]) -> str:
    steps, epochs = arguments
    return _shape(result, (steps * epochs,)) or _finite(result)


def _finite(result: Any) -> str:
    import numpy as np

    return "" if np.isfinite(result).all() else "gives numbers that are not finite"


def _viewed(result: Any, arguments: tuple[Any, ...]) -> str:
    if wrong := _shape(result, arguments[0].shape):
        return wrong
    return "" if result.dtype == arguments[0].dtype else f"gives {result.dtype}, but must give {arguments[0].dtype}"


def _changed(result: Any, _: tuple[Any, ...]) -> str:
    if result.dtype != "uint8":
        return f"gives {result.dtype}, but must give uint8"
    wrong = _shape(result, (None, None, 3))
    return wrong or ("" if result.size else f"gives an array of shape {tuple(result.shape)}, which has no pixel")


def _drawn_mix(result: Any, arguments: tuple[Any, ...]) -> str:
    shape = arguments[0]
    wrong = _shape(result.shares, shape)
    return wrong or ("" if result.boxes is None else _shape(result.boxes, (*shape, 4)))


def _loss(result: Any, _: tuple[Any, ...]) -> str:
    shape = getattr(result, "shape", None)
    if shape is None:
        return "gives no tensor, but must give the loss of each photograph"
    return "" if len(shape) == 1 else f"gives a tensor of shape {tuple(shape)}, but must give a loss a photograph, (n,)"


def _loaded(result: Any, _: tuple[Any, ...]) -> str:
    from derm_cli.plugin.artefact import ArtefactFacts

    fits = isinstance(result.facts, ArtefactFacts) and callable(result)
    return "" if fits else f"gives a {type(result).__name__} whose 'facts' are no ArtefactFacts"


def _written(_: Any, arguments: tuple[Any, ...]) -> str:
    return "" if arguments[2].exists() else "writes nothing where it was asked to"


_CHECKS: dict[str, Callable[[Any, tuple[Any, ...]], str]] = {
    "exporter.export": _written,
    "exporter.load": _loaded,
    "variant.export": _written,
    "Predictor.__call__": _probabilities,
    "loss.build()": _loss,
    "sampler.build()": _drawn,
    "targets.build": _targets,
    "Mixing.draw": _drawn_mix,
    "annealing.build()": _factors,
    "Average.weights": _weights,
    "views.build()": _viewed,
    "preprocessing step.apply": _changed,
}
"""The checks by kind and field; ``()`` marks what the function gives to be called."""
