"""A headless Chromium for the tests, driven through its own pipe (the DevTools protocol) with no library between."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds until a browser that does not answer has failed."""
COMMANDS = 10
"""File descriptors from here on are ours; Chromium reads commands from 3 and answers to 4."""


class Chromium:
    """One browser with one page.  ``events`` are what it told of the page since it was last opened."""

    def __init__(self, process: subprocess.Popen[bytes], into: int, out: int) -> None:
        self._process, self._into, self._out = process, into, out
        self._buffer, self._number = b"", 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        """Ask for something and return the answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._into, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer)
                return answer["result"]
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._out], [], [], max(0.0, until - time.monotonic()))
            assert ready, "Chromium does not answer"
            read = os.read(self._out, 1 << 16)
            assert read, f"Chromium has ended with status {self._process.wait()}"
            self._buffer += read
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def open(self, path: Path, *, width: int = 1200, dark: bool = False, scripts: bool = True, media: str = "") -> None:
        """Open a file in a window of ``width`` pixels, a phone's where it is narrow, and wait until it is loaded."""
        phone = width < 600
        size = {"width": width, "height": 844 if phone else 1400, "deviceScaleFactor": 2 if phone else 1}
        self.call("Emulation.setDeviceMetricsOverride", **size, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while "Page.loadEventFired" not in [each.get("method") for each in self.events]:
            self.events.append(self._next())

    def value(self, expression: str) -> Any:
        """Return the value of a JavaScript expression as JSON values."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def click(self, selector: str, index: int = 0) -> None:
        """Press the mouse in the middle of an element, which must be what lies there."""
        element = f"document.querySelectorAll({json.dumps(selector)})[{index}]"
        x, y, hit = self.value(
            f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'center', inline: 'center'}}); "
            "const b = e.getBoundingClientRect(), x = b.x + b.width / 2, y = b.y + b.height / 2; "
            "return [x, y, e.contains(document.elementFromPoint(x, y))]; })()"
        )
        assert hit, f"something lies over '{selector}'"
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press a key, such as Tab or Enter."""
        text = {"text": "\r"} if key == "Enter" else {}
        codes = {"Tab": 9, "Enter": 13}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key], **text)

    def screenshot(self, selector: str = "", *, whole: bool = False) -> bytes:
        """Return a PNG of the window, of an element, or of the whole page."""
        more: dict[str, Any] = {"captureBeyondViewport": whole or bool(selector)}
        if selector:
            box = self.value(
                f"(() => {{ const b = document.querySelector({json.dumps(selector)}).getBoundingClientRect(); "
                "return [b.x + scrollX, b.y + scrollY, b.width, b.height]; })()"
            )
            more["clip"] = {**dict(zip(("x", "y", "width", "height"), box, strict=True)), "scale": 1}
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", **more)["data"])

    def pdf(self, **options: Any) -> bytes:
        """Return the page as it is printed."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False, **options)["data"])

    def complaints(self) -> list[str]:
        """Return what stands in the console, and every exception, since the page was opened."""
        self.value("0")  # so that all that came before has been told
        kinds = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
        return [json.dumps(each["params"]) for each in self.events if each.get("method") in kinds]

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the page was opened, 'data:' left out."""
        sent = [each["params"] for each in self.events if each.get("method") == "Network.requestWillBeSent"]
        return [each["request"]["url"] for each in sent if not each["request"]["url"].startswith("data:")]


@contextmanager
def browser(profile: Path) -> Iterator[Chromium]:
    """Start Chromium, which must be installed, and end it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "install Chromium: pages are opened in a real browser"
    pipes = [os.pipe(), os.pipe()]
    # Out of the way of 3 and 4, which may be among those that were just opened.
    (read, into), (out, write) = [tuple(fcntl.fcntl(end, fcntl.F_DUPFD, COMMANDS) for end in pipe) for pipe in pipes]
    for pipe in pipes:
        for end in pipe:
            os.close(end)
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
    switches += ["--disable-background-networking", "--no-first-run", "--remote-debugging-pipe"]
    command = [program, *switches, f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        ["bash", "-c", f'exec "$@" 3<&{read} 4>&{write}', "bash", *command],
        pass_fds=(read, write),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read)
    os.close(write)
    try:
        chromium = Chromium(process, into, out)
        yield chromium
        chromium._session = None
        chromium.call("Browser.close")
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
        os.close(into)
        os.close(out)
