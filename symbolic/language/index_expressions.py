"""What may stand as an index: a letter, a whole number, a sum of such as 2*i + p - 1, or an entry of an integer tensor."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from sympy import Expr, Integer, Symbol

from chainrule.symbolic.index.limits import LARGEST_PLACE

from .functions import OPERATORS
from .scope import Scope
from .syntax import Syntax

INDEX_SUM = "an index sum multiplies a letter by a whole number only, as in 2*i + p - 1"


def index_expression(
    node: ast.expr, scope: Scope, bound: Mapping[str, Symbol], syntax: Syntax, subscript: Callable[[ast.Subscript], Expr]
) -> Expr:
    """The expression of an index; `bound` are the letters of the sums around, `subscript` reads an entry of a tensor.

    Raises:
        InvalidDescription: with a mark under whatever cannot be an index.
    """

    def read(part: ast.expr) -> Expr:
        return index_expression(part, scope, bound, syntax, subscript)

    match node:
        case ast.Name():
            return _letter(node, scope, bound, syntax)
        case ast.Subscript(value=ast.Name(id=name)):
            if scope.letters is not None and name not in scope.integers:
                raise syntax.at(node, f"{name!r} is no integer tensor; declare it as in '{name}[…] in k'")
            return subscript(node)
        case _ if scope.unit is not None:
            raise syntax.at(node, f"an index is a letter{_hint(scope, bound)} or an integer tensor here")
        case ast.Constant(value=int(place)) if not isinstance(place, bool):
            if place >= LARGEST_PLACE:
                raise syntax.at(node, f"a place of {LARGEST_PLACE} or more")
            return Integer(place)
        case ast.UnaryOp(op=ast.USub()):
            return -read(node.operand)
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return OPERATORS[type(node.op)](read(node.left), read(node.right))
        case ast.BinOp(op=ast.Mult()):
            left, right = read(node.left), read(node.right)
            if not (left.is_Integer or right.is_Integer):
                raise syntax.at(node, INDEX_SUM)
            return left * right
        case ast.BinOp():
            raise syntax.at(node, INDEX_SUM)
        case ast.Slice():
            raise syntax.at(node, "a whole axis has no sign of its own; write a letter for every index, as in x[n,k]")
        case _:
            raise syntax.at(node, f"an index is a letter{_hint(scope, bound)}, a whole number, a sum of these or an integer tensor here")


def _letter(node: ast.Name, scope: Scope, bound: Mapping[str, Symbol], syntax: Syntax) -> Expr:
    name = node.id
    if name in bound:
        return bound[name]
    if name in scope.values and scope.values[name].is_integer:
        return scope.values[name]
    if scope.unit is not None or scope.knows(name):
        if scope.letters is not None:
            raise syntax.at(node, f"{name!r} is a tensor or a constant, and no index{_hint(scope, bound)}")
        raise syntax.at(node, f"an index is a letter{_hint(scope, bound)} or an integer tensor here")
    if scope.letters is not None and name not in scope.letters:
        known = [*bound, *sorted(scope.letters)]
        hint = f"; known here: {', '.join(known)}" if known else f"; sum over it, as in sum({name}, …)"
        raise syntax.at(node, f"the index {name!r} is neither on the left nor summed over{hint}")
    return scope.symbol(name)


def _hint(scope: Scope, bound: Mapping[str, Symbol]) -> str:
    known = [*bound, *(name for name, value in scope.values.items() if value.is_integer)]
    return f" ({', '.join(known)})" if known else ""
