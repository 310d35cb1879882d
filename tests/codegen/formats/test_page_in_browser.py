"""Pages of handouts in Chromium: contents, the switch of levels, what is wider than the screen, contrast, keyboard and paper."""

from __future__ import annotations

import re
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from test_languages import CUT_OFF, document
from test_render import required
from test_short_handouts import short

from chainrule.codegen.document.document import LEVEL_KINDS
from chainrule.codegen.formats.html import render_html

#: In pixels: contents stand beside the text from the second on.
WIDTHS = (390, 1000, 1200)
LEVELS = ("index", *LEVEL_KINDS)
PAGES = [("mazur", "en"), ("residual", "zh-CN"), ("lenet", "zh-TW")]


class Shown:
    """A page in a browser, with what it has asked for and complained about."""

    def __init__(self, browser, file: Path, width: int = 1200, anchor: str = "", **options) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{file.as_uri()}{anchor}")

    def shown_of(self, name: str) -> list[str]:
        """The levels of a gradient that are to be seen."""
        return self.page.evaluate(
            """name => [...document.getElementById("gradient-" + name).closest("section").querySelectorAll(".level")]
              .filter(part => part.checkVisibility()).map(part => part.className.split("level-")[1])""",
            name,
        )

    def focused(self) -> str:
        return self.page.evaluate("() => document.activeElement.id")

    def marked(self) -> list[str]:
        return self.page.evaluate("() => [...document.querySelectorAll('nav [aria-current]')].map(link => link.hash)")


def page_file(name: str, tag: str, folder: Path) -> Path:
    file = folder / "page.html"
    file.write_text(render_html(document(name, tag)), encoding="utf-8")
    return file


