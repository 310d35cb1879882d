"""A line with one change, in every way that is usual: one of them gives the right numbers, and is the author's own line when right."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from chainrule.codegen.exercises.mistake_kinds import MistakeKind

PRODUCTS = frozenset({"dot", "matmul", "outer", "einsum"})
TURNED: dict[type[ast.cmpop], ast.cmpop] = {ast.Gt: ast.Lt(), ast.Lt: ast.Gt(), ast.GtE: ast.LtE(), ast.LtE: ast.GtE()}
OPPOSITE: dict[type[ast.operator], ast.operator] = {ast.Add: ast.Sub(), ast.Sub: ast.Add(), ast.Mult: ast.Div(), ast.Div: ast.Mult()}
MOST_EDITS = 1500


@dataclass(frozen=True, slots=True)
class Edit:
    """A line's right side with one change, the kind of mistake that the change undoes, and what was there, what is now."""

    kind: MistakeKind
    expression: ast.expr
    wrong: ast.expr | None = None
    right: ast.expr | None = None


Made = tuple[MistakeKind, ast.expr]
NodeEdit = Callable[[ast.expr, Sequence[str]], Iterator[Made]]


def _factor(node: ast.expr, names: Sequence[str]) -> Iterator[Made]:
    """A factor or a divisor too many."""
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            yield MistakeKind.FACTOR, left
            yield MistakeKind.FACTOR, right
        case ast.BinOp(left=left, op=ast.Div()):
            yield MistakeKind.FACTOR, left
        case ast.Call(args=[left, right]) if _called(node) in ("multiply", "dot", "matmul"):
            yield MistakeKind.FACTOR, left
            yield MistakeKind.FACTOR, right


def _sign(node: ast.expr, names: Sequence[str]) -> Iterator[Made]:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield MistakeKind.SIGN, operand
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            yield MistakeKind.SIGN, ast.BinOp(right, ast.Sub(), left)
            yield MistakeKind.SIGN, ast.BinOp(left, ast.Add(), right)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield MistakeKind.SIGN, ast.BinOp(left, ast.Sub(), right)


