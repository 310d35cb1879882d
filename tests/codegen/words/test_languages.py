"""Handouts in each language: no sentence without a translation, no English left, every format as a reader of it expects."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import gallery_networks
import pytest
import residual_networks
from babel.messages import Catalog
from babel.messages.pofile import read_po
from click.testing import CliRunner
from test_render import compiled, required

from chainrule.codegen.build import document_of
from chainrule.codegen.checking.gradient_check import CheckedModule, checked_module
from chainrule.codegen.cli import catalogues
from chainrule.codegen.cli.catalogues import FOLDER, update
from chainrule.codegen.cli.main import main_group
from chainrule.codegen.descriptions.reader import Description, read_description
from chainrule.codegen.document.chinese_letters import CLOSING_SIGNS, is_chinese
from chainrule.codegen.document.document import Document, FrontMatter, Heading, Paragraph, Words
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.formats.html import render_html
from chainrule.codegen.formats.latex import render_latex
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.codegen.formats.registry import TEXTS
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.printed_number import number
from chainrule.codegen.words import sentences
from chainrule.codegen.words.layer_words import activation_said
from chainrule.codegen.words.sentences import ENGLISH, ENGLISH_FOR_ONE, listed, plain, say, say_with, text_of, together
from chainrule.codegen.words.terms import TERMS, Term
from chainrule.codegen.words.translation import LANGUAGES, speaking, written_date
from chainrule.symbolic.checking.verification import Verified
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.layers.activations import ACTIVATIONS

CHINESE = [tag for tag in LANGUAGES if tag.startswith("zh")]
FIELD = re.compile(r"\{\w+\}")
#: Words in Latin letters that teachers of Chinese write, too: names of functions, of methods and of people, and what is code.
NAMES = frozenset(
    "Adam ELU FAC GELU GRU Grosse Hadamard JSON Kronecker LSTM Leaky Martens NUL NumPy Pearlmutter Python RMSProp RNN ReLU SELU SiLU "
    "ANSWER CODE False HERE Transformer True UTF YOUR bias ceil clip complex cosh delta dropout floor hot one round sigmoid sign sinh "
    "softmax softplus step tanh tuple dz JavaScript LaTeX XeLaTeX Typst TOML Ctrl Space".split()
)
NETWORKS = ("mazur", "lenet", "residual", "second")


# Catalogues


@cache
def catalogue(tag: str) -> Catalog:
    with (FOLDER / f"{tag}.po").open("rb") as file:
        return read_po(file, locale=LANGUAGES[tag].locale)


def translated(tag: str) -> list[tuple[str, str, str]]:
    """Where a message stands, its English, and its translation; of plurals the general form."""
    found = []
    for message in catalogue(tag):
        if message.id:
            english, written = (message.id[-1], message.string[0]) if isinstance(message.id, tuple) else (message.id, message.string)
            found.append((message.context or english, english, written))
    return found


def test_every_language_but_english_has_a_catalogue() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(f"{tag}.po" for tag in CHINESE)
    assert [*LANGUAGES] == ["en", *CHINESE]


@pytest.mark.parametrize("tag", CHINESE)
def test_every_sentence_is_translated(tag: str) -> None:
    wanted = {(message.id, message.context) for message in catalogues.messages() if message.id}
    found = {(message.id, message.context): message for message in catalogue(tag) if message.id}
    unknown = {key for _, key in wanted - set(found)} - set(catalogues.layer_messages())
    assert unknown == set(), "run `python -m chainrule.codegen.cli.catalogues` and translate what is new"
    assert set(found) - wanted == set(), "run `python -m chainrule.codegen.cli.catalogues`"
    for message in found.values():
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(strings), f"{message.context}: without a translation"
        assert not message.fuzzy, f"{message.context}: the English is another now; look at the translation"


@pytest.mark.parametrize("tag", CHINESE)
def test_a_translation_has_the_fields_of_its_sentence(tag: str) -> None:
    for key, english, written in translated(tag):
        assert set(FIELD.findall(english)) == set(FIELD.findall(written)), key


@pytest.mark.parametrize("tag", CHINESE)
def test_a_translation_is_set_as_chinese(tag: str) -> None:
    for key, english, written in translated(tag):
        words = set(re.findall(r"[A-Za-z]{2,}", FIELD.sub("", written)))
        assert words <= NAMES, key
        # Signs of half the width stand among Latin letters alone; spaces beside full-width signs never.
        assert not re.search(r"[\u4e00-\u9fff] ?[,;:?!()]|[,;:?!()] ?[\u4e00-\u9fff]|\.\Z", written), key
        assert not re.search(r"[，。：；、？！（）「」] | [，。：；、？！（）「」]", written), key
        # A formula, a number or a word in Latin letters stands apart from Chinese letters.
        assert not re.search(r"[\u4e00-\u9fff][{A-Za-z0-9]|[}A-Za-z0-9][\u4e00-\u9fff]", written), key
        assert english.endswith(":") == written.endswith("："), key
        assert english.endswith(".") == written.endswith("。"), key


def words_of(term: Term, tag: str) -> tuple[str, tuple[str, ...]]:
    """What a language calls a term, and patterns of what it does not call it."""
    return (term.taiwan, term.not_taiwan) if tag == "zh-TW" else (term.mainland, term.not_mainland)


#: Sentences that say what a term means without its word: "numeric gradients" are 數值微分.
OTHERWISE_SAID = frozenset(
    [
        ("derivative", "gradient.direct"),
        ("derivative", "path.nudge"),
        ("gradient", "check.intro"),
        ("example", "descent.numbers"),
        *(("example", key) for key in ("figure.stack.values", "figure.worked", "trust.steps", "try.numbers", "page.level.numbers")),
        ("array", "reason.declared"),
        *(("array", f"exercises.{key}") for key in ("fill.answer.array", "mistake.matrix.transposed")),
        *(("row", f"meaning.target.{key}") for key in ("one_hot", "distribution")),
        *(("path", f"gradient.path.{key}") for key in ("back", "forwards")),
        ("path", "collected.between"),
        ("example", "notebook.given"),
        ("module", "heading.code"),
    ]
)


@pytest.mark.parametrize("tag", CHINESE)
@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.english)
def test_a_term_is_called_one_thing(term: Term, tag: str) -> None:
    """Where the English sentence has it the translation has it, and no other word stands for it anywhere."""
    word, others = words_of(term, tag)
    named = 0
    for key, english, written in translated(tag):
        assert not [other for other in others if re.search(other, written)], key
        if re.search(rf"\b{term.english}s?\b", FIELD.sub("", english)) and (term.english, key) not in OTHERWISE_SAID:
            assert word in written, key
            named += 1
    assert named


@pytest.mark.parametrize(("tag", "coding"), [("zh-TW", "big5"), ("zh-CN", "gb2312")])
def test_letters_are_those_of_the_place(tag: str, coding: str) -> None:
    """Big5 has no simplified letters, GB 2312 no traditional ones."""
    for key, _, written in translated(tag):
        for letter in filter("\u4e00".__le__, filter("\u9fff".__ge__, written)):
            assert letter.encode(coding, errors="ignore"), f"{key}: {letter}"


def test_a_row_is_not_a_column() -> None:
    """列 is a row in Taiwan and a column on the mainland; in Taiwan the direction is said as well."""
    for tag, row, column in (("zh-TW", "橫列", "直行"), ("zh-CN", "每一行", "每一列")):
        assert row in text_of_in(tag, "network.layout.rows")
        assert column in text_of_in(tag, "network.layout.columns")


@pytest.mark.parametrize("tag", CHINESE)
def test_catalogues_are_up_to_date_byte_for_byte(tag: str, tmp_path: Path) -> None:
    copy = tmp_path / f"{tag}.po"
    shutil.copyfile(FOLDER / copy.name, copy)
    update(copy, catalogues.messages())
    assert copy.read_text(encoding="utf-8") == (FOLDER / copy.name).read_text(encoding="utf-8")


def test_a_new_sentence_waits_for_its_translation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {**ENGLISH, "heading.new": "A new section on {topic}", "heading.cost": "The cost function"}
    del changed["heading.chain"]
    monkeypatch.setattr(catalogues, "ENGLISH", changed)
    copy = tmp_path / "zh-TW.po"
    shutil.copyfile(FOLDER / copy.name, copy)
    update(copy, catalogues.messages())
    with copy.open("rb") as file:
        after = read_po(file, locale="zh_Hant_TW")
    assert after.get("A new section on {topic}", "heading.new").string == ""
    changed = after.get("The cost function", "heading.cost")
    assert (changed.string, changed.fuzzy) == ("損失函數", True)
    assert after.get("The chain rule", "heading.chain") is None
    assert after.get("Forward pass", "heading.forward").string == "前向傳播"


# Sentences


def said(sentence: tuple) -> str:
    return "".join(piece.text if isinstance(piece, Words) else "F" for piece in sentence)


def test_a_language_is_spoken_inside_its_block_alone() -> None:
    with speaking("zh-TW"):
        assert said(say("heading.chain")) == "連鎖律"
        with speaking("zh-CN"):
            assert said(say("heading.chain")) == "链式法则"
        assert said(say("heading.chain")) == "連鎖律"
    assert said(say("heading.chain")) == "The chain rule"


def test_an_unknown_language_is_named() -> None:
    expected = r"unknown language 'zh-tw'; expected one of en, zh-TW, zh-CN; did you mean 'zh-TW'\?"
    with pytest.raises(InvalidDescription, match=expected), speaking("zh-tw"):
        pass


def test_one_is_counted_as_one() -> None:
    assert said(say("network.parameters", count=1)) == "It has one parameter."
    assert said(say("network.parameters", count=13_002)) == "It has 13,002 parameters."
    with speaking("zh-CN"):
        assert said(say("network.parameters", count=1)) == "参数共有 1 个。"
        assert said(say("network.parameters", count=13_002)) == "参数共有 13,002 个。"


def test_nothing_that_is_given_to_a_sentence_is_lost() -> None:
    with pytest.raises(ValueError, match=r"'heading.gradient' has the fields \['gradient'\], found \['cost', 'gradient'\]"):
        say("heading.gradient", gradient="W", cost="C")
    with pytest.raises(ValueError, match=r"has the fields \['gradient'\], found \[\]"):
        say("heading.gradient")
    assert said(say_with("heading.gradient", {"gradient": "W", "cost": "C"})) == "The gradient W"


def test_every_plural_counts_one_of_its_fields() -> None:
    for key, (counting, for_one) in ENGLISH_FOR_ONE.items():
        fields = set(FIELD.findall(ENGLISH[key]))
        assert {f"{{{counting}}}"} == fields - set(FIELD.findall(for_one))


def test_lists_and_sentences_are_joined_as_the_language_does() -> None:
    items = [plain("m"), plain("v"), plain("s")]
    assert said(listed(items)) == "m, v, s"
    assert said(together(say("network.open"), say("network.open"))).count(". Sizes") == 1
    with speaking("zh-TW"):
        assert said(listed(items)) == "m、v、s"
        assert said(listed(items, between="phrases")) == "m，v，s"
        assert "。以字母" in said(together(say("network.open"), say("network.open")))
    assert listed([]) == ()


def test_numbers_and_dates() -> None:
    assert (write_latex(number(1.5e-7)), written_date("2026-03-01")) == (r"1.5 \cdot 10^{-7}", "2026-03-01")
    for tag in CHINESE:
        with speaking(tag):
            assert (write_latex(number(1.5e-7)), written_date("2026-03-01")) == (r"1.5 \times 10^{-7}", "2026年3月1日")
            assert written_date("week 3") == "week 3"


def test_a_kind_of_layer_that_one_language_has_words_for_has_some_in_all() -> None:
    """A new one is called by its own names until then."""
    known = [{message.context for message in catalogue(tag)} & set(catalogues.layer_messages()) for tag in CHINESE]
    assert known[0] == known[1] != set()


def test_every_kind_of_target_has_a_sentence() -> None:
    from chainrule.codegen.lesson.sections.symbol_table import TARGETS

    assert set(TARGETS) == set(Values)
    assert set(TARGETS.values()) <= set(ENGLISH)


# Documents


@cache
def derived(name: str) -> tuple[Description, Derivation, Verified, CheckedModule]:
    """A network with everything that its documents need, derived and checked once for all languages."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "residual.toml"
        file.write_text(residual_networks.NORMALISED)
        spec = {"residual": str(file), "second": "mazur"}.get(name, name)
        description = gallery_networks.description_of(spec)
        derivation, verified, checked = gallery_networks.derived(spec)
    front = FrontMatter("兩層 / 两层", "王小明", "第 1 週 / 第 1 周", "2026-03-01")
    example = replace(description.example, note="") if description.example else None
    if name == "second":
        checked = checked_module(derivation, None, ("gradient", "hvp", "hessian"))
    return replace(description, front=front, example=example), derivation, verified, checked


