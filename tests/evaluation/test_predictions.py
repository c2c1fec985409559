from pathlib import Path

import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import Predictions, read_predictions, write_predictions

GOOD = "case_id,label,prediction\n"


def table(folder: Path, content: str | bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_everything_is_text_and_the_order_is_that_of_appearance(tmp_path: Path) -> None:
    read = read_predictions(table(tmp_path, GOOD + "007,NEV,MEL\n08,BCC,NEV\nNA,NEV,SCC\n"))
    assert read.case_ids == ("007", "08", "NA")
    assert read.classes == ("NEV", "BCC", "MEL", "SCC")
    assert read.labels.tolist() == ["NEV", "BCC", "NEV"]
    assert read.predictions.tolist() == ["MEL", "NEV", "SCC"]
    assert read.probabilities is None


def test_given_classes_are_kept_in_order_even_where_they_do_not_occur(tmp_path: Path) -> None:
    read = read_predictions(table(tmp_path, GOOD + "1,NEV,MEL\n"), ("DF", "MEL", "NEV"))
    assert read.classes == ("DF", "MEL", "NEV")


def test_byte_order_mark_crlf_blank_lines_quotes_and_other_columns(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbfcase_id,label,prediction,site\r\n"a,1",NEV,MEL,"left\r\narm"\r\n\r\nb,MEL,MEL,\r\n'
    read = read_predictions(table(tmp_path, content))
    assert read.case_ids == ("a,1", "b")
    assert read.classes == ("NEV", "MEL")


def test_columns_of_some_classes(tmp_path: Path) -> None:
    read = read_predictions(table(tmp_path, "case_id,label,prediction,p_MEL\n1,NEV,MEL,0.9\n2,MEL,MEL,1\n"))
    assert read.classes == ("MEL", "NEV")
    assert read.probabilities is not None
    np.testing.assert_array_equal(read.probabilities, [[0.9, np.nan], [1.0, np.nan]])


def test_columns_follow_the_given_order(tmp_path: Path) -> None:
    path = table(tmp_path, "p_NEV,p_MEL,case_id,label,prediction\n0.25,0.75,1,NEV,MEL\n")
    read = read_predictions(path, ("MEL", "NEV"))
    assert read.probabilities is not None
    assert read.probabilities.tolist() == [[0.75, 0.25]]


def test_the_most_probable_class_is_the_prediction(tmp_path: Path) -> None:
    read = read_predictions(table(tmp_path, "case_id,label,p_NEV,p_MEL\n1,NEV,0.2,0.8\n2,NEV,0.5,0.5\n"))
    assert read.predictions.tolist() == ["MEL", "NEV"]


@pytest.mark.parametrize("columns", [0, 2, 3])
def test_what_is_written_reads_back_equal(tmp_path: Path, columns: int) -> None:
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet(np.ones(3), 50)
    probabilities[:, columns:] = np.nan
    classes = ("MEL", "Nävus, blau", "BCC")
    labels, predicted = rng.choice(classes, (2, 50))
    written = Predictions(
        classes, tuple(f"{i:04}" for i in range(50)), labels, predicted, probabilities if columns else None
    )
    write_predictions(written, tmp_path / "new" / "p.csv")
    read = read_predictions(tmp_path / "new" / "p.csv", classes)
    assert (read.classes, read.case_ids) == (written.classes, written.case_ids)
    np.testing.assert_array_equal(read.labels, labels)
    np.testing.assert_array_equal(read.predictions, predicted)
    if columns:
        assert read.probabilities is not None
        np.testing.assert_array_equal(read.probabilities, probabilities)
    else:
        assert read.probabilities is None
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["p.csv"]


BAD = {
    "empty": ("", "is empty"),
    "no case": (GOOD, "no case"),
    "not text": (b"\x89PNG\r\n\xff", "not CSV in UTF-8"),
    "open quote": (GOOD + '1,A,A\n2,"A,A\n', r"line 3: '.*' is no CSV"),
    "missing column": ("case_id,lable,prediction\n1,A,A\n", "line 1: column 'label' is missing. Did you mean 'lable'?"),
    "missing prediction": ("case_id,label\n1,A\n", "column 'prediction' is missing"),
    "no argmax": ("case_id,label,p_A\n1,A,0.4\n2,B,0.5\n", "so is 'p_B'"),
    "column twice": ("case_id,label,label,prediction\n1,A,A,A\n", "column 'label' stands there twice"),
    "short line": (GOOD + "1,A,A\n2,A\n", "line 3: '2' cells under 3 columns"),
    "empty label": (GOOD + "1,A,A\n2, ,A\n", "line 3: 'label' is empty"),
    "empty case": (GOOD + ",A,A\n", "line 2: 'case_id' is empty"),
    "empty prediction": (GOOD + "1,A,\n", "line 2: 'prediction' is empty"),
    "case twice": (GOOD + "1,A,A\n\n2,A,A\n1,B,A\n", "line 5: case '1' is already on line 2"),
    "no number": ("case_id,label,prediction,p_A\n1,A,A,high\n", "line 2: 'p_A' is 'high'"),
    "no cell": ("case_id,label,prediction,p_A\n1,A,A,\n", "line 2: 'p_A' is ''"),
    "not a number": ("case_id,label,prediction,p_A\n1,A,A,nan\n", "line 2: 'p_A' is 'nan'"),
    "above one": ("case_id,label,prediction,p_A\n1,A,A,0.5\n2,A,A,1.01\n", "line 3: 'p_A' is '1.01'"),
    "below zero": ("case_id,label,prediction,p_A\n1,A,A,-0.1\n", "line 2: 'p_A' is '-0.1'"),
    "sum": ("case_id,label,prediction,p_A,p_B\n1,A,A,0.5,0.5\n2,A,A,0.5,0.498\n", "line 3: .* sum to '0.998'"),
    "sum of a part": (
        "case_id,label,prediction,p_A,p_B\n1,A,C,0.5,0.4\n2,A,A,0.9,0.3\n",
        "line 3: .* '1.2'; .* at most 1",
    ),
    "a comma too many": (GOOD + "1,A,A,0,75\n", "line 2: '5' cells under 3 columns .*, as in 0,75, needs quotes"),
    "a workbook": (b"PK\x03\x04 xl/workbook.xml", "is an Excel workbook, .* save it as CSV in UTF-8"),
    "below a title": ("Results\n\ncase_id,label,prediction\n1,A,A\n1,A,A\n", "line 5: case '1' is already on line 4"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD)
def test_a_bad_table_is_refused_with_its_name_and_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = table(tmp_path, content)
    with pytest.raises(DermError, match=message) as refusal:
        read_predictions(path)
    assert f"'{path}'" in str(refusal.value)
    assert refusal.value.exit_status == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD + "1,MEL,NEV\n2,MEEL,NEV\n", "line 3: unknown label 'MEEL'"),
        (GOOD + "1,MEL,NEVI\n", "line 2: unknown prediction 'NEVI'"),
        ("case_id,label,prediction,p_BCC\n1,MEL,MEL,0.1\n", "line 1: unknown class of a column 'BCC'"),
    ],
)
def test_a_class_that_is_not_among_the_given_ones(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DermError, match=message):
        read_predictions(table(tmp_path, content), ("MEL", "NEV"))


