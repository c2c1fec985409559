"""The headings of a report: a title, the same in plain words, and a sentence on how to read it, each once."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from derm_cli.evaluation.reporting.headings import DETAILS, HEADINGS, LIMITATIONS, PHOTOGRAPHS, Heading

ALL = (*HEADINGS, PHOTOGRAPHS, DETAILS, LIMITATIONS)


@pytest.mark.parametrize("heading", ALL, ids=[heading.id for heading in ALL])
def test_each_says_in_a_sentence_how_it_is_read(heading: Heading) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)*", heading.id), "it is an anchor of the page"
    assert heading.title[0].isupper()
    assert heading.subtitle[0].isupper()
    assert heading.reading[0].isupper()
    assert heading.reading.endswith(".")


def test_no_two_are_alike_and_a_table_stands_in_one_section() -> None:
    for column in ("id", "title", "subtitle"):
        assert len({getattr(heading, column) for heading in ALL}) == len(ALL)
    tables = Counter(table for heading in ALL for table in heading.tables)
    assert set(tables.values()) == {1}
