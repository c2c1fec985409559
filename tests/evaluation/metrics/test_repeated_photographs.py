import json
from dataclasses import replace

import numpy as np
import pytest

from derm_cli.evaluation.measure import EvaluationInput, measure_one
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.metrics.repeated_photographs import RepeatedMeasure, RepeatedPhotographs
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import random_table, small

PROBABILITIES = [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7], [0.8, 0.2], [0.6, 0.4]]


def by_unit(table: Predictions, draws: int = 0) -> tuple[RepeatedPhotographs, ...]:
    measure = RepeatedMeasure.of(EvaluationInput(table))
    return () if measure is None else measure_one(measure, table, draws).by_unit


def test_mean_and_worst_by_hand() -> None:
    """Patient p has an A twice, right and wrong, in the mean right; q a B twice, both right; r an A and a B."""
    (found,) = by_unit(small("AABBAB", "ABBBAA", "AB", PROBABILITIES, patient="ppqqrr"))
    assert (found.unit, found.photographs, found.units, found.repeated) == ("patient", 6, 4, 2)
    mean, worst = found.ways["mean"], found.ways["worst"]
    assert (mean.accuracy, worst.accuracy) == (3 / 4, 2 / 4)
    assert mean.sensitivity == {"A": 1.0, "B": 0.5}
    assert worst.sensitivity == {"A": 0.5, "B": 0.5}
    assert worst.balanced_accuracy == 0.5


def test_the_worst_is_wrong_wherever_one_is_and_told_without_probabilities() -> None:
    # Of the first patient's photographs the right one has less of A than the wrong one.
    table = small("AAC", "ABC", "ABC", [[0.4, 0.3, 0.3], [0.45, 0.55, 0.0], [0, 0, 1]], patient="ppq")
    (found,) = by_unit(table)
    assert found.ways["worst"].accuracy == 0.5
    (found,) = by_unit(small("AAC", "ABC", "ABC", patient="ppq"))
    assert found.ways.keys() == {"worst"}
    assert found.ways["worst"].accuracy == 0.5


def test_lesions_and_patients_each_where_they_repeat() -> None:
    names = [each.unit for each in by_unit(small("AAAB", "AABB", "AB", patient="ppqr", lesion="xyzz"))]
    assert names == ["patient"]  # lesion z is an A and a B: of neither are there two
    both = by_unit(small("AAAAB", "AABAB", "AB", patient="ppppq", lesion="xxyzw"))
    assert [(each.unit, each.units, each.repeated) for each in both] == [("patient", 2, 1), ("lesion", 4, 1)]
    numbers = by_unit(small("AAAA", "AAAB", "AB", patient="ppqq", lesion="1211"))
    assert [(each.unit, each.units, each.repeated) for each in numbers] == [("patient", 2, 2), ("lesion", 3, 1)]
    same = by_unit(small("AAB", "AAB", "AB", patient="ppq", lesion="xxy"))
    assert [each.unit for each in same] == ["patient"]
    assert by_unit(small("AAB", "AAB", "AB", patient="pqr")) == ()
    assert by_unit(small("AAB", "AAB", "AB")) == ()
    # Cases of which no patient is known have nothing in common.
    assert by_unit(small("AAB", "AAB", "AB", patient="..r")) == ()


def test_where_all_photographs_of_a_patient_are_alike_both_are_the_table_of_one_each() -> None:
    table = random_table(0, 300, 4, per_patient=3)
    first = np.arange(0, 300, 3)
    assert table.probabilities is not None
    one_each = Predictions(
        table.classes,
        tuple(map(str, first)),
        table.labels[first],
        table.predictions[first],
        table.probabilities[first],
    )
    expected = evaluation_of(one_each, 0)
    (found,) = by_unit(table, 200)
    for way in found.ways.values():
        assert way.accuracy == pytest.approx(expected.accuracy)
        assert way.macro_f1 == pytest.approx(expected.macro_f1)
        assert way.sensitivity == pytest.approx({name: each.sensitivity for name, each in expected.per_class.items()})
        # One case a patient: that of the table of one photograph each.
        assert way.intervals["accuracy"] == evaluation_of(one_each, 20).intervals["accuracy"]
        assert way.intervals["macro_f1"].low < expected.macro_f1 < way.intervals["macro_f1"].high
    assert found.to_json()["ways"]["mean"]["intervals"]["sensitivity C00"][2] == "wilson"


def test_lesions_of_one_patient_are_drawn_with_their_patient() -> None:
    table = random_table(0, 300, 4, per_patient=6)
    lesions = np.array([f"L{case // 2}" for case in range(300)])
    table = Predictions(**{**vars(table), "metadata": {**table.metadata, "lesion": lesions}})
    patient, lesion = by_unit(table, 100)
    assert (patient.units, lesion.units) == (50, 150)
    by_patient, by_lesion = (each.ways["mean"].intervals["accuracy"] for each in (patient, lesion))
    assert (by_patient.method, by_lesion.method) == ("wilson", "effective")
    # Three lesions of a patient tell little more than one: all six photographs are right, or none is.
    assert by_lesion.high - by_lesion.low > 0.8 * (by_patient.high - by_patient.low)


def test_no_bit_hangs_on_what_patients_are_called() -> None:
    """Each run salts their names anew, so that they stand in another order of the alphabet."""
    table, found = random_table(3, 48, 6), set()
    draw = np.random.default_rng(5)
    patients = draw.integers(0, 20, 48)
    for _ in range(12):
        names = np.array([f"{number:02}" for number in draw.permutation(20)])
        (each,) = by_unit(replace(table, metadata={"patient": names[patients]}), 1)
        found.add(json.dumps(each.to_json(), sort_keys=True))
    assert len(found) == 1
