"""Changes of how a line of NumPy sums, multiplies and picks entries of arrays, each with its way back among them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations

from .code_changes import MODULES, Around, Changed, called, named
from .exchange import exchanged

PRODUCTS = frozenset({"dot", "matmul", "outer", "einsum"})


def other_array(node: ast.expr, around: Around) -> Iterator[Changed]:
    """Another array in the place of one."""
    is_held = isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.value, ast.Call)
    names = around.near.get(node.id, around.arrays) if isinstance(node, ast.Name) else around.arrays if is_held else ()
    yield from ((named(name), None) for name in names)


def other_reduction(node: ast.expr, around: Around) -> Iterator[Changed]:
    """A sum and a mean."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and (other := _REDUCTIONS.get(node.func.attr)):
        yield ast.Call(ast.Attribute(node.func.value, other, ast.Load()), node.args, node.keywords), None


def exchanged_indices(node: ast.expr, around: Around) -> Iterator[Changed]:
    """W[k, j] and W[j, k], x[h:h + f, w:w + f] and x[w:w + f, h:h + f]"""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        indices = [own for own in map(_index, node.slice.elts) if own is not None]
        for first, second in combinations(dict.fromkeys(indices), 2):
            others = {first: second, second: first}
            yield ast.Subscript(node.value, exchanged(node.slice, partial(_renamed, others)), node.ctx), None


def _index(node: ast.expr) -> str | None:
    """The name that a place is counted by, or at which a slice begins."""
    match node:
        case ast.Name(id=name) | ast.Slice(lower=ast.Name(id=name)):
            return name
        case ast.Slice(lower=ast.expr() as lower):
            names = [each.id for each in ast.walk(lower) if isinstance(each, ast.Name) and is_letter(each)]
            return names[0] if names else None
    return None


def _renamed(others: Mapping[str, str], part: ast.AST) -> ast.expr | None:
    return named(others[part.id]) if isinstance(part, ast.Name) and part.id in others else None


def other_extreme(node: ast.expr, around: Around) -> Iterator[Changed]:
    """np.max(x) and np.min(x), x.argmax() and x.argmin(), np.maximum(0, z) and np.minimum(0, z)"""
    match node:
        case ast.Call(func=ast.Attribute(value, name, context)) if name in _EXTREMES:
            yield ast.Call(ast.Attribute(value, _EXTREMES[name], context), node.args, node.keywords), None
        case ast.Call(func=ast.Name(name)) if name in _EXTREMES:
            yield ast.Call(named(_EXTREMES[name]), node.args, node.keywords), None


_REDUCTIONS = {"sum": "mean", "mean": "sum"}
_LARGEST = ("max", "amax", "nanmax", "argmax", "maximum")
_EXTREMES = {one: other for name in _LARGEST for pair in ((name, name.replace("max", "min")),) for one, other in (pair, pair[::-1])}


def without_sum(node: ast.expr, around: Around) -> Iterator[Changed]:
    """dz.sum(axis=0) and dz"""
    match node:
        case ast.Call(ast.Attribute(ast.Name(id=module), "sum"), [ast.expr() as array, *_]) if module in MODULES:
            yield array, None
        case ast.Call(ast.Attribute(ast.expr() as array, "sum")):
            yield array, None


def with_sum(node: ast.expr, around: Around) -> Iterator[Changed]:
    """dz and np.sum(dz, axis=0)"""
    total = ast.Attribute(named("np"), "sum", ast.Load())
    for axis in (0, 1):
        for keywords in ([], [ast.keyword("keepdims", ast.Constant(True))]):
            yield ast.Call(total, [node], [ast.keyword("axis", ast.Constant(axis)), *keywords]), None


def without_letter(node: ast.expr, around: Around) -> Iterator[Changed]:
    """Σ_n x[n,i] and x[n,i]"""
    match node:
        case ast.Call(ast.Name(id="sum"), [ast.Name(), ast.expr() as entry]):
            yield entry, None


def with_letter(node: ast.expr, around: Around) -> Iterator[Changed]:
    """x[n,i] and Σ_n x[n,i], where it stands for the whole"""
    if node is around.whole:
        indices = [each.slice for each in ast.walk(node) if isinstance(each, ast.Subscript)]
        letters = dict.fromkeys(each.id for index in indices for each in ast.walk(index) if isinstance(each, ast.Name))
        yield from ((ast.Call(named("sum"), [named(letter), node], []), None) for letter in letters)


