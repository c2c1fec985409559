import csv
import io

from derm_cli.evaluation.intervals.resampling import Interval
from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.reporting.formats import as_csv, as_latex, as_markdown, as_text, shown
from derm_cli.evaluation.reporting.tables.classes import class_table, overall_table
from derm_cli.evaluation.reporting.tables.judgement import judgement_tables
from derm_cli.evaluation.reporting.tables.table import Number, PValue, Table
from tests.support.synthetic_tables import random_table, small


def test_a_figure_is_shown_with_its_interval_and_never_as_a_zero_where_undefined() -> None:
    assert shown(Number(0.5358, Interval(0.471, 0.599, "wilson"))) == "53.6 (47.1–59.9)"
    assert shown(Number(-0.1, Interval(-0.2, -0.05, "bootstrap"))) == "-10.0 (-20.0 to -5.0)"
    assert shown(Number(None)) == "–"
    assert shown(Number(0.0)) == "0.0"
    assert shown(Number(0.25, scale=1, decimals=3)) == "0.250"
    small_p, shown_p = PValue(3e-7), ["<0.0001", "0.0001", "0.0321", "1.0000", "–"]
    assert [shown(each) for each in (small_p, *map(PValue, (5e-5 + 1e-9, 0.0321, 1.0, None)))] == shown_p
    table = Table("t", "t", ("row", "p"), (("a", small_p),))
    assert as_latex(table).splitlines()[5] == r"a & \textless{}0.0001 \\"
    assert "3e-07" in as_csv([table])
    assert (shown("MEL"), shown(7)) == ("MEL", "7")


def test_the_terminal() -> None:
    evaluation = evaluation_of(small("MMN", "MNN", "MND", [[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.3, 0.7, 0.0]]), draws=0)
    assert as_text(class_table(evaluation)).splitlines() == [
        "class  cases  sensitivity %  specificity %  PPV %  NPV %  F1 %  AUC %  AP %",
        "-----  -----  -------------  -------------  -----  -----  ----  -----  ----",
        "M          2           50.0          100.0  100.0   50.0  66.7   50.0  83.3",
        "N          1          100.0           50.0   50.0  100.0  66.7   50.0  50.0",
        "D          0              –          100.0      –  100.0     –      –     –",
    ]
    assert "Cohen's kappa         0.400" in as_text(overall_table(evaluation))


def test_what_is_too_wide_stands_below_with_its_names_again() -> None:
    table = class_table(evaluation_of(random_table(0, 100, 3), draws=20))
    for width in (40, 60, 80, 100, 200):
        text = as_text(table, width)
        assert max(map(len, text.splitlines())) <= width
        parts = [part.splitlines() for part in text.split("\n\n")]
        assert [[line.split()[0] for line in part[2:]] for part in parts] == [["C00", "C01", "C02"]] * len(parts)
        headings = "".join(part[0] for part in parts)
        assert all(heading in headings for heading in table.header)
    # A width that no column fits into is exceeded rather than refused.
    assert "C00" in as_text(table, 5)


def test_a_row_that_two_columns_name_keeps_both() -> None:
    rows = (("sex", "male", 3, "few"), ("age", "40", 5, ""))
    table = Table("s", "S", ("by", "value", "cases", "said"), rows, keys=2)
    assert [line.split() for line in as_text(table, 18).splitlines() if line.startswith("sex")] == [
        ["sex", "male", "3"],
        ["sex", "male", "few"],
    ]
    assert as_csv([table]).splitlines()[1:] == [
        "s,sex male,cases,3,,,",
        "s,sex male,said,few,,,",
        "s,age 40,cases,5,,,",
    ]


def test_csv_has_every_figure_in_full_precision() -> None:
    judgement = judge(random_table(0, 200, 4), {"C01": "malignant", "C00": "benign"}, random_table(1, 100, 4), draws=30)
    rows = list(csv.DictReader(io.StringIO(as_csv(judgement_tables(judgement)))))
    by_key = {(row["sheet"], row["row"], row["figure"]): row for row in rows}
    for name, each in judgement.evaluation.per_class.items():
        row = by_key["classes", name, "sensitivity"]
        assert float(row["value"]) == each.sensitivity
        interval = each.intervals["sensitivity"]
        assert (float(row["low"]), float(row["high"]), row["method"]) == (interval.low, interval.high, "wilson")
        assert int(by_key["classes", name, "cases"]["value"]) == each.support
    assert len(by_key) == len(rows), "no two lines are about the same figure"


def test_markdown_escapes_what_would_be_its_own_and_numbers_stand_to_the_right() -> None:
    table = Table("t", "A *title*", ("class", "F1"), (("a|b_<c>", Number(0.5)), ("# d", Number(None))))
    assert as_markdown(table).splitlines() == [
        r"**A \*title\***",
        "",
        "| class | F1 |",
        "| --- | ---: |",
        r"| a\|b\_\<c\> | 50.0 |",
        r"| \# d | – |",
    ]


def test_latex_escapes_what_would_be_its_own() -> None:
    table = Table("s", "100 %", ("a_b", "50 %"), (("x & {y}\\~^#$", Number(0.5, Interval(0.4, 0.6, "wilson"))),))
    assert as_latex(table).splitlines() == [
        "% 100 %",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"a\_b & 50 \% \\",
        r"\midrule",
        r"x \& \{y\}\textbackslash{}\textasciitilde{}\textasciicircum{}\#\$ & 50.0 (40.0--60.0) \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]
