"""How pages are read by the test that runs them: their blocks, and whether an output is what was printed."""

from __future__ import annotations

import pytest

from tests.support.page_blocks import SHELL, blocks_of
from tests.support.page_output import first_difference

PAGE = """# A page

    derm one

    derm two

Text.

<!-- file: derm.toml -->
```toml
[train]
```

1. A list:

   ```text
   $ derm three
   ```

<!-- [[[cog x ]]] -->

    written by a program
<!-- [[[end]]] -->
"""


def test_blocks_are_read_in_their_order_with_their_lines():
    found = [(each.kind, each.code, each.line, each.file) for each in blocks_of(PAGE)]
    assert found == [
        (SHELL, "derm one\n\nderm two\n", 3, ""),
        ("toml", "[train]\n", 10, "derm.toml"),
        ("text", "$ derm three\n", 16, ""),
    ]


PRINTED = """Drawing synthetic-phone
Run 20261128-104336-69be, test photographs of my-clinic

class  cases    F1 %
-----  -----  ------
MEL        6    33.3 (10.0–60.2)
NEV       10    41.0

Report: runs/20261128-104336-69be/report.html
"""


@pytest.mark.parametrize(
    "page",
    [
        PRINTED,
        "Run 20251231-000000-0000, test photographs of my-clinic\nclass cases F1 %\n",
        "class  cases  F1 %\n-----  -----  ----\nMEL  1000  3\n",
        "Drawing synthetic-phone\n[…]\nNEV  1  2.5 (-3–40)\nReport: […]/report.html\n",
    ],
)
def test_figures_ids_and_widths_do_not_count(page):
    assert first_difference(page, PRINTED) == ""


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("class  cases  F1\n", "class  cases  F1"),
        ("MEL  6  33.3\nReport: […]\n", "Report: […]"),
        ("NEV  10  41.0\n[…]\nMEL  6  33.3\n", "MEL  6  33.3"),
        ("Written to model.tflite\n", "Written to model.tflite"),
    ],
)
def test_words_lines_and_their_order_count(page, told):
    assert first_difference(page, PRINTED) == told
