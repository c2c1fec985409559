"""The page in a real Chromium, with real photographs: its answers are derm predict's, and nothing leaves it."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from derm_cli import config
from derm_cli.phase_options import Component
from derm_cli.plan import Preprocessing
from derm_cli.plugin import LesionClass
from derm_cli.workflows.predicting.predict import predict
from derm_cli.workflows.session import Session
from tests.support.awkward_photographs import make_photographs
from tests.support.browser_runtime import served_page
from tests.support.chromium import Chromium
from tests.support.made_bundles import DRAWN, THRESHOLD, make_bundle
from tests.support.made_onnx import write_artefact
from tests.support.mean_colour_onnx import write_onnx

pytestmark = pytest.mark.xdist_group("chromium")
TOLERANCE = 1e-5
STATE = "document.body.dataset.state"
SHOWN = "[...document.querySelectorAll('#classes tr')].map(row => [row.dataset.name, Number(row.dataset.probability)])"
KNOWN = {"age": ("#question-age", "71"), "bleed": ("#question-bleed", "yes"), "site": ("#question-site", "torso")}


@pytest.fixture(scope="module")
def photographs(real_data: Path) -> list[Path]:
    return sorted(real_data.joinpath("pad-ufes-20").rglob("*.png"))[:4]


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {path.name: path for path in make_photographs(tmp_path_factory.mktemp("awkward"))}


@pytest.fixture
def page(browser: Chromium, served: Any) -> Chromium:
    """The page, nothing answered; it is opened where it is not open yet, for the browser compiles 14 MB each time."""
    if browser.value("location.href") != served.address or browser.value("innerWidth") != 1200:
        return opened(browser, served.address)
    browser.events.clear()
    browser.value("document.querySelector('#form').reset(); document.activeElement.blur(); scrollTo(0, 0)")
    return browser


def opened(browser: Chromium, address: str, **how: Any) -> Chromium:
    browser.open(address, **how)
    browser.wait_for(f"{STATE} === 'ready'")
    return browser


def answered(page: Chromium, photograph: Path) -> dict[str, float]:
    """Choose a photograph, and return the probabilities that are shown."""
    page.value(f"{STATE} = 'chosen'")
    page.choose("#file", photograph)
    page.wait_for(f"{STATE} === 'answered'")
    return shown(page)


def asked_again(page: Chromium, field: str, value: str) -> dict[str, float]:
    """Answer a question, and return the probabilities that are shown then."""
    page.value(f"{STATE} = 'chosen'")
    (page.fill if page.value(f"document.querySelector('{field}').localName") == "input" else page.select)(field, value)
    page.wait_for(f"{STATE} === 'answered'")
    return shown(page)


def shown(page: Chromium) -> dict[str, float]:
    return dict(page.value(SHOWN))


def text(page: Chromium, selector: str) -> str:
    told: str = page.value(f"document.querySelector({json.dumps(selector)}).textContent")
    return told


def predicted(onnx: Path, photograph: Path, answers: tuple[str, ...] = ()) -> dict[str, float]:
    _, (answer,) = predict(Session(config.load({})), str(onnx), [photograph], answers=answers)
    assert answer.probabilities is not None
    return answer.probabilities


def assert_near(one: dict[str, float], other: dict[str, float]) -> None:
    assert one.keys() == other.keys()
    assert max(abs(one[name] - other[name]) for name in one) <= TOLERANCE, (one, other)


def test_answers_are_those_of_derm_predict_with_and_without_answers(page, onnx_file, photographs):
    alone = []
    for photograph in photographs:
        alone.append(answered(page, photograph))
        assert_near(alone[-1], predicted(onnx_file, photograph))
    # What is compared differs between photographs, and by the answers, each of which is left out once.
    assert max(abs(one["NEV"] - alone[0]["NEV"]) for one in alone) > 0.01
    for left_out in (None, *KNOWN):
        given = {name: known for name, known in KNOWN.items() if name != left_out}
        page.click("#clear")
        page.wait_for(f"{STATE} === 'answered'")
        for field, value in given.values():
            asked_again(page, field, value)
        expected = predicted(onnx_file, photographs[-1], tuple(f"{name}={value}" for name, (_, value) in given.items()))
        assert_near(shown(page), expected)
        assert max(abs(expected[name] - alone[-1][name]) for name in expected) > 0.01
        assert f"{len(given)} of 3 answers" in text(page, "#status")
    assert page.complaints() == []


@pytest.mark.parametrize("name", ["alpha.png", "sixteen.png", "mirrored.png", "palette.png", "turned.jpg", "phone.jpg"])
def test_awkward_photographs_are_answered_as_by_derm_predict(page, onnx_file, awkward, name):
    assert_near(answered(page, awkward[name]), predicted(onnx_file, awkward[name]))


@pytest.mark.parametrize(
    ("views", "rule"),
    [
        ("none", Preprocessing(size=32)),
        ("flips", Preprocessing(size=32, resize="crop", interpolation="bilinear", profile="ignored")),
    ],
)
def test_a_model_without_questions_and_with_other_views(browser, facts, photographs, tmp_path, views, rule):
    facts = replace(facts, preprocessing=rule, views=Component(name=views))
    onnx = write_artefact(tmp_path / "model.onnx", facts)
    with served_page(make_bundle(tmp_path / "bundle", onnx, facts)) as server:
        page = opened(browser, server.address)
        assert page.value("document.querySelector('#questions').hidden")
        assert_near(answered(page, photographs[0]), predicted(onnx, photographs[0]))


def test_a_drawn_photograph_of_the_bundle_is_answered(page, bundle, onnx_file):
    page.select("#example", DRAWN)
    page.wait_for(f"{STATE} === 'answered'")
    assert_near(shown(page), predicted(onnx_file, bundle / DRAWN))


def test_it_answers_without_a_server_and_no_request_may_leave_it(browser, bundle, onnx_file, photographs):
    with served_page(bundle) as server:
        page = opened(browser, server.address)
        asked = page.requests()
        assert {each.split("/")[2] for each in asked} == {f"127.0.0.1:{server.port}"}
    assert_near(answered(page, photographs[0]), predicted(onnx_file, photographs[0]))
    assert page.requests() == asked
    fetched = "fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')"
    assert page.value(fetched) == "refused"
    assert any("Content Security Policy" in each for each in page.complaints())


def test_what_is_told_first_is_the_licence_and_that_it_is_no_medical_device(page):
    first = page.value("document.querySelector('#warning').getBoundingClientRect().top")
    assert first < page.value("document.querySelector('h1').getBoundingClientRect().top")
    assert text(page, "#warning").startswith("NOT FOR COMMERCIAL USE")
    assert "SYNTHETIC" in text(page, "#warning")
    assert text(page, "#device").startswith("This is not a medical device.")
    assert "CC BY-NC 4.0" in text(page, "#licences")


def test_without_a_warning_no_empty_one_stands_there(browser, onnx_file, viewed_facts, tmp_path):
    with served_page(make_bundle(tmp_path / "bundle", onnx_file, viewed_facts, warning="")) as server:
        page = opened(browser, server.address)
        assert page.value("document.querySelector('#warning').checkVisibility()") is False


def test_advice_is_that_of_the_rules(page, photographs):
    """Answers move the malignant classes over the rule's threshold and below it."""
    answered(page, photographs[0])
    told = set()
    for field, value in (("bleed", "yes"), ("site", "torso"), ("bleed", "no"), ("site", "head/neck"), ("age", "2")):
        malignant = 1 - asked_again(page, f"#question-{field}", value)["NEV"]
        is_now = text(page, "#advice") == "Show this lesion to a doctor now."
        assert is_now == (malignant >= THRESHOLD)
        told.add(is_now)
    assert told == {True, False}