@cache
def document(name: str, tag: str, notation: str | None = None) -> Document:
    return document_of(*derived(name), notation, tag, length="full")


class Read(HTMLParser):
    """What a reader of a page reads or hears in words: no code, no formulas."""

    SILENT = frozenset({"code", "math", "style", "pre", "script"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.silent = 0
        self.heard: list[str] = []
        self.formulas: list[str] = []
        self.inside = ""
        self.language = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.silent += tag in self.SILENT
        self.inside = tag
        attributes = dict(attrs)
        if tag == "html":
            self.language = attributes["lang"]
        self.heard.append(attributes.get("aria-label") or "")

    def handle_endtag(self, tag):
        self.silent -= tag in self.SILENT

    def handle_data(self, data):
        if not self.silent:
            self.heard.append(data)
        elif self.inside == "mtext":
            self.formulas.append(data)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("tag", CHINESE)
def test_no_english_is_left(name: str, tag: str) -> None:
    nothing_of_english(name, tag, None)


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("name", ["mazur", "residual", "one_feeding_two", "logistic"])
@pytest.mark.parametrize("tag", CHINESE)
def test_no_english_is_left_in_any_notation(name: str, tag: str, notation: str) -> None:
    nothing_of_english(name, tag, notation)


#: A comma, a semicolon or a colon of half the width that stands beside Chinese letters, or between items of a Chinese sentence.
HALF_WIDTH_AMONG_CHINESE = re.compile(r"[\u4e00-\u9fff] ?[,;:]|[,;:] ?[\u4e00-\u9fff]|[,;:] ")


def nothing_of_english(name: str, tag: str, notation: str | None) -> None:
    read = Read(render_html(document(name, tag, notation)))
    assert read.language == tag
    assert english_in(read, derived(name)[0], derived(name)[1]) == set()
    assert text_of_in(tag, "heading.chain") in " ".join(read.heard)
    for text in (text for text in read.heard if any(map(is_chinese, text))):
        assert not re.search(HALF_WIDTH_AMONG_CHINESE, text), text
        assert not [other for term in TERMS for other in words_of(term, tag)[1] if re.search(other, text)], text


@pytest.mark.parametrize("tag", LANGUAGES)
def test_activations_are_called_by_names(tag: str) -> None:
    with speaking(tag):
        names = {name: said(activation_said(name)) for name in ACTIVATIONS}
    assert names["leaky_relu"] == "Leaky ReLU"
    assert names["identity"] == {"en": "identity", "zh-TW": "恆等函數", "zh-CN": "恒等函数"}[tag]
    assert not [name for name in names.values() if "_" in name]


def english_in(read: Read, description: Description, derivation: Derivation) -> set[str]:
    """Words in Latin letters that a page of Chinese says, and that are neither names of the field nor the description's own."""
    heard = " ".join(read.heard).replace(f"{derivation.system.name}.py", "")
    # Pictures show quantities by their names.
    letters = {f"d{letter}" for letter in description.symbols.values()}
    said = (*derivation.system.stored, description.front.title, str(description.example.note) if description.example else "")
    own = letters | set(re.findall(r"[A-Za-z]{2,}", " ".join(said)))
    return set(re.findall(r"[A-Za-z]{2,}", f"{heard} {' '.join(read.formulas)}")) - NAMES - {"inner"} - own


@pytest.mark.parametrize("name", NETWORKS)
def test_the_words_differ_and_the_mathematics_do_not(name: str) -> None:
    """Formulas, tables' sizes and code are those of the English handout, but for the sign of powers of ten and words in formulas."""

    def mathematics(tag: str) -> list[str]:
        blocks = re.findall(r"```math\n(.*?)```", render_markdown(document(name, tag)), flags=re.DOTALL)
        plain_formulas = (re.sub(r"\\text\{[^{}]*\}|&&.*|&\\qquad.*", "", block).replace(r"\cdot 10", r"\times 10") for block in blocks)
        return [re.sub(r"\s|\\\\", "", formula) for formula in plain_formulas]

    english = mathematics("en")
    assert len(english) > 20
    for tag in CHINESE:
        assert mathematics(tag) == english


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_format_is_written(name: str, tag: str) -> None:
    for format_ in TEXTS.values():
        text = format_.render(document(name, tag))
        assert text == format_.render(document(name, tag))
        if tag != "en":
            assert sum(map(is_chinese, text)) > 400
    assert ("2026-03-01" if tag == "en" else "2026年3月1日") in render_markdown(document(name, tag))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("tag", CHINESE)
def test_github_finds_every_formula(name: str, tag: str) -> None:
    """A dollar sign begins a formula there behind a space, an ASCII sign or at the start of a line."""
    text = re.sub(r"```.*?```", "", render_markdown(document(name, tag)), flags=re.DOTALL)
    formulas = list(re.finditer(r"\$`[^`]*`\$|\$[^$]*\$", text))
    assert formulas
    for found in formulas:
        assert text[found.start() - 1].isascii(), text[found.start() - 20 : found.end()]
        assert not text[found.end()].isalnum(), text[found.start() : found.end() + 10]


# LaTeX


@pytest.mark.tex
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("tag", LANGUAGES)
def test_xelatex_sets_it_with_all_letters(name: str, tag: str, tmp_path: Path) -> None:
    log = compiled(render_latex(document(name, tag)), tmp_path)
    assert "Missing character" not in log
    assert "undefined" not in log
    too_wide = [float(width) for width in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert max(too_wide, default=0.0) <= 5.0
    shown = subprocess.run([required("pdftotext"), "-layout", str(tmp_path / "page.pdf"), "-"], capture_output=True, text=True, check=True)
    assert not re.search(rf"^\s*[{''.join(CLOSING_SIGNS)}]", shown.stdout, flags=re.MULTILINE)
    if tag != "en":
        assert text_of_in(tag, "heading.derivation") in shown.stdout


def text_of_in(tag: str, key: str) -> str:
    with speaking(tag):
        return text_of(key)


@pytest.mark.tex
@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("tag", CHINESE)
def test_xelatex_sets_every_notation(notation: str, tag: str, tmp_path: Path) -> None:
    log = compiled(render_latex(document("mazur", tag, notation)), tmp_path)
    assert "Missing character" not in log
    assert max([float(width) for width in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)], default=0.0) <= 5.0


def test_latex_has_chinese_letters_as_they_are() -> None:
    source = render_latex(document("mazur", "zh-TW"))
    assert r"\newcommand\glyphs{TC}" in source
    assert r"\section{連鎖律}" in source
    assert not re.search(r"\\glyph\{[\u4e00-\u9fff]", source)
    assert r"\newcommand\glyphs{SC}" in render_latex(document("mazur", "zh-CN"))


def test_xecjk_is_loaded_where_there_are_chinese_letters() -> None:
    blocks = (Heading(1, plain("The network"), "network"), Paragraph(plain("Σ of all")))
    assert "xeCJK" not in render_latex(Document(FrontMatter("A title"), blocks))
    named = render_latex(Document(FrontMatter("A title", "王小明"), blocks))
    assert "xeCJK" in named
    # The wider lines of Chinese text; a column of code keeps its own.
    assert r"\linespread{1." not in named


# HTML

LINES_THAT_BEGIN_WRONGLY = """signs => {
  const found = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const frame = node.parentElement.closest("p, td, th, h2, h3, li, .reason");
    if (!frame) continue;
    const start = frame.getBoundingClientRect().left + parseFloat(getComputedStyle(frame).paddingLeft);
    for (let i = 0; i < node.data.length; i++) {
      if (!signs.includes(node.data[i])) continue;
      const range = document.createRange();
      range.setStart(node, i);
      range.setEnd(node, i + 1);
      if (range.getBoundingClientRect().left < start + 1) found.push(frame.textContent.slice(0, 30));
    }
  }
  return found;
}"""
CUT_OFF = """() => [...document.querySelectorAll("html, body *")]
  .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth && !e.closest("pre, .scroll, .lines, math")).map(e => e.tagName)"""


@pytest.mark.browser
@pytest.mark.parametrize("name", ["mazur", "residual"])
@pytest.mark.parametrize("tag", CHINESE)
def test_a_browser_sets_it_as_chinese(name: str, tag: str, tmp_path: Path) -> None:
    chromium = required("/usr/bin/chromium", "chromium", "google-chrome")
    playwright = pytest.importorskip("playwright.sync_api")
    file = tmp_path / "page.html"
    file.write_text(render_html(document(name, tag)), encoding="utf-8")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(file.as_uri())
        page.locator("#show-all").check()
        for width in (390, 500, 740, 980, 1400):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(LINES_THAT_BEGIN_WRONGLY, list(CLOSING_SIGNS)) == [], width
            assert page.evaluate(CUT_OFF) == [], width
        browser.close()


# The command line


def chainrule(*arguments: str) -> str:
    result = CliRunner().invoke(main_group, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_description_names_a_language_and_the_call_another(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text('name = "net"\nlanguage = "zh-CN"\ninput = 2\n[[layers]]\nunits = 1\n[cost]\nkind = "quadratic"\n')
    for arguments, heading in (((), "链式法则"), (("--language", "zh-TW"), "連鎖律"), (("--language", "en"), "The chain rule")):
        chainrule("build", str(tmp_path / "net.toml"), "-o", str(tmp_path / "out"), "--formats", "md", *arguments)
        assert f"\n## {heading}\n" in (tmp_path / "out" / "net.md").read_text(encoding="utf-8")


def test_an_unknown_language_in_a_description(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text('name = "net"\nlanguage = "zh"\ninput = 2\n[[layers]]\nunits = 1\n[cost]\nkind = "quadratic"\n')
    with pytest.raises(InvalidDescription, match=r"net\.toml:2: language: found 'zh', expected one of en, zh-TW, zh-CN"):
        read_description(tmp_path / "net.toml")


def test_languages_are_listed() -> None:
    assert chainrule("list", "languages").split() == ["en", "English", "zh-TW", "繁體中文", "zh-CN", "简体中文"]


def test_sentences_are_asked_for_by_keys_that_exist() -> None:
    """Every key that is written out in the code; those that are put together are covered by the documents."""
    written = {
        key
        for path in Path(sentences.__file__).parents[1].rglob("*.py")
        for key in re.findall(r'\b(?:say|text_of)\("([a-z][^"{]*)"', path.read_text(encoding="utf-8"))
    }
    assert len(written) > 50
    assert written <= set(ENGLISH)
