"""Mistakes that are made in lines of NumPy, as a table: from a right side to wrong ones. Whether they are wrong, a run tells.

Each edit replaces a stretch of the text, so that all around it stays as it was written.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from .mistake_kinds import MistakeKind

#: What is written without brackets on both sides of any sign.
_ATOMS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant)
#: The number of examples in a module.
_EXAMPLES = "N"


@dataclass(frozen=True, slots=True)
class CodeMistake:
    """Wrong code, the kind of the mistake, and the stretches of code that its sentence mentions."""

    kind: MistakeKind
    code: str
    mentions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Line:
    """The right side of an assignment, and the names of gradients in it."""

    text: str
    gradients: Collection[str]
    near: Mapping[str, Collection[str]]

    def of(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or ""

    def without(self, node: ast.expr, kept: ast.expr) -> str:
        """The text with one operand alone in the place of an operation, in brackets where it would fall apart."""
        is_whole = self.of(node) == self.text
        return self.with_other(node, self.of(kept) if is_whole or isinstance(kept, _ATOMS) else f"({self.of(kept)})")

    def with_other(self, node: ast.expr, other: str) -> str:
        """The text with another stretch in the place of a node."""
        before, after = self._places(node)
        return self.text[:before] + other + self.text[after:]

    def has_gradient(self, node: ast.expr) -> bool:
        return any(isinstance(part, ast.Name) and part.id in self.gradients for part in ast.walk(node))

    def _places(self, node: ast.expr) -> tuple[int, int]:
        starts = [0]
        for row in self.text.split("\n"):
            starts.append(starts[-1] + len(row.encode()) + 1)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        ends = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        before, after = (len(self.text.encode()[:end].decode()) for end in ends)
        return before, after


def _sign(line: _Line, node: ast.expr) -> Iterator[CodeMistake]:
    """a − y became y − a."""
    match node:
        case ast.BinOp(ast.expr() as left, ast.Sub(), ast.expr() as right) if isinstance(left, _ATOMS) and isinstance(right, _ATOMS):
            yield CodeMistake(MistakeKind.SIGN, line.with_other(node, f"{line.of(right)} - {line.of(left)}"))


def _factor(line: _Line, node: ast.expr) -> Iterator[CodeMistake]:
    """Without one factor of a product; of what comes back there is no gradient without it."""
    match node:
        case ast.BinOp(ast.expr() as left, ast.Mult(), ast.expr() as right):
            for kept, lost in ((left, right), (right, left)):
                if not line.has_gradient(lost):
                    is_mask = isinstance(lost, ast.Compare) and len(line.of(lost)) > 1
                    yield CodeMistake(
                        MistakeKind.MASK if is_mask else MistakeKind.FACTOR, line.without(node, kept), {"factor": line.of(lost)}
                    )


def _mean(line: _Line, node: ast.expr) -> Iterator[CodeMistake]:
    match node:
        case ast.BinOp(ast.expr() as left, ast.Div(), ast.Name(id=name)) if name == _EXAMPLES:
            yield CodeMistake(MistakeKind.MEAN, line.without(node, left), {"N": name})


def _transpose(line: _Line, node: ast.expr) -> Iterator[CodeMistake]:
    match node:
        case ast.Attribute(ast.expr() as array, "T"):
            yield CodeMistake(MistakeKind.TRANSPOSE, line.without(node, array), {"right": line.of(array)})


def _order(line: _Line, node: ast.expr) -> Iterator[CodeMistake]:
    match node:
        case ast.BinOp(ast.expr() as left, ast.MatMult(), ast.expr() as right) if isinstance(left, _ATOMS) and isinstance(right, _ATOMS):
            yield CodeMistake(MistakeKind.ORDER, line.with_other(node, f"{line.of(right)} @ {line.of(left)}"), {"right": line.of(node)})


def _sum(line: _Line, node: ast.expr) -> Iterator[CodeMistake]:
    """dz.sum(axis=0) became dz."""
    match node:
        case ast.Call(ast.Attribute(ast.Name(id="np"), "sum"), [ast.expr() as array, *_]):
            yield CodeMistake(MistakeKind.SUM, line.without(node, array), {"right": line.of(node)})
        case ast.Call(ast.Attribute(ast.expr() as array, "sum")):
            yield CodeMistake(MistakeKind.SUM, line.without(node, array), {"right": line.of(node)})


def _operand(line: _Line, node: ast.expr) -> Iterator[CodeMistake]:
    """A quantity in the place of one that it is computed from, or that is computed from it."""
    if isinstance(node, ast.Name):
        for other in line.near.get(node.id, ()):
            yield CodeMistake(MistakeKind.OPERAND, line.with_other(node, other), {"wrong": other, "right": node.id})


def _path(line: _Line, node: ast.expr) -> Iterator[CodeMistake]:
    """Without one of several ways to the cost."""
    match node:
        case ast.BinOp(ast.expr() as left, ast.Add(), ast.expr() as right) if line.has_gradient(left) and line.has_gradient(right):
            for kept, lost in ((left, right), (right, left)):
                yield CodeMistake(MistakeKind.PATH, line.without(node, kept), {"path": line.of(lost)})


def _shift(line: _Line, node: ast.expr) -> Iterator[CodeMistake]:
    """t + 1 became t."""
    match node:
        case ast.BinOp(ast.Name(id=letter), ast.Add() | ast.Sub(), ast.Constant(1)) if len(letter) == 1:
            yield CodeMistake(MistakeKind.SHIFT, line.with_other(node, letter), {"wrong": letter, "right": line.of(node)})


def _stride(line: _Line, node: ast.expr) -> Iterator[CodeMistake]:
    """range(0, 8, 2) became range(0, 4)."""
    match node:
        case ast.Call(ast.Name("range"), [ast.Constant(0), ast.Constant(int() as end), ast.Constant(int() as stride)]):
            count = len(range(0, end, stride))
            yield CodeMistake(MistakeKind.STRIDE, line.with_other(node, f"range(0, {count})"), {"right": line.of(node)})


CODE_MISTAKES: tuple[Callable[[_Line, ast.expr], Iterator[CodeMistake]], ...] = (
    _sign,
    _factor,
    _mean,
    _transpose,
    _order,
    _sum,
    _operand,
    _path,
    _shift,
    _stride,
)


def code_mistakes(code: str, gradients: Collection[str], near: Mapping[str, Collection[str]]) -> list[CodeMistake]:
    """Every wrong right side, each once; `near` are names that could be mistaken for one."""
    line = _Line(code, gradients, near)
    found: dict[str, CodeMistake] = {}
    for node in ast.walk(ast.parse(code, mode="eval").body):
        if isinstance(node, ast.expr):
            for make in CODE_MISTAKES:
                for mistake in make(line, node):
                    if mistake.code != code and _is_code(mistake.code):
                        found.setdefault(mistake.code, mistake)
    return list(found.values())


def _is_code(code: str) -> bool:
    """Whether it is code at all."""
    try:
        ast.parse(code, mode="eval")
    except SyntaxError:
        return False
    return True
