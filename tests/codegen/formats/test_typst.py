"""PDF without TeX: Typst sets every kind of block, every formula, and all three languages."""

from __future__ import annotations

import re
import subprocess
from itertools import chain
from pathlib import Path

import pytest
from gallery_networks import document as handout
from test_languages import document
from test_render import HOSTILE_DOCUMENT, SAMPLE, required

from chainrule.codegen.document.block_walk import sentences
from chainrule.codegen.document.document import Display, Document, Figure, Math
from chainrule.codegen.document.nodes import (
    MINUS,
    THIN,
    Accent,
    Braced,
    Cases,
    Function,
    Grid,
    Letter,
    Node,
    Number,
    Root,
    Scripts,
    Sign,
    Style,
    Text,
    bracketed,
    fraction,
    primed,
    row,
    scripted,
    total,
)
from chainrule.codegen.document.typst_formula import write_typst
from chainrule.codegen.formats import registry, typst_setting
from chainrule.codegen.formats.registry import document_files
from chainrule.codegen.formats.typst import render_typst
from chainrule.codegen.formats.typst_setting import typeset_typst
from chainrule.symbolic.index.failures import InvalidDescription

DOCUMENTS = [("mazur", "en"), ("mazur", "zh-TW"), ("gru", "zh-CN")]


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        (Letter("δ"), "δ"),
        (Letter("dz", Style.UPRIGHT), 'upright("dz")'),
        (Letter("1", Style.BOLD), 'bold(upright("1"))'),
        (Number("1,234.5"), '"1,234.5"'),
        (fraction(row("∂", "C"), "2"), "frac(∂ C, 2)"),
        (scripted(scripted("w", "i"), above=bracketed("1")), r"attach(w, b: i, t: \( 1 \))"),
        (row(total("n"), "x", THIN, "y"), "attach(sum, b: n) x thin y"),
        (Scripts(Function("max"), Letter("k")), 'attach(op("max", limits: #true), b: k)'),
        (bracketed(row("a", ",", "b"), "[]", grows=True), r"lr(\[ a \, b \])"),
        (primed("j", 2), "attach(j, tr: prime.double)"),
        (Accent(Letter("y"), "hat"), "accent(y, hat)"),
        (Braced(Letter("X"), row("N", "×", "2")), "underbrace(X, N × 2)"),
        (Root(Letter("v")), "sqrt(v)"),
        (Cases(((Number("1"), row("z", ">", "0")), (Number("0"), Text("otherwise")))), r'cases(1 & z \> 0, 0 & "otherwise")'),
        (Grid(((Letter("a"), Letter("b")), (Letter("c"), row(MINUS, "d")))), 'mat(delim: "[", a, b; c, − d)'),
        (row("1", "/", "2", Sign("*"), "x"), "1 slash 2 ast x"),
    ],
)
def test_formulas(formula: Node, written: str) -> None:
    assert write_typst(formula) == written


@pytest.mark.parametrize(("name", "tag"), DOCUMENTS)
def test_every_formula_is_there(name: str, tag: str) -> None:
    shown: Document = document(name, tag)
    source = render_typst(shown)
    displays = [block for block in shown.blocks if isinstance(block, Display)]
    inline = [piece for block in shown.blocks for sentence in sentences(block) for piece in sentence if isinstance(piece, Math)]
    # What pictures say is in the pictures, or read aloud.
    pictures = sum(isinstance(piece, Math) for piece in chain(*_not_written(shown)))
    assert source.count("$") == 2 * (len(displays) + len(inline) - pictures)
    assert source.count("<equation-") >= sum(display.number is not None for display in displays)


def _not_written(shown: Document) -> list[tuple[object, ...]]:
    return [(*block.title, *block.description) for block in shown.blocks if isinstance(block, Figure)]


