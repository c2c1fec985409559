"""The table of what a study took."""

from __future__ import annotations

from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.judging.answers import study_answers
from derm_cli.studies.judging.cost import StudyCost, Taken
from derm_cli.studies.reporting.cost_table import NOT_TOLD, cost_table
from tests.support.studies import made_session, made_study, twenty_answers

ROWS = (StudyRow("told", {}), StudyRow("silent", {}), StudyRow("before", {}))


def test_energy_is_told_in_watt_hours_with_its_devices_or_that_it_is_not(tmp_path):
    session = made_session(tmp_path)
    folder = made_study(session, ROWS, {(row.name, 0, 0): twenty_answers(2) for row in ROWS})
    rows = study_answers(session, folder).rows
    taken = {
        "told": Taken(60.0, 7200.0, ("package-0", "NVIDIA H100"), True),
        "silent": Taken(60.0, None, (), True),
        "before": Taken(),
    }
    table = cost_table(rows, StudyCost(taken, {"stage-1": taken["told"]}, taken["told"].times(3)))
    at, of, minutes = (table.header.index(name) for name in ("energy, Wh", "energy of", "all, min"))
    told, silent, before, shared, saved = table.rows
    assert (told[at].value, told[of]) == (2.0, "package-0, NVIDIA H100")
    assert (silent[at], silent[of]) == (NOT_TOLD, "")
    assert (before[at], before[of]) == ("", "")
    assert (shared[0], shared[minutes].value, shared[at].value) == ("shared by several rows", 1.0, 2.0)
    assert (saved[0], saved[minutes].value, saved[at].value) == ("saved by sharing", 3.0, 6.0)


def test_without_beginnings_nothing_is_shared(tmp_path):
    session = made_session(tmp_path)
    folder = made_study(session, ROWS[:1], {("told", 0, 0): twenty_answers(2)})
    table = cost_table(study_answers(session, folder).rows, StudyCost({"told": Taken()}, {}, Taken()))
    assert [row[0] for row in table.rows] == ["told"]
