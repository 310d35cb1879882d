"""What is printed, read back from the page and evaluated: without the objects behind it, so that a wrong printer is found too."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import gallery_networks
import numpy as np
import pytest
import residual_networks
from latex_reading import Page, Unread
from places import GALLERY
from printed_pages import Equations, both_sides, page, printed_lines, slope, solve, worked_page

from chainrule.codegen.build import material_of
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.descriptions.reader import Description, read_description
from chainrule.codegen.document.document import EQUAL, Document
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.node_walk import parts
from chainrule.codegen.document.nodes import THIN, Letter, Node, Number, Row, Scripts, Sign, row, total
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.printed_number import number
from chainrule.codegen.handout import handout
from chainrule.codegen.lesson import substituted_numbers
from chainrule.codegen.lesson.material import Material
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.chain_rule import derive

#: Sizes that are small enough to give every letter of a formula a dimension; the equations are those of the gallery.
SMALLER = {
    "character_model": "sizes = { v = 5, d = 3, t = 2, j = 4 }",
    "language_model": "sizes = { v = 5, d = 3, j = 4 }",
}
CONVOLUTION = """
name = "convolution"
input = [1, 6, 6]
[[layers]]
kind = "conv2d"
channels = 2
kernel = 3
activation = "tanh"
[[layers]]
kind = "max_pool2d"
kernel = 2
[[layers]]
kind = "flatten"
[[layers]]
units = 3
activation = "softmax"
[cost]
kind = "cross_entropy"
"""
OWN = {"convolution": CONVOLUTION, "residual": residual_networks.OF_NUMBERS}
#: How many lines of each handout are read and evaluated by index, at least.
READ = {
    "mazur": 44,
    "logistic": 51,
    "affine_softmax": 57,
    "one_feeding_two": 41,
    "gru": 147,
    "block": 232,
    "character_model": 191,
    "language_model": 229,
    "convolution": 78,
    "residual": 91,
}
#: And entry by entry, with the numbers of the worked example.
READ_WITH_NUMBERS = {"mazur": 104, "logistic": 149, "affine_softmax": 128, "one_feeding_two": 71}
SECTIONS = {"forward", "derivation", "summary"}
TOLERANCE = 1e-9


@dataclass
class Found:
    """What came of the lines of a document: how many hold, those that do not, and those that were not understood."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def add(self, line: str, left: object, right: object, tolerance: float = TOLERANCE) -> None:
        scale = max(float(np.max(np.abs(left))), float(np.max(np.abs(right))), 1e-3)  # type: ignore[arg-type]
        if np.max(np.abs(np.subtract(left, right))) <= tolerance * scale:  # type: ignore[arg-type]
            self.right += 1
        else:
            self.wrong.append(line)


@cache
def material(spec: str) -> Material:
    if spec not in OWN and spec not in SMALLER:
        return material_of(gallery_networks.description_of(spec), *gallery_networks.derived(spec), length="full")
    description = described(spec)
    derivation = derive(description.network)
    return material_of(description, derivation, verify(derivation), checked_module(derivation), length="full")


def described(spec: str) -> Description:
    if spec not in OWN and spec not in SMALLER:
        return read_description(GALLERY / spec / f"{spec}.toml")
    text = OWN[spec] if spec in OWN else (GALLERY / spec / f"{spec}.toml").read_text()
    if spec in SMALLER:
        text = re.sub(r"^sizes = .*$", SMALLER[spec], text, flags=re.MULTILINE)
    path = Path(_folder()) / f"{spec}.toml"
    path.write_text(text)
    return read_description(path)


@cache
def _folder() -> str:
    from tempfile import mkdtemp

    return mkdtemp()


def fresh(spec: str, notation: str | None = None) -> Material:
    """The same material with no document made of it yet, in its own notation or another."""
    known = material(spec)
    return material_of(described(spec), known.derivation, known.verified, known.checked, notation, length="full")


def numbered(document: Document, reading: Page, section: str) -> Equations:
    """The numbered equations of a section: name, letters and right side, the last one where steps lead to it."""
    found = []
    for lines in printed_lines(document):
        if lines[0].section == section and lines[0].is_numbered:
            name, letters = reading.entry(write_latex(lines[0].line.left.node))
            last = max(place for place, part in enumerate(lines) if part.line.relation == EQUAL)
            found.append((name, letters, " ".join(write_latex(part.line.right.node) for part in lines[last:])))
    return found


