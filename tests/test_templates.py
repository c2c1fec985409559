"""A page of a template: names are text, facts must be there, tags leave no empty lines."""

from __future__ import annotations

import jinja2
import pytest

from derm_cli.templates import rendered


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with a page that includes another file, and has a block that is indented."""
    folder = tmp_path / "made_pages"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "page.jinja").write_text(
        '<p>{{ name }}</p>\n  {% if name %}\n{% include "rest.jinja" %}\n  {% endif %}\n'
    )
    (folder / "rest.jinja").write_text("é {{ name }}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return folder.name


@pytest.mark.parametrize(
    ("name", "shown"), [("nevus", "nevus"), ("<b>&", "&lt;b&gt;&amp;"), ('"x"', "&#34;x&#34;"), ("{{ 1 }}", "{{ 1 }}")]
)
def test_a_name_is_text_and_no_markup(package, name, shown):
    assert rendered(package, "page.jinja", name=name) == f"<p>{shown}</p>\né {shown}"


def test_a_fact_that_is_not_there_is_no_empty_text(package):
    with pytest.raises(jinja2.UndefinedError, match="'name' is undefined"):
        rendered(package, "page.jinja")
