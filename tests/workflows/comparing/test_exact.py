"""Where two runs part, on run folders made by hand."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from derm_cli.errors import DermError
from derm_cli.runs import layout
from derm_cli.workflows.comparing.exact import compare_runs
from tests.support.run_folders import alter, interrupt, rewrite

ORDER = ["request", "data", "split", "environment", "plan", "history", "weights", "predictions", "evaluation"]


def outcomes(comparison) -> dict[str, str]:
    return {part.name: part.outcome for part in comparison.parts}


def details(comparison) -> dict[str, str]:
    return {part.name: part.detail for part in comparison.parts}


BASELINES = "case_id,baseline,p_MEL,p_NEV\nc,most-frequent,0.5,0.5\nd,most-frequent,0.5,0.5\n"


def with_baselines(run, text=BASELINES):
    (run / layout.BASELINES).write_text(text)
    run.seal(layout.BASELINES)


def test_baselines_are_compared_where_a_run_has_some(pair):
    first, second = pair
    with_baselines(first)
    assert details(compare_runs(*pair))["baselines"] == "the number of answers of baselines is '2' and '0'"
    assert details(compare_runs(second, first))["baselines"] == "the number of answers of baselines is '0' and '2'"
    with_baselines(second)
    comparison = compare_runs(*pair)
    assert [part.name for part in comparison.parts] == [*ORDER[:-1], "baselines", ORDER[-1]]
    assert details(comparison)["baselines"] == "2 answers"
    with_baselines(second, BASELINES.replace("d,most-frequent,0.5", "d,most-frequent,0.25"))
    comparison = compare_runs(*pair)
    assert outcomes(comparison)["baselines"] == "different"
    assert details(comparison)["baselines"].startswith(
        "baseline 'most-frequent' of case 'd': p_MEL is '0.5' and '0.25'"
    )


def test_a_run_that_is_not_finished_may_get_baselines_yet(pair):
    with_baselines(pair[0])
    interrupt(pair[1], 2)
    assert outcomes(compare_runs(*pair))["baselines"] == "missing"


def test_equal_runs_are_the_same_in_every_part_in_order(pair):
    comparison = compare_runs(*pair)
    assert [part.name for part in comparison.parts] == ORDER
    assert set(outcomes(comparison).values()) == {"same"}
    assert comparison.difference is None
    assert comparison.sentence == "Runs 'one' and 'other' are the same, bit for bit."
    assert details(comparison) | {"plan": "", "request": ""} == {
        "request": "",
        "data": "1 dataset",
        "split": "4 photographs",
        "environment": "3 values",
        "plan": "",
        "history": "4 epochs",
        "weights": "4 variables",
        "predictions": "2 cases",
        "evaluation": "4 figures",
    }


CASES = [
    (
        "request",
        lambda run: alter(run, "request", head_rate=0.01, seed=3),
        "--head-rate is '0.0001' and '0.01'; 1 other too",
    ),
    ("request", lambda run: alter(run, "request", chain=["clinic", "edra"]), "--chain is 'clinic' and 'clinic, edra'"),
    (
        "request",
        lambda run: alter(run, "request", augmentation={**run.record.request["augmentation"], "rotation": [0, 5]}),
        "--augment rotation is '1.0, 30.0' and '0, 5'",
    ),
    (
        "request",
        lambda run: alter(run, "request", phase_options=["head:epochs=5"]),
        "--phase is 'none' and 'head:epochs=5'",
    ),
    (
        "request",
        lambda run: alter(run, "request", execution={"precision": "bfloat16"}),
        "--precision is 'auto' and 'bfloat16'",
    ),
    (
        "data",
        lambda run: alter(run, "data", clinic="f" * 64),
        "the fingerprint of dataset 'clinic' is '0123456789ab' and 'ffffffffffff'",
    ),
    (
        "data",
        lambda run: alter(run, "data", edra="f" * 64),
        "the fingerprint of dataset 'edra' is 'none' and 'ffffffffffff'",
    ),
    (
        "split",
        lambda run: rewrite(run, layout.SPLIT, "02,train", "02,test"),
        "case 'b' of 'clinic': part is 'train' and 'test'",
    ),
    ("environment", lambda run: alter(run, "environment", keras="3.16"), "keras is '3.15.1' and '3.16'"),
    ("environment", lambda run: alter(run, "environment", jax="0.6"), "jax is 'none' and '0.6'"),
    ("environment", lambda run: alter(run, "environment", devices=["gpu:0"]), "devices is 'cpu:0' and 'gpu:0'"),
    (
        "plan",
        lambda run: rewrite(run, layout.PLAN, '"name": "top", "blocks": []', '"name": "top", "blocks": ["block7"]'),
        "stages.0.phases.1.blocks is 'none' and 'block7'",
    ),
    (
        "history",
        lambda run: rewrite(run, layout.HISTORY, "top,0,2,0.5,", "top,0,2,0.5000000000000001,"),
        "stage 1 (clinic), phase 2 (top), epoch 1: loss is '0.5' and '0.5000000000000001'",
    ),
    (
        "predictions",
        lambda run: rewrite(run, layout.PREDICTIONS, "d,NEV,NEV,0.25,0.75", "d,NEV,MEL,0.625,0.375"),
        "case 'd': prediction is 'NEV' and 'MEL'; 1 of 2 cases differ, a probability by 0.375 at most, and 1 answer",
    ),
    (
        "evaluation",
        lambda run: rewrite(run, layout.EVALUATION, '"sensitivity": 1.0', '"sensitivity": 0.5'),
        "per_class.MEL.sensitivity is '1.0' and '0.5'",
    ),
]


@pytest.mark.parametrize(("part", "change", "detail"), CASES, ids=[f"{part}: {said}" for part, _, said in CASES])
def test_what_differs_is_told_with_both_values(pair, part, change, detail):
    change(pair[1])
    comparison = compare_runs(*pair)
    assert outcomes(comparison) == dict.fromkeys(ORDER, "same") | {part: "different"}
    assert details(comparison)[part] == detail
    assert comparison.sentence == f"They differ first in {part}: {detail}."


def test_weights_are_compared_by_variable_and_number(pair, models):
    first, second = pair
    shutil.copy(models[1], second / layout.MODEL)
    second.seal(layout.MODEL)
    comparison = compare_runs(first, second)
    assert outcomes(comparison) == dict.fromkeys(ORDER, "same") | {"weights": "different"}
    assert details(comparison)["weights"] == (
        "variable 'head/kernel'[1, 0] is '0.5' and '0.75'; 1 of 4 variables differ, by 0.5 at most"
    )


def test_the_first_part_is_named_where_several_differ(pair):
    rewrite(pair[1], layout.PREDICTIONS, "0.75,0.25", "0.5,0.5")
    rewrite(pair[1], layout.HISTORY, "0.7,", "0.8,")
    assert compare_runs(*pair).sentence == (
        "They differ first in history: stage 1 (clinic), phase 1 (head), epoch 1: loss is '0.7' and '0.8'."
    )


def test_time_and_memory_of_an_epoch_are_no_difference(pair):
    first, second = pair
    rewrite(second, layout.HISTORY, "4,2.5,", "4,99.0,")
    text = (first / layout.HISTORY).read_text().splitlines()
    for run, memory in ((first, "1000"), (second, "2000")):
        rows = [text[0] + ",memory_bytes,images_per_second", *(f"{row},{memory},{memory}" for row in text[1:])]
        (run / layout.HISTORY).write_text("\n".join(rows))
        run.seal(layout.HISTORY)
    assert compare_runs(first, second).difference is None


def test_what_an_older_version_did_not_write_down_has_its_default(pair):
    first, second = pair
    older = dict(first.record.request)
    del older["norm_momentum"]
    first.write(replace(first.record, request=older))
    plan = json.loads((first / layout.PLAN).read_text())
    del plan["per_class"]
    (first / layout.PLAN).write_text(json.dumps(plan))
    first.seal(layout.PLAN)
    rows = (second / layout.HISTORY).read_text().splitlines()
    (second / layout.HISTORY).write_text("\n".join([f"{rows[0]},validation_loss", *(f"{row}," for row in rows[1:])]))
    second.seal(layout.HISTORY)
    assert compare_runs(first, second).difference is None
    assert compare_runs(second, first).difference is None


def with_groups(run, *groups):
    lines = (run / layout.SPLIT).read_text().splitlines()
    rows = zip(lines, ("source,group", *(f"own,{each}" for each in groups)), strict=True)
    (run / layout.SPLIT).write_text("".join(f"{line},{more}\n" for line, more in rows))
    run.seal(layout.SPLIT)


def test_groups_are_the_same_whatever_salt_they_were_hashed_with(pair):
    for run, groups in zip(pair, ("abbc", "xyyz"), strict=True):
        with_groups(run, *groups)
    assert compare_runs(*pair).difference is None


def test_other_groups_are_told_of(pair):
    for run, groups in zip(pair, ("abbc", "xyzz"), strict=True):
        with_groups(run, *groups)
    assert details(compare_runs(*pair))["split"] == "case 'c' of 'clinic': group is '1' and '2'"


def test_a_split_without_groups_is_compared_by_what_it_has(pair):
    with_groups(pair[1], *"abbc")
    assert compare_runs(*pair).difference is None


def test_unfinished_runs_compare_as_far_as_both_got(pair):
    first, second = pair
    interrupt(second, 3)
    comparison = compare_runs(first, second)
    assert outcomes(comparison) == dict.fromkeys(ORDER[:5], "same") | dict.fromkeys(ORDER[5:], "missing")
    assert details(comparison)["history"] == "3 epochs the same; of more, run 'other' is interrupted and has none"
    assert details(comparison)["weights"] == "run 'other' is interrupted and has none"
    assert comparison.sentence == (
        "Nothing differs in what both have; not compared yet: history, weights, predictions, evaluation."
    )
    assert comparison.to_json()["same"]

    interrupt(first, 3)
    assert outcomes(compare_runs(first, second))["history"] == "same"
    assert details(compare_runs(first, second))["weights"] == (
        "run 'one' is interrupted and has none; run 'other' is interrupted and has none"
    )
    (second / layout.HISTORY).write_text((second / layout.HISTORY).read_text().replace("0.6", "0.65"))
    assert compare_runs(first, second).sentence == (
        "They differ first in history: stage 1 (clinic), phase 1 (head), epoch 2: loss is '0.6' and '0.65'."
    )


def test_a_run_without_an_epoch_lacks_its_history(pair):
    interrupt(pair[0], 0)
    assert outcomes(compare_runs(*pair))["history"] == "missing"


def test_finished_runs_of_different_length_differ(pair):
    last = (pair[1] / layout.HISTORY).read_text().splitlines(keepends=True)[-1]
    rewrite(pair[1], layout.HISTORY, last, "")
    assert details(compare_runs(*pair))["history"] == "the number of epochs is '4' and '3'; the first 3 are the same"


def test_damaged_runs_say_what_is_damaged(pair):
    first, second = pair
    (second / layout.SPLIT).write_text("else")
    with pytest.raises(DermError, match=r"split\.csv' was changed since run 'other' wrote it"):
        compare_runs(first, second)
    (second / layout.RECORD).write_text("{")
    with pytest.raises(DermError, match=r"run\.json' cannot be read"):
        compare_runs(first, second)


def test_json_has_the_parts_in_order(pair):
    alter(pair[1], "request", seed=3)
    found = compare_runs(*pair).to_json()
    assert (found["first"], found["second"], found["same"]) == ("one", "other", False)
    assert [part["part"] for part in found["parts"]] == ORDER
    assert found["parts"][0] == {"part": "request", "outcome": "different", "detail": "--seed is '0' and '3'"}
    assert found["note"] == "They differ first in request: --seed is '0' and '3'."


def test_what_runs_with_answers_have_beside_is_compared_too(pair):
    for run in pair:
        for name in (layout.WITHOUT_ANSWERS, layout.ANSWERS_ALONE):
            (run / name).write_bytes((run / layout.PREDICTIONS).read_bytes())
            run.seal(name)
    assert outcomes(compare_runs(*pair))["predictions by answers"] == "same"
    rewrite(pair[1], layout.WITHOUT_ANSWERS, "0.75,0.25", "0.5,0.5")
    assert compare_runs(*pair).difference.name == "predictions without answers"
