"""The page in Chromium, as people use it: what is typed, where a mistake is shown, tabs, links, the keyboard, narrow screens, axe."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
from served import Served, gallery, serving

pytestmark = pytest.mark.browser

SMALL = 'name = "small"\ninput = 3\n\n[[layers]]\nunits = 5\nactivation = "tanh"\n\n[cost]\nkind = "quadratic"\n'
#: Milliseconds: the machine may be busy with other tests.
PATIENCE = 180_000
#: Wide and narrow, light and dark, in each language.
SCREENS = [(1280, "light", "en"), (390, "dark", "zh-TW"), (390, "light", "zh-CN")]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with serving() as served:
        yield served


class Visitor:
    """A page in a browser that nobody has used before, with what it has asked for and complained about."""

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.url = url
        self.page = self.open(url)

    def open(self, url: str) -> Any:
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(url)
        page.wait_for_selector(".panel:not([hidden]) :is(.document, svg)")
        return page

    def write(self, text: str) -> None:
        self.page.fill("#text", text)

    def title_is(self, title: str) -> None:
        self.page.wait_for_selector(f"#status:has-text('{title}')")

    def settled(self) -> None:
        """What was asked for last is there."""
        self.page.wait_for_selector(".panel:not([hidden], [aria-busy]) > *")

    @property
    def focused(self) -> str:
        found: str = self.page.evaluate("() => document.activeElement.id")
        return found


@pytest.fixture
def visitor(browser: Any, server: Served) -> Iterator[Visitor]:
    made = Visitor(browser, server.url)
    yield made
    made.context.close()
    assert not made.complaints
    assert all(request.startswith((server.url, "data:")) for request in made.requests)


def test_what_is_typed_is_derived(visitor: Visitor) -> None:
    page = visitor.page
    page.click("#text")
    page.keyboard.press("Control+A")
    page.keyboard.type(gallery("mazur").partition("[symbols]")[0])
    visitor.title_is("Two layers of two neurons")
    assert page.locator("#panel-derivation math").count() > 100
    assert page.locator("#panel-derivation svg").count() > 1


def test_a_mistake_is_underlined_at_its_place_and_goes_away(visitor: Visitor) -> None:
    page = visitor.page
    visitor.write(SMALL.replace("tanh", "tahn"))
    page.wait_for_selector(".marks mark")
    assert page.inner_text(".marks mark") == 'activation = "tahn"'
    assert "did you mean 'tanh'" in page.inner_text("#problem-says")
    assert page.get_attribute("#text", "aria-invalid") == "true"
    shown, marked = (page.locator(f".{layer}").bounding_box() for layer in ("shown", "marks mark"))
    line = SMALL[: SMALL.index("activation")].count("\n")
    assert marked["y"] - shown["y"] == pytest.approx(0.6 * 17 + line * 1.3 * 17, abs=8)
    page.click("#to-problem")
    field = "document.getElementById('text')"
    assert page.evaluate(f"() => {field}.value.slice({field}.selectionStart, {field}.selectionEnd)") == 'activation = "tahn"'
    page.keyboard.type('activation = "relu"')
    visitor.title_is("Derived and checked: small")
    assert page.locator(".marks mark").count() == 0
    assert page.inner_text("#problem") == ""


def test_what_is_drawn_is_what_is_written(visitor: Visitor) -> None:
    page = visitor.page
    for text in (gallery("gaussian"), "a = 1", "", '"""', "x = 'a\n\n\n", "<b>&amp;</b>\n" * 3):
        visitor.write(text)
        assert page.evaluate("() => document.querySelector('.shown code').textContent") == f"{text}\n"


def test_notation_length_and_language_are_switched(visitor: Visitor) -> None:
    page = visitor.page
    visitor.write(SMALL)
    visitor.title_is("small")
    before = page.inner_text("#panel-derivation")
    page.select_option("#notation", "delta")
    visitor.settled()
    in_errors = page.inner_text("#panel-derivation")
    page.select_option("#length", "full")
    visitor.settled()
    assert in_errors != before
    assert len(page.inner_text("#panel-derivation")) > 1.2 * len(in_errors)
    page.click("text=繁體中文")
    page.wait_for_selector("#panel-derivation h2:has-text('網路')")
    assert page.input_value("#text") == SMALL


