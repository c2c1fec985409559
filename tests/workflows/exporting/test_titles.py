"""Titles in further languages come from the dataset that declares them; a language without is one sentence."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from derm_cli.errors import RequestError
from derm_cli.workflows.exporting import titles
from derm_cli.workflows.exporting.titles import titles_in
from derm_datasets import derm_datasets
from derm_datasets.class_titles import LANGUAGES

SPECS = {spec.name: spec for spec in derm_datasets()}


def found_in(monkeypatch, dataset, *languages):
    spec = SPECS[dataset]
    monkeypatch.setattr(titles, "locate", lambda *_: SimpleNamespace(spec=spec))
    run = SimpleNamespace(plan=SimpleNamespace(target=dataset, classes=spec.classes))
    return titles_in(SimpleNamespace(settings=None, registry=None), run, languages)


def test_they_are_in_the_order_of_the_classes(monkeypatch):
    found = found_in(monkeypatch, "pad-ufes-20", "pt", "en", "de", "pt")
    assert list(found) == ["pt", "de"], "English ones are there anyway"
    assert found["pt"][:4] == ("queratose actínica", "carcinoma basocelular", "melanoma", "nevo")
    assert found_in(monkeypatch, "pad-ufes-20", "en") == {}


def test_an_unknown_language_is_one_sentence(monkeypatch):
    said = (
        "--labels names 'tlh', but class 'ACK' of dataset 'pad-ufes-20' has no title in that language: ask for one of "
        "en, de, es, pt, or let the dataset's plugin declare 'titles'."
    )
    with pytest.raises(RequestError) as caught:
        found_in(monkeypatch, "pad-ufes-20", "pt", "tlh")
    assert str(caught.value) == said


@pytest.mark.parametrize("name", ["pad-ufes-20", "ham10000", "isic-2019", "dermofit", "edra", "synthetic-phone"])
def test_built_in_datasets_have_all_languages(name):
    spec = SPECS[name]
    assert tuple(spec.titles) == LANGUAGES
    assert all(set(each) == {found.name for found in spec.classes} for each in spec.titles.values())
