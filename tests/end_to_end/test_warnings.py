"""Warnings of a training: on standard error, and in the run's log, whatever trackers there are."""

from __future__ import annotations

import json
import re

from derm_cli.errors import DermError
from derm_cli.files import sha256_of
from derm_cli.workflows.training import finishing
from tests.support import trees
from tests.support.commands import QUICK

WARNING = "class 'MEL' of dataset 'pad-ufes-20' has no photograph and is not in this run."


def test_a_warning_is_in_the_run_s_log_and_on_standard_error(place, monkeypatch):
    root = trees.make_pad(place.data / "pad-ufes-20", per_class=6)
    table = (root / "metadata.csv").read_text().splitlines(keepends=True)
    (root / "metadata.csv").write_text("".join(line for line in table if ",MEL," not in line))

    def stopped(*_):
        raise DermError("It was stopped: go on.")

    with monkeypatch.context() as patched:
        patched.setattr(finishing, "finish", stopped)
        result = place.derm(
            *("train", *QUICK, "--chain", "imagenet,pad-ufes-20", "--validation-share", "0"),
            exit_status=1,
            DERM_DISABLED_PLUGINS="progress",
        )
    lines = result.stderr.splitlines()
    assert lines.index(f"Warning: {WARNING}") < lines.index("Error: It was stopped: go on.")
    (run,) = place.runs.glob("2*")
    (begun,) = (run / "log").read_text().splitlines()
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 Warning: {re.escape(WARNING)}", begun)

    result = place.derm("train", "--resume", run.name, DERM_DISABLED_PLUGINS="progress")
    assert f"Warning: {WARNING}" in result.stderr
    first, second = (run / "log").read_text().splitlines()
    assert first == begun
    assert second.endswith(f"Warning: {WARNING}")
    assert json.loads((run / "run.json").read_text())["files"]["log"] == sha256_of(run / "log")
