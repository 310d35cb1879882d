"""The reasons of a derivation stand on one vertical edge of the page, beside its formulas, or each below its own."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from gallery_networks import document
from test_render import required

from chainrule.codegen.document.document import Block, Display, Paragraph
from chainrule.codegen.formats.latex import render_latex
from chainrule.codegen.words.sentences import plain

#: In points: how high words of reasons are, and letters of formulas; and how far the middles of words of one row are apart.
REASONS, FORMULAS, ROW = (8.8, 10.1), (9.6, 9.75), 3.0
#: 0.56 and 0.72 of the width of the text from where formulas begin.
EDGES = {342.3, 414.9}


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    left: float
    middle: float
    height: float

    @property
    def is_of_a_reason(self) -> bool:
        return REASONS[0] < self.height < REASONS[1] and not self.is_of_a_formula

    @property
    def is_of_a_formula(self) -> bool:
        return FORMULAS[0] < self.height < FORMULAS[1]


def derivations(name: str, length: str) -> list[Display]:
    """The displays whose steps have reasons."""
    return [
        block for block in document(name, length=length).blocks if isinstance(block, Display) and any(line.reason for line in block.lines)
    ]


def pages(blocks: tuple[Block, ...], name: str, folder: Path) -> Iterator[list[Word]]:
    """The words of each page."""
    (folder / "page.tex").write_text(render_latex(replace(document(name, length="short"), blocks=blocks)), encoding="utf-8")
    command = [required("xelatex"), "-interaction=batchmode", "page.tex"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=120)
    read = subprocess.run([required("pdftotext"), "-bbox", folder / "page.pdf", "-"], capture_output=True, check=True, text=True).stdout
    place = r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)<'
    for page in read.split("<page ")[1:]:
        found = [(text, float(left), float(top), float(bottom)) for left, top, bottom, text in re.findall(place, page)]
        yield [Word(text, left, (top + bottom) / 2, bottom - top) for text, left, top, bottom in found]


def starts_beside(page: list[Word]) -> Iterator[Word]:
    """The first word of each row of a reason that stands beside a formula."""
    for word in page:
        row = [other for other in page if abs(other.middle - word.middle) < ROW]
        reason = [other.left for other in row if other.is_of_a_reason]
        if word.is_of_a_reason and word.left == min(reason) and any(other.is_of_a_formula and other.left < word.left for other in row):
            yield word


@pytest.mark.parametrize(("name", "length"), [("mazur", "full"), ("gru", "full"), ("block", "short")])
def test_reasons_stand_on_one_edge(name: str, length: str, tmp_path: Path) -> None:
    shown = derivations(name, length)
    blocks = tuple(block for number, display in enumerate(shown) for block in (Paragraph(plain(f"derivation{number}.")), display))
    edges: dict[str, set[float]] = {}
    last = ""
    for page in pages(blocks, name, tmp_path):
        names = {word.text: word.middle for word in page if word.text.startswith("derivation")}
        for word in starts_beside(page):
            above = [text for text, middle in names.items() if middle < word.middle]
            edges.setdefault(above[-1] if above else last, set()).add(round(word.left, 1))
        last = [*names, last][-1] if names else last
    assert len(edges) >= 14
    assert all(len(found) == 1 for found in edges.values())
    # Wide formulas have the second edge; only a few are so wide.
    count = Counter(edge for found in edges.values() for edge in found)
    assert {*count} <= EDGES
    assert count[min(EDGES)] >= 0.9 * len(edges)
