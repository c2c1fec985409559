"""The chosen run of a study: by validation parts or folds, never by a test part."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from derm_cli.errors import DermError, RequestError
from derm_cli.runs.record import ArtefactRecord
from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.judging import chosen_run
from derm_cli.studies.judging.choosing import Floor, Rule, choose_run
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
    monkeypatch.setattr(chosen_run, "ensemble_of_same_members", lambda *_: None)
    monkeypatch.setattr(chosen_run, "ensemble", lambda _, runs: members.extend(run.id for run in runs) or ensemble)
    monkeypatch.setattr(type(session.runs), "choose", lambda _, run: members.append(f"chosen {run.id}"))
    choice = choose_run(session, folder, Rule())
    assert (choice.chosen, choice.judged_on.partition(",")[0]) == ("b", "the folds")
    assert members == ["made-0003", "made-0004", "chosen both"]


def test_models_that_are_no_ensemble_are_told_of_with_what_to_do(session, monkeypatch):
    def refuse(*_):
        raise DermError("Run 'made-0003' takes answers.")

    monkeypatch.setattr(chosen_run, "ensemble", refuse)
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
        "'a' has 0.500, where accuracy at least 0.9 is asked for, and has 2.0 MB as an ensemble of its 2 folds, one of "
        "which has 1.0, where at most 1.5 are asked for; --refit makes one model; 'b' has 4.0 MB as an ensemble of its "
        "2 folds, one of which has 2.0, where at most 1.5 are asked for)"
    ) in str(refused.value)


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
        (Rule(floors=(Floor.read("specificity:MEL=0.9"),)), "'a' has 0.000, where specificity of MEL at least 0.9"),
        (Rule(megabytes=1), "'a' has unknown MB, where at most 1 are asked for"),
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


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        ("sensitivity:MEL=0.8", Floor("sensitivity", "MEL", 0.8)),
        ("accuracy=1", Floor("accuracy", "", 1.0)),
        (" f1:basal cell: 2=.5", Floor("f1", "basal cell: 2", 0.5)),
    ],
)
def test_a_floor_is_read(text, floor):
    assert Floor.read(text) == floor


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sensitivity", "--at-least is 'sensitivity', but must be METRIC[:CLASS]=SHARE"),
        ("accuracy=80", "--at-least is 'accuracy=80'"),
        ("accuracy=0.5.5", "--at-least is 'accuracy=0.5.5'"),
        ("sensitivty:MEL=0.8", "--at-least names 'sensitivty'. Did you mean 'sensitivity'"),
        ("f1=0.8", "--at-least names 'f1'."),
    ],
)
def test_a_floor_that_is_none_is_refused(text, sentence):
    with pytest.raises(RequestError) as refused:
        Floor.read(text)
    assert sentence in str(refused.value)


def test_an_unknown_class_or_metric_is_refused(session):
    with pytest.raises(RequestError, match=r"--by is 'macrof1'\. Did you mean 'macro_f1'"):
        Rule("macrof1")
    folder = study(session, {("a", 0): MIXED, ("b", 0): MIXED})
    with pytest.raises(RequestError, match=r"--at-least names the class 'MEK'\. Did you mean 'MEL'"):
        choose_run(session, folder, Rule(floors=(Floor.read("f1:MEK=0.1"),)))
