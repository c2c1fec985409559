"""A run on real smartphone photographs, judged on real dermoscopic ones."""

from __future__ import annotations

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from derm_cli.evaluation.predictions import read_predictions

HAM_TO_PAD = {"nv": "NEV", "mel": "MEL", "bcc": "BCC", "akiec": "ACK", "bkl": "SEK"}


@pytest.fixture(scope="module")
def judged(real_run, real_data, tmp_path_factory):
    """The judgement as JSON, and the table of its cases."""
    place, run = real_run
    table = tmp_path_factory.mktemp("judged") / "table.csv"
    asked = ("evaluate", run, "--data", "ham10000", "--draws", "100", "--refer-at", "0.5", "0.6", "--table", table)
    return place.json(*asked, DERM_DATA=str(real_data)), read_predictions(table)


@pytest.fixture(scope="module")
def metadata(real_data):
    (file,) = real_data.glob("ham10000/HAM10000_metadata*")
    return pd.read_csv(file, dtype=str).set_index("image_id")


def test_every_photograph_is_judged_or_counted(judged, metadata):
    found, table = judged
    left_out = found["left_out"]["ham10000"]
    counts = metadata["dx"].value_counts()
    assert {each["label"]: (each["class"], each["cases"]) for each in left_out["mapped"]} == {
        label: (place, counts[label]) for label, place in HAM_TO_PAD.items()
    }
    assert left_out["unmapped"] == {label: counts[label] for label in ("vasc", "df")}
    assert (left_out["seen"], left_out["dropped"]) == (0, 0)
    assert found["cases"] + sum(left_out["unmapped"].values()) == len(metadata)
    assert [HAM_TO_PAD[metadata.loc[case, "dx"]] for case in table.case_ids] == table.labels.tolist()


def test_every_lesion_is_one_case_of_the_bootstrap(judged, metadata):
    found, table = judged
    lesions = metadata.loc[list(table.case_ids), "lesion_id"].nunique()
    several = lesions < len(table.case_ids)
    assert found["patients"] is None, "lesions are told, not patients"
    assert found.get("lesions", len(table.case_ids)) <= lesions
    assert found["intervals"]["accuracy"][2] == ("effective" if several else "wilson")


def test_it_is_cut_by_what_the_dataset_tells_and_by_how_the_photographs_look(judged):
    found, table = judged
    slices = {}
    for each in found["slices"]:
        slices.setdefault(each["column"], []).append(each)
    assert {"sex", "age", "site", "focus", "brightness"} <= set(slices)
    for column in ("focus", "brightness"):
        assert sum(each["cases"] for each in slices[column]) == found["cases"]
        assert max(each["cases"] for each in slices[column]) < found["cases"] / 2.9
    malignant = sum(each["malignant"] for each in slices["focus"])
    assert malignant == int(pd.Series(table.metadata["diagnosis"]).str.startswith("Malignant").sum())


def test_malignancy_agrees_with_scikit_learn(judged):
    """One epoch of a linear probe on 32 pixels is no good classifier, which makes its figures no less right."""
    found, table = judged
    severity = pd.Series(table.metadata["diagnosis"]).str.partition(":")[0]
    scores = pd.DataFrame(table.probabilities, columns=table.classes)
    binary = severity.isin(["Benign", "Malignant"])
    side = found["triage"]["without_indeterminate"]
    # The run's actinic keratoses are indeterminate, its three carcinomas and melanomas malignant.
    expected = roc_auc_score((severity == "Malignant")[binary], scores[["BCC", "MEL", "SCC"]].sum(axis=1)[binary])
    assert side["auc"] == pytest.approx(expected)
    assert side["auc_interval"][0] < expected < side["auc_interval"][1]
    said = pd.Series(table.predictions).isin(["BCC", "MEL", "SCC"])
    assert side["as_said"]["sensitivity"] == pytest.approx(said[severity == "Malignant"].mean())
    assert side["as_said"]["specificity"] == pytest.approx(1 - said[severity == "Benign"].mean())
    assert [each["name"] for each in found["referral"]] == ["now", "soon", "no"]
    for name in ("benign", "indeterminate", "malignant"):
        assert sum(each["counts"][name] for each in found["referral"]) == (severity == name.title()).sum()
