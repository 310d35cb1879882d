"""Every kind of block in every format: escaped, compiled by XeLaTeX, shown by Chromium, read by a Markdown parser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from written_lines import by_hand

from chainrule.codegen.document.document import (
    Code,
    Display,
    Document,
    FrontMatter,
    Heading,
    Items,
    Listing,
    Math,
    Paragraph,
    Reference,
    Sentence,
    Table,
    Words,
)
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.nodes import (
    MINUS,
    THIN,
    Accent,
    Braced,
    Cases,
    Fenced,
    Function,
    Grid,
    Letter,
    Node,
    Number,
    Root,
    Scripts,
    Style,
    Text,
    bracketed,
    derivative,
    fraction,
    primed,
    row,
    scripted,
    separated,
    total,
    with_commas,
)
from chainrule.codegen.formats.html import render_html
from chainrule.codegen.formats.latex import render_latex
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.codegen.formats.mathml import write_mathml
from chainrule.codegen.formulas.folding import folded
from chainrule.codegen.formulas.measure import formula_width
from chainrule.codegen.formulas.printed_number import number

HOSTILE = (
    r"100% of $x$ & #1 ^_~ {braces} \end{document} \input{/etc/passwd} ^^41",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> </style> &amp; &#x41;",
    "\"double\" 'single' `ticks` ``two`` -- --- ,, << >> !` ?`",
    "*bold* _em_ **b** ~~s~~ [x](javascript:alert(1)) ![i](http://a.b/c.png) [^1] https://a.b www.a.b",
    "| pipe | line\nbreak\r\n\n# heading\n\n- item\n\n\\[5cm] \\\\[5cm] [k]",
    "1. x",
    "- x",
    "+ x",
    "===",
    "Σ δ 世界 😀 Привет ≤ → − \u202e\x00\x07\ufeff",
)

CODE = '''"""Gradients: ∂C/∂θ for every θ."""

import numpy as np


def backward(X, W2, d2, a1):
    # δ⁽¹⁾ = δ⁽²⁾ W⁽²⁾ ⊙ σ′(z⁽¹⁾),  Σₙ x₁ᵀ · √λ
    d1 = d2 @ W2 * a1 * (1.0 - a1)  # (N, H)
    if d1.any() and "{braces} \\\\ 100% $x$":
        return {"W1": d1.T @ X}
'''


def words(text: str) -> Sentence:
    return (Words(text),)


def term(number: int) -> Node:
    w = scripted("w", row("j", "i"), bracketed(str(number)))
    x, p = (scripted(letter, row("n", str(number))) for letter in "xp")
    return row(fraction("1", "N"), w, x, Function("ln"), p)


DELTA, Z = (scripted(letter, row("n", "j"), bracketed("1")) for letter in "δz")
SUM = separated([term(number) for number in range(1, 12)], "+")

SAMPLE = Document(
    FrontMatter("Backpropagation & more", "A. Lecturer", "Course 1", "2026"),
    (
        Heading(1, words("The network"), "network"),
        Paragraph((Words("The cost "), Math(Letter("C")), Words(" of "), Code("forward(X)"), Words(" is in "), Reference(2), Words("."))),
        Display(
            (
                by_hand(
                    scripted("z", row("n", "j"), bracketed("1")),
                    row(total("i"), scripted("w", row("j", "i")), scripted("x", "i"), "+", "b"),
                ),
            ),
            1,
        ),
        Display((by_hand("C", SUM, words("written out")),), 2),
        Heading(2, (Words("Errors "), Math(DELTA)), "errors"),
        Display(
            (
                by_hand(DELTA, derivative("C", Z), words("definition")),
                by_hand(
                    "",
                    row(total("k"), scripted("δ", "k"), scripted("w", row("k", "j")), primed("σ"), bracketed(scripted("z", "j"))),
                    (Words("chain rule through "), Math(scripted("z", row("n", "k")))),
                ),
                by_hand(
                    "",
                    row("a", bracketed(row("1", "−", "a"), grows=True), Scripts(Function("max"), Letter("k")), scripted("z", "k")),
                    (Words("by "), Reference(1), Words(" and "), Code("np.exp")),
                    "≈",
                ),
            ),
            3,
        ),
        Display(
            (
                by_hand(
                    Braced(scripted(Letter("Δ", Style.BOLD_ITALIC), above="⊤"), row("H", "×", "N")),
                    row(Letter("X", Style.BOLD), "⊙", Grid(((Letter("a"), Letter("b")), (Letter("c"), Letter("d"))))),
                ),
                by_hand(bracketed(row("k", "=", "j"), "[]"), Cases(((Number("1"), row("k", "<", "j")), (Number("0"), Text("otherwise"))))),
            )
        ),
        Table(
            tuple(words(title) for title in ("Symbol", "Meaning of the symbol", "Shape", "Value", "Error")),
            (
                (
                    (Math(scripted("w", row("j", "i"), bracketed("1"))),),
                    words("the weight from an input to a hidden unit, said at some length so that the column must be wrapped"),
                    (Math(row(bracketed("H", "||"), "×", "D")),),
                    (Code("W1[0, 0] | 1"),),
                    (Math(scripted("10", above=row(MINUS, "9"))),),
                ),
                (words("[b]"), words("bias"), (Math(Letter("H")),), (Reference(1),), words("0")),
            ),
            "llcrr",
            words("Symbols"),
        ),
        Table(tuple(words("a wide heading") for _ in range(9)), (tuple((Math(number(1.234567e-8, 7)),) for _ in range(9)),), "r" * 9),
        Items((words("first"), (Words("see "), Reference(3)))),
        Items((words("one"), words("two")), ordered=True),
        Listing(CODE, "python", (Words("The module "), Code("digits.py"))),
        Listing("plain < text | " + "x" * 120, "no-such-language"),
    ),
)


def hostile_document(text: str) -> Document:
    said = words(text)
    return Document(
        FrontMatter(text, text, text, text),
        (
            Heading(1, said, "heading"),
            Paragraph(said),
            Table((said, words("[a]")), ((words("[b]"), said), ((Code(text.replace("\n", " ")),), said)), "lr", said),
            Items((said,)),
            Display((by_hand("x", "1", said), by_hand(bracketed("k", "[]"), "2")), 1),
            Listing(f"x = 1  # {text}", "python", said),
        ),
    )


HOSTILE_DOCUMENT = replace(
    SAMPLE, blocks=tuple(block for text in HOSTILE for block in hostile_document(text).blocks if not isinstance(block, Display))
)


def required(name: str, *others: str) -> str:
    """The program's path; without it the test is skipped, unless on the continuous integration, where it must be there."""
    for candidate in (name, *others):
        if found := shutil.which(candidate):
            return found
    if os.environ.get("CI"):
        pytest.fail(f"{name} is not installed")
    pytest.skip(f"{name} is not installed")


