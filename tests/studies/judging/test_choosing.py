"""The chosen run of a study: by validation parts or folds, never by a test part."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from derm_cli.errors import DermError, RequestError
from derm_cli.files import write_text
from derm_cli.runs import layout
from derm_cli.runs.record import ArtefactRecord, EnsembleMember
from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.judging import chosen_run
from derm_cli.studies.judging.choosing import choose_run
from derm_cli.studies.judging.rule import Floor, Rule
from derm_cli.workflows.runs import ensemble as ensembling
from tests.support.member_runs import make_member
from tests.support.studies import made_session, made_study

ROWS = (StudyRow("a", {}), StudyRow("b", {}))
GOOD = {"c": ("MEL", 0.9), "d": ("NEV", 0.2)}
MIXED = {"c": ("MEL", 0.9), "d": ("NEV", 0.8)}
BAD = {"c": ("MEL", 0.1), "d": ("NEV", 0.8)}
TESTED = {"e": ("MEL", 0.9), "f": ("NEV", 0.4)}
WRONG = {"e": ("MEL", 0.1), "f": ("NEV", 0.9)}


@pytest.fixture
def session(tmp_path):
    return made_session(tmp_path)


def study(session, validated, seeds=(0,), tested=None, **options):
    answers = {(row.name, seed, 0): (tested or {}).get(row.name, TESTED) for row in ROWS for seed in seeds}
    return made_study(
        session, ROWS, answers, {(*key, 0): each for key, each in validated.items()}, seeds=seeds, **options
    )


def test_the_best_on_the_validation_part_is_chosen_whatever_the_test_part_says(session):
    folder = study(session, {("a", 0): MIXED, ("b", 0): GOOD}, tested={"b": WRONG})
    choice = choose_run(session, folder, Rule())
    assert (choice.chosen, choice.run.id, choice.judged_on) == ("b", "made-0002", "validation parts")
    assert session.runs.chosen.id == "made-0002"
    assert [row.value for row in choice.rows] == [pytest.approx(1 / 3), 1.0]


def test_of_several_seeds_rows_have_the_mean_and_the_best_seed_is_the_run(session):
    validated = {("a", 0): MIXED, ("a", 1): MIXED, ("b", 0): BAD, ("b", 1): GOOD}
    choice = choose_run(session, study(session, validated, seeds=(0, 1)), Rule("accuracy"))
    assert [row.value for row in choice.rows] == [0.5, 0.5]
    validated["b", 0] = MIXED
    other = study(session, validated, seeds=(0, 1), name="other")
    choice = choose_run(session, other, Rule("accuracy"))
    assert (choice.chosen, choice.run.id) == ("b", "other-0004")


def test_nothing_is_chosen_by_cases_that_another_seed_is_tested_on(session):
    validated = {("a", 0): GOOD, ("a", 1): TESTED, ("b", 0): GOOD, ("b", 1): MIXED}
    folder = study(session, validated, seeds=(0, 1), has_splits_of_seeds=True)
    choice = choose_run(session, folder, Rule())
    assert choice.judged_on == "validation parts; each seed has a split of its own, as an earlier derm gave it"
    assert choice.chosen == "b"
    assert choice.rows[0].fault == (
        "each seed has a split of its own, as an earlier derm gave it, and 2 cases that one is judged by are test "
        "cases of another, whose figures would no longer be of cases that nothing was chosen by: begin the study under "
        "another name, with 'derm study run' and --name; its seeds then have one split, and runs that fit are taken"
    )


def test_folds_of_splits_of_their_own_are_judged_for_each_case_was_answered_by_a_model_that_had_not_seen_it(
    session, monkeypatch
):
    monkeypatch.setattr(ensembling, "ensemble_of_same_members", lambda session, runs: runs[0])
    answers = {(row, seed, fold): each for (row, _, fold), each in OF_FOLDS.items() for seed in (0, 1)}
    folder = made_study(session, ROWS, answers, folds=2, seeds=(0, 1), has_splits_of_seeds=True)
    choice = choose_run(session, folder, Rule())
    assert choice.chosen == "b"
    assert choice.judged_on.endswith("had not seen it; each seed has a split of its own, as an earlier derm gave it")


OF_FOLDS = {
    ("a", 0, 1): {"e": ("MEL", 0.1)},
    ("a", 0, 2): {"f": ("NEV", 0.4)},
    ("b", 0, 1): {"e": ("MEL", 0.9)},
    ("b", 0, 2): {"f": ("NEV", 0.4)},
}


def sized(session, sizes):
    """Give runs an export of so many bytes."""
    for name, size in sizes.items():
        run = session.runs.find(name)
        run.write(replace(run.record, artefacts={"tflite": ArtefactRecord("tflite", "m", size, 1, 0.0, 1.0)}))


def test_of_folds_the_answers_of_all_count_and_the_run_is_their_ensemble(session, monkeypatch):
    folder = made_study(session, ROWS, OF_FOLDS, folds=2)
    members = []
    ensemble = SimpleNamespace(id="both")
    monkeypatch.setattr(ensembling, "ensemble_of_same_members", lambda *_: None)
    monkeypatch.setattr(ensembling, "ensemble", lambda _, runs: members.extend(run.id for run in runs) or ensemble)
    monkeypatch.setattr(type(session.runs), "choose", lambda _, run: members.append(f"chosen {run.id}"))
    choice = choose_run(session, folder, Rule())
    assert (choice.chosen, choice.judged_on.partition(",")[0]) == ("b", "the folds")
    assert members == ["made-0003", "made-0004", "chosen both"]


def test_models_that_are_no_ensemble_are_told_of_with_what_to_do(session, monkeypatch):
    def refuse(*_):
        raise DermError("Run 'made-0003' takes answers.")

    monkeypatch.setattr(ensembling, "ensemble", refuse)
    with pytest.raises(DermError, match=r"folds of 'b' are no ensemble: Run 'made-0003' takes answers\. With --refit"):
        choose_run(session, made_study(session, ROWS, OF_FOLDS, folds=2), Rule())


def test_a_row_is_trained_anew_on_everything_as_it_was_with_its_best_seed(session, monkeypatch):
    answers = {(row, seed, fold): answer for (row, _, fold), answer in OF_FOLDS.items() for seed in (0, 3)}
    answers["b", 0, 1] = {"e": ("MEL", 0.1)}
    folder = made_study(session, ROWS, answers, seeds=(0, 3), folds=2)
    asked = []
    monkeypatch.setattr(
        chosen_run, "take_or_train", lambda _, request, __: asked.append(request) or (SimpleNamespace(id="anew"), False)
    )
    monkeypatch.setattr(type(session.runs), "choose", lambda _, run: asked.append(run.id))
    assert choose_run(session, folder, Rule(refit=True)).chosen == "b"
    request, chosen = asked
    trained = next(each.request for each in folder.record.runs if (each.row, each.seed) == ("b", 3))
    assert (request.splitting.folds, request.splitting.fold, request.splitting.test_share, chosen) == (0, 0, 0, "anew")
    assert replace(request, splitting=trained.splitting) == trained
    assert trained.splitting.folds == 2


def test_an_ensemble_has_the_size_of_all_its_models_and_one_model_its_own(session, monkeypatch):
    folder = made_study(session, ROWS, OF_FOLDS, folds=2)
    sized(session, {"made-0001": 1_000_000, "made-0003": 2_000_000})
    monkeypatch.setattr(chosen_run, "take_or_train", lambda *_: (session.runs.find("made-0003"), False))
    refitted = choose_run(session, folder, Rule(megabytes=2, refit=True))
    assert (refitted.chosen, [row.megabytes for row in refitted.rows]) == ("b", [1, 2])
    with pytest.raises(DermError) as refused:
        choose_run(session, folder, Rule(by="accuracy", floors=(Floor.read("accuracy=0.9"),), megabytes=1.5))
    assert (
        "by this rule: 'a': has 0.500, where accuracy at least 0.9 is asked for: ask for less with --at-least, and "
        "has 2.0 MB as an ensemble of its 2 folds, one of which has 1.0, where at most 1.5 are asked for: --refit "
        "makes one model; 'b': has 4.0 MB as an ensemble of its 2 folds, one of which has 2.0, where at most 1.5 are "
        "asked for: allow more with --within-mb."
    ) in str(refused.value)


def test_of_an_ensemble_that_was_exported_the_file_counts(session):
    folder = made_study(session, ROWS, OF_FOLDS, folds=2)
    runs = [session.runs.find(f"made-000{number}") for number in (3, 4)]
    for run in runs:
        write_text(run / layout.MODEL, run.id)
        run.seal(layout.MODEL)
    both = make_member(session.runs.root, "both", members=("made-0003", "made-0004"), tested="")
    members = tuple(EnsembleMember(run.id, run.record.files[layout.MODEL]) for run in runs)
    both.write(replace(both.record, members=members))
    sized(session, {"made-0003": 2_000_000, "both": 2_500_000})
    choice = choose_run(session, folder, Rule(megabytes=3))
    assert (choice.chosen, choice.run.id, choice.rows[1].megabytes) == ("b", "both", 2.5)
    # An ensemble of models that are no more as they were tells nothing of them.
    both.write(replace(both.record, members=(members[0], replace(members[1], model="0" * 64))))
    with pytest.raises(DermError, match=r"has 4\.0 MB as an ensemble of its 2 folds, one of which has 2\.0, where"):
        choose_run(session, folder, Rule(megabytes=3))


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [
        (Rule("accuracy"), "b"),
        (Rule("accuracy", (Floor.read("sensitivity:MEL=1"),)), "b"),
        (Rule("accuracy", (Floor.read("specificity:MEL=0.5"),)), "b"),
        (Rule("accuracy", megabytes=3.0), "a"),
    ],
)
def test_a_rule_bounds_what_may_be_chosen(session, rule, chosen):
    folder = study(session, {("a", 0): MIXED, ("b", 0): GOOD})
    sized(session, {"made-0001": 2_000_000, "made-0002": 5_000_000})
    assert choose_run(session, folder, rule).chosen == chosen


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            Rule(floors=(Floor.read("specificity:MEL=0.9"),)),
            "'a', 'b': has 0.000, where specificity of MEL at least 0.9",
        ),
        (Rule(megabytes=1), "'a', 'b': has unknown MB, where at most 1 are asked for: 'derm export' makes a file."),
    ],
)
def test_where_no_row_is_within_the_bounds_each_has_its_reason(session, rule, sentence):
    folder = study(session, {("a", 0): MIXED, ("b", 0): MIXED})
    with pytest.raises(DermError, match="No row of study 'made' can be chosen by this rule") as refused:
        choose_run(session, folder, rule)
    assert sentence in str(refused.value)
    assert session.runs.chosen is None


def test_without_a_validation_part_or_folds_nothing_is_chosen(session):
    with pytest.raises(
        DermError, match=r"has no validation part: give the study folds = 5, or validation-share = 0\.1"
    ):
        choose_run(session, study(session, {}), Rule())


def test_an_unknown_class_or_metric_is_refused(session):
    with pytest.raises(RequestError, match=r"--by is 'macrof1'\. Did you mean 'macro_f1'"):
        Rule("macrof1")
    folder = study(session, {("a", 0): MIXED, ("b", 0): MIXED})
    with pytest.raises(RequestError, match=r"--at-least names the class 'MEK'\. Did you mean 'MEL'"):
        choose_run(session, folder, Rule(floors=(Floor.read("f1:MEK=0.1"),)))


def test_each_reason_why_no_row_is_chosen_has_its_own_way_out(session):
    folder = study(session, {("a", 0): MIXED})
    (session.runs.root / "made-0001" / "run.json").write_text("{")
    with pytest.raises(DermError) as refused:
        choose_run(session, folder, Rule())
    assert "'a': 1 of 1 trainings cannot be read (0001 is finished: " in str(refused.value)
    assert "'derm study resume made' goes on; 'b': has no validation part: give the study folds = 5" in str(
        refused.value
    )
    assert "ask for less" not in str(refused.value)


def test_a_row_whose_files_are_damaged_is_left_out_and_another_is_chosen(session):
    folder = study(session, {("a", 0): GOOD, ("b", 0): MIXED})
    (session.runs.root / "made-0001" / layout.VALIDATION).write_text("case_id,label\n")
    choice = choose_run(session, folder, Rule())
    assert choice.chosen == "b"
    assert "was changed since run 'made-0001' wrote it" in choice.rows[0].fault


def test_a_row_that_nobody_was_kept_for_a_test_of_is_chosen_by_its_validation_part(session):
    folder = study(session, {("a", 0): MIXED, ("b", 0): GOOD})
    for run in session.runs.all():
        plan = replace(run.plan, test_share=0.0)
        (run / layout.PLAN).write_text(json.dumps(plan.to_json()))
        run.seal(layout.PLAN, record=replace(run.record, plan=plan.fingerprint()))
    assert choose_run(session, folder, Rule()).chosen == "b"


@pytest.mark.parametrize("folds", [False, True])
def test_the_chosen_run_keeps_the_bounds_itself(session, monkeypatch, folds):
    """The best seed misses the floor that the mean keeps: the next one's run is taken."""
    good, poor = {f"n{number}": ("NEV", 0.1) for number in range(8)}, {"n0": ("NEV", 0.9), "n1": ("NEV", 0.9)}
    # Of the first seed half the melanomas are missed, and no nevus; of the second the other way round.
    first = good | {"m0": ("MEL", 0.9), "m1": ("MEL", 0.1)}
    second = good | poor | {"m0": ("MEL", 0.9), "m1": ("MEL", 0.9)}
    if folds:
        answers = {
            ("a", seed, fold): {case: each[case] for case in sorted(each) if int(case[1]) % 2 == fold - 1}
            for seed, each in enumerate((first, second))
            for fold in (1, 2)
        }
        monkeypatch.setattr(ensembling, "ensemble_of_same_members", lambda *_: None)
        monkeypatch.setattr(ensembling, "ensemble", lambda _, runs: SimpleNamespace(id=runs[0].id))
        monkeypatch.setattr(type(session.runs), "choose", lambda *_: None)
        folder = made_study(session, ROWS[:1], answers, seeds=(0, 1), folds=2)
    else:
        given = {("a", seed, 0): TESTED for seed in (0, 1)}
        folder = made_study(session, ROWS[:1], given, {("a", 0, 0): first, ("a", 1, 0): second}, seeds=(0, 1))
    free = choose_run(session, folder, Rule("accuracy"))
    assert (free.run.id, free.rows[0].seed) == ("made-0001", 0)
    bounded = choose_run(session, folder, Rule("accuracy", (Floor.read("sensitivity:MEL=0.7"),)))
    assert (bounded.run.id, bounded.rows[0].seed) == ("made-0003" if folds else "made-0002", 1)
    assert bounded.rows[0].floors == (0.75,)
    assert (free.bounds, bounded.seed) == ("", 1)
    assert bounded.bounds == "The bounds are kept by the mean of the seeds, and by the chosen one itself"