def test_a_level_stays_while_the_text_changes(visitor: Visitor) -> None:
    page = visitor.page
    page.check("#show-numbers")
    assert page.locator(".level-numbers").first.is_visible()
    visitor.write(gallery("mazur").replace("0.05", "0.07"))
    page.wait_for_selector("#panel-derivation math:has-text('0.07')", state="attached")
    assert page.is_checked("#show-numbers")


def test_links_go_to_their_places_and_keep_the_text(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#panel-derivation summary").click()
    link = page.locator("#panel-derivation nav a").last
    place = link.get_attribute("href")[1:]
    link.click()
    assert page.evaluate("() => document.activeElement.id") == place
    assert page.evaluate("() => location.hash.startsWith('#d=') || location.hash === ''")


def test_a_link_holds_the_description(visitor: Visitor, browser: Any) -> None:
    text = SMALL.replace("small", "linked") + "# π·σ′ 網路 \U0001f642\n"
    visitor.write(text)
    visitor.title_is("linked")
    visitor.page.click("#link")
    visitor.page.wait_for_selector("#link-says:not(:empty)")
    address = visitor.page.url
    other = Visitor(browser, address)
    assert other.page.input_value("#text") == text
    other.title_is("linked")
    other.context.close()


def test_a_link_that_was_cut_off_is_no_failure(browser: Any, server: Served) -> None:
    for hash_ in ("#d=abc", "#d=%%%", "#x", "#d="):
        other = Visitor(browser, f"{server.url}/{hash_}")
        other.title_is("Two layers of two neurons")
        assert not other.complaints
        other.context.close()


def test_a_text_is_there_again_after_the_server_and_the_page_were_away(browser: Any) -> None:
    text = SMALL.replace("small", "kept")
    with serving() as first:
        port = int(first.url.rpartition(":")[2])
        visitor = Visitor(browser, first.url)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        visitor.write(text)
        visitor.page.wait_for_selector("#status:has-text('does not answer')")
    with serving(port=port) as second:
        # By itself.
        visitor.title_is("kept")
        again = visitor.open(second.url)
        assert again.input_value("#text") == text
        visitor.context.close()


def test_what_can_stand_at_the_cursor_is_offered(visitor: Visitor) -> None:
    page = visitor.page
    visitor.write(SMALL)
    page.click("#text")
    page.keyboard.press("Control+End")
    page.keyboard.type("red")
    page.wait_for_selector("#offered li:has-text('reduction')")
    page.keyboard.press("Tab")
    page.keyboard.type('"s')
    page.wait_for_selector("#offered li:has-text('sum')")
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#text", "aria-activedescendant") == "offered-0"
    page.keyboard.press("Enter")
    assert page.input_value("#text") == SMALL + 'reduction = "sum"'
    page.keyboard.type("\n\n[reg")
    page.keyboard.press("Tab")
    page.keyboard.type("\n")
    page.keyboard.press("Control+Space")
    page.wait_for_selector("#offered li:has-text('l2')")
    page.keyboard.press("Escape")
    assert page.locator("#offered").is_hidden()
    assert page.input_value("#text") == SMALL + 'reduction = "sum"\n\n[regularisation]\n'
    # An end of a line is one while something is offered, as long as nothing was chosen.
    page.keyboard.type("l2 = 0.1\nl")
    page.wait_for_selector("#offered li:has-text('l1')")
    page.keyboard.press("Enter")
    assert page.input_value("#text").endswith("l2 = 0.1\nl\n")


def test_the_keys_of_a_layer_are_those_of_its_kind(visitor: Visitor) -> None:
    page = visitor.page
    visitor.write('[[layers]]\nkind = "conv2d"\n')
    page.click("#text")
    page.keyboard.press("Control+End")
    page.keyboard.type("k")
    page.wait_for_selector("#offered li")
    assert "kernel" in page.locator("#offered b").all_inner_texts()
    page.keyboard.press("Backspace")
    page.keyboard.type("u")
    assert "units" not in page.locator("#offered b").all_inner_texts()


def test_an_example_and_a_file_can_be_opened(visitor: Visitor) -> None:
    page = visitor.page
    page.select_option("#example", "logistic")
    visitor.title_is("Logistic regression")
    assert page.input_value("#text") == gallery("logistic")
    page.set_input_files("#upload", {"name": "own.toml", "mimeType": "text/plain", "buffer": SMALL.encode()})
    visitor.title_is("small")
    assert page.input_value("#text") == SMALL


def test_all_of_it_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(visitor.focused)
    order = [name for name in reached if name in ("example", "upload", "text", "link", "notation", "length", "tab-derivation")]
    assert order == ["example", "upload", "text", "link", "notation", "length", "tab-derivation"]
    page.focus("#tab-derivation")
    page.keyboard.press("End")
    assert page.get_attribute(f"#{visitor.focused}", "aria-selected") == "true"
    assert page.locator("#panel-derivation").is_hidden()
    page.keyboard.press("ArrowRight")
    assert visitor.focused == "tab-derivation"
    page.wait_for_selector("#panel-derivation .document")
    page.keyboard.press("Tab")
    assert visitor.focused == "panel-derivation"


def test_a_weight_that_is_changed_changes_all_that_follows(visitor: Visitor) -> None:
    page = visitor.page
    page.click("#tab-numbers")
    page.wait_for_selector("output")
    before, graph = page.inner_text("output"), page.text_content("#panel-numbers svg >> nth=0")
    page.fill('[name="W1.0"]', "0.9")
    page.keyboard.press("Tab")
    page.wait_for_selector(f"output:not(:has-text('{before}'))")
    assert visitor.focused == "number-W1.1"
    assert page.text_content("#panel-numbers svg >> nth=0") != graph
    page.fill('[name="W1.0"]', "many")
    page.keyboard.press("Tab")
    page.wait_for_selector("#status:has-text('expected a number')")
    assert page.get_attribute('[name="W1.0"]', "aria-invalid") == "true"
    page.fill('[name="W1.0"]', "0.9")
    page.click("#steps-100")
    page.wait_for_selector("output:has-text('0.006')")


def test_a_button_that_is_pressed_while_an_answer_comes_is_clicked(visitor: Visitor) -> None:
    """The change of a field that is left asks for the panel; its answer comes between pressing a button and letting it go."""
    page = visitor.page
    page.click("#tab-numbers")
    page.wait_for_selector("output")
    page.fill('[name="W1.0"]', "0.8")
    page.hover("#steps-100")
    with page.expect_response("**/part/numbers"):
        page.mouse.down()
    page.wait_for_timeout(300)
    with page.expect_response("**/part/numbers"):
        page.mouse.up()
    page.wait_for_selector("output:has-text('0.00')")


def test_a_work_is_marked_and_kept(visitor: Visitor) -> None:
    page = visitor.page
    page.click("#tab-marking")
    page.fill("#work", "dz2 = (a2 - y)*a2*(1 - a2)\ndW2 = 2*dz2.T @ a1\n")
    page.click("#mark")
    page.wait_for_selector(".marked .wrong")
    again = visitor.open(visitor.url)
    again.click("#tab-marking")
    again.wait_for_selector("#work")
    assert again.input_value("#work").startswith("dz2 = (a2 - y)")


def test_a_number_in_the_code_leads_to_its_equation(visitor: Visitor) -> None:
    page = visitor.page
    page.click("#tab-code")
    link = page.locator("#panel-code a.equation").first
    place = link.get_attribute("href")
    link.click()
    assert page.locator("#panel-derivation").is_visible()
    assert page.locator(f"#panel-derivation {place}.aimed").is_visible()


def test_files_are_taken_away(visitor: Visitor) -> None:
    page = visitor.page
    page.click("#tab-files")
    page.click("#pack")
    page.wait_for_selector("#packet")
    with page.expect_download() as download:
        page.click("#packet")
    assert download.value.suggested_filename == "mazur.zip"


@pytest.mark.parametrize(("width", "scheme", "tag"), SCREENS)
def test_axe_finds_no_violation_and_nothing_is_too_wide(browser: Any, server: Served, width: int, scheme: str, tag: str) -> None:
    options = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme, "bypass_csp": True}
    visitor = Visitor(browser, f"{server.url}/{tag}", **options)
    page = visitor.page
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))

    def look() -> None:
        found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width

    for tab in page.locator('[role="tab"]').all():
        tab.click()
        visitor.settled()
        look()
    visitor.write('[[layers]]\nkind = "')
    page.focus("#text")
    page.keyboard.press("Control+End")
    page.keyboard.type("d")
    page.wait_for_selector("#offered li")
    page.wait_for_selector("#problem-says:not(:empty)")
    page.keyboard.press("ArrowDown")
    look()
    visitor.context.close()


def test_paper_has_what_was_made_alone(visitor: Visitor) -> None:
    visitor.page.emulate_media(media="print")
    assert visitor.page.locator("#panel-derivation h2").first.is_visible()
    assert [name for name in ("#text", ".tabs", "#notation", ".bar") if visitor.page.locator(name).is_visible()] == []