@pytest.mark.parametrize("render", [render_latex, render_html, render_markdown])
def test_same_document_same_text(render):
    assert render(SAMPLE) == render(SAMPLE)
    assert render(SAMPLE).endswith("\n")


# LaTeX


def require_chinese() -> None:
    """Skips where the machine cannot set Chinese letters, unless on the continuous integration, where it must."""
    style = subprocess.run([required("kpsewhich"), "xeCJK.sty"], capture_output=True, text=True, check=False).stdout
    fonts = subprocess.run([required("fc-list")], capture_output=True, text=True, check=False).stdout
    for found, package in (("xeCJK" in style, "texlive-lang-chinese"), ("Noto Serif CJK TC" in fonts, "fonts-noto-cjk")):
        if not found and os.environ.get("CI"):
            pytest.fail(f"{package} is not installed")
        if not found:
            pytest.skip(f"{package} is not installed")


def compiled(source: str, folder: Path) -> str:
    program = required("xelatex")
    if "{xeCJK}" in source:
        require_chinese()
    (folder / "page.tex").write_text(source, encoding="utf-8")
    # Only the last run makes the PDF of the pages.
    for without in (["-no-pdf"], []):
        command = [program, *without, "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", "page.tex"]
        run = subprocess.run(command, cwd=folder, env={**os.environ, "openin_any": "p"}, capture_output=True, timeout=120, check=False)
        assert run.returncode == 0, run.stdout.decode(errors="replace")[-1500:]
    # TeX breaks the lines of its log at 79 signs.
    return (folder / "page.log").read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize("document", [SAMPLE, HOSTILE_DOCUMENT, *map(hostile_document, HOSTILE[:3])])