@pytest.mark.parametrize(("seeds", "kept_by"), [((0,), "what was judged"), ((0, 1), "the mean of the seeds")])
def test_of_a_model_that_is_trained_anew_it_is_said_what_keeps_the_bounds(session, monkeypatch, seeds, kept_by):
    folder = study(session, {(row.name, seed): GOOD for row in ROWS for seed in seeds}, seeds=seeds)
    monkeypatch.setattr(chosen_run, "take_or_train", lambda *_: (session.runs.find("made-0001"), False))
    choice = choose_run(session, folder, Rule("accuracy", (Floor.read("accuracy=0.5"),), refit=True))
    assert choice.bounds == f"The bounds are kept by {kept_by}: the model that is trained anew is judged on nothing"
    assert choice.to_json()["bounds"] == choice.bounds


def test_rows_that_were_judged_on_other_cases_or_classes_are_left_out(session):
    others = {"x": ("MEL", 0.9), "d": ("NEV", 0.2)}
    folder = study(session, {("a", 0): MIXED, ("b", 0): others})
    choice = choose_run(session, folder, Rule())
    assert choice.chosen == "a"
    assert choice.rows[1].value is None
    assert choice.rows[1].fault == (
        "is judged on other cases than 'a' ('c' is one of 2 that only one of both has): rows of one target and one "
        "split are chosen among, so give it a study of its own"
    )


