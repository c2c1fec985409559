"""``make test`` brings its browser, or fails in a sentence: it never goes on without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tests.support import install_browser

PLAYWRIGHT = [sys.executable, "-m", "playwright", "install"]


@pytest.mark.parametrize(
    ("user", "apt", "programs"),
    [
        (0, "/usr/bin/apt-get", [[*PLAYWRIGHT, "--with-deps", "chromium"], "update", "install"]),
        (0, None, [[*PLAYWRIGHT, "chromium"]]),
        (1000, "/usr/bin/apt-get", [[*PLAYWRIGHT, "chromium"]]),
    ],
)
def test_playwright_s_own_is_tried_first_and_the_package_where_one_may(monkeypatch, capsys, user, apt, programs):
    ran = []

    def refused(command: list[str], check: bool) -> subprocess.CompletedProcess[str]:
        ran.append(command if command[0] == sys.executable else command[len(install_browser.APT)])
        return subprocess.CompletedProcess(command, 0 if "update" in command else 1)

    monkeypatch.setattr(install_browser, "is_there", lambda: False)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(shutil, "which", lambda name: apt)
    monkeypatch.setattr(subprocess, "run", refused)
    with pytest.raises(SystemExit, match="No Chromium that starts is there and none could be installed"):
        install_browser.main()
    assert ran == programs


def test_what_is_there_is_taken_as_it_is(monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was installed"))
    monkeypatch.setattr(install_browser, "is_there", lambda: True)
    install_browser.main()


def test_a_browser_whose_driver_does_not_start_is_not_there(monkeypatch):
    """As on a system without libatomic, which Playwright's own Node needs."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(install_browser, "PLAYWRIGHT", (sys.executable, "-c", "raise SystemExit(127)"))
    assert not install_browser.is_there()