def test_xelatex_has_nothing_to_complain_about(document, tmp_path):
    log = compiled(render_latex(document), tmp_path)
    assert "Missing character" not in log
    assert "undefined" not in log
    assert "multiply defined" not in log
    too_wide = [float(width) for width in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert max(too_wide, default=0.0) <= 5.0


def test_latex_links_numbers_and_marks_lines():
    source = render_latex(SAMPLE)
    assert r"\eqref{equation-2}" in source
    assert "\\begin{derivation}[3]" in source
    assert "{}[k = j]" in source
    assert r"\codecomment{# δ⁽¹⁾" in source
    assert r"{$\delta^{(1)}_{nj}$}{\glyph{δ}\glyph{⁽}¹\glyph{⁾}\glyph{ₙ}\glyph{ⱼ}}" in source


# HTML


class Outline(HTMLParser):
    """Tags with their attributes, and whether every tag is closed in order."""

    VOID = frozenset({"meta", "link", "mspace", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("document", [SAMPLE, *map(hostile_document, HOSTILE)])
def test_html_holds_only_the_tags_it_means(document):
    page = render_html(document)
    outline = Outline(page)
    assert outline.open == []
    assert {"img", "iframe", "object"}.isdisjoint(tag for tag, _ in outline.tags)
    # One script, which is the same on all pages.
    (script,) = re.findall(r"<script>\n(.*?)</script>", page, re.DOTALL)
    assert sum(tag == "script" for tag, _ in outline.tags) == 1
    assert script == resources.files("chainrule.templates").joinpath("handout.js").read_text(encoding="utf-8")
    targets = {f"#{attributes['id']}" for _, attributes in outline.tags if "id" in attributes}
    for _, attributes in outline.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("href", "data:,") in targets | {"data:,"}


def test_html_can_be_read_aloud():
    tags = Outline(render_html(SAMPLE)).tags
    assert ("html", {"lang": "en"}) in tags
    assert [tag for tag, _ in tags if tag in {"h1", "h2", "h3"}] == ["h1", "h2", "h3"]
    assert all(attributes.get("scope") == "col" for tag, attributes in tags if tag == "th")
    assert sum(tag == "nav" for tag, _ in tags) == 1
    assert any(attributes.get("id") == "equation-3" for _, attributes in tags)


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("document", [SAMPLE, HOSTILE_DOCUMENT])
def test_chromium_shows_the_page_whole(document, width, tmp_path):
    chromium = required("/usr/bin/chromium", "chromium", "google-chrome")
    playwright = pytest.importorskip("playwright.sync_api")
    page_file = tmp_path / "page.html"
    page_file.write_text(render_html(document), encoding="utf-8")
    complaints: list[str] = []
    requests: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(page_file.as_uri())
        cut = page.evaluate(
            """() => [...document.querySelectorAll("html, body *")]
                .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth && !e.closest("pre, .scroll, .lines, math"))
                .map(e => e.tagName + "." + e.className)"""
        )
        browser.close()
    assert complaints == []
    assert requests == [page_file.as_uri()]
    assert cut == []


# MathML


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        (Letter("δ", Style.BOLD_ITALIC), "<mi>𝜹</mi>"),
        (Letter("Δ", Style.BOLD_ITALIC), "<mi>𝚫</mi>"),
        (Letter("1", Style.BOLD), "<mn>𝟏</mn>"),
        (Letter("L", Style.SCRIPT), "<mi>ℒ</mi>"),
        (Letter("d", Style.UPRIGHT), '<mi mathvariant="normal">d</mi>'),
        (Letter("in", Style.UPRIGHT), "<mi>in</mi>"),
        (Letter("Σ"), '<mi mathvariant="normal">Σ</mi>'),
        (row(Function("softmax"), bracketed("x")), "<mi>softmax</mi><mrow><mo"),
        (row("2", Function("ln"), "p"), '<mspace width="0.167em"/><mi>ln</mi><mspace width="0.167em"/><mi>p'),
        (row("f", bracketed(row(MINUS, "x"))), '<mo form="prefix">−</mo>'),
        (row("+", "x"), '<mo form="infix">+</mo>'),
        (scripted("x", above=row("t", "−", "1")), '<mo lspace="0" rspace="0">−</mo>'),
        (primed("σ"), '<mrow><mi>σ</mi><mi mathvariant="normal">′</mi></mrow>'),
        (derivative("C", "z"), "<mfrac><mrow><mi>∂</mi><mi>C</mi></mrow><mrow><mi>∂</mi><mi>z</mi></mrow></mfrac>"),
        (bracketed(fraction("a", "b"), grows=True), '<mo form="prefix">(</mo><mfrac>'),
        (bracketed("a", grows=True), '<mo form="prefix" stretchy="false">(</mo><mi>a</mi>'),
        (Scripts(scripted("x", "2"), above=Number("2")), "<msubsup><mi>x</mi><mrow><mn>2</mn></mrow><mrow><mn>2</mn></mrow></msubsup>"),
        (row(Scripts(Function("max"), Letter("k")), "z"), '<munder><mo movablelimits="true" lspace="0" rspace="0">max</mo>'),
        (Text("<b> & c"), "&lt;b&gt; &amp; c"),
    ],
)
def test_mathml_shows_what_tex_shows(formula, shown):
    assert shown in write_mathml(formula)


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        (row("a", "+", "b", "−", "c"), "a + b - c"),
        (row("+", "b"), "{} + b"),
        (row(MINUS, "b", THIN, "σ", bracketed("x")), r"-b \, \sigma(x)"),
        (row("σ", "x"), r"\sigma x"),
        (scripted("a", row("i", "+", "1", ",", "j"), bracketed(row("l", "−", "1"))), "a^{(l-1)}_{i + 1,j}"),
        (row(total(row("k", "=", "0"), "n"), "x"), r"\sum_{k=0}^{n} x"),
        (Scripts(scripted("x", "2"), above=Number("2")), "x_{2}^{2}"),
        (row("f", bracketed(with_commas("x", "y"))), "f(x, y)"),
        (row(Function("max"), bracketed(separated([Letter("x"), Letter("y")], ",", THIN), grows=True)), r"\max\left(x,\, y\right)"),
        (scripted(row("d", "W"), above="⊤"), r"dW^{\top}"),
        (Number("13,002"), "13{,}002"),
        (Letter("W_in", Style.UPRIGHT), r"\mathrm{W\_in}"),
        (scripted(Fenced("", derivative("C", "w"), "|"), Text("direct")), r"\left.\frac{\partial C}{\partial w}\right|_{\text{direct}}"),
        (Accent(Letter("y"), "hat"), r"\hat{y}"),
        (row(total(row("i", "≤", "n")), "x"), r"\sum_{i\le n} x"),
        (row(bracketed("x", "⌊⌋"), "y"), r"\lfloor x\rfloor y"),
        (Root(row(primed("x"), "·", Letter("W", Style.BOLD_ITALIC))), r"\sqrt{x' \cdot \boldsymbol{W}}"),
    ],
)
def test_latex_is_written_as_people_write_it(formula, written):
    assert write_latex(formula) == written