#: Contrast by WCAG 2.2: (lighter + 0.05) / (darker + 0.05) of the relative luminances of a text and of what it stands on.
CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgb(getComputedStyle(document.body).backgroundColor);
  };
  const found = {};
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || element.closest("script, style, title, desc")) continue;
    const style = getComputedStyle(element);
    const own = element.closest("svg") ? style.fill : style.color;
    const [a, b] = [luminance(rgb(own)), luminance(ground(element))].sort((x, y) => y - x);
    found[`${own} ${element.tagName}.${element.className.baseVal ?? element.className}`] = (a + 0.05) / (b + 0.05);
  }
  return found;
}"""


@pytest.mark.browser
@pytest.mark.parametrize(("name", "tag"), PAGES)
def test_a_page_is_whole_at_every_width_and_level_in_light_and_dark(browser, name: str, tag: str, tmp_path: Path) -> None:
    file = page_file(name, tag, tmp_path)
    shown = Shown(browser, file)
    for width in WIDTHS:
        shown.page.set_viewport_size({"width": width, "height": 900})
        # What is wider at one level is wider where all are shown.
        for level in ("index", "all"):
            shown.page.locator(f"#show-{level}").check()
            assert shown.page.evaluate("() => document.scrollingElement.scrollWidth - innerWidth") <= 0, (width, level)
            assert shown.page.evaluate(CUT_OFF) == [], (width, level)
    for scheme in ("light", "dark"):
        shown.page.emulate_media(color_scheme=scheme)
        contrasts = shown.page.evaluate(CONTRASTS)
        assert len(contrasts) > 20
        assert {text: contrast for text, contrast in contrasts.items() if contrast < 4.5} == {}, scheme
    assert shown.complaints == []
    assert shown.requests == [file.as_uri()]
    shown.page.close()


@pytest.mark.browser
def test_one_switch_chooses_the_level_of_all_gradients_and_is_remembered(browser, tmp_path: Path) -> None:
    file = page_file("mazur", "en", tmp_path)
    shown = Shown(browser, file)
    names = ("a2", "z2", "W2", "b2", "a1", "z1", "W1", "b1")
    assert [choice.input_value() for choice in shown.page.locator("input[name=level]").all()] == [*LEVELS, "all"]
    assert {tuple(shown.shown_of(name)) for name in names} == {("index",)}
    shown.page.get_by_label("In matrix notation").check()
    # A gradient without a line of matrices of its own shows the one that it has.
    assert {name: shown.shown_of(name) for name in ("W2", "b2", "W1")} == {"W2": ["matrix"], "b2": ["matrix"], "W1": ["index"]}
    shown.page.get_by_label("With the numbers").check()
    assert {tuple(shown.shown_of(name)) for name in ("W2", "b2", "W1", "b1")} == {("numbers",)}
    shown.page.reload()
    assert shown.shown_of("W2") == ["numbers"]
    shown.page.get_by_label("All of these").check()
    assert shown.shown_of("W2") == list(LEVELS)
    section = shown.page.locator("section.gradient", has=shown.page.locator("#gradient-W2"))
    assert "dW2 = dz2.T @ a1" in section.locator(".level-code").inner_text()
    assert "0.0821670406" in section.locator(".level-numbers").inner_text()
    assert section.locator(".level-scalar .line").count() == 4
    assert shown.complaints == []
    shown.page.close()


#: Of every equation with levels those that are to be seen.
SHOWN_OF_PIECES = """() => [...document.querySelectorAll(".piece")].map(piece =>
  [...piece.querySelectorAll(".level")].filter(part => part.checkVisibility()).map(part => part.className.split("level-")[1]))"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "tag", "levels"), [("mazur", "en", ("index", "matrix", "code", "numbers")), ("lenet", "zh-TW", ("index", "matrix", "code"))]
)
def test_a_short_page_has_the_switch_for_its_equations(browser, name: str, tag: str, levels: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(render_html(short(name, None, tag)), encoding="utf-8")
    shown = Shown(browser, file, 390)
    assert [choice.input_value() for choice in shown.page.locator("input[name=level]").all()] == [*levels, "all"]
    pieces = shown.page.evaluate("() => [...document.querySelectorAll('.piece')].map(piece => piece.querySelectorAll('.level').length)")
    assert len(pieces) >= 8
    for level in levels:
        shown.page.locator(f"#show-{level}").check()
        seen = shown.page.evaluate(SHOWN_OF_PIECES)
        # By index where an equation has no such level.
        assert {tuple(found) for found in seen} <= {(level,), ("index",)}, level
        assert sum(found == [level] for found in seen) >= 3, level
        assert shown.page.locator(".level-name").filter(visible=True).count() == 0
        assert shown.page.evaluate("() => document.scrollingElement.scrollWidth - innerWidth") <= 0, level
        assert shown.page.evaluate(CUT_OFF) == [], level
    shown.page.locator("#show-all").check()
    assert [len(found) for found in shown.page.evaluate(SHOWN_OF_PIECES)] == pieces
    if name == "mazur":
        piece = shown.page.locator(".piece", has_text="dz2 = da2 * a2 * (1 - a2)")
        assert piece.count() == 1
        assert "0.1385" in piece.locator(".level-numbers").inner_text()
        assert piece.locator(".level-index [id^=equation-]").count() == piece.locator("[id]").count() == 1
    shown.page.locator("#show-matrix").check()
    shown.page.reload()
    assert shown.page.locator("#show-matrix").is_checked()
    assert shown.complaints == []
    shown.page.close()


@pytest.mark.browser
def test_what_is_read_stays_where_it_is_when_the_level_changes(browser, tmp_path: Path) -> None:
    shown = Shown(browser, page_file("mazur", "en", tmp_path), anchor="#gradient-W1")
    where = "() => document.getElementById('gradient-W1').getBoundingClientRect().top"
    before = shown.page.evaluate(where)
    assert 0 <= before < 100
    for level in ("all", "matrix", "numbers"):
        shown.page.locator(f"#show-{level}").check()
        assert shown.page.evaluate(where) == pytest.approx(before, abs=1.5), level
    shown.page.close()


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_the_switch_and_links_to_equations_need_no_script(browser, script: bool, tmp_path: Path) -> None:
    shown = Shown(browser, page_file("mazur", "en", tmp_path), 390, java_script_enabled=script)
    equation = shown.page.locator("#equation-14")
    assert equation.is_visible()
    shown.page.get_by_label("In matrix notation").check()
    assert not equation.is_visible()
    # What is referred to is shown at any level.
    shown.page.locator("main a[href='#equation-14']").last.click()
    assert equation.is_visible()
    assert equation.evaluate("e => e.getBoundingClientRect().top < innerHeight && e.getBoundingClientRect().bottom > 0") if script else True
    shown.page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_contents_stand_beside_the_text_or_folded_above_it(browser, width: int, tmp_path: Path) -> None:
    shown = Shown(browser, page_file("mazur", "en", tmp_path), width)
    text, contents = shown.page.locator("main").bounding_box(), shown.page.locator(".guide").bounding_box()
    links = shown.page.locator("nav a")
    if width < 1000:
        assert contents["y"] + contents["height"] <= text["y"]
        assert not links.first.is_visible()
        shown.page.locator("nav summary").focus()
        shown.page.keyboard.press("Enter")
    else:
        assert contents["x"] + contents["width"] <= text["x"]
    assert links.first.is_visible()
    for anchor in ("rule", "gradient-W2", "summary", "code"):
        link = shown.page.locator(f"nav a[href='#{anchor}']")
        if link.count() == 0:
            continue
        link.focus()
        shown.page.keyboard.press("Enter")
        shown.page.wait_for_function("anchor => document.querySelector('nav [aria-current]')?.hash === '#' + anchor", arg=anchor)
        assert shown.marked() == [f"#{anchor}"]
        assert shown.focused() == anchor
        assert 0 <= shown.page.locator(f"#{anchor}").bounding_box()["y"] < 100
        if width >= 1000:
            # They stay in sight, and so does the line that is marked.
            assert shown.page.locator(".guide").bounding_box()["y"] >= 0
            nav, line = shown.page.locator("nav").bounding_box(), link.bounding_box()
            assert nav["y"] <= line["y"] + 1
            assert line["y"] + line["height"] <= nav["y"] + nav["height"] + 1
    # Turned to the other side, the screen has them there.
    shown.page.set_viewport_size({"width": 1100 if width < 1000 else 500, "height": 900})
    assert links.first.is_visible() == (width < 1000)
    assert shown.complaints == []
    shown.page.close()


#: How much the paper at the right and at the left edge of a box, inside of its border, differs from that between: what a screenshot shows.
EDGES = """async (picture) => {
  const image = new Image(); image.src = "data:image/png;base64," + picture; await image.decode();
  const canvas = document.createElement("canvas"); canvas.width = image.width; canvas.height = image.height;
  const drawn = canvas.getContext("2d"); drawn.drawImage(image, 0, 0);
  const grey = (x) => drawn.getImageData(x, 3, 1, 1).data[0], between = grey(image.width >> 1);
  return [Math.abs(grey(image.width - 4) - between), Math.abs(grey(6) - between)];
}"""


@pytest.mark.browser
def test_cells_of_tables_are_broken_before_a_table_has_to_be_moved(browser, tmp_path: Path) -> None:
    """Lines of code that are wider than the column, on a wide screen; what things mean, on a narrow one."""
    file = tmp_path / "block.html"
    file.write_text(render_html(short("block", None, "zh-TW")), encoding="utf-8")
    shown = Shown(browser, file, 1200)
    tables = shown.page.locator(".scroll:has(> table)")
    assert tables.count() >= 4
    assert [table.evaluate("e => e.scrollWidth > e.clientWidth") for table in tables.all()] == [False] * tables.count()
    shown.page.set_viewport_size({"width": 390, "height": 900})
    assert not tables.first.evaluate("e => e.scrollWidth > e.clientWidth")
    shown.page.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_goes_on_outside_of_its_frame_has_a_shade_at_that_edge(browser, scheme: str, tmp_path: Path) -> None:
    shown = Shown(browser, page_file("mazur", "en", tmp_path), 390, color_scheme=scheme)
    boxes = {
        "pre": shown.page.locator("pre").last,
        "picture": shown.page.locator(".picture .scroll").first,
        "lines": shown.page.locator(".lines").nth(
            shown.page.evaluate("() => [...document.querySelectorAll('.lines')].findIndex(e => e.scrollWidth > e.clientWidth + 60)")
        ),
    }
    for kind, box in boxes.items():
        assert box.get_attribute("tabindex") == "0", kind
        wider = box.evaluate("e => e.scrollWidth - e.clientWidth")
        assert wider > 20, kind
        seen = []
        for left in (0, wider // 2, wider):
            box.evaluate("(e, left) => { e.scrollLeft = left; }", left)
            seen.append([shade > 15 for shade in shown.page.evaluate(EDGES, b64encode(box.screenshot()).decode())])
        # At the right where there is more to the right, at the left where there is more to the left.
        assert seen == [[True, False], [True, True], [False, True]], kind
    shown.page.close()


@pytest.mark.browser
def test_one_number_links_formula_code_and_table(browser, tmp_path: Path) -> None:
    shown = Shown(browser, page_file("mazur", "en", tmp_path))
    comment = shown.page.locator("pre a.equation", has_text="(").filter(has_text=re.compile(r"\(\d+\)"))
    targets = {link.get_attribute("href") for link in comment.all()}
    in_table = {link.get_attribute("href") for link in shown.page.locator("table a").all()}
    numbered = shown.page.evaluate("() => [...document.querySelectorAll('section.gradient .display[id]')].map(e => '#' + e.id)")
    assert len(numbered) == 8
    assert set(numbered) <= targets
    assert {f"#equation-{number}" for number in ("14", "15", "18", "19")} <= in_table
    shown.page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1200])
