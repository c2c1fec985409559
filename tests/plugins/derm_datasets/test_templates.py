"""The empty layouts: a header that the reader understands, and a text that explains every column and class."""

from __future__ import annotations

import pytest

from derm_cli.errors import DermError
from derm_datasets import derm_datasets

TEMPLATED = {spec.name: spec for spec in derm_datasets() if spec.template}
TABLES = {"dermai": "cases.csv", "csv": "records.csv"}


@pytest.fixture(params=TABLES)
def spec(request):
    return TEMPLATED[request.param]


@pytest.fixture
def root(spec, tmp_path):
    assert spec.template is not None
    spec.template(tmp_path / "new" / "place")
    return tmp_path / "new" / "place"


def test_two_layouts_have_a_template():
    assert set(TEMPLATED) == set(TABLES)


def test_every_column_is_explained_and_shown_where_the_layout_is(spec, root):
    header = (root / TABLES[spec.name]).read_text(encoding="utf-8").strip().split(",")
    readme = (root / "README.txt").read_text(encoding="utf-8")
    for column in header:
        assert f"\n{column} " in readme
        assert f"\n{column} " in spec.layout
    for each in spec.classes:
        assert f"{each.name}: {each.title}" in readme
        for place in each.diagnoses:
            assert f"    {place}\n" in readme


def test_an_empty_template_is_told_to_have_no_rows(spec, root):
    with pytest.raises(DermError, match="has no rows"):
        spec.records(root)


def test_the_text_is_made_for_every_editor(root):
    text = (root / "README.txt").read_bytes()
    assert text.isascii()
    assert text.endswith(b"\n")
    assert max(map(len, text.splitlines())) <= 125