@pytest.mark.parametrize(
    ("faults", "change"),
    [
        ("dark", lambda noise: noise // 8),
        ("bright", lambda noise: 235 + noise // 12),
        ("blank blurred", lambda noise: np.full_like(noise, 128)),
        ("blurred", lambda noise: np.linspace(60, 200, noise.size).reshape(noise.shape)),
    ],
)
def test_a_poor_photograph_is_to_be_taken_again(page, photographs, tmp_path, faults, change):
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3))
    Image.fromarray(change(noise).astype(np.uint8)).save(tmp_path / "poor.png")
    answered(page, tmp_path / "poor.png")
    assert text(page, "#faults") == "".join(f"The photograph is {fault}." for fault in faults.split())
    assert text(page, "#advice").startswith("Take the photograph again")
    answered(page, photographs[0])
    assert page.value("document.querySelector('#faults').hidden")


def test_an_answer_that_is_none_is_said_and_nothing_else_is_shown(page, photographs):
    answered(page, photographs[0])
    page.fill("#question-age", "850")
    page.wait_for(f"{STATE} === 'problem'")
    assert text(page, "#problem") == (
        "'How old are you?' must be answered by a number of years from 0 to 120, or not at all."
    )
    assert page.value("document.querySelector('#result').hidden")
    assert page.value("document.querySelector('#question-age').getAttribute('aria-invalid')") == "true"
    page.fill("#question-age", "85")
    page.wait_for(f"{STATE} === 'answered'")


def test_a_photograph_that_is_not_read_is_said_and_leaves_no_older_answer(page, photographs, awkward):
    answered(page, photographs[0])
    page.choose("#file", awkward["inks.jpg"])
    page.wait_for(f"{STATE} === 'problem'")
    assert text(page, "#problem").startswith("'inks.jpg' is not answered: in the colours of a printer")
    assert page.value("document.querySelector('#result').hidden")


