"""Checks an artefact: its facts, labels and shapes must agree, or it is damaged or not derm's."""

from __future__ import annotations

from pathlib import Path

from derm_cli.plugin import ArtefactFacts, DermError, first_line
from mobile_export.artefact.contract import TITLES_LOCALE

MOST_TEXT = 1 << 20
"""The most bytes of facts or labels; those of a hundred classes and questions take a tenth of it.  What JSON makes of
its text may take fifty times as much memory."""


def labels_text(facts: ArtefactFacts) -> str:
    """Return the contents of labels.txt: the names of the classes, one a line."""
    return "".join(f"{each.name}\n" for each in facts.classes)


def titles_texts(facts: ArtefactFacts) -> dict[str, str]:
    """Return by language the titles of the classes, one a line, in the order of labels.txt; English first."""
    titles = {TITLES_LOCALE: tuple(each.title for each in facts.classes), **facts.titles}
    return {language: "".join(f"{title}\n" for title in each) for language, each in titles.items()}


def verified_facts(path: Path, text: str | bytes, labels: str) -> ArtefactFacts:
    """Return the facts from their JSON.

    Raises DermError where they are not derm's, or longer than any of derm's, or where the labels contradict them.
    """
    if max(len(text), len(labels)) > MOST_TEXT:
        raise damaged_error(path, f"its facts have {len(text)} bytes")
    facts = ArtefactFacts.from_json(text, str(path))
    if labels != labels_text(facts):
        raise DermError(f"'{path}' has labels that contradict its facts: export it again with 'derm export'.")
    return facts


def check_shapes(path: Path, facts: ArtefactFacts, size: object, outputs: object, answers: object = None) -> None:
    """Raise DermError where the network takes or gives other shapes than the facts beside it say.

    ``answers`` is the width of its second input, None without one.
    """
    width = None if facts.answers is None else facts.answers.width
    if answers != width:
        raise DermError(
            f"'{path}' has a network for '{answers or 0}' answers, but facts for {width or 0}: export it again with "
            "'derm export'."
        )
    expected = (facts.preprocessing.size, len(facts.classes))
    if (size, outputs) != expected:
        raise DermError(
            f"'{path}' has a network for {size} pixels and {outputs} classes, but facts for {expected[0]} and "
            f"{expected[1]}: export it again with 'derm export'."
        )


def unreadable_error(path: Path, error: OSError) -> DermError:
    """Return the error for a file that the system does not give."""
    return DermError(f"'{path}' cannot be read ({error.strerror}): give an artefact of 'derm export'.")


def damaged_error(path: Path, error: object) -> DermError:
    """Return the error for a file that is damaged or was written by something else."""
    return DermError(
        f"'{path}' is damaged, or no artefact that derm wrote ({first_line(error)}): "
        "export it again with 'derm export'."
    )
