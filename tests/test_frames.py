"""Texts are Python's own in tables of derm, where pandas would keep them in pyarrow too."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from derm_cli.csv_cells import read_frame
from derm_cli.frames import texts_in_python

NO_UTF_8 = "M\udce4rz.jpg"


@pytest.fixture(autouse=True)
def pandas_as_it_comes():
    """Pandas' own choice, which other tests of this process have changed: pyarrow, where that is installed."""
    pytest.importorskip("pyarrow")
    with pd.option_context("mode.string_storage", "auto"):
        yield


def test_pandas_itself_keeps_no_such_name():
    with pytest.raises(UnicodeEncodeError):
        pd.DataFrame({"file": [NO_UTF_8]})


def test_a_table_keeps_names_that_are_no_utf_8_and_the_option_is_as_before():
    with texts_in_python():
        table = pd.DataFrame({"file": [NO_UTF_8]})
    assert table["file"].tolist() == [NO_UTF_8]
    assert pd.get_option("mode.string_storage") == "auto"


def test_a_table_that_is_read_has_the_texts_of_one_that_is_made(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("case_id,label\na,NEV\n")
    assert {each.storage for each in read_frame(path).dtypes} == {"python"}


@pytest.mark.parametrize("first", ["derm_cli.data.records", "derm_cli.workflows.verify"])
def test_a_process_of_derm_s_keeps_them_so(first):
    asking = f"import {first}, pandas; print(pandas.get_option('mode.string_storage'))"
    answer = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "python"
