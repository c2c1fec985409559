"""Tables in the terminal: rows that are folded are counted, and printed where that is asked for."""

from __future__ import annotations

import pytest

from derm_cli.cli.shared.printing import print_tables
from derm_cli.evaluation.reporting.tables.table import Table

TITLE = "Subgroups whose gap is more than chance gives"


def table(told: int, folded: int) -> Table:
    rows = tuple((f"value{number}", number) for number in range(told + folded))
    sentence = f"{folded} other subgroups: {folded} whose gap may be chance." if folded else ""
    return Table("slices", TITLE, ("by", "cases"), rows, folded=folded, fold_title=sentence)


@pytest.mark.parametrize(
    ("told", "folded", "unfold", "said", "unsaid"),
    [
        (2, 3, "--all", ("value1", "3 other subgroups: 3 whose gap may be chance. --all prints them."), ("value2",)),
        (0, 3, "--all", (TITLE, "None.", "--all prints them."), ("value0",)),
        (2, 3, "", ("value1", "value2", "value4"), ("other subgroups", "None.")),
        (2, 0, "--all", ("value0", "value1"), ("--all", "None.")),
    ],
)
def test_folded_rows_are_counted_or_printed(capsys, told, folded, unfold, said, unsaid) -> None:
    print_tables([table(told, folded)], "Test photographs", (), synthetic=False, unfold=unfold)
    printed = capsys.readouterr().out
    for words in said:
        assert words in printed
    for words in unsaid:
        assert words not in printed
