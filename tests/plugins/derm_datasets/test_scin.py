"""SCIN: numbers of 19 digits, three photographs a case, opinions as text, and groups for what is rare."""

from __future__ import annotations

import pytest

from derm_cli.plugin import DermError
from derm_cli.plugin.testing import check_dataset
from derm_cli.taxonomy import covering_class, known_diagnoses
from derm_datasets import dermai
from derm_datasets.scin import CLASSES, CONDITIONS, DIAGNOSES, SPEC, UNREADABLE
from tests.support import trees


@pytest.fixture
def root(tmp_path):
    return trees.make_scin(tmp_path, per_class=3, size=8)


def edit(root, table: str, old: str, new: str, count: int = -1) -> None:
    path = root / "dataset" / f"scin_{table}.csv"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, count))


def told(root, differential: str) -> list[str]:
    """Return the label and the diagnosis of the first case, given its differential."""
    written = "\"{'Xerosis': 0.33, 'Eczema': 0.67}\""
    quoted = '"' + differential.replace('"', '""') + '"'
    # The first case stands last in the table of labels; the second has the same condition.
    path = root / "dataset" / "scin_labels.csv"
    *others, last = path.read_text().splitlines()
    assert written in last
    path.write_text("\n".join([*others, last.replace(written, quoted)]))
    return SPEC.records(root).loc[0, ["label", "diagnosis"]].tolist()


def test_every_place_is_one_of_the_hierarchy_and_its_own_class_covers_it():
    assert [each.name for each in CLASSES] == [*CONDITIONS, *DIAGNOSES]
    for name, conditions in DIAGNOSES.items():
        for condition, place in conditions.items():
            assert place in known_diagnoses(), condition
            assert covering_class(CLASSES, place) == name, condition
    for each in CLASSES:
        for place in each.diagnoses:
            assert place in known_diagnoses()
            assert covering_class(CLASSES, place) == each.name


def test_growths_merge_into_a_target_and_rashes_do_not():
    assert covering_class(dermai.CLASSES, DIAGNOSES["benign growth"]["SK/ISK"]) == "SebKer"
    assert not any(each.diagnoses for each in CLASSES if each.name in CONDITIONS)


def test_cases_whose_numbers_fit_into_no_integer_stay_apart(root):
    frame = check_dataset(SPEC, root)
    cases = frame["lesion"].unique()
    assert len({float(case.strip("-")) for case in cases}) == 1
    assert len(cases) > 30
    assert all(abs(int(case)) > 2**63 for case in cases)
    # Each case has the label of its own, though the tables stand in different orders.
    assert frame["label"].value_counts().to_dict() == {each.name: 3 for each in CLASSES}
    assert frame.groupby("lesion")["label"].nunique().max() == 1


def test_a_photograph_keeps_its_number_where_one_before_it_is_not_given(root):
    frame = check_dataset(SPEC, root)
    assert frame["case_id"].tolist()[:5] == [
        *(f"10000000000000000000-{number}" for number in (1, 2, 3)),
        *(f"-10000000000000000001-{number}" for number in (1, 3)),
    ]
    assert frame["image_type"].tolist()[:3] == ["macroscopic", "macroscopic", "anatomical"]


def test_what_is_known_of_a_contributor(root):
    frame = check_dataset(SPEC, root).drop_duplicates("lesion").reset_index(drop=True)
    assert frame["sex"].tolist()[:2] == ["female", "male"]
    assert frame["sex"].isna().tolist()[:3] == [False, False, True]
    # Two dermatologists who do not agree; none, so the contributor's own; two of three.
    assert frame["fitzpatrick"].isna().tolist()[:3] == [True, False, False]
    assert frame["fitzpatrick"].tolist()[1:3] == [2, 4]
    # Head; arm, and arm with the back of the hand: one site; sole; buttocks; a part that is not told.
    assert frame["site"].tolist()[:5] == [
        *("head/neck", "upper extremity", "upper extremity", "palms/soles", "lower extremity")
    ]
    assert frame["site"].isna()[5]
    assert "age" not in frame


def test_parts_of_two_sites_are_no_site(root):
    edit(root, "cases", "YES,,,,,,", "YES,YES,,,,,", 1)
    assert SPEC.records(root).loc[0:2, "site"].isna().all()


