"""A headless Chromium for the tests, driven by Playwright: one page, and what it told since it was last opened."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, Playwright, ViewportSize, sync_playwright

INSTALLED = ("chromium", "chromium-browser", "google-chrome")
"""The programs that a system may have; without one, Playwright's own is taken."""
SWITCHES = ("--disable-background-networking", "--disable-dev-shm-usage", "--no-first-run")
DOMAINS = ("Page", "Runtime", "Log", "Network", "Accessibility")
EVENTS = (
    "Log.entryAdded",
    "Runtime.consoleAPICalled",
    "Runtime.exceptionThrown",
    "Network.requestWillBeSent",
    "Network.loadingFailed",
)
TEXT = "document.body.innerText"


def executable(playwright: Playwright | None = None) -> str | None:
    """Return the browser's program: the system's, else the one that Playwright has downloaded, else None."""
    system = next((path for name in INSTALLED if (path := shutil.which(name))), None)
    if system or playwright is None:
        return system
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


class Chromium:
    """One browser with one page.  ``events`` are what the DevTools protocol told of it since it was last opened."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self._page, self._session = page, session
        self.events: list[dict[str, Any]] = []
        for domain in DOMAINS:
            self.call(f"{domain}.enable")
        for event in EVENTS:
            session.on(event, lambda params, event=event: self.events.append({"method": event, "params": params}))

    def call(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        """Ask the DevTools protocol for something and return the answer."""
        return self._session.send(method, parameters)

    def open(
        self, path: Path | str, *, width: int = 1200, dark: bool = False, scripts: bool = True, media: str = ""
    ) -> None:
        """Open a file, or an address, and wait until it is loaded; a window of less than 600 pixels is a phone's."""
        phone = width < 600
        size = ViewportSize(width=width, height=844 if phone else 1400)
        self.call("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=2 if phone else 1, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.events.clear()
        self._page.goto(path if isinstance(path, str) else path.as_uri(), wait_until="load")

    def value(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, or of what it promises, as JSON values."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def click(self, selector: str, index: int = 0) -> None:
        """Press the mouse in the middle of an element, which must be what lies there."""
        self._page.locator(selector).nth(index).click()

    def press(self, key: str) -> None:
        """Press a key, such as Tab or Enter."""
        self._page.keyboard.press(key)

    def choose(self, selector: str, *files: Path) -> None:
        """Choose files in a field for such."""
        self._page.locator(selector).set_input_files(files)

    def select(self, selector: str, value: str) -> None:
        """Choose a value of a list."""
        self._page.locator(selector).select_option(value)

    def fill(self, selector: str, text: str) -> None:
        """Write into a field, and leave it."""
        self._page.locator(selector).fill(text)
        self._page.locator(selector).blur()

    def wait_for(self, expression: str, seconds: float = 20) -> None:
        """Wait until a JavaScript expression is true; a page's policy may forbid Playwright's own way."""
        end = time.monotonic() + seconds
        while not self.value(expression):
            assert time.monotonic() < end, f"not so within {seconds} s: {expression}\n{self.value(TEXT)}"
            self._page.wait_for_timeout(20)

    def screenshot(self, selector: str = "", *, whole: bool = False) -> bytes:
        """Return a PNG of the window, of an element, or of the whole page."""
        return self._page.locator(selector).screenshot() if selector else self._page.screenshot(full_page=whole)

    def pdf(self, **options: Any) -> bytes:
        """Return the page as it is printed, without backgrounds."""
        return self._page.pdf(print_background=False, **options)

    def complaints(self) -> list[str]:
        """Return what stands in the console, and every exception, since the page was opened."""
        return [json.dumps(params) for name in EVENTS[:3] for params in self._told(name)]

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the page was opened, 'data:' left out."""
        addresses = [params["request"]["url"] for params in self._told("Network.requestWillBeSent")]
        return [address for address in addresses if not address.startswith("data:")]

    def refusals(self) -> list[str]:
        """Return why requests were stopped before they were sent, since the page was opened."""
        return [params.get("blockedReason", "") for params in self._told("Network.loadingFailed")]

    def _told(self, event: str) -> list[dict[str, Any]]:
        self.value("0")  # so that all that came before has arrived
        return [each["params"] for each in self.events if each["method"] == event]


@contextmanager
def browser(profile: Path) -> Iterator[Chromium]:
    """Start Chromium with an empty ``profile``, and end it.  ``make setup-browser`` installs one."""
    with sync_playwright() as playwright:
        program = executable(playwright)
        assert program, "there is no Chromium to open pages in: 'make setup-browser' installs one"
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=program, args=list(SWITCHES), chromium_sandbox=False, no_viewport=True
        )
        try:
            page = context.pages[0] if context.pages else context.new_page()
            yield Chromium(page, context.new_cdp_session(page))
        finally:
            context.close()
