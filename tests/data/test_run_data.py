"""What is trained on, validated on and tested on shares no patient, no lesion and no file."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from derm_cli.config import load
from derm_cli.data.ingesting import Ingested, ingest
from derm_cli.data.run_data import FrozenSplit, RunData, assemble
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.data.splitting.ledger import Ledgers
from derm_cli.errors import DermError, RequestError
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.dry_run import describe_plan, plan_to_json
from derm_cli.workflows.training.planning import Prepared, prepare
from derm_cli.workflows.training.request import TrainRequest
from tests.support import trees

PARTS = (TRAIN, VALIDATION, TEST)
HAM, PAD = "ham10000", "pad-ufes-20"


@pytest.fixture
def data(tmp_path) -> Path:
    """Two datasets, two photographs a lesion or patient."""
    trees.make_ham(tmp_path / "data" / HAM, per_class=16)
    trees.make_pad(tmp_path / "data" / PAD, per_class=16)
    return tmp_path / "data"


@pytest.fixture
def prepared(data) -> Callable[..., Prepared]:
    def make(**options) -> Prepared:
        settings = {"backbone": "effnet-lite0", "chain": (HAM, PAD), "size": 32, "validation_share": 0.3, **options}
        return prepare(Session(load({"data": str(data)}, {})), TrainRequest.from_options(**settings))

    return make


@pytest.fixture
def divided(prepared, tmp_path) -> Callable[..., tuple[RunData, dict[str, Ingested]]]:
    def make(**options) -> tuple[RunData, dict[str, Ingested]]:
        found = prepared(**options)
        rule = found.plan.preprocessing
        ingested = {name: ingest(records, rule, tmp_path / "cache") for name, records in found.records.items()}
        return assemble(found.plan, ingested, Ledgers(tmp_path / "runs")), ingested

    return make


@pytest.fixture
def nothing_split(tmp_path) -> Ledgers:
    return Ledgers(tmp_path / "runs")


def members(lessons: RunData, ingested: dict[str, Ingested]) -> pd.DataFrame:
    """Return the split with the patient and the lesion of each photograph."""
    known = [each.records.frame.assign(dataset=name) for name, each in ingested.items()]
    facts = pd.concat(known).reindex(columns=["dataset", "case_id", "patient", "lesion"])
    return lessons.split.merge(facts, on=["dataset", "case_id"], validate="one_to_one")


def assert_nothing_shared(frame: pd.DataFrame) -> None:
    for column in ("patient", "lesion", "sha256"):
        known = frame[frame[column].notna() & (frame[column] != "")]
        for first, second in itertools.combinations(PARTS, 2):
            one, other = (set(known.loc[known["part"] == part, column]) for part in (first, second))
            assert not one & other, f"{column} is shared by {first} and {second}"


def test_the_parts_share_nothing(divided):
    found = members(*divided())
    assert set(found["part"]) == set(PARTS)
    for _, frame in found.groupby("dataset"):
        assert_nothing_shared(frame)


def test_every_class_is_in_every_part(divided):
    lessons, _ = divided()
    for _, frame in lessons.split.groupby(["dataset", "label"]):
        assert set(frame["part"]) == set(PARTS)


def test_a_stage_learns_from_and_is_validated_on_its_own_parts(divided):
    lessons, _ = divided()
    for name, learnt, validated in zip((HAM, PAD), lessons.stages, lessons.validations, strict=True):
        split = lessons.split[lessons.split["dataset"] == name]
        for part, cases in ((TRAIN, learnt.cases), (VALIDATION, validated.cases)):
            assert set(cases["case_id"]) == set(split.loc[split["part"] == part, "case_id"])
            assert len(cases) > 0


def test_the_test_part_is_that_of_a_run_without_validation(divided):
    """So that runs with and without a validation share are judged on the same photographs."""
    with_share, without = (divided(validation_share=share)[0] for share in (0.3, 0.0))
    assert set(with_share.test.cases["case_id"]) == set(without.test.cases["case_id"])
    assert without.validations == (None, None)
    assert VALIDATION not in set(without.split["part"])


@pytest.mark.parametrize("strategy", ["merged", "hybrid"])
def test_a_merged_stage_is_validated_on_what_its_classes_cover(divided, strategy):
    lessons, _ = divided(strategy=strategy)
    assert set(lessons.validations[0].cases["dataset"]) == {HAM, PAD}
    assert not set(lessons.validations[0].cases["label"]) & {"vasc", "df"}
    for learnt, validated in zip(lessons.stages, lessons.validations, strict=True):
        assert not set(learnt.cases["sha256"]) & set(validated.cases["sha256"])


def test_equal_files_of_two_patients_stay_together(divided, data):
    """A photograph of one part under another's name: they, and the patients that they belong to, come together."""
    before, _ = divided()
    split = before.split[before.split["dataset"] == PAD]
    first, second = (
        split.loc[(split["label"] == "MEL") & (split["part"] == part), "file"].iloc[0] for part in PARTS[:2]
    )
    shutil.copy(data / PAD / first, data / PAD / second)
    found = members(*divided())
    assert_nothing_shared(found[found["dataset"] == PAD])
    assert len(set(found.loc[found["file"].isin([first, second]), "part"])) == 1


