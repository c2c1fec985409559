import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from derm_cli.evaluation.metrics.subgroups import subgroups_of
from derm_cli.evaluation.predictions import Predictions, read_predictions, write_predictions
from derm_cli.evaluation.reporting.tables.subgroups import subgroup_table
from tests.support.synthetic_tables import random_table


def with_metadata(table: Predictions, **columns: object) -> Predictions:
    return Predictions(**{**vars(table), "metadata": {name: np.array(each) for name, each in columns.items()}})


def test_figures_of_a_slice_agree_with_scikit_learn() -> None:
    table = random_table(0, 600, 4)
    sites = np.array(["torso", "head/neck", "legs"])[np.arange(600) % 3]
    for each in subgroups_of(with_metadata(table, site=sites), draws=100):
        inside = sites == each.value
        assert each.cases == 200
        assert each.accuracy == accuracy_score(table.labels[inside], table.predictions[inside])
        balanced = balanced_accuracy_score(table.labels[inside], table.predictions[inside])
        others = balanced_accuracy_score(table.labels[~inside], table.predictions[~inside])
        assert each.balanced_accuracy == pytest.approx(balanced)
        assert each.gap == pytest.approx(balanced - others)
        for name in ("accuracy", "balanced_accuracy", "gap"):
            interval = getattr(each, f"{name}_interval")
            assert interval.low <= getattr(each, name) <= interval.high


def test_a_gap_that_is_no_chance_stands_first_and_what_is_too_small_last() -> None:
    table = random_table(1, 400, 3)
    rng = np.random.default_rng(0)
    sex = np.where(rng.random(400) < 0.5, "male", "female")
    skin = np.array(["2"] * 380 + ["6"] * 20)
    worse = table.predictions.copy()
    worse[sex == "male"] = np.array(["C00", "C01", "C02"])[rng.integers(3, size=int((sex == "male").sum()))]
    worse_table = Predictions(**{**vars(table), "predictions": worse})
    subgroups = subgroups_of(with_metadata(worse_table, sex=sex, fitzpatrick=skin), draws=100)
    assert {subgroups[0].value, subgroups[1].value} == {"male", "female"}
    assert subgroups[0].warning is None
    assert (subgroups[-1].column, subgroups[-1].value) == ("fitzpatrick", "6")
    assert subgroups[-1].warning == "too small to say anything: 20 cases"
    male = next(each for each in subgroups if each.value == "male")
    assert male.gap is not None
    assert male.gap_interval is not None
    assert male.gap_interval.high < 0


def test_other_diagnoses_make_no_gap() -> None:
    """Naevi are recognised and melanomas are not; the young have naevi alone, the old mostly melanomas."""
    labels = np.array(["C00"] * 200 + ["C01"] * 100)
    said = labels.copy()
    said[200:290] = "C00"
    ages = ["30"] * 150 + ["70"] * 150
    table = Predictions(("C00", "C01"), tuple(map(str, range(300))), labels, said, None, {"age": np.array(ages)})
    young, old = sorted(subgroups_of(table, draws=20), key=lambda each: each.value)
    assert (young.balanced_accuracy, old.balanced_accuracy) == (1.0, pytest.approx(0.55))
    assert (young.gap, old.gap) == (0.0, 0.0)
    assert young.gap_classes == old.gap_classes == 1
    assert young.may_be_chance
    apart = Predictions(**{**vars(table), "metadata": {"age": np.array(["30"] * 200 + ["70"] * 100)}})
    for each in subgroups_of(apart, draws=20):
        assert (each.gap, each.gap_interval, each.gap_classes) == (None, None, 0)
        assert each.warning == "no class of which both it and the others have enough"


def test_too_few_others_are_said() -> None:
    table = random_table(8, 200, 2)
    subgroups = subgroups_of(with_metadata(table, sex=["male"] * 180 + ["female"] * 20), draws=20)
    assert [each.warning for each in subgroups] == [
        "too small to say anything: 20 cases",
        "too few others to compare with: 20 cases",
    ]
    assert all(each.gap is None for each in subgroups)


