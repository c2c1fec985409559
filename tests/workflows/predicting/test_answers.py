"""Answers for photographs: for all by assignments, for each by a table, and a sentence for what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing
from derm_cli.plugin import COMMON_FIELDS, AnswerEncoding, ArtefactFacts, EncodedField, LesionClass
from derm_cli.workflows.predicting.answers import answers_of_images

ANSWERS = AnswerEncoding(
    (
        EncodedField(field=COMMON_FIELDS["age"], mean=50.0, deviation=20.0),
        EncodedField(field=COMMON_FIELDS["bleed"], shares=(0.25,)),
        EncodedField(field=COMMON_FIELDS["site"], choices=("head/neck", "torso"), shares=(0.5, 0.5)),
    )
)
IMAGES = [Path("photographs/a.jpg"), Path("photographs/b.jpg")]


def facts(answers: AnswerEncoding | None = ANSWERS) -> ArtefactFacts:
    return ArtefactFacts(
        run="20261127-000000-abcd",
        classes=(LesionClass(name="MEL", title="melanoma"), LesionClass(name="NEV", title="nevus")),
        preprocessing=Preprocessing(size=32),
        backbone="made",
        target="made",
        made=True,
        derm="0",
        answers=answers,
    )


def test_without_any_nothing_is_known():
    assert answers_of_images(facts(), IMAGES) == [{}, {}]
    assert answers_of_images(facts(None), IMAGES) == [{}, {}]


def test_assignments_hold_for_all():
    found = answers_of_images(facts(), IMAGES, ["age=71", " bleed = TRUE ", "site=unknown"])
    assert found == [{"age": 71.0, "bleed": "yes"}] * 2


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("file", ("photographs/a.jpg", "photographs/b.jpg")),
        ("image", ("a.jpg", "b.jpg")),
        ("case_id", ("a", "b")),
        ("Photo ID", ("a", "b")),
        ("file", ("a.jpg\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}b.jpg")),
    ],
)
def test_a_table_gives_those_of_each(column, names, tmp_path):
    table = tmp_path / "answers.csv"
    table.write_text(f"{column};Age;Bleeding\n{names[1]};;no\n{names[0]};40,5;\nelsewhere;1;yes\n", encoding="utf-8")
    assert answers_of_images(facts(), IMAGES, (), table) == [{"age": 40.5}, {"bleed": "no"}]
    # What is said of all goes over the table.
    said = answers_of_images(facts(), IMAGES, ["age=9", "bleed=unknown"], table)
    assert said == [{"age": 9.0}, {"age": 9.0}]


def test_photographs_without_a_row_are_told(tmp_path, capsys):
    table = tmp_path / "answers.csv"
    table.write_text("file,age\nb.jpg,40\n", encoding="utf-8")
    assert answers_of_images(facts(), IMAGES, (), table) == [{}, {"age": 40.0}]
    assert "has no row for 1 of 2 photographs, such as 'photographs/a.jpg'" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("age", "--answer 'age' must be NAME=VALUE, as in age=71."),
        ("age=", "--answer 'age=' must be NAME=VALUE, as in age=71."),
        ("blead=yes", "names no question 'blead' of the model. Did you mean 'bleed'?"),
        ("age=old", "answers 'age' with 'old', but it must be a number of years from 0 to 120."),
        ("age=150", "answers 'age' with '150', but it must be a number of years from 0 to 120."),
        ("site=kne", "answers 'site' with 'kne', but it must be one of head/neck, torso."),
    ],
)
def test_what_is_no_answer_is_refused(assignment, said):
    with pytest.raises(DermError) as refused:
        answers_of_images(facts(), IMAGES, [assignment])
    assert said in str(refused.value)


def test_an_answer_that_is_given_twice_is_refused():
    with pytest.raises(DermError, match="--answer gives 'age' twice"):
        answers_of_images(facts(), IMAGES, ["age=1", "age=2"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("age\n40\n", "has no column 'file'"),
        ("file,shoe\na.jpg,44\n", "has no column of a question of the model: name one or more of age, bleed, site"),
        ("file,age\na.jpg,40\na.jpg,41\n", "line 3: 'a.jpg' is already on line 2; keep one of them."),
        ("file,age\nb.jpg,400\n", "line 2, answers 'age' with '400', but it must be a number of years from 0 to 120."),
        ("file,age\nc.jpg,40\n", "has no row for 'photographs/a.jpg': name it by its path, its file's name, or its"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_line(text, said, tmp_path):
    table = tmp_path / "answers.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(DermError) as refused:
        answers_of_images(facts(), IMAGES, (), table)
    assert said in str(refused.value)
    assert str(table) in str(refused.value)


@pytest.mark.parametrize(("given", "named"), [((["age=71"], None), "--answer 'age=71'"), (((), Path("t")), "'t'")])
def test_answers_for_a_model_that_takes_none_are_refused(given, named):
    with pytest.raises(DermError, match="is for a model that takes answers") as refused:
        answers_of_images(facts(None), IMAGES, *given)
    assert named in str(refused.value)