@pytest.mark.parametrize(
    ("owner", "part", "other", "lost"),
    [
        (PAD, VALIDATION, HAM, TRAIN),
        (HAM, VALIDATION, PAD, TRAIN),
        (PAD, TEST, HAM, TRAIN),
        (PAD, TEST, HAM, VALIDATION),
    ],
)
def test_a_file_that_is_kept_back_in_one_dataset_is_learnt_from_in_none(divided, data, owner, part, other, lost):
    before, _ = divided()
    chosen = {
        name: before.split[(before.split["dataset"] == name) & (before.split["part"] == where)].iloc[0]
        for name, where in ((owner, part), (other, lost))
    }
    shutil.copy(data / owner / chosen[owner]["file"], data / other / chosen[other]["file"])
    lessons, _ = divided()
    (reason,) = lessons.dropped.loc[lessons.dropped["case_id"] == chosen[other]["case_id"], "reason"]
    assert reason == f"the same file is among the {part} photographs of '{owner}': '{chosen[owner]['case_id']}'"
    assert chosen[other]["case_id"] not in set(lessons.split["case_id"])
    kept_back = lessons.split.loc[lessons.split["case_id"] == chosen[owner]["case_id"], ["sha256", "part"]].iloc[0]
    assert kept_back["part"] == part
    for stage in lessons.stages:
        assert kept_back["sha256"] not in set(stage.cases["sha256"])


def test_the_plan_counts_each_part(prepared, nothing_split):
    for stage in plan_to_json(prepared(), nothing_split)["stages"]:
        for name in stage["train"]:
            assert stage["train"][name] + stage["validation"][name] + stage["test"][name] == 16
            assert min(stage[part][name] for part in PARTS) > 0
        steps = sum(stage["train"].values()) / stage["batch_size"]
        assert steps <= stage["steps_per_epoch"] < steps + 1
    for stage in plan_to_json(prepared(validation_share=0.0), nothing_split)["stages"]:
        assert not any(stage["validation"].values())


def test_the_plan_s_text_has_a_column_for_validation_where_there_is_one(prepared, nothing_split):
    said = describe_plan(prepared(), nothing_split)
    assert "train  validation  test" in said
    assert "Tested on 20% of pad-ufes-20, split by patient, lesion or duplicate (seed 0)\n" in said
    assert "Not trained on: 20% of ham10000, split by patient, lesion or duplicate (seed 0)\n" in said
    assert "Kept back: 30% of the rest for validation\n" in said
    assert "validation" not in describe_plan(prepared(validation_share=0.0), nothing_split)


