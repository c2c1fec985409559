"""What one dataset of a chain holds out is trained on in none."""

from __future__ import annotations

import shutil

import pytest
from PIL import Image

from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from tests.support.split_checks import HAM, PAD


@pytest.mark.parametrize(
    ("owner", "part", "other", "lost"),
    [
        (PAD, VALIDATION, HAM, TRAIN),
        (HAM, VALIDATION, PAD, TRAIN),
        (PAD, TEST, HAM, TRAIN),
        (PAD, TEST, HAM, VALIDATION),
    ],
)
def test_a_file_that_is_kept_back_in_one_dataset_is_learnt_from_in_none(
    assembled, two_datasets, owner, part, other, lost
):
    before, _ = assembled()
    chosen = {
        name: before.split[(before.split["dataset"] == name) & (before.split["part"] == where)].iloc[0]
        for name, where in ((owner, part), (other, lost))
    }
    shutil.copy(two_datasets / owner / chosen[owner]["file"], two_datasets / other / chosen[other]["file"])
    run_data, _ = assembled()
    (reason,) = run_data.dropped.loc[run_data.dropped["case_id"] == chosen[other]["case_id"], "reason"]
    assert reason == f"the same file is among the {part} photographs of '{owner}': '{chosen[owner]['case_id']}'"
    assert chosen[other]["case_id"] not in set(run_data.split["case_id"])
    held_out = run_data.split.loc[run_data.split["case_id"] == chosen[owner]["case_id"], ["sha256", "part"]].iloc[0]
    assert held_out["part"] == part
    for samples in run_data.training:
        assert held_out["sha256"] not in set(samples.cases["sha256"])


def test_what_looks_like_a_photograph_that_is_kept_back_is_learnt_from_in_none(assembled, two_datasets):
    """The same photograph, stored again with losses, and smaller."""
    before, _ = assembled()
    split = before.split
    tested = split[(split["dataset"] == PAD) & (split["part"] == TEST)].iloc[0]
    trained = split[(split["dataset"] == HAM) & (split["part"] == TRAIN)].iloc[0]
    with Image.open(two_datasets / PAD / tested["file"]) as image:
        image.convert("RGB").resize((40, 40), Image.Resampling.BILINEAR).save(
            two_datasets / HAM / trained["file"], quality=80
        )
    run_data, _ = assembled()
    (reason,) = run_data.dropped["reason"]
    assert reason == (
        f"a photograph that looks the same is among the test photographs of '{PAD}': '{tested['case_id']}'"
    )
    assert run_data.dropped["case_id"].tolist() == [trained["case_id"]]