def test_a_keyboard_reaches_everything_in_order(browser, width: int, tmp_path: Path) -> None:
    shown = Shown(browser, page_file("mazur", "en", tmp_path), width)
    where = """() => { const e = document.activeElement;
      return [e.tagName, e.className || e.id, [...document.querySelectorAll("*")].indexOf(e)]; }"""
    reached = []
    for _ in range(260):
        shown.page.keyboard.press("Tab")
        found = shown.page.evaluate(where)
        if found[0] == "BODY":
            break
        reached.append(found)
    places = [place for _, _, place in reached]
    assert places == sorted(places)
    assert reached[0][:2] == ["A", "skip"]
    # One stop for the whole switch, and one for each box that can be moved.
    assert [found[1] for found in reached if found[0] == "INPUT"] == ["show-index"]
    moved = shown.page.evaluate(
        "() => [...document.querySelectorAll('.lines, .scroll, pre')].filter(e => e.scrollWidth > e.clientWidth).length"
    )
    assert sum(name in {"lines", "lines beside", "scroll"} or tag == "PRE" for tag, name, _ in reached) == moved > 0
    shown.page.locator("#show-index").focus()
    for level in [*LEVELS[1:], "all", "index"]:
        shown.page.keyboard.press("ArrowDown")
        assert shown.shown_of("W2") == ([level] if level != "all" else list(LEVELS))
    shown.page.close()