@pytest.mark.parametrize("views", ["none", "flips"])
def test_a_model_that_answers_with_no_number_is_broken(browser, facts, photographs, tmp_path, views):
    facts = replace(facts, views=Component(name=views))
    onnx = write_onnx(tmp_path / "model.onnx", facts, steepness=float("nan"))
    with served_page(make_bundle(tmp_path / "bundle", onnx, facts)) as server:
        page = opened(browser, server.address)
        page.value(f"{STATE} = 'chosen'")
        page.choose("#file", photographs[0])
        page.wait_for(f"{STATE} === 'problem'")
        assert "with what is no number: it is broken" in text(page, "#problem")
        assert page.value("document.querySelector('#result').hidden")


def test_a_class_map_is_offered_where_the_model_has_one_alone(
    page, browser, viewed_facts, photographs, tmp_path, served
):
    answered(page, photographs[0])
    assert page.value("document.querySelector('#map-choice').checkVisibility()") is False
    onnx = write_artefact(tmp_path / "model.onnx", viewed_facts, class_map=True)
    with served_page(make_bundle(tmp_path / "bundle", onnx, viewed_facts)) as server:
        opened(browser, server.address)
        answered(page, photographs[0])
        plain = page.screenshot("#seen")
        page.click("#map")
        assert page.screenshot("#seen") != plain
        page.click("#map")
        assert page.screenshot("#seen") == plain


def test_names_of_a_bundle_are_text(browser, facts, photographs, tmp_path):
    evil = "<img src=x onerror=document.body.dataset.evil=1>"
    classes = tuple(LesionClass(name=each.name, title=f"{each.name}{evil}", diagnoses=()) for each in facts.classes)
    facts = replace(facts, classes=classes, target=evil)
    onnx = write_artefact(tmp_path / "model.onnx", facts)
    with served_page(make_bundle(tmp_path / "bundle", onnx, facts, warning=evil, intended_use=evil)) as server:
        page = opened(browser, server.address)
        answered(page, photographs[0])
        assert text(page, "#warning") == evil
        assert evil in text(page, "#classes")
        assert page.value("document.querySelectorAll('img').length") == 0
        assert page.value("document.body.dataset.evil ?? null") is None
        assert page.complaints() == []


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (390, False), (390, True)])
def test_it_is_shown_whole_on_a_desk_and_a_phone(browser, served, photographs, width, dark):
    page = opened(browser, served.address, width=width, dark=dark)
    answered(page, photographs[0])
    assert page.value("innerWidth") == width
    assert page.value("document.documentElement.scrollWidth") == width
    heights = page.value(
        "[...document.querySelectorAll('input[type=file], select, input[type=number], button')]"
        ".map(each => each.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44
    with Image.open(io.BytesIO(page.screenshot(whole=True))) as shot:
        assert len(set(shot.convert("RGB").resize((60, 60)).get_flattened_data())) > 50
    assert min(contrasts(page)) >= 4.5


CONTRASTS = """
(() => {
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("p, h1, h2, label, th, td, caption, figcaption, button, select")]
    .filter((each) => each.checkVisibility() && each.textContent.trim())
    .map((each) => [getComputedStyle(each).color, ground(each)]);
})()
"""


def contrasts(page: Chromium) -> list[float]:
    """Return the contrast of each text with its ground (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        levels = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in levels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    pairs = [sorted((luminance(ink), luminance(ground))) for ink, ground in page.value(CONTRASTS)]
    assert len(pairs) > 15
    return [(light + 0.05) / (dark + 0.05) for dark, light in pairs]


def test_it_is_used_by_the_keyboard_alone(page, onnx_file, bundle):
    """From the first stop on: each field is reached in its order, and an answer is had without a mouse."""
    stops = []
    for _ in range(8):
        page.press("Tab")
        stops.append(page.value("document.activeElement.id || document.activeElement.className"))
    assert stops == [
        *("skip", "camera", "file", "example"),
        *("question-age", "question-bleed", "question-site", "clear"),
    ]
    page.value("document.querySelector('#example').focus()")
    page.press("ArrowDown")
    page.wait_for(f"{STATE} === 'answered'")
    page.press("Tab")
    page.value(f"{STATE} = 'chosen'")
    page.press("7")
    page.press("1")
    page.press("Tab")
    page.wait_for(f"{STATE} === 'answered'")
    assert_near(shown(page), predicted(onnx_file, bundle / DRAWN, ("age=71",)))
    outline = page.value("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_screen_reader_is_told_of_each_field_and_of_the_answer(page, photographs):
    answered(page, photographs[0])
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    named = {(each["role"]["value"], each.get("name", {}).get("value", "")) for each in nodes if "role" in each}
    for expected in (
        ("spinbutton", "How old are you? (years)"),
        ("combobox", "Has the spot bled?"),
        ("combobox", "Or a drawn one of the bundle"),
        ("button", "Clear the answers"),
        ("heading", "Answer"),
        ("table", "Probability of each class"),
    ):
        assert expected in named, expected
    assert any(role == "button" and "Take a photograph" in name for role, name in named)
    live = page.value("document.querySelector('[aria-live=polite]').innerText")
    assert "Most probable" in live
    assert "doctor" in live
    roles = page.value("[...document.querySelectorAll('canvas')].map(each => each.getAttribute('aria-label'))")
    assert roles == ["The square that the model sees"]
