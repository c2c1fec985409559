"""What is compared, and by which command."""

from __future__ import annotations

import pytest

from benchmarks.recipes.methods import Form, chosen, methods_of
from derm_cli.errors import RequestError
from derm_cli.plugin import RecipeSpec

RECIPES = {
    "paper": RecipeSpec(name="paper", title="t", source="s"),
    "strong": RecipeSpec(name="strong", title="t", source="s", values={"size": 192, "phase": ("mixing=mixup",)}),
}


def methods(dataset="pad-ufes-20", options=("metadata",), ablated=None, **form):
    return {each.name: each for each in methods_of(RECIPES, dataset, Form(**form), options, ablated)}


def test_each_recipe_is_alone_through_the_other_set_with_answers_and_fused():
    assert list(methods()) == [
        *("most-frequent", "features", "answers", "features+answers", "plain", "plain+late"),
        *("paper", "paper+chain", "paper+answers", "paper+late"),
        *("strong", "strong+chain", "strong+answers", "strong+late"),
    ]
    assert "paper+answers" not in methods(options=())
    assert {name for name, each in methods().items() if each.takes_answers} == {
        *("answers", "features+answers", "plain+late", "paper+answers", "paper+late", "strong+answers", "strong+late"),
    }


@pytest.mark.parametrize(
    ("name", "dataset", "form", "arguments"),
    [
        ("paper", "pad-ufes-20", {}, "--chain imagenet,pad-ufes-20 --recipe paper --size 160"),
        ("paper+chain", "pad-ufes-20", {}, "--chain imagenet,ham10000,pad-ufes-20 --recipe paper --size 160"),
        ("paper+chain", "ham10000", {}, "--chain imagenet,pad-ufes-20,ham10000 --recipe paper --size 160"),
        ("strong", "pad-ufes-20", {}, "--chain imagenet,pad-ufes-20 --recipe strong"),
        (
            *("strong+answers", "pad-ufes-20", {"size": 64, "epochs": 1}),
            "--chain imagenet,pad-ufes-20 --recipe strong --size 64 --phase epochs=1 --metadata auto",
        ),
        (
            *("strong-without-mixing=mixup", "pad-ufes-20", {}),
            "--chain imagenet,pad-ufes-20 --recipe paper --size 192",
        ),
        (
            *("strong-without-size=192", "pad-ufes-20", {}),
            "--chain imagenet,pad-ufes-20 --recipe paper --phase mixing=mixup --size 160",
        ),
    ],
)
def test_a_method_is_a_command(name, dataset, form, arguments):
    assert " ".join(methods(dataset, ablated="strong", **form)[name].arguments) == arguments


def test_an_ablation_names_the_recipe_and_leaves_the_others_whole():
    ablated = [each for each in methods(ablated="strong").values() if each.ablated]
    assert [each.name for each in ablated] == ["strong-without-size=192", "strong-without-mixing=mixup"]
    with pytest.raises(RequestError, match=r"--ablation is 'strnog'.*Did you mean 'strong'"):
        methods(ablated="strnog")


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ((), ["most-frequent", "answers", "plain", "plain+late", "strong"]),
        (("plain",), ["plain"]),
        (("plain+late",), ["answers", "plain", "plain+late"]),
        (("s*", "most-frequent"), ["most-frequent", "strong"]),
    ],
)
def test_methods_are_chosen_with_what_they_are_made_of(only, names):
    all_methods = [methods()[name] for name in ("most-frequent", "answers", "plain", "plain+late", "strong")]
    assert [each.name for each in chosen(all_methods, only)] == names


def test_a_method_that_is_none_is_refused():
    with pytest.raises(RequestError, match=r"--only is 'plian'.*Did you mean 'plain'"):
        chosen(methods().values(), ["plian"])
