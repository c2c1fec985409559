"""``derm.predict`` gives a table in a process that is not derm's, where pandas is as it comes."""

from __future__ import annotations

import pandas as pd

import derm_cli as derm
from derm_cli.library import predicting
from derm_cli.library.work import AnswerTable


def test_a_photograph_s_name_may_be_no_utf_8(monkeypatch):
    answers = AnswerTable(("file", "p_MEL"), (("M\udce4rz.jpg", 0.25), ("a.jpg", 0.5)))
    monkeypatch.setattr(predicting, "call", lambda *_: (answers, None))
    with pd.option_context("mode.string_storage", "auto"):
        table = derm.predict(None, ["."])
        assert pd.get_option("mode.string_storage") == "auto"
    assert table.to_dict("list") == {"file": ["M\udce4rz.jpg", "a.jpg"], "p_MEL": [0.25, 0.5]}
