"""On paper no type is under 8 pt, but for what stands above or below a letter; nothing was made smaller and nothing is too wide."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from places import GALLERY
from test_render import compiled, required

from chainrule.codegen.build import document_of
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.document.document import Line
from chainrule.codegen.document.formula import Formula
from chainrule.codegen.document.highlighting import coloured
from chainrule.codegen.document.nodes import Letter, Node, Sign, bracketed, row
from chainrule.codegen.formats.folded_code import folded_code
from chainrule.codegen.formats.latex import render_latex
from chainrule.codegen.formulas.folding import folded, folded_to_fit
from chainrule.codegen.formulas.measure import sides_width
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.chain_rule import derive

#: In points: the text of a page, what no type is under, and no index.
TEXT, LEAST, LEAST_INDEX = 10.95, 8.0, 6.0
#: Sizes are read as whole numbers; so much finer.
FINER = 20


def type_sizes(pdf: Path) -> dict[str, list[float]]:
    """The sizes in points of every font of a document."""
    command = [required("pdftohtml"), "-xml", "-i", "-stdout", "-fontfullname", "-zoom", str(FINER), pdf]
    read = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, list[float]] = {}
    for size, name in re.findall(r'<fontspec id="\d+" size="(\d+)" family="(?:[A-Z]+\+)?([^"]+)"', read):
        found.setdefault(name, []).append(float(size))
    unit = TEXT / max(size for name, sizes in found.items() if name.startswith("LMRoman10-Regular") for size in sizes)
    return {name: [unit * size for size in sizes] for name, sizes in found.items()}


def in_chinese(name: str, notation: str | None, language: str, length: str) -> str:
    description = read_description(str(GALLERY / name / f"{name}.toml"))
    derivation = derive(description.network)
    module = checked_module(derivation)
    return render_latex(document_of(description, derivation, verify(derivation), module, notation, language, length=length))


@pytest.mark.parametrize("name", ["mazur", "gru", "character_model"])
def test_all_type_can_be_read(name: str, tmp_path: Path) -> None:
    can_be_read((GALLERY / name / f"{name}.tex").read_text(encoding="utf-8"), tmp_path)


@pytest.mark.parametrize(("name", "notation", "language", "length"), [("gru", None, "zh-CN", "full"), ("mazur", "graph", "zh-TW", "short")])
def test_all_chinese_type_can_be_read(name: str, notation: str | None, language: str, length: str, tmp_path: Path) -> None:
    can_be_read(in_chinese(name, notation, language, length), tmp_path)


def can_be_read(source: str, tmp_path: Path) -> None:
    log = compiled(source, tmp_path)
    assert re.findall(r"(?:Formula|Table) made smaller.*|Overfull .*", log) == []
    sizes = type_sizes(tmp_path / "page.pdf")
    assert len(sizes) > 5
    for font, found in sizes.items():
        is_formula = font.startswith(("CM", "MSBM"))
        assert min(found) > (LEAST_INDEX if is_formula else LEAST) - 0.1, font


@pytest.mark.parametrize("path", sorted(GALLERY.glob("*/*.tex")), ids=lambda path: path.stem)
def test_no_picture_of_the_gallery_is_made_smaller(path: Path) -> None:
    assert r"\scalebox" not in path.read_text(encoding="utf-8")


def test_a_formula_is_broken_inside_of_a_term_where_it_must_be() -> None:
    terms: list[Node] = [Letter("a")]
    for _ in range(30):
        terms += [Sign("+"), Letter("b")]
    plain, bracket = row(*terms), row(Letter("c"), bracketed(row(*terms), grows=True))
    for whole, inside in ((plain, False), (bracket, True)):
        lines = (Line(Formula(Letter("d")), Formula(whole)),)
        assert sides_width(lines) > 20
        assert sides_width(folded_to_fit(lines, 20.0)) <= 20
        assert folded_to_fit(lines, 20.0) == folded(lines, 20.0, inside)


def test_a_long_line_of_code_goes_on_below() -> None:
    code = "    total = first_part + second_part  # a comment"
    for columns in (24, 30, 40):
        rows = ["".join(piece.text for piece in row) for row in folded_code(coloured(code, "python")[0], columns)]
        assert max(map(len, rows)) <= columns
        assert len(rows) > 1
        assert all(row.startswith("        ↪ ") for row in rows[1:])
        assert " ".join(row.removeprefix("        ↪ ") for row in rows) == code
    # A line of the very width stays one, and a word that is longer than it is broken inside.
    assert len(list(folded_code(coloured(code, "python")[0], len(code)))) == 1
    torn = ["".join(piece.text for piece in row) for row in folded_code(coloured("x" * 50, "python")[0], 20)]
    assert max(map(len, torn)) == 20
    assert "".join(row.replace("    ↪ ", "") for row in torn) == "x" * 50
