"""Brings a Chromium for the tests where there is none: Playwright's own, or the system's package.

``python -m tests.support.install_browser``; ``make test`` calls it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

from tests.support.chromium import executable

PLAYWRIGHT = (sys.executable, "-m", "playwright")
PACKAGES = ("chromium", "libatomic1")
"""Debian's browser, and the library of Playwright's driver that the smallest images lack."""
APT = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120")


def ways() -> list[list[list[str]]]:
    """Return the ways to install a browser that this system has, the better first, each a list of commands."""
    root = os.geteuid() == 0
    apt = root and shutil.which("apt-get")
    libraries = ["--with-deps"] if apt else []
    found = [[[*PLAYWRIGHT, "install", *libraries, "chromium"]]]
    if apt:
        found.append([[*APT, "update"], [*APT, "install", "--yes", "--no-install-recommends", *PACKAGES]])
    return found


def is_there() -> bool:
    """Tell whether a browser is installed, and what drives it starts: Playwright's Node needs libraries too."""
    driver = subprocess.run([*PLAYWRIGHT, "--version"], stdout=subprocess.DEVNULL, check=False)
    if driver.returncode:
        return False
    with sync_playwright() as playwright:
        return executable(playwright) is not None


def main() -> None:
    """Install a browser unless there is one.  Ends with 1 and a sentence where it cannot be done."""
    if is_there():
        return
    for commands in ways():
        print(f"The tests open pages in a browser: {' && '.join(map(' '.join, commands))}", flush=True)
        if all(subprocess.run(command, check=False).returncode == 0 for command in commands) and is_there():
            return
    sys.exit(
        "No Chromium that starts is there and none could be installed, but the tests open pages in one: install your "
        "system's package 'chromium', or what is said above to be missing (such as libatomic1), or let 'playwright "
        "install chromium' reach its download, then run 'make test' again."
    )


if __name__ == "__main__":
    main()