@pytest.mark.parametrize("option", ["early-stopping=2", "head:best-epoch=on"])
def test_what_needs_a_validation_part_is_refused_without_one(prepared, option):
    with pytest.raises(RequestError) as refused:
        prepared(validation_share=0.0, phase_options=(option,))
    assert str(refused.value) == (
        "Phase 'head' stops early or keeps its best epoch, but --validation-share is '0': give a share of the "
        "photographs to judge epochs by, as in 0.1."
    )
    assert prepared(phase_options=(option,)).plan.stages[0].phases[0].options.validates


def rare(data: Path, lesions: int) -> None:
    """Leave so many lesions of dermatofibroma, of two photographs each."""
    table = data / HAM / "HAM10000_metadata"
    frame = pd.read_csv(table)
    frame.drop(frame.index[frame["dx"] == "df"][2 * lesions :]).to_csv(table, index=False)


def test_a_class_that_cannot_be_split_again_stays_whole_in_training(divided, data, capsys):
    """Of two lesions one is tested on: the other cannot be both learnt from and validated on."""
    rare(data, lesions=2)
    lessons, _ = divided(validation_share=0.1)
    parts = lessons.split[lessons.split["label"] == "df"]["part"].value_counts().to_dict()
    assert parts == {TRAIN: 2, TEST: 2}
    warnings = [line for line in capsys.readouterr().err.splitlines() if "no epoch is judged" in line]
    assert warnings == [
        "Warning: no epoch is judged by class 'df' of dataset 'ham10000': there are too few patients or lesions for a "
        "validation part, so what is not tested on is trained on."
    ]


def test_a_class_that_cannot_be_tested_on_is_refused(divided, data):
    rare(data, lesions=1)
    with pytest.raises(DermError, match=f"class 'df' belong to one patient or lesion.*--leave-out {HAM}:df"):
        divided()


def test_without_anything_to_validate_on_there_is_no_validation(divided, data):
    for root in data.iterdir():
        shutil.rmtree(root)
    trees.make_ham(data / HAM, per_class=6)
    trees.make_pad(data / PAD, per_class=6)
    lessons, _ = divided(validation_share=0.1)
    assert lessons.validations == (None, None)
    with pytest.raises(DermError, match=r"Stage 'ham10000' has no photograph to be validated on .* give a larger"):
        divided(validation_share=0.1, phase_options=("best-epoch=on",))


def test_what_looks_like_a_photograph_that_is_kept_back_is_learnt_from_in_none(divided, data):
    """The same photograph, stored again with losses, and smaller."""
    before, _ = divided()
    split = before.split
    tested = split[(split["dataset"] == PAD) & (split["part"] == TEST)].iloc[0]
    learnt = split[(split["dataset"] == HAM) & (split["part"] == TRAIN)].iloc[0]
    with Image.open(data / PAD / tested["file"]) as image:
        image.convert("RGB").resize((40, 40), Image.Resampling.BILINEAR).save(data / HAM / learnt["file"], quality=80)
    lessons, _ = divided()
    (reason,) = lessons.dropped["reason"]
    assert reason == (
        f"a photograph that looks the same is among the test photographs of '{PAD}': '{tested['case_id']}'"
    )
    assert lessons.dropped["case_id"].tolist() == [learnt["case_id"]]


def test_what_looks_the_same_in_one_dataset_stays_together(divided, data):
    before, _ = divided()
    split = before.split[before.split["dataset"] == PAD]
    first, second = (
        split.loc[(split["label"] == "MEL") & (split["part"] == part), "file"].iloc[0] for part in (TRAIN, TEST)
    )
    with Image.open(data / PAD / first) as image:
        image.convert("RGB").resize((40, 40), Image.Resampling.BILINEAR).save(data / PAD / second)
    found = members(*divided())
    assert len(set(found.loc[found["file"].isin([first, second]), "part"])) == 1
    assert len(set(found.loc[found["file"].isin([first, second]), "group"])) == 1
    assert_nothing_shared(found[found["dataset"] == PAD])