def test_a_row_that_was_judged_by_other_labels_was_trained_on_other_data(session):
    folder = study(session, {("a", 0): MIXED, ("b", 0): GOOD | {"c": ("NEV", 0.1)}})
    choice = choose_run(session, folder, Rule())
    assert choice.chosen == "a"
    assert "trained on other data than the reference 'a': case 'c' is 'NEV' for run made-0002" in choice.rows[1].fault


def test_the_best_of_several_is_told_to_be_so_and_the_rule_decides_by_the_plain_figure(session):
    rows = tuple(StudyRow(f"r{number}", {}) for number in range(4))
    # Right on other cases each, and one on a case more.
    given = {
        (row.name, 0, 0): {
            str(case): (label, 0.8 if (label == "MEL") == ((case + 7 * number) % 20 >= 6 - (number == 2)) else 0.2)
            for case, label in enumerate(["MEL", "NEV"] * 20)
        }
        for number, row in enumerate(rows)
    }
    choice = choose_run(session, made_study(session, rows, given, given), Rule("accuracy"))
    assert (choice.chosen, choice.correction.rows) == ("r2", 4)
    assert choice.rows[2].value == choice.correction.value == 0.75
    assert choice.correction.corrected < 0.75
    assert choice.to_json()["chance"] == choice.correction.to_json()


def test_rows_that_could_not_be_chosen_whatever_they_answered_are_not_counted(session):
    folder = study(session, {("a", 0): MIXED, ("b", 0): GOOD})
    sized(session, {"made-0001": 2_000_000, "made-0002": 5_000_000})
    assert choose_run(session, folder, Rule("accuracy")).correction.rows == 2
    assert choose_run(session, folder, Rule("accuracy", megabytes=3.0)).correction is None
