"""The page of ``derm preview`` in Chromium: it is handed photographs, and what it shows is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mobile_export.tools.preview.served_bundle import read_bundle
from mobile_export.tools.preview.web_runtime import VERSION
from tests.support import chromium
from tests.support.browser_runtime import served_page

STATE = "document.body.dataset.state"
SHOWN = "[...document.querySelectorAll('#classes tr')].map(row => [row.dataset.name, Number(row.dataset.probability)])"
PATIENCE = 60
"""Seconds for one photograph."""


def answers_of_the_page(bundle: Path, photographs: Sequence[Path], cache: Path, profile: Path) -> list[list[float]]:
    """Return the probabilities of each photograph, in the classes' order, as the page shows them."""
    names = [each["name"] for each in read_bundle(bundle).manifest["classes"]]
    with served_page(bundle, cache) as server, chromium.browser(profile) as page:
        page.open(server.address)
        page.wait_for(f"{STATE} === 'ready'", PATIENCE)
        found = []
        for photograph in photographs:
            page.value(f"{STATE} = 'chosen'")
            page.choose("#file", photograph)
            page.wait_for(f"{STATE} === 'answered'", PATIENCE)
            shown = dict(page.value(SHOWN))
            found.append([float(shown[name]) for name in names])
        return found


def versions(profile: Path) -> str:
    """Return those of onnxruntime-web and of Chromium."""
    with chromium.browser(profile) as page:
        told = page.call("Browser.getVersion")["product"].replace("/", " ").removeprefix("Headless")
    return f"onnxruntime-web {VERSION} in {told}"
