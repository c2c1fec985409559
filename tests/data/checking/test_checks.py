"""All checks together: their order, and that every kind can be found."""

import re
from pathlib import Path

from derm_cli.data import checking
from derm_cli.data.checking.checks import run_checks
from derm_cli.data.checking.kinds import FAILING, KINDS, SEVERITIES
from derm_cli.data.quality import QUALITY_FAULTS
from derm_cli.data.records import LEFT_OUT, UNKNOWN_LABEL


def test_the_worst_is_told_first_and_contradictions_before_all(make):
    gone = [("7", "7.png", "X", UNKNOWN_LABEL), ("8", "8.png", "C", LEFT_OUT)]
    one = make(["A", "B", "A", "A"], name="one", sha256=["x", "x", "y", "y"], dropped=gone)
    found = run_checks([one, make(["A"], name="other", sha256=["y"])])
    ranks = [SEVERITIES.index(each.kind.severity) for each in found.findings]
    assert ranks == sorted(ranks)
    assert found.findings[0].kind.name == "contradicting-copies"
    assert [each.kind.name for each in found.findings if each.kind.severity == "dropped"] == ["unknown-label"]
    assert len(found.coverage) == 2


def test_findings_of_several_datasets_about_cases_are_one(make, fact):
    sets = [make(["A", "B"], name=name, of=[fact(mode="CMYK"), fact()]) for name in ("one", "other")]
    (cmyk,) = (each for each in run_checks(sets).findings if each.kind.name == "cmyk")
    assert [case.dataset for case in cmyk.cases] == ["one", "other"]


def test_kinds_are_told_in_words_that_end(make):
    assert {kind.severity for kind in KINDS.values()} == set(SEVERITIES)
    assert "note" not in FAILING
    for name, kind in KINDS.items():
        assert kind.name == name
        assert kind.advice.endswith(".")
        assert not kind.title.endswith(".")
    order = [SEVERITIES.index(kind.severity) for kind in KINDS.values()]
    assert order == sorted(order)


def test_every_kind_is_told_of_somewhere():
    modules = Path(checking.__file__).parent.glob("*.py")
    code = "".join(path.read_text(encoding="utf-8") for path in modules if path.name != "kinds.py")
    assert set(KINDS) == set(KINDS) & {*re.findall(r'"([a-z-]+)"', code), *QUALITY_FAULTS}


def test_nothing_at_all_can_be_checked(make):
    found = run_checks([make([], classes={"A": (), "B": ()})])
    assert {each.kind.name for each in found.findings} == {"too-little", "empty-class"}
