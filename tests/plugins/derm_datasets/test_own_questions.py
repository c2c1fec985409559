"""A clinic's own questions, in a table beside its photographs, and the answers in every spelling."""

from __future__ import annotations

import pandas as pd
import pytest
from PIL import Image

from derm_cli.data.locating import LocatedDataset
from derm_cli.data.records import read_records
from derm_cli.errors import DermError
from derm_cli.plugin import COMMON_FIELDS
from derm_cli.plugin.testing import check_dataset
from derm_datasets import derm_datasets, edra, pad_ufes_20, scin
from tests.support import trees

SPECS = {spec.name: spec for spec in derm_datasets()}
QUESTIONS = """name,title,kind,choices,unit,least,greatest,known_by
colour,Which colour has it?,choice,red|brown|black,,,,patient
weeks,For how many weeks has it been there?,number,,weeks,0,5000,
sunbed,Do you use sunbeds?,yes-no,,,,,
bleed,Has the mole ever bled?,yes-no,,,,,
"""


@pytest.fixture
def clinic(tmp_path):
    """A folder of the reader csv, with two photographs of each class, and questions of its own."""
    for number in range(4):
        Image.new("RGB", (32, 32), (200, 40 * number, 90)).save(tmp_path / f"{number}.png")
    (tmp_path / "records.csv").write_text(
        "image,label,age,Bleeding,Itchy,lesion diameter,colour,weeks,sunbed\n"
        '0.png,nevus,40,Yes,0,"4,5",Brown,12,no\n'
        "1.png,nevus,,no,1,6,black,,yes\n"
        "2.png,wart,7,UNK,true,,red,3.5,\n"
        "3.png,wart,8,n,False,2,,4,no\n",
        encoding="utf-8",
    )
    (tmp_path / "questions.csv").write_text(QUESTIONS, encoding="utf-8")
    return tmp_path


def test_answers_are_read_by_known_names_and_by_one_s_own(clinic):
    frame = check_dataset(SPECS["csv"], clinic)

    def column(name):
        return [None if pd.isna(value) else value for value in frame[name]]

    assert column("bleed") == ["yes", "no", None, "no"]
    assert column("itch") == ["no", "yes", "yes", "no"]
    assert column("diameter") == [4.5, 6.0, None, 2.0]
    assert column("colour") == ["brown", "black", "red", None]
    assert column("weeks") == [12.0, None, 3.5, 4.0]
    assert column("sunbed") == ["no", "yes", None, "no"]


def test_the_records_know_which_questions_are_answered(clinic):
    records = read_records(LocatedDataset("clinic", SPECS["csv"], clinic))
    fields = {each.name: each for each in records.metadata}
    assert set(fields) == {"age", "bleed", "itch", "diameter", "colour", "weeks", "sunbed"}
    assert fields["colour"].choices == ("red", "brown", "black")
    assert (fields["weeks"].range, fields["weeks"].unit) == ((0, 5000), "weeks")
    # A common question may be worded anew.
    assert fields["bleed"].title == "Has the mole ever bled?"


def test_an_impossible_answer_is_missing_and_told(clinic):
    table = clinic / "records.csv"
    table.write_text(table.read_text().replace("Brown,12", "purple,9999"), encoding="utf-8")
    records = read_records(LocatedDataset("clinic", SPECS["csv"], clinic))
    assert records.frame.loc[0, ["colour", "weeks"]].isna().all()
    assert set(records.refused["value"]) == {"purple", "9999"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("colour,Which?,choice,red,,,,", "field 'choices'"),
        ("colour,Which?,text,,,,,", "field 'kind'"),
        ("the colour!,Which?,yes-no,,,,,", "field 'name'"),
        ("weeks,How long?,number,,,ten,20,", "could not convert"),
        ("weeks,How long?,number,,,1,,", "field 'range'"),
        ("weeks,How long?,number,,,,,nurse", "field 'known_by'"),
        ("bleed,How much?,number,,,,,", "'bleed' is a common question: yes or no"),
        ("sex,What?,choice,male|female|other,,,,", "'sex' is a common question: one of female, male"),
        ("sunbed,Do you?,yes-no,,,,,", "two questions 'sunbed'"),
    ],
)
def test_a_row_that_is_no_question_is_refused_with_its_line(row, said, clinic):
    (clinic / "questions.csv").write_text(QUESTIONS + row + "\n", encoding="utf-8")
    with pytest.raises(DermError) as refused:
        SPECS["csv"].read_metadata(clinic)
    assert said in str(refused.value)
    assert "questions.csv" in str(refused.value)
    assert "line 6" in str(refused.value) or "two questions" in said