def _term(node: ast.expr, names: Sequence[str]) -> Iterator[Made]:
    """A term too many."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield MistakeKind.PATH, node.left
        yield MistakeKind.PATH, node.right


def _transpose(node: ast.expr, names: Sequence[str]) -> Iterator[Made]:
    match node:
        case ast.Attribute(value=value, attr="T"):
            yield MistakeKind.TRANSPOSE, value
        case ast.Name() | ast.Attribute() | ast.Subscript():
            yield MistakeKind.TRANSPOSE, ast.Attribute(node, "T", ast.Load())


def _order(node: ast.expr, names: Sequence[str]) -> Iterator[Made]:
    """The factors of a product exchanged, one or both of them transposed."""
    match node:
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            for first, second in _turned_pairs(left, right):
                yield MistakeKind.ORDER, ast.BinOp(first, ast.MatMult(), second)
        case ast.Call(func=function, args=[left, right]) if _called(node) in PRODUCTS:
            for first, second in _turned_pairs(left, right):
                yield MistakeKind.ORDER, ast.Call(function, [first, second], node.keywords)
        case ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[right]):
            for first, second in _turned_pairs(left, right):
                yield MistakeKind.ORDER, ast.Call(ast.Attribute(first, "dot", ast.Load()), [second], [])


def _turned_pairs(left: ast.expr, right: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    yield right, left
    yield _turned(right), left
    yield right, _turned(left)
    yield _turned(right), _turned(left)
    yield _turned(left), _turned(right)


def _turned(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Attribute) and node.attr == "T" else ast.Attribute(node, "T", ast.Load())


def _axis(node: ast.expr, names: Sequence[str]) -> Iterator[Made]:
    """A sum over another axis, one that keeps its dimensions, none at all; a mean in place of a sum."""
    if not isinstance(node, ast.Call) or _called(node) not in ("sum", "mean", "max"):
        return
    for keyword in node.keywords:
        others = [other for other in node.keywords if other is not keyword]
        if keyword.arg == "axis":
            for axis in (0, 1, -1):
                changed = ast.keyword("axis", ast.Constant(axis))
                yield MistakeKind.SUM, ast.Call(node.func, node.args, [changed, *others])
        if keyword.arg == "keepdims":
            yield MistakeKind.SHAPE, ast.Call(node.func, node.args, others)
    if all(keyword.arg != "keepdims" for keyword in node.keywords):
        yield MistakeKind.SHAPE, ast.Call(node.func, node.args, [*node.keywords, ast.keyword("keepdims", ast.Constant(True))])
    if all(keyword.arg != "axis" for keyword in node.keywords) and len(node.args) < 2:
        for axis in (0, 1):
            yield MistakeKind.SUM, ast.Call(node.func, node.args, [ast.keyword("axis", ast.Constant(axis)), *node.keywords])
    for other in ("sum", "mean"):
        if isinstance(node.func, ast.Attribute) and other != node.func.attr:
            yield MistakeKind.MEAN, ast.Call(ast.Attribute(node.func.value, other, ast.Load()), node.args, node.keywords)


def _mask(node: ast.expr, names: Sequence[str]) -> Iterator[Made]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in TURNED:
        yield MistakeKind.MASK, ast.Compare(node.left, [TURNED[type(node.ops[0])]], node.comparators)
        for name in names:
            yield MistakeKind.MASK, ast.Compare(ast.Name(name, ast.Load()), node.ops, node.comparators)


def _operand(node: ast.expr, names: Sequence[str]) -> Iterator[Made]:
    """Another array in the place of one."""
    if isinstance(node, ast.Name) or (isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.value, ast.Call)):
        yield from ((MistakeKind.OPERAND, ast.Name(name, ast.Load())) for name in names)


def _number(node: ast.expr, names: Sequence[str]) -> Iterator[Made]:
    """A whole number off by one, a constant that is another."""
    match node:
        case ast.Name(id=name) if len(name) == 1 and name.islower():
            for sign in (ast.Sub(), ast.Add()):
                yield MistakeKind.SHIFT, ast.BinOp(node, sign, ast.Constant(1))
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            yield MistakeKind.SHIFT, ast.Constant(value + 1)
            yield MistakeKind.SHIFT, ast.Constant(value - 1)
            yield MistakeKind.FACTOR, ast.Constant(2 * value)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPPOSITE and isinstance(op, ast.Mult | ast.Div):
            yield MistakeKind.FACTOR, ast.BinOp(left, OPPOSITE[type(op)], right)


def _square(node: ast.expr, names: Sequence[str]) -> Iterator[Made]:
    """1 - a in place of 1 - a²."""
    if isinstance(node, ast.Name):
        yield MistakeKind.FACTOR, ast.BinOp(node, ast.Pow(), ast.Constant(2))


EDITS: tuple[NodeEdit, ...] = (_factor, _sign, _axis, _transpose, _order, _mask, _number, _term, _square, _operand)


def edits(expression: ast.expr, names: Sequence[str], sizes: Sequence[str], factor: float | None = None) -> Iterator[Edit]:
    """An expression with one change; `names` are arrays that may stand in it, `sizes` those of numbers of examples.

    Where the whole is a number of times too large, it may be one of its numbers that is.
    """
    yield from islice(chain(_nodes(expression, names), _numbers(expression, factor), _whole(expression, names, sizes)), MOST_EDITS)


def _nodes(expression: ast.expr, names: Sequence[str]) -> Iterator[Edit]:
    places = [node for node in ast.walk(expression) if isinstance(node, ast.expr)]
    for make in EDITS:
        for place, node in enumerate(places):
            for kind, other in make(node, names):
                yield Edit(kind, _with(expression, place, other), node, other)
    own = sorted({node.id for node in places if isinstance(node, ast.Name)} & set(names))
    for name in own:
        for other_name in names:
            if other_name != name and sum(isinstance(node, ast.Name) and node.id == name for node in places) > 1:
                yield Edit(MistakeKind.OPERAND, _renamed(expression, name, other_name), ast.Name(name), ast.Name(other_name))


def _numbers(expression: ast.expr, factor: float | None) -> Iterator[Edit]:
    """One of the numbers without a factor that is too many; the whole without it."""
    if factor is None:
        return
    places = [node for node in ast.walk(expression) if isinstance(node, ast.expr)]
    for place, node in enumerate(places):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            yield Edit(MistakeKind.FACTOR, _with(expression, place, _constant(node.value / factor)))
    yield Edit(MistakeKind.FACTOR, ast.BinOp(expression, ast.Div(), _constant(factor)))
    yield Edit(MistakeKind.FACTOR, ast.BinOp(_constant(1 / factor), ast.Mult(), expression))


def _constant(value: float) -> ast.Constant:
    rounded = round(value, 9)
    return ast.Constant(int(rounded) if rounded == int(rounded) else rounded)


def _whole(expression: ast.expr, names: Sequence[str], sizes: Sequence[str]) -> Iterator[Edit]:
    """What is missing from the whole: a division, a sum, a transpose, a slope."""
    numpy = ast.Name("np", ast.Load())
    for size in sizes:
        yield Edit(MistakeKind.MEAN, ast.BinOp(expression, ast.Div(), ast.Name(size, ast.Load())))
    yield Edit(MistakeKind.TRANSPOSE, ast.Attribute(expression, "T", ast.Load()))
    yield Edit(MistakeKind.SIGN, ast.UnaryOp(ast.USub(), expression))
    for axis in (0, 1):
        for keywords in ([], [ast.keyword("keepdims", ast.Constant(True))]):
            total = ast.Call(ast.Attribute(numpy, "sum", ast.Load()), [expression], [ast.keyword("axis", ast.Constant(axis)), *keywords])
            yield Edit(MistakeKind.SUM, total)
    for name in names:
        array = ast.Name(name, ast.Load())
        one = ast.Constant(1)
        slopes: tuple[ast.expr, ...] = (
            array,
            ast.BinOp(array, ast.Mult(), ast.BinOp(one, ast.Sub(), array)),
            ast.BinOp(one, ast.Sub(), array),
            ast.BinOp(one, ast.Sub(), ast.BinOp(array, ast.Pow(), ast.Constant(2))),
            ast.Compare(array, [ast.Gt()], [ast.Constant(0)]),
        )
        for slope in slopes:
            yield Edit(MistakeKind.FACTOR, ast.BinOp(expression, ast.Mult(), slope), None, slope)


def _with(expression: ast.expr, place: int, other: ast.expr) -> ast.expr:
    """The expression with another node at a place of its walk."""
    copied = copy.deepcopy(expression)
    nodes = [node for node in ast.walk(copied) if isinstance(node, ast.expr)]
    wanted = nodes[place]
    if wanted is copied:
        return other

    class Exchange(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return other if node is wanted else self.generic_visit(node)

    Exchange().visit(copied)
    return copied


def _renamed(expression: ast.expr, name: str, other: str) -> ast.expr:
    copied = copy.deepcopy(expression)
    for node in ast.walk(copied):
        if isinstance(node, ast.Name) and node.id == name:
            node.id = other
    return copied


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
