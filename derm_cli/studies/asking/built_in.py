"""The studies that derm brings: the paper's tables III and IV, and all recipes on one dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from derm_cli.chain_names import IMAGENET
from derm_cli.errors import RequestError, did_you_mean

SOURCE = "Nedelcu et al., HEALTHINFO 2021"
PAPER_TARGET = "dermai"
"""The target of the paper's tables; it was never published, so any other may stand in its place."""
TITLES = {
    "paper-table-3": f"Three backbones, from ImageNet to the target ({SOURCE}, table III)",
    "paper-table-4": f"From scratch, merged, and chains of public sets before the target ({SOURCE}, table IV)",
    "recipes": "Every recipe, from ImageNet to the target",
}
"""The built-in studies by name, and what each asks."""


def built_in_study(name: str, target: str | None, recipes: Iterable[str]) -> dict[str, Any]:
    """Return a built-in study as STUDY.toml would have it, on ``target``, None for its own; ``recipes`` are all.

    Figures of the paper stand beside where its own target is used.  Raises RequestError where there is no such study,
    or where it has no target of its own and none is given.
    """
    if name not in TITLES:
        raise RequestError(f"There is no built-in study '{name}'.{did_you_mean(name, TITLES)}")
    if name == "recipes":
        if not target:
            raise RequestError("The study 'recipes' has no target of its own: name one, as in --target pad-ufes-20.")
        grid = {"recipe": list(recipes)}
        return {"title": TITLES[name], "options": {"chain": IMAGENET, "target": target}, "grid": grid}
    rows, reference = _PAPER_TABLES[name]
    # From scratch there is nothing before the target.
    shown = [{**row, "chain": row["chain"] or target or PAPER_TARGET} for row in rows]
    if target not in (None, PAPER_TARGET):
        shown = [{key: value for key, value in row.items() if key != "published"} for row in shown]
    options = {"recipe": "paper", "target": target or PAPER_TARGET}
    return {"title": TITLES[name], "reference": reference, "options": options, "rows": shown}


def _published(accuracy: float, weighted_f1: float, macro_f1: float) -> dict[str, float]:
    return {"accuracy": accuracy, "weighted_f1": weighted_f1, "macro_f1": macro_f1}


Rows = tuple[Mapping[str, Any], ...]

_TABLE_3: Rows = (
    {
        "name": "MobileNet-V2",
        "backbone": "mobilenet-v2",
        "chain": IMAGENET,
        "published": _published(14.43, 15.91, 9.59),
    },
    {"name": "ResNet50", "backbone": "resnet50", "chain": IMAGENET, "published": _published(43.00, 42.67, 27.07)},
    {
        "name": "EfficientNet-B3",
        "backbone": "effnet-b3",
        "chain": IMAGENET,
        "published": _published(42.71, 44.04, 28.65),
    },
)
_TABLE_4: Rows = (
    {"name": "o: from scratch", "chain": "", "published": _published(14.28, 5.52, 2.53)},
    {
        "name": "x: ImageNet + merged dataset",
        "chain": f"{IMAGENET},edra,dermofit",
        "strategy": "merged",
        "published": _published(42.56, 43.34, 28.60),
    },
    {"name": "a: ImageNet", "chain": IMAGENET, "published": _published(42.71, 44.04, 28.65)},
    {"name": "b: ImageNet, EDRA", "chain": f"{IMAGENET},edra", "published": _published(43.73, 44.17, 30.09)},
    {
        "name": "c: ImageNet, EDRA, Dermofit",
        "chain": f"{IMAGENET},edra,dermofit",
        "published": _published(43.44, 44.41, 28.80),
    },
)
_PAPER_TABLES: dict[str, tuple[Rows, str]] = {
    "paper-table-3": (_TABLE_3, "EfficientNet-B3"),
    "paper-table-4": (_TABLE_4, "a: ImageNet"),
}
"""The rows of each table, and the row that the paper holds the others against."""