def test_without_a_table_of_questions_there_are_none(clinic):
    (clinic / "questions.csv").unlink()
    assert SPECS["csv"].read_metadata(clinic) == ()
    assert "colour" not in SPECS["csv"].records(clinic)


def test_the_layout_of_dermai_has_them_too(tmp_path):
    root = trees.make_dermai(tmp_path, per_class=2)
    (root / "questions.csv").write_text("name,title,kind\nsunbed,Do you use sunbeds?,yes-no\n", encoding="utf-8")
    table = root / "cases.csv"
    text = table.read_bytes().decode("utf-8-sig")
    header, *rows = text.splitlines()
    delimiter = ";" if ";" in header else ","
    rows = [f"{row}{delimiter}yes{delimiter}TRUE" for row in rows if row.strip()]
    table.write_text("\n".join([f"{header}{delimiter}sunbed{delimiter}pain", *rows]) + "\n", encoding="utf-8")
    frame = check_dataset(SPECS["dermai"], root)
    assert set(frame["sunbed"]) == set(frame["hurt"]) == {"yes"}
    assert {each.name for each in SPECS["dermai"].read_metadata(root)} == {"sunbed"}


@pytest.mark.parametrize("name", ["csv", "dermai"])
def test_the_templates_name_the_questions(name, tmp_path):
    SPECS[name].template(tmp_path)
    text = (tmp_path / "README.txt").read_text(encoding="utf-8")
    header = next(tmp_path.glob("*.csv")).read_text(encoding="utf-8").strip().split(",")
    for field in COMMON_FIELDS.values():
        assert field.name in header
        assert field.name in ("age", "sex", "site", "fitzpatrick") or field.title in text


def test_the_publishers_words_become_the_common_answers(tmp_path):
    pad = check_dataset(pad_ufes_20.SPEC, trees.make_pad(tmp_path / "pad"))
    assert set(pad["biopsy"]) == {"yes"}
    assert pad["itch"].isna().all()
    assert set(pad["smoke"].dropna()) == {"yes"}
    assert set(pad["pesticide"].dropna()) == {"no"}
    assert set(pad["diameter"].dropna()) == {5.0}
    derm7pt = check_dataset(edra.SPEC, trees.make_edra(tmp_path / "edra"))
    assert set(derm7pt["elevation"]) == {"no"}
    assert set(derm7pt["management"]) == {"excision"}


def test_what_contributors_ticked_is_yes_and_what_they_did_not_is_no_where_they_ticked_anything(tmp_path):
    root = trees.make_scin(tmp_path, per_class=3)
    path = root / "dataset" / "scin_cases.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    symptoms = ("itching", "bleeding", "increasing_size", "darkening", "pain", "no_relevant_experience")
    boxes = [f"condition_symptoms_{each}" for each in symptoms] + ["textures_raised_or_bumpy", "textures_flat"]
    ticks = ("YES,,,,YES,,YES,", ",,,,,YES,,YES", ",,,,,,YES,YES", ",,,,,,,")
    rows = [f"{row},{ticks[number % 4]}" for number, row in enumerate(rows)]
    path.write_text("\n".join([",".join([header, *boxes]), *rows]) + "\n", encoding="utf-8")
    frame = check_dataset(scin.SPEC, root).drop_duplicates("lesion").head(4)
    asked = frame[["itch", "bleed", "hurt", "elevation"]].astype(object).where(lambda each: each.notna(), None)
    assert asked.to_numpy().tolist() == [
        ["yes", "no", "yes", "yes"],
        ["no", "no", "no", "no"],
        [None, None, None, None],
        [None, None, None, None],
    ]