@pytest.mark.parametrize("column", ["patient", "lesion", "sha256", "fingerprint"])
def test_a_leak_that_the_dealing_overlooks_is_refused(prepared, tmp_path, monkeypatch, column):
    """What is looked at in the end shares no code with what deals: here the dealing does not see one column."""
    from derm_cli.data import run_data as room
    from derm_cli.data.splitting import grouping

    found = prepared(chain=(PAD,))
    ingested = {
        name: ingest(each, found.plan.preprocessing, tmp_path / "cache") for name, each in found.records.items()
    }
    frame = ingested[PAD].records.frame
    alone = [str(number) for number in range(len(frame))]
    looks = frame["fingerprint"].tolist()
    frame["patient"] = frame["lesion"] = frame["sha256"] = alone
    assert assemble(found.plan, ingested, Ledgers(tmp_path / "runs")).test.cases is not None
    frame[column] = "ab" * 32
    with monkeypatch.context() as patch:
        patch.setattr(grouping, "KEYS", tuple(each for each in grouping.KEYS if each != column))
        patch.setattr(room, "_inside", lambda *_: grouping.NO_PAIRS)
        patch.setattr(room, "_keep_back", lambda *_: None)
        said = "look alike" if column == "fingerprint" else "the same (patient|lesion|file)"
        with pytest.raises(
            DermError, match=rf"^The split leaks: '.*' of pad-ufes-20 \(.*\) and .*: {said}.*\. Nothing is trained"
        ):
            assemble(found.plan, ingested, Ledgers(tmp_path / "runs"))
    assert looks[0] != looks[-1]


def test_the_split_has_a_hash_of_what_stays_together(divided):
    lessons, ingested = divided()
    assert list(lessons.split) == ["dataset", "case_id", "file", "label", "sha256", "part", "source", "group"]
    found = members(lessons, ingested)
    pad = found[found["dataset"] == PAD]
    for rows, one, other in (
        (found, ["dataset", "group"], "part"),
        (pad, "patient", "group"),
        (pad, "group", "patient"),
    ):
        assert rows.groupby(one)[other].nunique().max() == 1
    assert set(lessons.split["source"]) == {"own"}
    assert lessons.summary()[PAD] == {"source": "own"} | pad["part"].value_counts().to_dict()


def test_a_frozen_split_is_taken_as_it_is(divided, prepared, data, tmp_path):
    """Whatever the ledger says, and without what was added since."""
    before, _ = divided()
    frozen = FrozenSplit("old", before.split.assign(part=before.split["part"]), before.dropped)
    shutil.rmtree(data / PAD)
    trees.make_pad(data / PAD, per_class=18)
    found = prepared(seed=5)
    ingested = {
        name: ingest(each, found.plan.preprocessing, tmp_path / "cache") for name, each in found.records.items()
    }
    after = assemble(found.plan, ingested, Ledgers(tmp_path / "runs"), frozen)
    one, other = (each.split[each.split["dataset"] == HAM] for each in (before, after))
    pd.testing.assert_frame_equal(one, other)
    known = set(before.split["sha256"])
    assert set(after.split["sha256"]) <= known
    assert (after.dropped["reason"] == "it is not in the split of run 'old'").all()
    assert len(after.dropped) == 6 * 18 - int(after.split["dataset"].eq(PAD).sum())


def test_a_frozen_split_keeps_the_groups_that_looks_have_joined(divided, prepared, tmp_path):
    """Looks are not compared again, and intervals by patient must not become narrower by that."""
    before, ingested = divided()
    frozen = FrozenSplit("old", before.split.assign(group="0" * 16), before.dropped)
    after = assemble(prepared().plan, ingested, Ledgers(tmp_path / "runs"), frozen)
    assert set(after.split["group"]) == {"0" * 16}
    assert set(after.test.cases["group"]) == {"0" * 16}
