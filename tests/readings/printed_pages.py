"""The formulas of a handout as a reader has them: what its table of symbols says, and the lines of its sections in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import sympy
from latex_reading import Array, Page, Reader, Symbol, Unread, letters_of, tokens

from chainrule.codegen.document.document import Code, Display, Document, Heading, Line, Math, Paragraph, Table
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.lesson.material import Material
from chainrule.symbolic.checking.tensor_draw import TensorDraw
from chainrule.symbolic.checking.verification import random_arrays
from chainrule.symbolic.index.axes import PRIME, Axis, index
from chainrule.symbolic.system.sizes import chosen_sizes

#: Of axes whose size is read from the arrays.
SIZES = (2, 3, 4, 5)


@dataclass(frozen=True)
class Printed:
    """A displayed line, the section it stands in, and whether it is numbered."""

    section: str
    line: Line
    is_numbered: bool


def printed_lines(document: Document) -> list[tuple[Printed, ...]]:
    """The displays of a document."""
    found, section = [], ""
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            section = block.anchor
        if isinstance(block, Display):
            found.append(tuple(Printed(section, line, block.number is not None) for line in block.lines))
    return found


def symbols(document: Document) -> dict[tuple[str, ...], Symbol]:
    """The rows of the table of symbols that are tensors: letter, letters below, name in the module."""
    found: dict[tuple[str, ...], Symbol] = {}
    heading = next(place for place, block in enumerate(document.blocks) if isinstance(block, Heading) and block.anchor == "symbols")
    table = next(block for block in document.blocks[heading:] if isinstance(block, Table))
    for row in table.rows:
        (symbol,), (code,) = row[0], row[3]
        if isinstance(symbol, Math) and isinstance(code, Code):
            written = tokens(write_latex(symbol.node))
            base, below = _split(written)
            reader = Page({("?",): Symbol("?", ())}, {}, {}, "?")
            places = _places(reader, below)
            meaning = "".join(part.text for part in row[1] if hasattr(part, "text"))
            found.setdefault(tuple(base), Symbol(code.text, places, "label" in meaning))
    return found


def _split(written: list[str]) -> tuple[list[str], list[str]]:
    """The letter, and what stands below it."""
    depth = 0
    for place, token in enumerate(written):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if token == "_" and depth == 0:
            return written[:place], written[place + 1 :]
    return written, []


def _places(page: Page, below: list[str]) -> tuple[str, ...]:
    inner = below[1:-1] if below[:1] == ["{"] else below
    return tuple("".join(place) for place in Reader(page, [], ()).indices(inner)) if inner else ()


def page(material: Material, document: Document, single_example: bool = False) -> Page:
    """A page whose symbols are those of the document, with random data and parameters."""
    system, notation = material.system, material.notation
    latex = IndexPrinter(system, notation)
    chosen = {name: axis.size or SIZES[place % len(SIZES)] for place, (name, axis) in enumerate(system.axes.items()) if axis.rule is None}
    if single_example and system.batch:
        chosen[system.batch] = 1
    sizes = chosen_sizes(system.axes, chosen, fixed=chosen)
    arrays = random_arrays(system, sizes, np.random.default_rng(3), TensorDraw(0.7, 0.1))
    known = symbols(document)
    below = {symbol.name: base for base, symbol in known.items()}
    gradients = {}
    for name, base in below.items():
        if notation.error_letter and name.startswith("z"):
            gradients[(*tokens(write_latex(notation.error_letter)), *base[1:])] = name
        gradients[(*tokens(write_latex(notation.gradient_mark)), *base)] = name
    constants = {tuple(tokens(write_latex(part.node).split(" = ")[0])): part for part in _constants(document)}
    return Page(
        symbols=known,
        sizes={write_latex(latex.letter(letter)): sizes[name] for name, axis in system.axes.items() for letter in _user_letters(axis)},
        size_letters={("N",): write_latex(latex.letter(system.axes[system.batch or "n"].index))}
        if (system.batch or "n") in system.axes
        else {},
        cost=system.cost.tensor.name,
        arrays=dict(arrays),
        gradient_letters=gradients,
        constants={letter: _number(write_latex(part.node).split(" = ")[1]) for letter, part in constants.items()},
        omitted=system.batch if single_example else None,
        first=latex.first,
        kronecker=write_latex(notation.kronecker),
    )


def _user_letters(axis: Axis) -> list[sympy.Symbol]:
    """The axis' own letter, and those that stand beside it where the user calls its indices so."""
    return [index(axis.name + PRIME * place) for place in range(max(1, len(axis.letters)))]