def read_by_index(spec: str, notation: str | None = None) -> Found:
    """Forward equations and gradients as the page has them, and every line between."""
    own = fresh(spec, notation)
    document = handout(own, "en")
    reading = page(own, document)
    forward = numbered(document, reading, "forward")
    assert {name for name, _, _ in forward} == set(own.system.definition)
    reading.definitions.update({name: (letters, right) for name, letters, right in forward})
    solve(reading, forward)
    reading.arrays[f"d{reading.cost}"] = np.ones(())
    solve(reading, numbered(document, reading, "derivation"))
    found = Found()
    rng = np.random.default_rng(1)
    for tensor in own.system.parameters:
        gradient = reading.arrays[f"d{tensor.name}"]
        for position in {tuple(int(rng.integers(size)) for size in gradient.shape) for _ in range(3)}:
            found.add(f"∂C/∂{tensor.name}", slope(reading, forward, tensor.name, position), gradient[position])
    for lines in printed_lines(document):
        above, letters = None, ()
        for part in lines:
            if part.section in SECTIONS:
                try:
                    left, right, letters = both_sides(reading, above, letters, part.line)
                    above = left
                    found.add(f"{write_latex(part.line.left.node)} = {write_latex(part.line.right.node)}", left, right)
                except Unread as problem:
                    found.unread.append(f"{write_latex(part.line.left.node)} = {write_latex(part.line.right.node)}: {problem}")
    return found


@pytest.mark.parametrize("spec", READ)
def test_every_line_by_index_that_can_be_read_holds(spec: str) -> None:
    found = read_by_index(spec)
    assert not found.wrong, found.wrong[0]
    assert found.right >= READ[spec], (found.right, found.unread)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_line_by_index_holds_in_every_notation(notation: str) -> None:
    found = read_by_index("mazur", notation)
    assert not found.wrong, found.wrong[0]
    assert found.right >= READ["mazur"], (found.right, found.unread)


def read_with_numbers(spec: str) -> Found:
    """Single entries and worked numbers: formula = numbers = value, with the digits that stand there."""
    own = fresh(spec)
    document = handout(own, "en")
    reading = worked_page(own, document)
    found = Found()
    for lines in printed_lines(document):
        left = None
        for part in lines:
            if part.section not in ("numbers", "scalar"):
                continue
            try:
                left = reading.value(write_latex(part.line.left.node)) if write_latex(part.line.left.node) else left
                for side in write_latex(part.line.right.node).split(" = "):
                    found.add(f"{write_latex(part.line.left.node)} = {write_latex(part.line.right.node)}", left, reading.value(side), 1e-7)
            except Unread as problem:
                found.unread.append(f"{write_latex(part.line.left.node)} = {write_latex(part.line.right.node)}: {problem}")
    return found


@pytest.mark.parametrize("spec", READ_WITH_NUMBERS)
def test_every_worked_number_that_can_be_read_holds(spec: str) -> None:
    found = read_with_numbers(spec)
    assert not found.wrong, found.wrong[0]
    assert found.right >= READ_WITH_NUMBERS[spec], (found.right, found.unread)


def _wrong_sign(written: Node) -> Node:
    return row(*(Sign("+") if part == Sign("−") else part for part in parts(written)))


def _lost_power(written: Node) -> Node:
    return written.base if isinstance(written, Scripts) and written.above == Number("2") else written


def _first_factor_lost(written: Node) -> Node:
    inside = parts(written) if isinstance(written, Row) else ()
    return row(*inside[inside.index(THIN) + 1 :]) if THIN in inside else written


def _other_order(written: Node) -> Node:
    return row(*parts(written)[::-1]) if isinstance(written, Row) and all(isinstance(part, Letter) for part in written.parts) else written


def _lost_sum(written: Node) -> Node:
    return row(*(part for part in parts(written) if part != total("n"))) if isinstance(written, Row) else written


#: A printer's method, and what a mistake in it would make of its formula.
MISTAKES = {
    "a sign": ("terms", _wrong_sign),
    "a power": ("power", _lost_power),
    "a factor": ("product", _first_factor_lost),
    "two letters exchanged": ("subscript", _other_order),
    "a sum": ("total", _lost_sum),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_of_the_printer_is_found_on_the_page(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The equations behind it are right and were evaluated: nothing but the page tells."""
    assert not read_by_index("residual").wrong
    method, change = MISTAKES[mistake]
    original = getattr(IndexPrinter, method)

    def wrong(self: IndexPrinter, *arguments: object) -> object:
        written = original(self, *arguments)
        return (change(written[0]), written[1]) if isinstance(written, tuple) else change(written)

    monkeypatch.setattr(IndexPrinter, method, wrong)
    try:
        found = read_by_index("residual")
    except (Unread, IndexError):
        # What stands there has another meaning than any equation of the network.
        return
    assert found.wrong


def test_a_wrong_digit_is_found_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the check that belongs to the numbers themselves is switched off."""
    right = substituted_numbers.put_in

    def wrong(*arguments: Any) -> substituted_numbers.PutIn:
        found = right(*arguments)
        return replace(found, result=found.result.rewritten(number(found.value * (1 + 1e-5), 9)))

    monkeypatch.setattr("chainrule.codegen.lesson.entry_numbers.put_in", wrong)
    assert read_with_numbers("mazur").wrong