@pytest.mark.parametrize(
    ("differential", "label", "diagnosis"),
    [
        ("{'Psoriasis': 0.5, 'Eczema': 0.3, 'Tinea': 0.2}", "Psoriasis", ""),
        ("{'psoriasis ': 1}", "Psoriasis", ""),
        (
            "{'Melanoma': 1.0}",
            "malignant or premalignant growth",
            DIAGNOSES["malignant or premalignant growth"]["Melanoma"],
        ),
        ("{'Melanoma': 0.5, 'SCC/SCCIS': 0.5}", "malignant or premalignant growth", ""),
        ("{'Eczema': 0.5, 'Psoriasis': 0.5}", "Eczema or Psoriasis", ""),
        ("{'Eczema': 0.1, 'Psoriasis': 0.30000000000000004, 'Tinea': 0.3}", "Psoriasis or Tinea", ""),
        ("{'Xerosis': 1.0}", "Xerosis", ""),
        ("{}", "", ""),
        ("", "", ""),
        ("[('Eczema', 1.0)]", UNREADABLE, ""),
        ("{'Eczema': 'much'}", UNREADABLE, ""),
        ("{'Eczema': 1e999}", UNREADABLE, ""),
        ("{'Eczema': True}", UNREADABLE, ""),
        ("{7: 1.0}", UNREADABLE, ""),
        ("{'Eczema': 1.0", UNREADABLE, ""),
        ("__import__('os').getcwd()", UNREADABLE, ""),
        ("{'Eczema': " + "[" * 9000 + "}", UNREADABLE, ""),
        ("{'Eczema': 1.0}" + " " * 20000, "Eczema", ""),
        ("{" + "'Eczema': 1.0, " * 2000 + "}", UNREADABLE, ""),
    ],
    ids=lambda value: str(value)[:30],
)
def test_the_heaviest_condition_is_the_label(differential, label, diagnosis, root):
    assert told(root, differential) == [label, diagnosis]


def test_a_case_without_an_opinion_has_no_label(root):
    path = root / "dataset" / "scin_labels.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]))
    frame = SPEC.records(root)
    assert frame["label"].tolist()[:4] == ["", "", "", "Allergic Contact Dermatitis"]


def test_an_opinion_that_stands_twice_counts_once(root):
    path = root / "dataset" / "scin_labels.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    assert len(check_dataset(SPEC, root)) == 3 * len(CLASSES)


def test_a_case_without_a_number_gives_records_without_a_name(root):
    edit(root, "cases", "10000000000000000000,SCIN", ",SCIN", 1)
    frame = SPEC.records(root)
    assert frame.loc[0:2, "case_id"].tolist() == ["", "", ""]
    assert frame.loc[0:2, "lesion"].isna().all()
    assert frame.loc[0:2, "label"].tolist() == ["", "", ""]


def test_the_tables_may_lie_beside_the_photographs(root):
    (root / "dataset").rename(root.parent / "moved")
    frame = check_dataset(SPEC, root.parent / "moved")
    assert frame["file"].str.startswith("images/").all()
    name = frame["file"].iloc[0]
    (root.parent / "moved" / name).unlink()
    assert SPEC.records(root.parent / "moved")["file"].iloc[0] == name


@pytest.mark.parametrize("table", ["cases", "labels"])
def test_numbers_that_a_spreadsheet_has_rounded_are_refused(table, root):
    edit(root, table, "\n-10000000000000000001,", "\n-1.00000E+19,")
    with pytest.raises(DermError, match=r"a spreadsheet has rounded the case_id '-1.00000E\+19' in '.*', so get"):
        SPEC.records(root)


def test_a_missing_table_of_labels_is_named(root):
    (root / "dataset" / "scin_labels.csv").unlink()
    with pytest.raises(DermError, match=r"scin_labels\.csv' is not there"):
        SPEC.records(root)


def test_a_table_that_names_no_photograph_is_refused(root):
    (root / "dataset" / "scin_cases.csv").write_text("case_id,image_1_path\n1,\n")
    with pytest.raises(DermError, match=r"scin_cases\.csv' names no photograph"):
        SPEC.records(root)