def _constants(document: Document) -> Iterator[Math]:
    for block in document.blocks:
        if isinstance(block, Paragraph) and block.sentence and getattr(block.sentence[0], "text", "").startswith("Constants"):
            yield from (part for part in block.sentence if isinstance(part, Math) and " = " in write_latex(part.node))


def _number(written: str) -> float:
    mantissa, _, exponent = re.sub(r"\\(times|cdot) 10\^", " ", written).partition(" ")
    return float(f"{mantissa}e{exponent.strip(' {}') or 0}")


#: Name, letters and right side of each, in order.
Equations = list[tuple[str, tuple[str, ...], str]]
MOST_ROUNDS = 20


def solve(reading: Page, equations: Equations) -> None:
    """The numbers of equations in order, again and again until a recurrence has had all of its steps."""
    for name, letters, _ in equations:
        reading.arrays[name] = np.zeros([reading.size(letter) for letter in letters], dtype=complex)
    for _ in range(MOST_ROUNDS):
        before = dict(reading.arrays)
        for name, letters, right in equations:
            reading.arrays[name] = np.array(reading.value(right, letters))
        if all(np.array_equal(before[name], reading.arrays[name]) for name, _, _ in equations):
            return
    raise AssertionError("the equations as they were read have no end")


def slope(reading: Page, equations: Equations, name: str, position: tuple[int, ...]) -> float:
    """∂C/∂ of one entry of a parameter, by a complex step through the equations as they were read."""
    moved = np.array(reading.arrays[name], dtype=complex)
    moved[position] += 1e-30j
    other = replace(reading, arrays={**reading.arrays, name: moved})
    solve(other, equations)
    return float(np.imag(other.arrays[reading.cost])) / 1e-30


def worked_page(material: Material, document: Document) -> Page:
    """A page with the numbers of the worked example, for one example, whose index is left out."""
    reading = page(material, document, single_example=material.example.examples == 1)
    gradients = {f"d{name}": getattr(material.example.gradients, name) for name in material.example.params._fields}
    tensors = material.system.tensors
    backward = {name: array for name, array in material.worked_arrays.items() if name.startswith("d") and name[1:] in tensors}
    known = {name: np.asarray(array) for name, array in material.example.values.items()}
    return replace(reading, arrays={**backward, **gradients, **known})


def both_sides(reading: Page, above: Array | None, letters: tuple[str, ...], line: Line) -> tuple[Array, Array, tuple[str, ...]]:
    """The numbers of a line's sides; the left one is that of the line above where it goes on from there.

    Raises:
        Unread: where a side is not understood.
    """
    if not write_latex(line.left.node):
        if above is None:
            raise Unread("the line above")
        return above, reading.value(write_latex(line.right.node), letters), letters
    own = free_letters(reading, write_latex(line.left.node))
    return reading.value(write_latex(line.left.node), own), reading.value(write_latex(line.right.node), own), own


def free_letters(reading: Page, left: str) -> tuple[str, ...]:
    """The letters below the entries of a left side, in order of appearance."""
    found: list[str] = []
    for below in re.findall(r"_\{((?:[^{}]|\{[^{}]*\})*)\}", left):
        found += [letter for letter in letters_of(below, reading) if letter not in found]
    return tuple(found)