def test_long_lines_are_folded_outside_brackets():
    parts = folded((by_hand("C", SUM, words("why")), by_hand("D", bracketed(SUM, grows=True))), 36.0)
    assert [write_latex(part.relation) for part in parts] == [*["=", "", "", "="][: len(parts) - 1], "="]
    assert all(formula_width(part.right.node) <= 36.0 for part in parts[:-1])
    assert [bool(part.reason) for part in parts] == [False] * (len(parts) - 2) + [True, False]


# Markdown

MARKUP = frozenset({"link_open", "image", "html_inline", "html_block", "em_open", "strong_open", "s_open", "hardbreak"})


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_keeps_words_as_words(text):
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(render_markdown(hostile_document(text)))
    inner = [child for token in tokens for child in token.children or ()]
    assert MARKUP.isdisjoint(token.type for token in (*tokens, *inner))
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h1", "h2"]
    assert sum(token.type.endswith("list_open") for token in tokens) == 1
    assert sum(token.type == "tr_open" for token in tokens) == 3
    assert sum(token.type in {"td_open", "th_open"} for token in tokens) == 6
    assert [token.info for token in tokens if token.type == "fence"] == ["math", "python"]
    paragraph = next(
        token for token, before in zip(tokens[1:], tokens, strict=False) if before.type == "heading_open" and before.tag == "h2"
    )
    shown = "".join(child.content for child in paragraph.children or ())
    assert shown.split() == "".join(sign for sign in " ".join(text.split()) if sign not in "\u202e\x00\x07\ufeff").split()


def test_markdown_avoids_what_hosts_forbid():
    source = render_markdown(SAMPLE)
    assert r"$`\delta^{(1)}_{nj}`$" in source
    assert "$C$" in source
    assert r"\vert H\vert" in source
    assert r"`W1[0, 0] \| 1`" in source
    assert "\\tag{3}\n```" in source
    inline = Paragraph((Math(row("a", "<", bracketed("b", "||"))),))
    assert render_markdown(Document(SAMPLE.front, (inline,))).endswith("$a \\lt \\vert b\\vert$\n")
    assert r"\operatorname" not in render_markdown(
        Document(SAMPLE.front, (Display((by_hand("y", row(Function("relu"), bracketed("x"))),)),))
    )
