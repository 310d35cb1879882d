"""The equations of a text: which lines are formulas, and what each of them says to be equal."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chainrule.codegen.marking.python.reasons import TOO_DEEP, Reason, Unreadable
from chainrule.codegen.marking.python.recorded import Unread

from .index_values import indices
from .latex_names import IsName
from .reader import IsGradient
from .sides import Sides, sides
from .tokens import tokens
from .work import MOST_EQUATIONS, FormulaWork

MOST_SHOWN = 60
COMMENT = re.compile(r"\s*(?:#|%|//)")
#: A line of more letters is no formula that anybody reads.
LONGEST = 8_000
DEEPEST = 50
#: Of an entry, as a document writes them: from 1.
PLACES = range(1, 1000)
EQUALITY = re.compile(r"(?<![<>!=:])=(?!=)|:=|←")
OUTSIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """A line of a work that is a formula, with its number; a `problem` is why it cannot be read.

    A remark stands in a sentence of a document, where it may say what is not so. Lines of a text have no `part`.
    """

    number: int
    text: str
    problem: Reason | None = None
    is_remark: bool = False
    part: int | None = None
    section: int = 0
    #: The names in shapes that stand below braces.
    sizes: frozenset[str] = frozenset()


def plain_lines(text: str, is_name: IsName) -> Iterator[FormulaLine]:
    """The lines of a text that have a sign of equality outside of brackets; comments are none."""
    for number, line in enumerate(text.splitlines(), 1):
        for part in line.split(";"):
            if not COMMENT.match(part) and EQUALITY.search(_without_brackets(part[:LONGEST])):
                yield FormulaLine(number, _without_reason(part.strip()))


def _without_reason(text: str) -> str:
    """What stands behind an equation, some spaces away from it, is its shape or a reason."""
    left, sign, right = text.rpartition("=")
    return f"{left}{sign}{re.split(r' {3,}|  #', right.strip())[0]}"


def _without_brackets(text: str) -> str:
    for _ in range(DEEPEST):
        before, text = text, OUTSIDE.sub("", text)
        if before == text:
            break
    return text


def read_formulas(lines: Iterable[FormulaLine], is_gradient: IsGradient) -> FormulaWork:
    """The equations of lines; one that begins with = goes on from the one before. What cannot be read is said with its line.

    Of remarks the first ones are equations, of what no line is one.
    """
    found: list[tuple[FormulaLine, Sides]] = []
    unread: list[Unread] = []
    target: ast.expr | None = None
    for line in lines:
        if sum(len(each.values) for _, each in found) >= MOST_EQUATIONS or len(unread) >= MOST_EQUATIONS:
            unread.append(Unread(line.number, "", Reason("equations", {"count": str(MOST_EQUATIONS)})))
            break
        own = _read(line, is_gradient, target)
        if isinstance(own, Unread):
            unread += [] if line.is_remark else [own]
            target = target if line.text.startswith("=") else None
        else:
            target = own.target
            found.append((line, own))
    statements: list[ast.stmt] = []
    parts: dict[tuple[int, int], list[ast.stmt]] = defaultdict(list)
    for line, each in _claims(found):
        target, values = each.target, each.values
        if line.part is not None:
            values = tuple(_FromZero().visit(value) for value in values if not is_of_example(target, value))
            target = _FromZero().visit(target)
        equations = [ast.Assign([target], value, lineno=line.number, col_offset=0) for value in values]
        statements += equations
        parts[line.section, line.part or 0] += equations
    trees = {place: ast.Module(part, []) for place, part in parts.items()}
    return FormulaWork(ast.Module(statements, []), tuple(unread), trees, sizes={line.number: line.sizes for line, _ in found if line.sizes})


def _claims(found: Sequence[tuple[FormulaLine, Sides]]) -> Iterator[tuple[FormulaLine, Sides]]:
    """The lines, and of the remarks the first one of what no line is an equation of."""
    said = {_written(each.target) for line, each in found if not line.is_remark}
    for line, each in found:
        if not line.is_remark or is_claim(each, said):
            said.add(_written(each.target))
            yield line, each


def _read(line: FormulaLine, is_gradient: IsGradient, target: ast.expr | None) -> Sides | Unread:
    try:
        if line.problem:
            return Unread(line.number, _shown(line.text), line.problem)
        signs = tokens(line.text)
        goes_on = bool(signs) and signs[0] == "="
        if goes_on and target is None:
            raise Unreadable("begins")
        return sides(signs, is_gradient, target if goes_on else None)
    except RecursionError:
        return Unread(line.number, _shown(line.text), TOO_DEEP)
    except Unreadable as problem:
        return Unread(line.number, _shown(line.text), problem.reason)


def is_claim(remark: Sides, said: Collection[str]) -> bool:
    """Whether a remark says what a quantity is: not one that has an equation of its own, or a number for an example."""
    return any(map(_has_names, remark.values)) and _written(remark.target) not in said


def is_of_example(target: ast.expr, value: ast.expr) -> bool:
    """Whether a document says the numbers of an example: of an entry at places that are numbers, or one with a point."""
    has_point = any(isinstance(node, ast.Constant) and isinstance(node.value, float) for node in ast.walk(value))
    return (has_point or is_counted_entry(target)) and not _has_names(value)


def is_counted_entry(node: ast.AST) -> bool:
    """Whether it stands at places that are numbers alone."""
    return isinstance(node, ast.Subscript) and all(isinstance(each, ast.Constant) and each.value in PLACES for each in indices(node))


class _FromZero(ast.NodeTransformer):
    """Single entries of a document, which counts from 1."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.Subscript:
        if not is_counted_entry(node):
            return node
        places: list[ast.expr] = [
            ast.Constant(each.value - 1) for each in indices(node) if isinstance(each, ast.Constant) and isinstance(each.value, int)
        ]
        return ast.Subscript(node.value, places[0] if len(places) == 1 else ast.Tuple(places, ast.Load()), ast.Load())


def _has_names(value: ast.expr) -> bool:
    """Whether it reads a quantity."""
    functions = [node.func for node in ast.walk(value) if isinstance(node, ast.Call)]
    return any(isinstance(node, ast.Name) and all(node is not function for function in functions) for node in ast.walk(value))


def _written(target: ast.expr) -> str:
    """What an equation is of, without its indices, and with the same letter for an entry and the whole."""
    return ast.unparse(target.value if isinstance(target, ast.Subscript) else target).lower()


def _shown(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
