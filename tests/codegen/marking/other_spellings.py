"""The same operation in other words: np.dot for @, einsum for a product, np.square for a power; each keeps the value."""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from generated_works import Arrays, Work, expression

Respelled = Callable[[ast.expr, "Respelling"], Iterator[str]]


def _product(node: ast.expr, of: Respelling) -> Iterator[str]:
    match node:
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            first, second = ast.unparse(left), ast.unparse(right)
            yield f"np.dot({first}, {second})"
            yield f"({first}).dot({second})"
            yield f"np.matmul({first}, {second})"
            if of.dimensions(left) == of.dimensions(right) == 2:
                (first, rows), (second, columns) = _letters(left, "ij"), _letters(right, "jk")
                yield f"np.einsum('{rows},{columns}->ik', {first}, {second})"


def _letters(node: ast.expr, letters: str) -> tuple[str, str]:
    """An array that is not transposed, and its letters."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return ast.unparse(node.value), letters[::-1]
    return ast.unparse(node), letters


def _sum(node: ast.expr, of: Respelling) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="sum"), args=[], keywords=keywords) if ast.unparse(value) != "np":
            named = "".join(f", {ast.unparse(keyword)}" for keyword in keywords)
            yield f"np.sum({ast.unparse(value)}{named})"
            yield f"np.add.reduce({ast.unparse(value)}{named})"
            if [keyword.arg for keyword in keywords] == ["axis"] and of.dimensions(value) == 2:
                axis = int(ast.literal_eval(keywords[0].value))
                yield f"({ast.unparse(value)}).sum({axis})"
                yield f"({ast.unparse(value)}).T.sum(axis={1 - axis})"
                yield f"np.einsum('{'ij'}->{'ji'[axis]}', {ast.unparse(value)})"
                yield f"np.sum({ast.unparse(value)}, {axis - 2})"


def _times(node: ast.expr, of: Respelling) -> Iterator[str]:
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            first, second = ast.unparse(left), ast.unparse(right)
            yield f"({second}) * ({first})"
            if of.dimensions(left) and of.dimensions(right):
                yield f"np.multiply({first}, {second})"


def _power(node: ast.expr, of: Respelling) -> Iterator[str]:
    match node:
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=2)):
            own = ast.unparse(left)
            yield from (f"np.square({own})", f"np.power({own}, 2)")
            if isinstance(left, ast.Name):
                yield f"{own} * {own}"


def _slope(node: ast.expr, of: Respelling) -> Iterator[str]:
    match node:
        case ast.BinOp(
            left=ast.BinOp(left=before, op=ast.Mult(), right=ast.Name(id=own)),
            op=ast.Mult(),
            right=ast.BinOp(left=ast.Constant(value=1), op=ast.Sub(), right=ast.Name(id=again)),
        ) if own == again:
            yield f"({ast.unparse(before)}) * ({own} * (1 - {own}))"
            yield f"({ast.unparse(before)}) * ({own} - {own} ** 2)"
            yield f"({ast.unparse(before)}) * (1.0 - {own}) * {own}"


def _quotient(node: ast.expr, of: Respelling) -> Iterator[str]:
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=ast.Name(id=count)):
            own = ast.unparse(left)
            yield from (f"1 / {count} * ({own})", f"(1. / {count}) * ({own})", f"({own}) * (1 / {count})", f"np.divide({own}, {count})")


def _difference(node: ast.expr, of: Respelling) -> Iterator[str]:
    match node:
        case ast.BinOp(left=left, op=ast.Sub(), right=right) if (
            of.dimensions(left) and of.dimensions(right) and not isinstance(right, ast.Compare)
        ):
            first, second = ast.unparse(left), ast.unparse(right)
            yield from (f"-({second} - {first})", f"-({second}) + {first}", f"np.subtract({first}, {second})")


def _kink(node: ast.expr, of: Respelling) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(attr="where"), args=[condition, value, ast.Constant(value=0)]):
            holds, own = ast.unparse(condition), f"({ast.unparse(value)})"
            yield from (f"{own} * ({holds})", f"np.multiply({own}, np.int64({holds}))", f"({holds}).astype(float) * {own}")
            yield f"{own} * np.where({holds}, 1, 0)"
        case ast.Call(func=ast.Attribute(attr="maximum"), args=[value, ast.Constant(value=0)]):
            own = f"({ast.unparse(value)})"
            yield from (f"np.maximum(0, {own})", f"{own} * ({own} > 0)", f"np.where({own} > 0, {own}, 0)", f"np.clip({own}, 0, None)")


def _transposed(node: ast.expr, of: Respelling) -> Iterator[str]:
    match node:
        case ast.Attribute(value=value, attr="T"):
            yield from (f"np.transpose({ast.unparse(value)})", f"({ast.unparse(value)}).transpose()")


def _column(node: ast.expr, of: Respelling) -> Iterator[str]:
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=[ast.Slice(), ast.Constant(value=None)])):
            yield from (f"{name}.reshape(-1, 1)", f"{name}[:, np.newaxis]", f"np.expand_dims({name}, 1)")


def _size(node: ast.expr, of: Respelling) -> Iterator[str]:
    match node:
        case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="shape"), slice=ast.Constant(value=axis)):
            yield f"np.shape({name})[{axis}]"
            yield f"{name}.shape[{axis - 2}]"
            if axis == 0:
                yield f"len({name})"


RESPELLED: tuple[Respelled, ...] = (
    _product, _sum, _slope, _times, _power, _quotient, _difference, _kink, _transposed, _column, _size,
)  # fmt: skip


@dataclass
class Respelling(ast.NodeTransformer):
    """Changes as large a share of the operations of a work as `share`."""

    values: Arrays
    draw: random.Random
    share: float

    def dimensions(self, node: ast.expr) -> int:
        return int(np.ndim(eval(ast.unparse(node), dict(self.values))))

    def visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, ast.expr):
            return self.generic_visit(node)
        found = [text for make in RESPELLED for text in make(node, self)] if self.draw.random() < self.share else []
        if found:
            # What is inside has been looked at where it was written out.
            node = expression(self.draw.choice(found))
            for field, value in ast.iter_fields(node):
                if isinstance(value, ast.expr):
                    setattr(node, field, self.generic_visit(value))
            return node
        return self.generic_visit(node)


def respelled(work: Work, draw: random.Random) -> Work:
    respelling = Respelling(work.run(), draw, draw.choice((0.1, 0.3, 0.6)))
    return replace(work, body=tuple(respelling.visit(copy.deepcopy(statement)) for statement in work.body))
