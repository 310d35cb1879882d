"""Conditions of case distinctions: comparisons, chains of them, and what `and`, `or` and `not` make of them.

Each is decided comparison by comparison: where(a and b, u, v) is where(a, where(b, u, v), v).
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import pairwise

from sympy import Expr

from .functions import CHOICES

#: One comparison (its two sides, its sign, the node) with the values where it holds and where not.
Decide = Callable[[ast.Compare, Expr, Expr], Expr]


def is_condition(node: ast.expr) -> bool:
    """Whether a piece of text says that something holds."""
    return isinstance(node, ast.Compare | ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def comparisons(condition: ast.expr) -> list[ast.Compare]:
    """The comparisons of a condition, those of a chain one by one, in the order in which they are written."""
    match condition:
        case ast.BoolOp(values=parts):
            return [comparison for part in parts for comparison in comparisons(part)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return comparisons(operand)
        case ast.Compare():
            return links(condition)
        case _:
            return []


def links(chain: ast.Compare) -> list[ast.Compare]:
    """a < u <= b as a < u and u <= b."""
    sides = pairwise([chain.left, *chain.comparators])
    return [ast.copy_location(ast.Compare(left, [sign], [right]), left) for sign, (left, right) in zip(chain.ops, sides, strict=True)]


def not_decidable(condition: ast.expr) -> ast.expr | None:
    """The first part of a condition that is no comparison of numbers, or None where all are."""
    match condition:
        case ast.BoolOp(values=parts):
            return next((found for part in parts if (found := not_decidable(part)) is not None), None)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not_decidable(operand)
        case ast.Compare(ops=signs) if all(type(sign) in CHOICES for sign in signs):
            return None
        case _:
            return condition


def decided(condition: ast.expr, yes: Expr, no: Expr, decide: Decide) -> Expr:
    """`yes` where the condition holds, `no` elsewhere."""
    match condition:
        case ast.BoolOp(op=ast.And(), values=parts):
            for part in reversed(parts):
                yes = decided(part, yes, no, decide)
            return yes
        case ast.BoolOp(values=parts):
            for part in reversed(parts):
                no = decided(part, yes, no, decide)
            return no
        case ast.UnaryOp(operand=operand):
            return decided(operand, no, yes, decide)
        case ast.Compare() if len(condition.ops) > 1:
            for link in reversed(links(condition)):
                yes = decided(link, yes, no, decide)
            return yes
        case _:
            assert isinstance(condition, ast.Compare)
            return decide(condition, yes, no)