@pytest.mark.browser
def test_a_page_is_read_aloud_with_its_parts_named(browser, tmp_path: Path) -> None:
    shown = Shown(browser, page_file("mazur", "en", tmp_path))
    assert shown.page.get_by_role("region", name=re.compile("The gradient")).count() >= 8
    assert shown.page.get_by_role("navigation", name="Contents").count() == 1
    switch = shown.page.get_by_role("group", name="How equations are shown")
    assert switch.get_by_role("radio").count() == 6
    assert switch.get_by_role("radio", checked=True).count() == 1
    shown.page.close()


@pytest.mark.browser
def test_every_level_is_printed(browser, tmp_path: Path) -> None:
    pdftotext = required("pdftotext")
    shown = Shown(browser, page_file("mazur", "en", tmp_path))
    shown.page.pdf(path=str(tmp_path / "page.pdf"), prefer_css_page_size=True)
    text = subprocess.run([pdftotext, tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert text.count("With the numbers of the worked example") == 8
    assert "How equations are shown" not in text
    assert "Contents" not in text
    shown.page.close()


def test_a_page_without_its_script_has_one_level_of_each_gradient() -> None:
    """Its style sheet alone chooses; where it cannot, all levels stand there."""
    page = render_html(document("mazur", "en"))
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert page.count("<details open>") == page.count("<details") == 1
    assert page.count(' name="level"') == 6
    assert page.count(" checked>") == 1
    assert page.count('<div class="level level-index"') == 8
    for kind in LEVELS:
        assert f'body:has(#show-{kind}:checked) .level:not([data-shown~="{kind}"], :has(:target))' in page
        # Each gradient has something to show.
        assert len(re.findall(rf'data-shown="[^"]*\b{kind}\b', page)) == 8
