"""The built-in recipes: sets of values for ``derm train``."""

from __future__ import annotations

from derm_cli.plugin import RecipeSpec

PAPER = RecipeSpec(
    name="paper",
    title="the paper's numbers, where it tells its own",
    source="Nedelcu et al., HEALTHINFO 2021, section III",
)

FROZEN_BLOCK = RecipeSpec(
    name="frozen-block",
    title="the paper's engine, block by block from the top, with rates, light and sampling that fit photographs",
    source="the paper's schedule; the values as strong, and the rates of docs/explanation/results.md",
    values={
        "interpolation": "area",
        "schedule": "frozen-block",
        "epochs": 2,
        "head-rate": 1e-3,
        "block-rate": 3e-4,
        "per-class": 4,
        "augmentation": "photo:area=0.5..1",
        "views": "flips",
        "phase": (
            "head:head-start=0.006",
            "sampler=power:q=0.5",
            "optimizer=adamw:decay=0.01",
            "annealing=one-cycle:over=stage",
            "label-smoothing=0.1",
        ),
    },
)

_READING = {"size": 214, "interpolation": "area", "focus": 0.6, "pooling": "statistics"}
"""Statistics of middle blocks over the middle of a photograph, 128 of 214 pixels (docs/reference/recipes.md)."""
_PHOTOGRAPHS = {"augmentation": "photo:area=0.55..1.65", "views": "dihedral", "per-class": 4}
"""Each shows a fifth to three fifths of the photograph's area."""
_SOURCE = "measured by five-fold cross-validation on 479 photographs of PAD-UFES-20 (docs/explanation/results.md)"

STRONG = RecipeSpec(
    name="strong",
    title="statistics of middle blocks, a regression as the head's beginning, then the upper blocks with it",
    source=_SOURCE,
    values={
        **_READING,
        **_PHOTOGRAPHS,
        "schedule": "upper",
        "epochs": 10,
        "head-rate": 1e-4,
        "block-rate": 2e-4,
        "phase": (
            "head-start=0.03",
            "head-copies=6",
            "frozen-norms=on",
            "sampler=power:q=0.4",
            "optimizer=adamw:decay=0.01",
            "annealing=one-cycle",
            "label-smoothing=0.1",
            "mixing=mixup:alpha=0.4",
            "dropout=0.4",
            "average=interpolated",
        ),
    },
)

FAST = RecipeSpec(
    name="fast",
    title="a regression on statistics of middle blocks: seconds on a laptop, without a backward pass",
    source=_SOURCE,
    values={
        **_READING,
        **_PHOTOGRAPHS,
        "schedule": "linear-probe",
        "epochs": 1,
        "head-rate": 1e-6,
        "phase": ("head-start=0.06", "head-copies=6", "sampler=power:q=0.25", "augment=off"),
    },
)

RECIPES = [PAPER, FROZEN_BLOCK, STRONG, FAST]