def other_axis(node: ast.expr, around: Around) -> Iterator[Changed]:
    """A sum over axis 0 and over axis 1, over all and over one."""
    if isinstance(node, ast.Call) and called(node) in ("sum", "mean", "max", "reduce"):
        others = [keyword for keyword in node.keywords if keyword.arg != "axis"]
        if node.args and _is_whole_number(node.args[-1]):
            yield from ((ast.Call(node.func, [*node.args[:-1], ast.Constant(axis)], node.keywords), None) for axis in (0, 1))
        if len(others) < len(node.keywords) or len(node.args) < 2:
            for axis in (0, 1, -1):
                yield ast.Call(node.func, node.args, [ast.keyword("axis", ast.Constant(axis)), *others]), None
            yield ast.Call(node.func, node.args, others), None


def _is_whole_number(node: ast.expr) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def other_shape(node: ast.expr, around: Around) -> Iterator[Changed]:
    """A sum that keeps its axis, and one that does not."""
    if isinstance(node, ast.Call) and called(node) in ("sum", "mean", "max"):
        others = [keyword for keyword in node.keywords if keyword.arg != "keepdims"]
        kept = [*others, ast.keyword("keepdims", ast.Constant(True))]
        yield ast.Call(node.func, node.args, kept if len(others) == len(node.keywords) else others), None


def without_transpose(node: ast.expr, around: Around) -> Iterator[Changed]:
    """x.T and x"""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value, node.value


def with_transpose(node: ast.expr, around: Around) -> Iterator[Changed]:
    """x and x.T"""
    is_array = isinstance(node, ast.Name | ast.Attribute | ast.Subscript) or node is around.whole
    if is_array and not (isinstance(node, ast.Attribute) and node.attr == "T"):
        yield ast.Attribute(node, "T", ast.Load()), node


def exchanged_factors(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u @ v and v @ u"""
    yield from ((product(right, left), None) for left, right, product in _matrix_products(node))


def turned_factors(node: ast.expr, around: Around) -> Iterator[Changed]:
    """u @ v and v @ u, u @ v and u @ v, one or both of them transposed."""
    for left, right, product in _matrix_products(node):
        turned = _turned(left), _turned(right)
        for pair in ((turned[1], left), (right, turned[0]), turned[::-1], turned):
            yield product(*pair), None


def is_matrix_product(node: ast.AST) -> bool:
    """Whether it sums over what arrays have in common: u @ v, np.dot(u, v), u.dot(v), np.einsum(…)."""
    match node:
        case ast.BinOp(op=ast.MatMult()):
            return True
        case ast.Call():
            return called(node) in PRODUCTS
    return False


def _matrix_products(node: ast.expr) -> Iterator[tuple[ast.expr, ast.expr, Callable[[ast.expr, ast.expr], ast.expr]]]:
    match node:
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            yield left, right, lambda first, second: ast.BinOp(first, ast.MatMult(), second)
        case ast.Call(func=function, args=[left, right]) if called(node) in PRODUCTS:
            yield left, right, lambda first, second: ast.Call(function, [first, second], node.keywords)
        case ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[right]):
            yield left, right, lambda first, second: ast.Call(ast.Attribute(first, "dot", ast.Load()), [second], [])


def _turned(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Attribute) and node.attr == "T" else ast.Attribute(node, "T", ast.Load())


def without_step(node: ast.expr, around: Around) -> Iterator[Changed]:
    """t + 1 and t"""
    match node:
        case ast.BinOp(ast.Name() as own, ast.Add() | ast.Sub(), ast.Constant(1)):
            yield own, None


def with_step(node: ast.expr, around: Around) -> Iterator[Changed]:
    """h[t] and h[t - 1], a place counted by number and the next one."""
    indices = node.slice if isinstance(node, ast.Subscript) else None
    for place in ast.walk(indices) if indices is not None else ():
        for other in _steps(place):
            yield exchanged(node, partial(_instead, place, other)), None


def _instead(place: ast.AST, other: ast.expr, part: ast.AST) -> ast.expr | None:
    return other if part is place else None


def _steps(place: ast.AST) -> Iterator[ast.expr]:
    match place:
        case ast.Name() if is_letter(place):
            yield from (ast.BinOp(place, sign, ast.Constant(1)) for sign in (ast.Sub(), ast.Add()))
        case ast.BinOp(left=ast.Name() as name, op=ast.Add() | ast.Sub(), right=ast.Constant(1)):
            yield name
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            yield from (ast.Constant(value + step) for step in (1, -1))


def is_letter(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and len(node.id) == 1 and node.id.islower()
