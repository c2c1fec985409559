"""The items of CLAIM 2024, by number and in derm's own words, and a filled list of them as Markdown.

Tejani et al., Checklist for Artificial Intelligence in Medical Imaging (CLAIM): 2024 Update, Radiology: Artificial
Intelligence 2024;6(4):e240300, has them as they are to be cited.
"""

from __future__ import annotations

from collections.abc import Mapping

from derm_cli.errors import one_line

SOURCE = (
    "Tejani et al., Checklist for Artificial Intelligence in Medical Imaging (CLAIM): 2024 Update, Radiology: "
    "Artificial Intelligence 2024;6(4):e240300"
)
ITEMS: Mapping[str, tuple[str, ...]] = {
    "Title and abstract": ("a title that says which kind of AI", "an abstract in the usual parts"),
    "Introduction": ("what is known, and what use is intended", "aims and hypotheses"),
    "Methods: study": ("prospective or retrospective", "what the study is for"),
    "Methods: data": (
        "where the data come from",
        "who and what was included, and what not",
        "preprocessing",
        "parts of the data or of an image that were selected",
        "de-identification",
        "missing data",
        "how the images were taken",
    ),
    "Methods: reference standard": (
        "what is taken for true, and how that is found",
        "why that is taken",
        "who annotated, and how qualified",
        "how the test set was annotated",
        "how much annotators differ",
    ),
    "Methods: partitions": ("how cases were assigned to parts", "what no two parts have in common"),
    "Methods: testing data": ("how large the test set was meant to be, and why",),
    "Methods: model": ("the model, so that it can be built again", "software and versions", "first weights"),
    "Methods: training": ("how it was trained", "how the final model was chosen", "ensembles"),
    "Methods: evaluation": (
        "metrics",
        "uncertainty and tests",
        "robustness",
        "what explains single answers",
        "testing on internal data",
        "testing on external data",
        "registration of a trial",
    ),
    "Results: data": ("numbers included and excluded, as a flow", "who is in each part"),
    "Results: model": ("performance, with its uncertainty", "diagnostic accuracy, with its precision", "failures"),
    "Discussion": ("limitations", "what follows for practice"),
    "Other information": ("the full protocol", "whether software, model and data are available", "funding"),
}
"""What each item asks for, by the part of the paper, in the order of their numbers from 1."""
BY_DERM, BY_AUTHORS = "filled by derm", "for the authors"
IN_PART = "filled by derm in part"
OF_BOTH = frozenset({7, 8, 11, 12, 21, 22, 30, 40, 43})
"""The items of which a run knows something, and never all: where photographs come from, why there are so many."""
_MARKUP = str.maketrans({each: f"\\{each}" for each in "\\`*_[]<>|#~"})


def as_markdown(title: str, filled: Mapping[int, str]) -> str:
    """Return the checklist as a Markdown table: of each item who fills it, and what is known of it by its number."""
    lines = [
        f"# CLAIM 2024: {_cell(title)}",
        "",
        f"{len(filled)} of {sum(map(len, ITEMS.values()))} items are filled as far as the run knows; check them, and "
        f"add what it cannot know. The items are told in other words than their source's: {SOURCE}.",
        "",
        "| no. | part | item | | answer |",
        "|---|---|---|---|---|",
    ]
    number = 0
    for part, items in ITEMS.items():
        for item in items:
            number += 1
            known = IN_PART if number in OF_BOTH else BY_DERM
            who = known if number in filled else BY_AUTHORS
            lines.append(f"| {number} | {part} | {item} | {who} | {_cell(filled.get(number, ''))} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return a text that is no markup, whatever names are in it."""
    return one_line(text).translate(_MARKUP)
