"""Which variants of which formats are asked for; an exporter without any goes on as ever."""

from __future__ import annotations

import pytest

from derm_cli.errors import RequestError
from derm_cli.plugin import ExporterSpec, ExporterVariant
from derm_cli.workflows.exporting.variants import quantizations, requested_variants, variant_name

NAMES = ("float-input", "int8", "int8-float-input")
VARIANTS = tuple(ExporterVariant(name=name, title=name, export=print, agreement=0.98) for name in NAMES)
WITH = ExporterSpec(name="with", title="W", suffix=".w", export=print, load=print, variants=VARIANTS)
WITHOUT = ExporterSpec(name="without", title="O", suffix=".o", export=print, load=print)


@pytest.mark.parametrize(
    ("exporters", "asked", "found"),
    [
        ([WITH], ["none"], [("with", None)]),
        ([WITH], ["int8", "none", "int8"], [("with", "int8"), ("with", None)]),
        ([WITHOUT], ["none"], [("without", None)]),
        ([WITH, WITHOUT], ["int8", "float-input"], [("with", "int8"), ("with", "float-input"), ("without", None)]),
    ],
)
def test_each_exporter_gives_the_variants_that_it_has(exporters, asked, found):
    given = requested_variants(exporters, asked)
    assert [(spec.name, variant and variant.name) for spec, variant in given] == found


@pytest.mark.parametrize(
    ("exporters", "asked", "said"),
    [
        ([WITH, WITHOUT], "int4", "There is no variant 'int4' of 'with', 'without': ask for one of none, float-input"),
        ([WITHOUT], "int8", "There is no variant 'int8' of 'without': ask for one of none"),
    ],
)
def test_a_variant_that_none_has_is_one_sentence(exporters, asked, said):
    with pytest.raises(RequestError) as caught:
        requested_variants(exporters, ["none", asked])
    assert str(caught.value).startswith(said)


def test_options_and_names_of_variants_belong_together():
    assert quantizations([WITHOUT, WITH]) == ["none", "int8"]
    pairs = {("none", False): "none", ("none", True): "float-input", ("int8", True): "int8-float-input"}
    assert {pair: variant_name(pair[0], float_input=pair[1]) for pair in pairs} == pairs