@pytest.mark.parametrize(("name", "tag"), DOCUMENTS)
def test_documents_are_set(name: str, tag: str, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    required("pdftotext")
    shown = document(name, tag)
    source = render_typst(shown)
    made = typeset_typst(name, source, {})
    assert made == typeset_typst(name, source, {})
    path = tmp_path / "set.pdf"
    path.write_bytes(made)
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    assert shown.front.title in text
    assert {"en": "chain rule", "zh-TW": "連鎖律", "zh-CN": "链式法则"}[tag] in text.replace("\n", "")
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
    # In English a name is Chinese.
    assert f"NotoSerifCJK{'tc' if tag == 'zh-TW' else 'sc'}" in fonts
    assert "NewCM10-Regular" in fonts


#: In points: the margins of the page, how far punctuation hangs over them, and what no type is under.
MARGIN, HANGING, LEAST_TYPE = 70.87, 5.0, 8.0


@pytest.mark.parametrize(("name", "length"), [("affine_softmax", "full"), ("gru", "short")])
def test_all_type_can_be_read_and_stays_on_the_page(name: str, length: str, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    required("pdftotext")
    shown = handout(name, length=length)
    source = render_typst(shown)
    pictures = [block.drawing for block in shown.blocks if isinstance(block, Figure)]
    widths = [float(width) for width in re.findall(r"^#(?:turned-)?picture\(([\d.]+)pt", source, re.MULTILINE)]
    for picture, width in zip(pictures, widths, strict=True):
        # One on its side keeps its size. Widths have two decimals.
        assert min(label.size for label in picture.labels) * (width + 0.005) / picture.width >= LEAST_TYPE
    assert source.count("#turned-picture(") == (1 if name == "affine_softmax" else 0)
    assert all(float(size) >= LEAST_TYPE for size in re.findall(r"size: ([\d.]+)pt", source))
    path = tmp_path / "set.pdf"
    path.write_bytes(typeset_typst(name, source, {}))
    boxes = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    across, down = (float(size) for size in re.findall(r'<page width="([\d.]+)" height="([\d.]+)"', boxes)[0])
    for left, top, right, bottom in re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', boxes):
        assert float(left) > MARGIN - HANGING
        assert float(right) < across - MARGIN + HANGING
        assert 0 < float(top) < float(bottom) < down


@pytest.mark.parametrize("shown", [SAMPLE, HOSTILE_DOCUMENT])
def test_every_kind_of_block_is_set_and_no_sign_means_anything(shown: Document) -> None:
    pytest.importorskip("typst")
    assert typeset_typst("page", render_typst(shown), {}).startswith(b"%PDF")


def test_xelatex_is_the_first_choice_and_typst_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "typeset", lambda *_: b"by xelatex")
    monkeypatch.setattr(registry, "typeset_typst", lambda *_: b"by Typst")
    for has_xelatex, has_typst, expected in ((True, True, b"by xelatex"), (False, True, b"by Typst"), (False, False, b"by xelatex")):
        monkeypatch.setattr(registry, "has_xelatex", lambda found=has_xelatex: found)
        monkeypatch.setattr(registry, "has_typst", lambda found=has_typst: found)
        assert document_files(SAMPLE, "page", ["pdf"])["page.pdf"] == expected


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("typst")
    import typst

    class NoFonts:
        def families(self) -> list[str]:
            return []

    monkeypatch.setattr(typst, "Fonts", NoFonts)
    with pytest.raises(InvalidDescription, match=r"page\.pdf: Typst has not found the font Noto Serif CJK TC or .*fonts-noto-cjk"):
        typeset_typst("page", render_typst(document("mazur", "zh-TW")), {})
    with pytest.raises(InvalidDescription, match=r"page\.pdf: Typst stopped with: "):
        typeset_typst("page", "#nosuchfunction()", {})
    monkeypatch.setattr(typst_setting, "has_typst", lambda: False)
    with pytest.raises(InvalidDescription, match=r"typst is not installed; pip install 'chainrule\[typst\]'"):
        typeset_typst("page", "", {})
