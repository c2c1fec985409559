"""What is compared: recipes by ``derm train``, a plain script, baselines, and answers fused late."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from benchmarks.recipes.ablation import without_each_part
from derm_cli.errors import RequestError, did_you_mean
from derm_cli.plugin import RecipeSpec

DATASETS = ("pad-ufes-20", "ham10000")
"""What is trained and judged on; each is also the other's way."""
PLAIN, MOST_FREQUENT, FEATURES, ANSWERS, FEATURES_AND_ANSWERS = (
    "plain",
    "most-frequent",
    "features",
    "answers",
    "features+answers",
)
"""The methods without derm, by name."""
CHAIN, WITH_ANSWERS, LATE = "+chain", "+answers", "+late"
"""What the name of a recipe ends with where it is not alone."""
BASELINES = {
    MOST_FREQUENT: "the most frequent class of the training part",
    FEATURES: "logistic regression on frozen features",
    ANSWERS: "logistic regression on answers, no photograph",
    FEATURES_AND_ANSWERS: "logistic regression on frozen features and answers",
}
SIZE = 160
"""Side of the photographs in pixels, where nobody says another: the plain script's, and of a recipe that has none."""

EPOCHS = 15
"""Epochs of the plain script, where nobody says another number."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to answer photographs: its name, what it is in words, and what carries it out.

    ``derm`` is ``derm train`` with the options ``arguments``, ``script`` the plain script, ``baseline`` a regression,
    ``fusion`` the product of the probabilities of the two methods ``parts``.  ``values`` are the recipe's, so that a
    result is not taken for that of a recipe that has changed since.  ``ablated`` is the recipe of which a part is left
    out.
    """

    name: str
    title: str
    kind: Literal["derm", "script", "baseline", "fusion"]
    arguments: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    ablated: str = ""

    @property
    def takes_answers(self) -> bool:
        """Whether it is told more than the photograph."""
        return self.name in (ANSWERS, FEATURES_AND_ANSWERS) or self.name.endswith((WITH_ANSWERS, LATE))


@dataclass(frozen=True, kw_only=True)
class Form:
    """How long the benchmark is: folds, seeds, ``epochs`` of each phase and ``size``, None for each method's own."""

    folds: int = 5
    seeds: int = 3
    backbone: str = "effnet-lite0"
    epochs: int | None = None
    size: int | None = None

    @property
    def script_size(self) -> int:
        """Side of the photographs that the plain script, and a recipe without a size, are shown."""
        return self.size or SIZE


def methods_of(
    recipes: Mapping[str, RecipeSpec], dataset: str, form: Form, options: Collection[str], ablated: str | None = None
) -> list[Method]:
    """Return every method for a dataset, baselines first, each after those that it is made of.

    ``options`` are those of ``derm train``: recipes are given answers where it has ``metadata``.  ``ablated`` names
    the recipe whose parts are left out in turn.  Raises RequestError where there is no such recipe.
    """
    if ablated is not None and ablated not in recipes:
        raise RequestError(
            f"--ablation is '{ablated}', but no plugin has such a recipe.{did_you_mean(ablated, recipes)} Recipes: "
            f"{', '.join(recipes)}."
        )
    other = next(name for name in DATASETS if name != dataset)
    methods = [Method(name=name, title=title, kind="baseline") for name, title in BASELINES.items()]
    methods.append(Method(name=PLAIN, title="plain Keras script", kind="script"))
    methods.append(_fused(PLAIN, "the plain script"))
    for name, spec in recipes.items():
        values = dict(spec.values)
        alone = ("--recipe", name, *_shared_options(form, values))
        variants: list[tuple[str, str, tuple[str, ...], tuple[str, ...]]] = [(name, f"recipe {name}", (dataset,), ())]
        variants.append((name + CHAIN, f"recipe {name} through {other}", (other, dataset), ()))
        if "metadata" in options:
            variants.append((name + WITH_ANSWERS, f"recipe {name} with answers", (dataset,), ("--metadata", "auto")))
        methods += [
            Method(name=each, title=title, kind="derm", arguments=(*_chain(chain), *alone, *more), values=values)
            for each, title, chain, more in variants
        ]
        methods.append(_fused(name, f"recipe {name}"))
        if name == ablated:
            methods += [
                Method(
                    name=f"{name}-without-{part}",
                    title=f"recipe {name} without {part}",
                    kind="derm",
                    arguments=(*_chain((dataset,)), *typed, *_shared_options(form, rest)),
                    values=rest,
                    ablated=name,
                )
                for part, rest, typed in without_each_part(values)
            ]
    return methods


def chosen(methods: Iterable[Method], only: Collection[str]) -> list[Method]:
    """Return the methods that ``only`` names, where ``*`` stands for any text, with those that they are made of.

    All where it is empty.  Raises RequestError for a name that none has.
    """
    methods = list(methods)
    if not only:
        return methods
    names = {each.name for each in methods}
    for pattern in only:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise RequestError(
                f"--only is '{pattern}', but no method is called so.{did_you_mean(pattern, names)} Methods: "
                f"{', '.join(each.name for each in methods)}."
            )
    wanted = {name for name in names if any(fnmatchcase(name, pattern) for pattern in only)}
    wanted |= {part for each in methods if each.name in wanted for part in each.parts}
    return [each for each in methods if each.name in wanted]


def _fused(name: str, title: str) -> Method:
    return Method(name=name + LATE, title=f"{title} × answers, fused late", kind="fusion", parts=(name, ANSWERS))


def _chain(datasets: tuple[str, ...]) -> tuple[str, str]:
    return "--chain", ",".join(("imagenet", *datasets))


def _shared_options(form: Form, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what every recipe is given beside its own values: a size where it has none, and fewer epochs if asked."""
    sized = () if form.size is None and "size" in values else ("--size", str(form.script_size))
    return (*sized, *(() if form.epochs is None else ("--phase", f"epochs={form.epochs}")))
