"""The studies that derm brings."""

from __future__ import annotations

import csv

import pytest

from derm_cli.errors import RequestError
from derm_cli.studies.asking.built_in import TITLES, built_in_study
from derm_cli.studies.asking.spec import study_runs
from derm_cli.studies.asking.study_file import study_of
from tests.support.studies import MadeOptions

RECIPES = ("paper", "strong", "fast")


def requests(name, target=None):
    spec = study_of(name, built_in_study(name, target, RECIPES), MadeOptions())
    return spec, {run.row: run.request for run in study_runs(spec, MadeOptions())}


def test_table_4_has_the_chains_of_the_paper():
    spec, found = requests("paper-table-4")
    assert {name: request.chain for name, request in found.items()} == {
        "o: from scratch": ("dermai",),
        "x: ImageNet + merged dataset": ("imagenet", "edra", "dermofit", "dermai"),
        "a: ImageNet": ("imagenet", "dermai"),
        "b: ImageNet, EDRA": ("imagenet", "edra", "dermai"),
        "c: ImageNet, EDRA, Dermofit": ("imagenet", "edra", "dermofit", "dermai"),
    }
    assert found["x: ImageNet + merged dataset"].strategy == "merged"
    assert spec.reference == "a: ImageNet"
    assert {request.recipe for request in found.values()} == {"paper"}


def test_table_3_has_its_backbones():
    _, found = requests("paper-table-3")
    assert [request.backbone for request in found.values()] == ["effnet-b3", "mobilenet-v2", "resnet50"]
    assert {request.chain for request in found.values()} == {("imagenet", "dermai")}


@pytest.mark.parametrize(
    ("name", "file"), [("paper-table-3", "table3_backbones"), ("paper-table-4", "table4_strategies")]
)
def test_the_published_figures_are_the_paper_s(real_data, name, file):
    path = real_data.parent / "paper" / f"{file}.csv"
    with path.open(newline="") as lines:
        printed = {row.get("strategy") or row["backbone"]: row for row in csv.DictReader(lines)}
    spec, _ = requests(name)
    assert len(spec.rows) == len(printed)
    for row in spec.rows:
        own = printed[row.name.partition(": ")[2] or row.name]
        assert {metric: round(100 * share, 2) for metric, share in row.published.items()} == {
            metric: float(own[metric]) for metric in ("accuracy", "weighted_f1", "macro_f1")
        }


@pytest.mark.parametrize("name", TITLES)
def test_the_target_may_be_any_other_and_then_no_figure_of_the_paper_stands_beside(name):
    spec, found = requests(name, "my-clinic")
    assert {request.datasets[-1] for request in found.values()} == {"my-clinic"}
    assert not any(row.published for row in spec.rows)


def test_every_recipe_is_a_row_and_the_default_one_the_first():
    _, found = requests("recipes", "clinic")
    assert [request.recipe for request in found.values()] == ["strong", "paper", "fast"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("paper-table-5", "There is no built-in study 'paper-table-5'. Did you mean 'paper-table-4'"),
        ("recipes", "The study 'recipes' has no target of its own: name one, as in --target pad-ufes-20."),
    ],
)
def test_what_there_is_not_is_refused(name, sentence):
    with pytest.raises(RequestError) as refused:
        built_in_study(name, None, RECIPES)
    assert sentence in str(refused.value)
