"""What is trained on, validated on and tested on shares no patient, no lesion and no file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from derm_cli.data.ingesting import ingest
from derm_cli.data.run_data import assemble
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.errors import DermError, RequestError
from derm_cli.workflows.training.dry_run import describe_plan, plan_to_json
from tests.support import trees
from tests.support.split_checks import HAM, PAD, PARTS, assert_nothing_shared, members


@pytest.fixture
def empty_ledgers(tmp_path) -> SplitLedgers:
    return SplitLedgers(tmp_path / "runs")


def test_the_parts_share_nothing(assembled):
    split_members = members(*assembled())
    assert set(split_members["part"]) == set(PARTS)
    for _, frame in split_members.groupby("dataset"):
        assert_nothing_shared(frame)


def test_every_class_is_in_every_part(assembled):
    run_data, _ = assembled()
    for _, frame in run_data.split.groupby(["dataset", "label"]):
        assert set(frame["part"]) == set(PARTS)


def test_a_stage_learns_from_and_is_validated_on_its_own_parts(assembled):
    run_data, _ = assembled()
    for name, training, validation in zip((HAM, PAD), run_data.training, run_data.stage_validation, strict=True):
        split = run_data.split[run_data.split["dataset"] == name]
        for part, cases in ((TRAIN, training.cases), (VALIDATION, validation.cases)):
            assert set(cases["case_id"]) == set(split.loc[split["part"] == part, "case_id"])
            assert len(cases) > 0


def test_the_test_part_is_that_of_a_run_without_validation(assembled):
    """So that runs with and without a validation share are judged on the same photographs."""
    with_share, without = (assembled(validation_share=share)[0] for share in (0.3, 0.0))
    assert set(with_share.test.cases["case_id"]) == set(without.test.cases["case_id"])
    assert without.stage_validation == (None, None)
    assert VALIDATION not in set(without.split["part"])


@pytest.mark.parametrize("strategy", ["merged", "hybrid"])
def test_a_merged_stage_is_validated_on_what_its_classes_cover(assembled, strategy):
    run_data, _ = assembled(strategy=strategy)
    assert set(run_data.stage_validation[0].cases["dataset"]) == {HAM, PAD}
    assert not set(run_data.stage_validation[0].cases["label"]) & {"vasc", "df"}
    for training, validation in zip(run_data.training, run_data.stage_validation, strict=True):
        assert not set(training.cases["sha256"]) & set(validation.cases["sha256"])


def test_equal_files_of_two_patients_stay_together(assembled, two_datasets):
    """A photograph of one part under another's name: they, and the patients that they belong to, come together."""
    before, _ = assembled()
    split = before.split[before.split["dataset"] == PAD]
    first, second = (
        split.loc[(split["label"] == "MEL") & (split["part"] == part), "file"].iloc[0] for part in PARTS[:2]
    )
    shutil.copy(two_datasets / PAD / first, two_datasets / PAD / second)
    split_members = members(*assembled())
    assert_nothing_shared(split_members[split_members["dataset"] == PAD])
    assert len(set(split_members.loc[split_members["file"].isin([first, second]), "part"])) == 1


def test_the_plan_counts_each_part(prepared, empty_ledgers):
    for stage in plan_to_json(prepared(), empty_ledgers)["stages"]:
        for name in stage["train"]:
            assert stage["train"][name] + stage["validation"][name] + stage["test"][name] == 16
            assert min(stage[part][name] for part in PARTS) > 0
        steps = sum(stage["train"].values()) / stage["batch_size"]
        assert steps <= stage["steps_per_epoch"] < steps + 1
    for stage in plan_to_json(prepared(validation_share=0.0), empty_ledgers)["stages"]:
        assert not any(stage["validation"].values())


def test_the_plan_s_text_has_a_column_for_validation_where_there_is_one(prepared, empty_ledgers):
    text = describe_plan(prepared(), empty_ledgers)
    assert "train  validation  test" in text
    assert "Tested on 20% of pad-ufes-20, split by patient, lesion or duplicate (seed 0)\n" in text
    assert "Not trained on: 20% of ham10000, split by lesion or duplicate (seed 0)\n" in text
    assert "Kept back: 30% of the rest for validation\n" in text
    assert "validation" not in describe_plan(prepared(validation_share=0.0), empty_ledgers)


@pytest.mark.parametrize("option", ["early-stopping=2", "head:best-epoch=on"])
def test_what_needs_a_validation_part_is_refused_without_one(prepared, option):
    with pytest.raises(RequestError) as refused:
        prepared(validation_share=0.0, phase_options=(option,))
    assert str(refused.value) == (
        "Phase 'head' stops early or keeps its best epoch, but --validation-share is '0': give a share of the "
        "photographs to judge epochs by, as in 0.1."
    )
    assert prepared(phase_options=(option,)).plan.stages[0].phases[0].options.validates


