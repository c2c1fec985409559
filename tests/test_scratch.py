"""A folder for work that is not done is gone afterwards, however the process ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from derm_cli.scratch import STALE, scratch_folder

WORKS = (
    "import sys, pathlib, time\nfrom derm_cli.scratch import scratch_folder\n"
    "with scratch_folder('.made-', pathlib.Path(sys.argv[1])) as folder:\n"
    "    folder.joinpath('half').write_text('half')\n    print('ready', flush=True)\n    time.sleep(60)"
)


def test_it_is_there_and_then_it_is_gone(tmp_path):
    with scratch_folder("made-", tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]
        assert folder.name.startswith("made-")
        (folder / "file").write_text("x")
    assert not list(tmp_path.iterdir())


def test_by_default_it_is_among_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with scratch_folder("made-") as folder:
        assert folder.parent == tmp_path


def test_an_error_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="no more"), scratch_folder("made-", tmp_path) as folder:
        (folder / "file").write_text("x")
        raise ValueError("no more")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_killed_process_leaves_nothing(tmp_path, number):
    working = subprocess.Popen(
        [sys.executable, "-c", WORKS, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert working.stdout.readline() == "ready\n"
    assert [each.name for each in tmp_path.rglob("half")] == ["half"]
    working.send_signal(number)
    assert working.wait(10) != 0
    until = time.monotonic() + 20
    while list(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.02)
    assert not list(tmp_path.iterdir())
    working.stdout.close()


def test_what_was_left_long_ago_is_removed_and_what_is_new_or_another_s_stays(tmp_path):
    ages = {"made-old": STALE + 60, "made-new": 60, "other-old": STALE + 60}
    for name, age in ages.items():
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    with scratch_folder("made-", tmp_path) as folder:
        assert sorted(tmp_path.iterdir()) == sorted([folder, tmp_path / "made-new", tmp_path / "other-old"])
