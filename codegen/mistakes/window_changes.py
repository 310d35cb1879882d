"""Changes of where the windows of a convolution begin and of the zeros around what they read, each with its way back among them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial

from .array_changes import is_letter
from .code_changes import Around, Changed, called
from .exchange import exchanged

#: How many axes stand before those along which windows move, and how many these are.
TRIMMED = ((1, 1), (2, 1), (2, 2), (0, 1))


def without_stride(node: ast.expr, around: Around) -> Iterator[Changed]:
    """range(0, 8, 2) and range(0, 4), x[i*s:i*s + k] and x[i:i + k]"""
    match node:
        case ast.Call(ast.Name("range"), [ast.Constant(0), ast.Constant(int() as end), ast.Constant(int() as step)]):
            yield ast.Call(node.func, [ast.Constant(0), ast.Constant(len(range(0, end, step)))], []), None
    yield from _in_slices(node, around, _without_stride)


def with_stride(node: ast.expr, around: Around) -> Iterator[Changed]:
    """x[i:i + k] and x[i*s:i*s + k], where a window begins and so many steps further"""
    yield from _in_slices(node, around, _with_stride)
    if node is around.whole and is_letter(node):
        yield from ((ast.BinOp(node, ast.Mult(), stride), None) for stride in around.strides)


def _without_stride(bounds: ast.Slice, stride: ast.expr) -> ast.Slice:
    own = ast.dump(stride)

    def instead(part: ast.AST) -> ast.expr | None:
        match part:
            case ast.BinOp(left=left, op=ast.Mult(), right=right) if own in (ast.dump(left), ast.dump(right)):
                return left if ast.dump(right) == own else right
        return None

    return exchanged(bounds, instead)


def _with_stride(bounds: ast.Slice, stride: ast.expr) -> ast.Slice:
    """The letter at which the window begins is multiplied, in both bounds."""
    first = {node.id for node in ast.walk(bounds.lower) if isinstance(node, ast.Name) and is_letter(node)} if bounds.lower else set()
    return exchanged(bounds, lambda part: ast.BinOp(part, ast.Mult(), stride) if isinstance(part, ast.Name) and part.id in first else None)


def _in_slices(node: ast.expr, around: Around, change: Callable[[ast.Slice, ast.expr], ast.Slice]) -> Iterator[Changed]:
    """A slice, or all of an array's slices, with other bounds."""
    if isinstance(node, ast.Subscript | ast.Slice):
        for stride in around.strides:
            found = exchanged(node, partial(_in_slice, stride=stride, change=change))
            if found is not node:
                yield found, None


def _in_slice(part: ast.AST, stride: ast.expr, change: Callable[[ast.Slice, ast.expr], ast.Slice]) -> ast.Slice | None:
    return change(part, stride) if isinstance(part, ast.Slice) else None


def other_stride(node: ast.expr, around: Around) -> Iterator[Changed]:
    """x[i*s:i*s + k] and x[i*t:i*t + k]; i*s and i*t"""
    named = {ast.unparse(stride) for stride in around.strides}

    def instead(part: ast.AST, stride: ast.expr) -> ast.expr | None:
        match part:
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                letters = [each for each in (left, right) if is_letter(each) and ast.unparse(each) not in named]
                return ast.BinOp(letters[0], ast.Mult(), stride) if len(letters) == 1 else None
        return None

    yield from _in_slices(node, around, lambda bounds, stride: exchanged(bounds, lambda part: instead(part, stride)))
    if node is around.whole:
        found = (instead(node, stride) for stride in around.strides)
        yield from ((other, None) for other in found if other is not None)


def other_padding(node: ast.expr, around: Around) -> Iterator[Changed]:
    """np.pad(x, ((0, 0), (p, p))) and np.pad(x, ((0, 0), (q, q))), dx[p:-p] and dx[q:-q]"""
    for padding in around.paddings:
        match node:
            case ast.Call(func=function, args=[array, widths, *others]) if called(node) == "pad":
                yield ast.Call(function, [array, exchanged(widths, partial(_padded, padding)), *others], node.keywords), None
            case ast.Subscript(value, index, context) if node is around.whole:
                found = exchanged(index, partial(_trimmed, padding))
                if found is not index:
                    yield ast.Subscript(value, found, context), None


def _padded(padding: ast.expr, part: ast.AST) -> ast.expr | None:
    match part:
        case ast.Tuple(elts=[first, second]) if not any(isinstance(each, ast.Tuple) for each in (first, second)):
            is_none = all(isinstance(each, ast.Constant) and each.value == 0 for each in (first, second))
            return part if is_none else ast.Tuple([padding, padding], ast.Load())
    return None


def _trimmed(padding: ast.expr, part: ast.AST) -> ast.Slice | None:
    if isinstance(part, ast.Slice) and (part.lower is not None or part.upper is not None):
        return _trim(padding)
    return None


def _trim(padding: ast.expr) -> ast.Slice:
    """p:-p"""
    return ast.Slice(padding, ast.UnaryOp(ast.USub(), padding))


def with_trim(node: ast.expr, around: Around) -> Iterator[Changed]:
    """dx and dx[:, p:-p]"""
    if node is around.whole and isinstance(node, ast.Name | ast.Attribute):
        for padding in around.paddings:
            for before, trimmed in TRIMMED:
                indices: list[ast.expr] = [*(ast.Slice() for _ in range(before)), *(_trim(padding) for _ in range(trimmed))]
                index = ast.Tuple(indices, ast.Load()) if len(indices) > 1 else indices[0]
                yield ast.Subscript(node, index, ast.Load()), None


def without_trim(node: ast.expr, around: Around) -> Iterator[Changed]:
    """dx[:, p:-p] and dx"""
    if node is around.whole and isinstance(node, ast.Subscript):
        yield node.value, None