def rare(two_datasets: Path, lesions: int) -> None:
    """Leave so many lesions of dermatofibroma, of two photographs each."""
    table = two_datasets / HAM / "HAM10000_metadata"
    frame = pd.read_csv(table)
    frame.drop(frame.index[frame["dx"] == "df"][2 * lesions :]).to_csv(table, index=False)


def test_a_class_that_cannot_be_split_again_stays_whole_in_training(assembled, two_datasets, capsys):
    """Of two lesions one is tested on: the other cannot be both learnt from and validated on."""
    rare(two_datasets, lesions=2)
    run_data, _ = assembled(validation_share=0.1)
    parts = run_data.split[run_data.split["label"] == "df"]["part"].value_counts().to_dict()
    assert parts == {TRAIN: 2, TEST: 2}
    warnings = [line for line in capsys.readouterr().err.splitlines() if "no epoch is judged" in line]
    assert warnings == [
        "Warning: no epoch is judged by class 'df' of dataset 'ham10000': there are too few patients or lesions for a "
        "validation part, so what is not tested on is trained on."
    ]


def test_a_class_that_cannot_be_tested_on_is_refused(assembled, two_datasets):
    rare(two_datasets, lesions=1)
    with pytest.raises(DermError, match=f"class 'df' belong to one patient or lesion.*--leave-out {HAM}:df"):
        assembled()


def test_without_anything_to_validate_on_there_is_no_validation(assembled, two_datasets):
    for root in two_datasets.iterdir():
        shutil.rmtree(root)
    trees.make_ham(two_datasets / HAM, per_class=6)
    trees.make_pad(two_datasets / PAD, per_class=6)
    run_data, _ = assembled(validation_share=0.1)
    assert run_data.stage_validation == (None, None)
    with pytest.raises(DermError, match=r"Stage 'ham10000' has no photograph to be validated on .* give a larger"):
        assembled(validation_share=0.1, phase_options=("best-epoch=on",))


def test_what_looks_the_same_in_one_dataset_stays_together(assembled, two_datasets):
    before, _ = assembled()
    split = before.split[before.split["dataset"] == PAD]
    first, second = (
        split.loc[(split["label"] == "MEL") & (split["part"] == part), "file"].iloc[0] for part in (TRAIN, TEST)
    )
    with Image.open(two_datasets / PAD / first) as image:
        image.convert("RGB").resize((40, 40), Image.Resampling.BILINEAR).save(two_datasets / PAD / second)
    split_members = members(*assembled())
    assert len(set(split_members.loc[split_members["file"].isin([first, second]), "part"])) == 1
    assert len(set(split_members.loc[split_members["file"].isin([first, second]), "group"])) == 1
    assert_nothing_shared(split_members[split_members["dataset"] == PAD])


@pytest.mark.parametrize("column", ["patient", "lesion", "sha256", "fingerprint"])
def test_a_leak_that_the_dealing_overlooks_is_refused(prepared, tmp_path, monkeypatch, column):
    """What is looked at in the end shares no code with what deals: here the dealing does not see one column."""
    from derm_cli.data import run_data as module
    from derm_cli.data.duplicates import NO_PAIRS
    from derm_cli.data.splitting import grouping

    run = prepared(chain=(PAD,))
    ingested = {name: ingest(each, run.plan.preprocessing, tmp_path / "cache") for name, each in run.records.items()}
    frame = ingested[PAD].records.frame
    alone = [str(number) for number in range(len(frame))]
    looks = frame["fingerprint"].tolist()
    frame["patient"] = frame["lesion"] = frame["sha256"] = alone
    assert assemble(run.plan, ingested, SplitLedgers(tmp_path / "runs")).test.cases is not None
    frame[column] = "ab" * 32
    with monkeypatch.context() as patch:
        patch.setattr(grouping, "KEYS", tuple(each for each in grouping.KEYS if each != column))
        patch.setattr(module, "pairs_within", lambda *_: NO_PAIRS)
        patch.setattr(module, "holdout_reasons", lambda *arguments: arguments[-1])
        what = "look alike" if column == "fingerprint" else "the same (patient|lesion|file)"
        with pytest.raises(
            DermError, match=rf"^The split leaks: '.*' of pad-ufes-20 \(.*\) and .*: {what}.*\. Nothing is trained"
        ):
            assemble(run.plan, ingested, SplitLedgers(tmp_path / "runs"))
    assert looks[0] != looks[-1]


def test_the_split_has_a_hash_of_what_stays_together(assembled):
    run_data, ingested = assembled()
    assert list(run_data.split) == ["dataset", "case_id", "file", "label", "sha256", "part", "source", "group"]
    split_members = members(run_data, ingested)
    pad = split_members[split_members["dataset"] == PAD]
    for rows, one, other in (
        (split_members, ["dataset", "group"], "part"),
        (pad, "patient", "group"),
        (pad, "group", "patient"),
    ):
        assert rows.groupby(one)[other].nunique().max() == 1
    assert set(run_data.split["source"]) == {"own"}
    assert run_data.summary()[PAD] == {"source": "own"} | pad["part"].value_counts().to_dict()
