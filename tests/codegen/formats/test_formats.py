"""Notebooks, PDF, slides and the terminal: written, run, set and looked at."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import nbformat
import pytest
from places import GALLERY
from rich.console import Console
from test_languages import chainrule, derived, document
from test_render import HOSTILE, HOSTILE_DOCUMENT, SAMPLE, compiled, hostile_document, require_chinese, required
from written_lines import by_hand

from chainrule.codegen.build import Choices, build, material_of
from chainrule.codegen.courses.registry import COURSE_FORMATS
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.document.document import Display, Document, Figure, FrontMatter, Heading, Items, Listing, Paragraph
from chainrule.codegen.document.drawing import Drawing
from chainrule.codegen.document.shapes import Circle
from chainrule.codegen.files.fingerprints import is_untouched, with_fingerprint
from chainrule.codegen.formats import typesetting
from chainrule.codegen.formats.latex import render_latex
from chainrule.codegen.formats.notebook import render_notebook
from chainrule.codegen.formats.registry import FORMATS, TEXTS, document_files
from chainrule.codegen.formats.slide_parts import parts_of
from chainrule.codegen.formats.slides import render_slides
from chainrule.codegen.formats.text import PLAIN_WIDTH, text_lines
from chainrule.codegen.formats.typesetting import typeset
from chainrule.codegen.formulas.printers import PLAIN
from chainrule.codegen.lesson.derivation_document import derivation_document
from chainrule.codegen.lesson.frames.registry import lecture
from chainrule.codegen.words.sentences import plain
from chainrule.symbolic.index.failures import InvalidDescription

SLIDES = [("mazur", "zh-TW"), ("residual", "en"), ("lenet", "zh-TW")]


# Files and formats


@pytest.mark.parametrize("name", ["a.py", "a.tex", "a.html", "a.md", "a.svg", "a.toml"])
def test_a_text_that_was_edited_is_noticed(name: str) -> None:
    whole = with_fingerprint(name, "one\ntwo\n")
    assert is_untouched(name, whole)
    assert is_untouched(name, whole.replace(b"\n", b"\r\n"))
    assert not is_untouched(name, whole.replace(b"two", b"2"))
    assert not is_untouched(name, b"one\ntwo\n")


def test_a_pdf_has_its_fingerprint_behind_its_end() -> None:
    whole = with_fingerprint("a.pdf", b"%PDF-1.5\n\xff\x00\n%%EOF\n")
    assert whole.startswith(b"%PDF-1.5\n\xff\x00\n%%EOF\n%chainrule fingerprint ")
    assert is_untouched("a.pdf", whole)
    assert not is_untouched("a.pdf", whole.replace(b"\xff", b"\xfe"))
    assert not is_untouched("a.pdf", b"%PDF-1.5\n%%EOF\n")


def test_a_notebook_that_was_only_run_is_not_an_edited_one() -> None:
    whole = with_fingerprint("a.ipynb", render_notebook(SAMPLE_WITH_CODE))
    assert is_untouched("a.ipynb", whole)
    notebook = json.loads(whole)
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["2\n"]}]
    code["execution_count"] = 1
    code["metadata"] = {"execution": {"iopub.execute_input": "2026-01-01"}}
    notebook["metadata"]["language_info"]["version"] = "3.12.1"
    assert is_untouched("a.ipynb", json.dumps(notebook).encode())
    code["source"] = [*code["source"], "\n3"]
    assert not is_untouched("a.ipynb", json.dumps(notebook).encode())
    for broken in (b"", b"[]", b"{}", b'{"cells": 1, "metadata": {"chainrule": {"fingerprint": ""}}}', b'{"metadata": {"chainrule": 1}}'):
        assert not is_untouched("a.ipynb", broken)


SAMPLE_WITH_CODE = Document(
    FrontMatter("A title"), (Heading(1, plain("One"), "one"), Listing("1 + 1", runs=True), Paragraph(plain("Behind it.")))
)


def test_every_format_is_listed_with_what_it_is() -> None:
    listed = chainrule("list", "formats")
    assert [line.split()[0] for line in listed.splitlines()] == [*FORMATS, *COURSE_FORMATS]
    assert [*FORMATS] == ["tex", "html", "md", "ipynb", "slides", "typ", "pdf"]


def test_an_unknown_format_is_one_message() -> None:
    with pytest.raises(InvalidDescription, match=r"unknown format 'ipyn'.*did you mean 'ipynb'"):
        document_files(SAMPLE, "a", ["ipyn"])


def test_a_build_writes_notebook_and_slides_and_leaves_an_edited_notebook(tmp_path: Path) -> None:
    description = read_description(GALLERY / "mazur" / "mazur.toml")
    built = build(description, tmp_path, Choices(["ipynb", "slides"], length="full"))
    assert [path.name for path in built.files] == ["mazur.py", "test_mazur.py", "mazur_slides.tex", "mazur.ipynb"]
    first = (tmp_path / "mazur.ipynb").read_bytes()
    build(description, tmp_path, Choices(["ipynb"], length="full"))
    assert (tmp_path / "mazur.ipynb").read_bytes() == first
    (tmp_path / "mazur.ipynb").write_bytes(first.replace(b"Practice", b"More"))
    with pytest.raises(InvalidDescription, match=r"mazur\.ipynb: found a file that was edited by hand"):
        build(description, tmp_path, Choices(["ipynb"], length="full"))


# Notebooks


@pytest.mark.parametrize("shown", [SAMPLE, SAMPLE_WITH_CODE, HOSTILE_DOCUMENT, *map(hostile_document, HOSTILE)])
def test_notebooks_are_well_formed_and_the_same_every_time(shown: Document) -> None:
    text = render_notebook(shown)
    assert text == render_notebook(shown)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == [f"cell-{place}" for place in range(1, len(notebook.cells) + 1)]
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")
    source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "```math" not in source
    assert "$`" not in source


def test_pictures_are_part_of_the_notebook() -> None:
    notebook = nbformat.reads(render_notebook(document("mazur", "en")), as_version=4)
    shown = re.findall(r"\(attachment:(\w+\.svg)\)", "\n".join(cell.source for cell in notebook.cells))
    attached = [name for cell in notebook.cells for name in cell.get("attachments", {})]
    assert shown == attached == ["mazur_network.svg", "mazur_reversed.svg", "mazur_graph.svg"]


def test_without_nbformat_a_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nbformat", None)
    with pytest.raises(InvalidDescription, match=re.escape("pip install nbformat")):
        render_notebook(SAMPLE)


@pytest.mark.parametrize("name", ["mazur", "handwriting"])
def test_the_first_program_runs_beside_the_module(name: str, tmp_path: Path) -> None:
    listings = [block for block in document(name, "en").blocks if isinstance(block, Listing) and block.runs]
    (tmp_path / f"{name}.py").write_text(listings[0].whole, encoding="utf-8")
    ran = subprocess.run([sys.executable, "-c", listings[1].whole], cwd=tmp_path, capture_output=True, text=True, check=True)
    example = document_example(name)
    if name == "mazur":
        assert f"cost {example.cost!r}\n" in ran.stdout
        assert f"cost after one step {example.new_cost!r}\n" in ran.stdout
    assert "cost after one step" in ran.stdout


def document_example(name: str):
    from chainrule.codegen.build import material_of

    return material_of(*derived(name), length="full").example


# PDF


def minimal(body: str, preamble: str = "") -> str:
    return f"\\documentclass{{article}}\n{preamble}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"


@pytest.mark.tex
def test_the_same_handout_gives_the_same_bytes() -> None:
    required("xelatex")
    source = render_latex(SAMPLE)
    first = typeset("page", source)
    assert first.startswith(b"%PDF-")
    assert first == typeset("page", source)


@pytest.mark.tex
def test_what_a_document_may_not_do(tmp_path: Path) -> None:
    required("xelatex")
    made = tmp_path / "made"
    typeset("page", minimal(rf"\immediate\write18{{touch {made}}}text"))
    assert not made.exists()
    for body in (r"\input{/etc/passwd}", r"\input{../../etc/passwd}", rf"\newwrite\w\immediate\openout\w={made}.txt text"):
        with pytest.raises(InvalidDescription, match=r"page\.pdf: "):
            typeset("page", minimal(body))
    assert not list(tmp_path.iterdir())


@pytest.mark.tex
@pytest.mark.parametrize(
    ("source", "message"),
    [
        (minimal("x", r"\usepackage{nosuchpackage}"), r"not found nosuchpackage\.sty; install the Debian packages texlive-xetex"),
        (minimal("x", r"\usepackage{fontspec}\setmainfont{No Such Font}"), r"not found the font No Such Font; install"),
        (minimal("世界"), r"there is no 世 in .*texlive-lang-chinese fonts-noto-cjk"),
        (minimal(r"\nosuchcommand"), r"stopped with: Undefined control sequence"),
    ],
)
def test_what_is_missing_is_one_message(source: str, message: str) -> None:
    required("xelatex")
    with pytest.raises(InvalidDescription, match=rf"page\.pdf: .*{message}"):
        typeset("page", source)


@pytest.mark.tex
def test_a_document_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    required("xelatex")
    monkeypatch.setattr(typesetting, "TIME_LIMIT", 2)
    with pytest.raises(InvalidDescription, match="not come to an end within 2 seconds"):
        typeset("page", minimal(r"\def\again{\again}\again"))


def test_without_xelatex_a_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidDescription, match=r"page\.pdf: xelatex is not installed; install the Debian packages texlive-xetex"):
        typeset("page", minimal("x"))


@pytest.mark.tex
def test_a_build_writes_the_handout_and_the_slides_as_pdf(tmp_path: Path) -> None:
    required("xelatex")
    pdftotext = required("pdftotext")
    built = build(read_description("2-3-1"), tmp_path, Choices(["slides", "pdf"], length="full"))
    names = [path.name for path in built.files]
    assert names[2:] == ["network_2_3_1.pdf", "network_2_3_1_slides.tex", "network_2_3_1_slides.pdf"]
    for path in built.files[2::2]:
        text = subprocess.run([pdftotext, path, "-"], capture_output=True, text=True, check=True).stdout
        assert "The chain rule" in text
        assert is_untouched(path.name, path.read_bytes())


# Slides


@pytest.mark.tex
@pytest.mark.parametrize(("name", "tag"), SLIDES)
def test_nothing_overflows_a_slide(name: str, tag: str, tmp_path: Path) -> None:
    required("xelatex")
    require_chinese()
    source = render_slides(lecture(material_of(*derived(name)), tag))
    # Every frame once, as on paper; with all of its steps it is as large.
    log = compiled(source.replace(r"\documentclass[", r"\documentclass[handout,"), tmp_path)
    assert "Missing character" not in log
    assert "undefined" not in log
    too_large = [float(size) for size in re.findall(r"Overfull \\[hv]box \(([\d.]+)pt", log)]
    assert max(too_large, default=0.0) <= 5.0
    # The safety net that makes a slide smaller is no layout; a formula is no wider than the estimate was wrong.
    assert "Slide made smaller" not in log
    smaller = [float(wide) / float(room) for wide, room in re.findall(r"Formula made smaller: ([\d.]+)pt, to ([\d.]+)pt", log)]
    assert max(smaller, default=1.0) <= 1.06


@pytest.mark.tex
@pytest.mark.parametrize("shown", [SAMPLE, HOSTILE_DOCUMENT])
def test_slides_of_every_kind_of_block_are_set(shown: Document, tmp_path: Path) -> None:
    log = compiled(render_slides(shown), tmp_path)
    assert "Missing character" not in log


def test_a_derivation_appears_line_by_line() -> None:
    shown = Display((by_hand("a", "b", plain("why")), by_hand("", "c"), by_hand("", "d", relation="")), 7)
    (part,) = parts_of(shown)
    assert part.steps == 2
    written = part.write(3)
    assert [int(step) for step in re.findall(r"\\stepright\{(\d+)\}", written)] == [3, 4, 4]
    assert written.startswith(r"\steps{4}{(7)}")


def test_what_announces_comes_with_what_it_announces_and_answers_stand_below_their_questions() -> None:
    blocks = (Paragraph(plain("The result:")), Display((by_hand("a", "b"),)), Items((plain("Why?"),)), Paragraph(plain("Since.")))
    source = render_slides(Document(FrontMatter("Title"), (Heading(1, plain("One"), "one"), *blocks)))
    assert source.count(r"\begin{frame}") == 2
    assert re.findall(r"\\(?:said|stepleft|point)\{(\d)\}", source) == ["1", "1", "2", "3"]
    assert r"\point{3}{}{Since.}" in source


def test_a_narrow_picture_stands_beside_and_a_wide_one_below() -> None:
    def shown(width: float) -> str:
        drawn = Drawing(width, 100.0, (Circle((5.0, 5.0), 2.0),))
        blocks = (Paragraph(plain("Beside?")), Figure("a", drawn, (), (), ()))
        return render_slides(Document(FrontMatter("Title"), (Heading(1, plain("One"), "one"), *blocks)))

    assert r"\begin{picturebeside}" in shown(200.0)
    assert r"\begin{picturebeside}" not in shown(300.0)
    assert r"\slidepicture{2}{1.250}" in shown(300.0)


# The terminal


def on_a_terminal(width: int, **environment: str) -> str:
    kind = {"TERM": "xterm-256color", **environment}
    console = Console(file=StringIO(), force_terminal=True, width=width, highlight=False, _environ=kind)
    for line in text_lines(derivation_document(derived("mazur")[1], "W1", "index", PLAIN), width):
        console.print(line, soft_wrap=True)
    return console.file.getvalue()


def test_colour_only_where_it_is_wanted() -> None:
    assert "\x1b[1;36m∂C/∂W1" in on_a_terminal(100)
    assert "\x1b[2m" in on_a_terminal(100)
    assert not re.search(r"\x1b\[[\d;]*3\d", on_a_terminal(100, NO_COLOR="1"))
    assert "\x1b" not in chainrule("derive", str(GALLERY / "mazur" / "mazur.toml"), "--wrt", "W1")


def test_equals_signs_stand_below_each_other_and_reasons_beside_or_below() -> None:
    shown = derivation_document(derived("mazur")[1], "W1", "index", PLAIN)
    narrow = [line.plain for line in text_lines(shown, PLAIN_WIDTH)]
    formulas = [line for line in narrow if " = " in line]
    assert len(formulas) == 5
    assert len({line.index(" = ") for line in formulas}) == 1
    wide = [line.plain for line in text_lines(shown, 160)]
    assert len(wide) == len(narrow) - 5
    reasons = ("differentiate", "δ selects", "chain rule", "substitute", "δ selects")
    columns = [line.index(reason) for line, reason in zip([line for line in wide if " = " in line], reasons, strict=True)]
    assert len(set(columns)) == 1


def test_texts_of_every_format_end_in_one_line_break() -> None:
    for text in TEXTS.values():
        written = text.render(SAMPLE)
        assert written.endswith("\n")
        assert not written.endswith("\n\n")
