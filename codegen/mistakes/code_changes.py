"""Changes of how a line of NumPy adds and multiplies, each with its way back among them: a factor less and a factor more."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

MODULES = frozenset({"np", "numpy"})
TURNED: dict[type[ast.cmpop], ast.cmpop] = {ast.Gt: ast.Lt(), ast.Lt: ast.Gt(), ast.GtE: ast.LtE(), ast.LtE: ast.GtE()}
OPPOSITE: dict[type[ast.operator], ast.operator] = {ast.Add: ast.Sub(), ast.Sub: ast.Add(), ast.Mult: ast.Div(), ast.Div: ast.Mult()}


@dataclass(frozen=True)
class Around:
    """What may stand in a line: `near` are arrays that could be mistaken for one, `arrays` could be for any.

    `counts` are names of the number of examples, `slopes` those of activations as code, `strides` what a step from window to window may be,
    `paddings` how many zeros may stand before and behind what windows read; `gradients` are never left out of a product.
    Where the whole is a number of times too large, that is its `factor`.
    """

    whole: ast.expr
    arrays: Sequence[str] = ()
    near: Mapping[str, Collection[str]] = field(default_factory=dict)
    counts: Collection[str] = ()
    strides: Sequence[ast.expr] = ()
    paddings: Sequence[ast.expr] = ()
    slopes: Sequence[ast.expr] = ()
    gradients: Collection[str] = ()
    factor: float | None = None

    def has_gradient(self, node: ast.expr) -> bool:
        """Whether the gradient of a later quantity stands there."""
        return any(isinstance(part, ast.Name) and part.id in self.gradients for part in ast.walk(node))


Changed = tuple[ast.expr, ast.expr | None]
"""What stands in the place of a node, and the part that is lost or gained."""
Change = Callable[[ast.expr, Around], Iterator[Changed]]


def exchanged_difference(node: ast.expr, around: Around) -> Iterator[Changed]:
    """a - y and y - a"""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        yield ast.BinOp(node.right, ast.Sub(), node.left), None


def other_sign(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u + v and u - v; -u and u"""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield operand, None
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            yield ast.BinOp(left, OPPOSITE[type(op)], right), None
        case ast.Call(func=function, args=[argument]) if called(node) == "exp":
            yield ast.Call(function, [ast.UnaryOp(ast.USub(), argument)], []), None
    if node is around.whole:
        yield ast.UnaryOp(ast.USub(), node), None


def without_factor(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u * v and u"""
    yield from ((kept, lost) for kept, lost in _products(node) if not isinstance(lost, ast.Compare) and not around.has_gradient(lost))


def without_mask(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u * (z > 0) and u"""
    yield from ((kept, lost) for kept, lost in _products(node) if isinstance(lost, ast.Compare))


def _products(node: ast.expr) -> tuple[tuple[ast.expr, ast.expr], ...]:
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return (left, right), (right, left)
        case ast.Call(args=[left, right]) if called(node) in ("multiply", "dot", "matmul"):
            return (left, right), (right, left)
    return ()


def with_factor(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u and u * v"""
    slopes = [slope for slope in around.slopes if not isinstance(slope, ast.Compare)]
    for factor in (*slopes, *map(named, around.arrays if node is around.whole else ())):
        yield ast.BinOp(node, ast.Mult(), factor), factor


def other_slope(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u * v and u * w with the slope w of an activation"""
    kept = [part for part, lost in _products(node) if not around.has_gradient(lost)]
    yield from ((ast.BinOp(part, ast.Mult(), slope), None) for part in kept for slope in around.slopes)


def with_mask(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u and u * (z > 0)"""
    yield from ((ast.BinOp(node, ast.Mult(), slope), slope) for slope in around.slopes if isinstance(slope, ast.Compare))


def other_factor(node: ast.expr, around: Around) -> Iterator[Changed]:
    """c u and 2 c u, u * v and u / v, u and u²"""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            yield from ((ast.Constant(other), None) for other in (2 * value, value // 2) if value in (other // 2, 2 * other))
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
            yield ast.BinOp(left, OPPOSITE[type(op)], right), None
        case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(2)):
            yield base, None
        case ast.Name() | ast.Subscript():
            yield ast.BinOp(node, ast.Pow(), ast.Constant(2)), None


def other_number(node: ast.expr, around: Around) -> Iterator[Changed]:
    """A number without the factor that the whole has too many."""
    match node:
        case ast.Constant(value=int() | float() as value) if around.factor is not None and not isinstance(value, bool):
            yield _constant(value / around.factor), None


def scaled(node: ast.expr, around: Around) -> Iterator[Changed]:
    """The whole without the factor that it has too many."""
    if around.factor is not None and node is around.whole:
        yield ast.BinOp(node, ast.Div(), _constant(around.factor)), None
        yield ast.BinOp(_constant(1 / around.factor), ast.Mult(), node), None


def other_mask(node: ast.expr, around: Around) -> Iterator[Changed]:
    """z > 0 and z < 0, z > 0 and x > 0"""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in TURNED:
        yield ast.Compare(node.left, [TURNED[type(node.ops[0])]], node.comparators), None
        yield from ((ast.Compare(named(name), node.ops, node.comparators), None) for name in around.arrays)


def without_count(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u / N and u"""
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=ast.Name(id=name) as count) if name in around.counts:
            yield left, count
        case ast.BinOp(op=ast.Mult()):
            yield from ((kept, lost) for kept, lost in _products(node) if _is_mean(lost, around))


def _is_mean(node: ast.expr, around: Around) -> bool:
    """1 / N"""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and ast.unparse(node.right) in around.counts


def with_count(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u and u / N"""
    yield from ((ast.BinOp(node, ast.Div(), named(count)), named(count)) for count in around.counts)


def without_divisor(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u / 2 and u"""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield node.left, node.right


def with_divisor(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u and u / 2"""
    yield ast.BinOp(node, ast.Div(), ast.Constant(2)), ast.Constant(2)


def without_term(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u + v and u"""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub) and not isinstance(node.right, ast.Constant):
        yield node.left, node.right
        yield node.right, node.left


def with_term(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u and u + v"""
    if node is around.whole:
        yield from ((ast.BinOp(node, ast.Add(), named(name)), named(name)) for name in around.arrays)


def without_path(node: ast.expr, around: Around) -> Iterator[Changed]:
    """One of two ways to the cost alone."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and all(map(around.has_gradient, (node.left, node.right))):
        yield from without_term(node, around)


def named(name: str) -> ast.expr:
    """A name that is read, or what is held under one: a1, self.a1, cache["a1"]."""
    return ast.Name(name, ast.Load()) if name.isidentifier() else ast.parse(name, mode="eval").body


def called(node: ast.Call) -> str:
    """What a function is called, a method or of a module as well."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def _constant(value: float) -> ast.Constant:
    rounded = round(value, 9)
    return ast.Constant(int(rounded) if rounded == int(rounded) else rounded)