def test_the_intervals_of_more_subgroups_are_wider() -> None:
    table, rng = random_table(6, 600, 3), np.random.default_rng(0)
    sex, sites = np.array(["male", "female"])[rng.integers(2, size=600)], rng.integers(10, size=600).astype(str)
    alone, among = (
        next(each for each in subgroups_of(with_metadata(table, **columns), draws=20) if each.value == "male")
        for columns in ({"sex": sex}, {"sex": sex, "site": sites})
    )
    assert alone.gap == among.gap
    assert alone.gap_interval is not None
    assert among.gap_interval is not None
    assert among.gap_interval.low < alone.gap_interval.low < alone.gap_interval.high < among.gap_interval.high


def test_a_column_that_is_the_same_everywhere_is_no_slice() -> None:
    table = random_table(3, 20, 2)
    assert subgroups_of(with_metadata(table, dataset=["one"] * 20, notes=list("ab" * 10)), draws=0) == ()


def test_few_patients_are_few_however_many_photographs_they_have() -> None:
    table = random_table(4, 400, 2, per_patient=40)
    cut = {**table.metadata, "sex": np.array(["male", "female"] * 200)}
    subgroups = subgroups_of(Predictions(**{**vars(table), "metadata": cut}), draws=50)
    assert [each.groups for each in subgroups] == [10, 10]
    assert subgroups[0].warning == "too small to say anything: 10 patients"


def test_malignant_cases_of_a_slice_are_counted_and_found() -> None:
    table = random_table(5, 600, 3)
    sex = np.array(["male", "female"])[np.arange(600) % 2]
    severities = {"C00": "benign", "C01": "malignant", "C02": "malignant"}
    for each in subgroups_of(with_metadata(table, sex=sex), draws=100, severities=severities):
        malignant = (sex == each.value) & np.isin(table.labels, ["C01", "C02"])
        predicted = np.isin(table.predictions, ["C01", "C02"])
        assert each.malignant == malignant.sum()
        assert each.malignant_sensitivity == pytest.approx((malignant & predicted).sum() / malignant.sum())
        assert each.malignant_interval is not None
        assert each.malignant_interval.method == "wilson"
        assert each.malignant_interval.low < each.malignant_sensitivity < each.malignant_interval.high
    unknown = subgroups_of(with_metadata(table, sex=sex), draws=10)
    assert [(each.malignant, each.malignant_sensitivity) for each in unknown] == [(0, None), (0, None)]


def test_a_gap_whose_interval_holds_zero_may_be_chance() -> None:
    table = random_table(6, 600, 3)
    worse = table.predictions.copy()
    worse[:300] = "C00"
    half = with_metadata(Predictions(**{**vars(table), "predictions": worse}), site=["a"] * 300 + ["b"] * 300)
    assert [each.may_be_chance for each in subgroups_of(half, draws=200)] == [False, False]
    random = with_metadata(table, site=np.array(["a", "b"])[np.random.default_rng(0).integers(2, size=600)])
    assert [each.may_be_chance for each in subgroups_of(random, draws=200)] == [True, True]
    assert not subgroups_of(random, draws=0)[0].may_be_chance


def test_a_column_of_thirds_without_a_number_is_no_slice() -> None:
    assert subgroups_of(with_metadata(random_table(7, 300, 2), brightness=["dark", "light"] * 150), draws=0) == ()


def test_one_is_one_case() -> None:
    female, male = subgroups_of(with_metadata(random_table(9, 40, 2), sex=["male"] * 39 + ["female"]), draws=0)
    assert female.warning == "too small to say anything: 1 case"
    assert male.warning == "too few others to compare with: 1 case"


def test_columns_of_the_table_s_own_cut_it_too_and_are_shown_by_their_titles(tmp_path) -> None:
    table = random_table(2, 200, 3)
    lamp = np.where(np.arange(200) % 2 == 0, "on", "")
    written = with_metadata(table, **{"by_camera model": np.array(["a", "b"] * 100), "sex": lamp, "by_lamp": lamp})
    write_predictions(written, tmp_path / "table.csv")
    read = read_predictions(tmp_path / "table.csv")
    assert {name: values.tolist() for name, values in read.metadata.items()} == {
        name: values.tolist() for name, values in written.metadata.items()
    }
    found = {(each.column, each.value): each.cases for each in subgroups_of(read, draws=0)}
    expected = {("by_camera model", "a"): 100, ("by_camera model", "b"): 100}
    assert found == {
        **expected,
        **{(name, value): 100 for name in ("sex", "by_lamp") for value in ("on", "unknown")},
    }
    assert {row[0] for row in subgroup_table(subgroups_of(read, draws=0)).rows} == {"camera model", "lamp", "sex"}
