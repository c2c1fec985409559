"""The variants of TFLite are the same for what writes them and for what judges them."""

from __future__ import annotations

import pytest

from mobile_export.bundle.gates import EXACT, GATES
from mobile_export.specs import TFLITE
from mobile_export.variants import TFLITE_VARIANTS

WRITTEN = {each.name: each for each in TFLITE.variants}


def test_each_number_of_bits_has_both_inputs_but_the_format_itself_is_no_variant():
    assert [each.name for each in TFLITE_VARIANTS] == [
        "float-input",
        *("float16", "float16-float-input"),
        *("dynamic", "dynamic-float-input"),
        *("int8", "int8-float-input"),
        *("int16x8", "int16x8-float-input"),
    ]


@pytest.mark.parametrize("variant", TFLITE_VARIANTS, ids=lambda each: each.name)
def test_a_variant_is_written_under_the_gate_that_a_bundle_judges_it_by(variant):
    written, gate = WRITTEN[variant.name], GATES[variant.name]
    assert written.title == variant.title
    assert written.calibrated == (variant.quantization in {"int8", "int16x8"})
    assert written.tolerance == gate.tolerance == variant.tolerance
    judged_by_answers = (None, None) if variant.tolerance else (gate.agreement, gate.recall)
    assert (written.agreement, written.recall_loss) == judged_by_answers


def test_the_format_itself_is_judged_by_its_tolerance():
    assert GATES.keys() - {""} == WRITTEN.keys()
    assert GATES[""].tolerance == EXACT.tolerance == TFLITE.tolerance