def test_the_sum_leaves_room_for_rounding_and_for_missing_columns(tmp_path: Path) -> None:
    rounded = table(tmp_path, "case_id,label,prediction,p_A,p_B\n1,A,A,0.333,0.6665\n")
    assert read_predictions(rounded).classes == ("A", "B")
    partial = table(tmp_path, "case_id,label,prediction,p_A\n1,A,B,0.1\n")
    assert read_predictions(partial).classes == ("A", "B")


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(DermError, match="cannot be read"):
            read_predictions(path)


PROBABLE = "case_id,label,p_A,p_B\n1,A,0.75,0.25\n2,B,0.5,0.5\n"

AS_PROGRAMS_WRITE_IT = {
    "semicolons and decimal commas": PROBABLE.replace(",", ";").replace(".", ","),
    "tabs": PROBABLE.replace(",", "\t"),
    "pipes": PROBABLE.replace(",", "|"),
    "quoted decimal commas": 'case_id,label,p_A,p_B\n1,A,"0,75","0,25"\n2,B,"0,5",",5"\n',
    "sep=": "sep=;\r\n" + PROBABLE.replace(",", ";").replace("\n", "\r\n"),
    "UTF-16": PROBABLE.replace(",", "\t").encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + PROBABLE.encode("utf-16-be"),
    "a byte order mark": b"\xef\xbb\xbf" + PROBABLE.encode(),
    "a title and a comment": "Test of May,,,\n# by the new model\n\n" + PROBABLE,
    "empty columns and rows": PROBABLE.replace("\n", ",,\n") + ",,,,,\n",
    "a header that is repeated": PROBABLE + "case_id,label,p_A,p_B\n",
}


@pytest.mark.parametrize("content", AS_PROGRAMS_WRITE_IT.values(), ids=AS_PROGRAMS_WRITE_IT)
def test_a_table_is_read_as_programs_write_it(tmp_path: Path, content: str | bytes) -> None:
    read = read_predictions(table(tmp_path, content))
    assert read.case_ids == ("1", "2")
    assert read.labels.tolist() == ["A", "B"]
    assert read.probabilities is not None
    assert read.probabilities.tolist() == [[0.75, 0.25], [0.5, 0.5]]
    assert not read.metadata
