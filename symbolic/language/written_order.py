"""The order in which a text writes names and terms, which SymPy does not keep."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

from chainrule.symbolic.index.ordering import Order, TermKey, source_ranks, with_brackets

from .trees import below

Signed = tuple[bool, ast.expr]


def written_order(right_sides: Iterable[ast.expr], names: Collection[str]) -> Order:
    """The order of the names of tensors and constants, and of the terms of every sum, in the right sides of equations."""
    trees = list(right_sides)
    written: dict[frozenset[TermKey], tuple[TermKey, ...]] = {}
    for tree in trees:
        for terms in _sums(tree):
            keys = tuple((negative, frozenset(_names(term, names))) for negative, term in terms)
            if len(set(keys)) < len(keys):
                keys = tuple(with_brackets(key, _brackets(term, names)) for key, (_, term) in zip(keys, terms, strict=True))
            if len(set(keys)) == len(keys):
                written.setdefault(frozenset(keys), keys)
    return Order(ranks=source_ranks(list(dict.fromkeys(_names(tree, names))) for tree in trees), sums=written)


def _names(tree: ast.expr, known: Collection[str]) -> Iterator[str]:
    """The names that are read, from left to right; what stands in an index is a place, and no factor."""
    if isinstance(tree, ast.Name):
        if tree.id in known:
            yield tree.id
        return
    parts = [tree.value] if isinstance(tree, ast.Subscript) else below(tree)
    for part in parts:
        if isinstance(part, ast.expr):
            yield from _names(part, known)


def _brackets(tree: ast.expr, names: Collection[str]) -> int:
    """How many sums of what is named there are in a term."""
    return sum(any(True for _, term in terms for _ in _names(term, names)) for terms in _sums(tree))


def _sums(tree: ast.AST) -> Iterator[list[Signed]]:
    """Every sum of terms in a tree, its own brackets opened: a - (b + c) is a, −b, −c."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add | ast.Sub):
        terms = list(_terms(tree, False))
        yield terms
        for _, term in terms:
            yield from _sums(term)
        return
    for part in below(tree):
        yield from _sums(part)


def _terms(tree: ast.expr, negative: bool) -> Iterator[Signed]:
    match tree:
        case ast.BinOp(op=ast.Add()) | ast.BinOp(op=ast.Sub()):
            yield from _terms(tree.left, negative)
            yield from _terms(tree.right, negative != isinstance(tree.op, ast.Sub))
        case ast.UnaryOp(op=ast.USub()):
            yield from _terms(tree.operand, not negative)
        case ast.BinOp(op=ast.Mult() | ast.Div(), left=ast.UnaryOp(op=ast.USub(), operand=inside)):
            # -u*v is (-u)*v to Python.
            yield not negative, ast.BinOp(inside, tree.op, tree.right)
        case _:
            yield negative, tree
