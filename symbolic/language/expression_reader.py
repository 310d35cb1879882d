"""The equation language: text to SymPy, through Python's own grammar (`ast`) and a list of what is allowed.

    z1[n,j] = sum(i, W1[j,i]*x[n,i]) + b1[j]

Nothing is ever evaluated as Python: every node is looked up in a table, and what is not in a table is refused with the place where it
stands. Numbers and sizes are limited, so that no text, however short, can make the reader work for long.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

import sympy
from sympy import Expr, Indexed, Integer, KroneckerDelta, Symbol

from chainrule.symbolic.index.axes import axis_name, fresh, index, letter_size, limits
from chainrule.symbolic.index.failures import NotExpressible, counted, expected_one_of
from chainrule.symbolic.index.functions import ELEMENTARY
from chainrule.symbolic.index.index_letters import WELL_KNOWN
from chainrule.symbolic.index.index_sum import IndexSum
from chainrule.symbolic.index.limits import DEEPEST_NESTING, MOST_COMPARISONS
from chainrule.symbolic.index.named_functions import axis_max, determinant, gradient

from .conditions import comparisons, decided, is_condition, not_decidable
from .functions import (
    ALL_FUNCTIONS,
    ARGUMENTS,
    CHOICES,
    CONSTANTS,
    DETERMINANT,
    FUNCTIONS,
    KINDS,
    NOT_OPERATORS,
    OPERATORS,
    REDUCTIONS,
    RESERVED,
    SOLVED,
)
from .index_expressions import index_expression
from .literals import check_moderate, check_real, number, power
from .scope import Scope
from .shorthand import Shorthands
from .syntax import NAMED, TOO_DEEP, Syntax, syntax_of
from .whole_reader import WHOLE_FUNCTIONS

__all__ = ["RESERVED", "Scope", "expression_of", "parse_expression"]


def parse_expression(text: str, scope: Scope) -> Expr:
    """The SymPy expression of a text.

    Raises `InvalidDescription`, with the text and a mark under the place, for anything that is not allowed.
    """
    return expression_of(Shorthands(syntax_of(text)).written(), scope)


def expression_of(syntax: Syntax, scope: Scope) -> Expr:
    """The same for a text that is a tree already."""
    return _Reader(syntax, scope).expression(syntax.tree, 0)


class _Reader:
    """One text on its way to an expression; keeps the bound letters while inside a sum."""

    def __init__(self, syntax: Syntax, scope: Scope) -> None:
        self.syntax = syntax
        self.scope = scope
        self.bound: dict[str, Symbol] = {}

    def expression(self, node: ast.expr, depth: int) -> Expr:
        """The expression of one node. Whatever is a number is one that exists and that a float can hold."""
        if depth > DEEPEST_NESTING:
            raise self.syntax.at(node, TOO_DEEP)
        try:
            result = self.any_expression(node, depth)
        except ZeroDivisionError:
            # SymPy has worked out a part to find its sign.
            raise self.syntax.at(node, "a division by zero") from None
        check_moderate(result, node, self.syntax)
        return result

    def any_expression(self, node: ast.expr, depth: int) -> Expr:
        match node:
            case ast.BinOp(op=ast.Pow()):
                return power(self.expression(node.left, depth + 1), self.expression(node.right, depth + 1), node, self.syntax)
            case ast.BinOp() if type(node.op) in OPERATORS:
                left, right = self.expression(node.left, depth + 1), self.expression(node.right, depth + 1)
                if isinstance(node.op, ast.Div) and (right == 0 or (right.is_number and right.is_zero)):
                    raise self.syntax.at(node.right, "a division by zero")
                return OPERATORS[type(node.op)](left, right)
            case ast.Subscript(value=ast.Name()):
                return self.subscript(node)
            case ast.Name():
                return self.name(node)
            case ast.Call(func=ast.Name()) if not node.keywords:
                return self.call(node, depth)
            case ast.Call(func=ast.Name()):
                raise self.syntax.at(node.keywords[0], NAMED)
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                return number(node, self.syntax)
            case ast.UnaryOp(op=ast.USub()):
                return -self.expression(node.operand, depth + 1)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.expression(node.operand, depth + 1)
            case ast.List():
                return self.truth(node, depth)
            case ast.BinOp() if type(node.op) in NOT_OPERATORS:
                raise self.syntax.at(node, NOT_OPERATORS[type(node.op)])
            case _:
                raise self.syntax.at(node, f"{KINDS.get(type(node), type(node).__name__)} is not part of the equation language")

    def name(self, node: ast.Name) -> Expr:
        for table in (self.bound, self.scope.entries, self.scope.values, CONSTANTS):
            if node.id in table:
                return table[node.id]
        if node.id in self.scope.tensors:
            if rank := self.scope.ranks.get(node.id, 0):
                axes, indices = counted(rank, "axis", "axes"), counted(rank, "index", "indices")
                raise self.syntax.at(node, f"{node.id} has {axes} and is written with {indices}, as in {node.id}[…]")
            return self.scope.tensors[node.id]()
        if self.scope.letters is not None and node.id in self.scope.letters:
            # The place itself as a number: where(u > t, 0, s[t,u]).
            return self.scope.symbols.get(node.id, index(node.id))
        known = [*self.scope.names, *CONSTANTS]
        raise self.syntax.at(node, f"unknown name {node.id!r}; {expected_one_of(node.id, known)}")

    def call(self, node: ast.Call, depth: int) -> Expr:
        function = node.func.id  # type: ignore[attr-defined]
        if function in REDUCTIONS:
            return self.reduction(node, function, depth)
        if function == "grad":
            return self.gradient(node)
        if function in SOLVED:
            raise self.syntax.at(node, f"{function}(…) is the whole right side of an equation; give it a tensor of its own")
        if function not in ARGUMENTS:
            known = dict.fromkeys([*ALL_FUNCTIONS, *WHOLE_FUNCTIONS])
            raise self.syntax.at(node, f"unknown function {function!r}; {expected_one_of(function, known)}")
        if len(node.args) != ARGUMENTS[function]:
            expected = counted(ARGUMENTS[function], "argument", "arguments")
            raise self.syntax.at(node, f"{function} takes {expected}, found {len(node.args)}")
        if function == "where":
            return self.case_distinction(node, depth)
        values = [self.expression(argument, depth + 1) for argument in node.args]
        result = self.chosen(node, FUNCTIONS[function], *values)
        if ELEMENTARY[function].is_partial or result.is_number:
            check_real(result, node, self.syntax, f"{function}(…)")
        return result

    def gradient(self, node: ast.Call) -> Expr:
        """grad(L, W[o,i]): ∂L/∂W[o,i], which is worked out when a network is derived."""
        if len(node.args) != 2:
            raise self.syntax.at(node, f"grad takes a number and an entry, as in grad(L, W[o,i]), found {len(node.args)} arguments")
        of, by = (self.expression(argument, 1) for argument in node.args)
        if not (isinstance(node.args[0], ast.Name) and node.args[0].id in self.scope.tensors):
            raise self.syntax.at(node.args[0], "grad is of a tensor without indices, as in grad(L, W[o,i]) with an equation for L")
        named = node.args[1].value if isinstance(node.args[1], ast.Subscript) else node.args[1]
        if not (isinstance(named, ast.Name) and named.id in self.scope.tensors and isinstance(by, Symbol | Indexed)):
            raise self.syntax.at(node.args[1], "grad is by an entry of a tensor, as in grad(L, W[o,i])")
        return gradient(of, by)

    def case_distinction(self, node: ast.Call, depth: int) -> Expr:
        self.check_condition(node.args[0], "the first argument of where is")
        yes, no = (self.expression(argument, depth + 1) for argument in node.args[1:])
        return decided(node.args[0], yes, no, partial(self.compared, depth + 1))

    def truth(self, node: ast.List, depth: int) -> Expr:
        """[c]: 1 where the condition holds and else 0; Kronecker's delta where two places are equal."""
        if len(node.elts) != 1 or not is_condition(node.elts[0]):
            raise self.syntax.at(
                node, "brackets without a name hold one condition, as in [i = j] or [u > 0], which is 1 where it holds, else 0"
            )
        self.check_condition(node.elts[0], "brackets without a name hold")
        return decided(node.elts[0], Integer(1), Integer(0), partial(self.compared, depth + 1))

    def check_condition(self, condition: ast.expr, what: str) -> None:
        if (wrong := not_decidable(condition)) is not None:
            signs = "<, <=, >, >=, == or !="
            raise self.syntax.at(wrong, f"{what} a comparison with {signs}, such as z > 0, or several with and, or, not")
        if len(comparisons(condition)) > MOST_COMPARISONS:
            raise self.syntax.at(condition, f"a condition of more than {MOST_COMPARISONS} comparisons")

    def compared(self, depth: int, comparison: ast.Compare, yes: Expr, no: Expr) -> Expr:
        left, right = self.expression(comparison.left, depth), self.expression(comparison.comparators[0], depth)
        if not (left - right).free_symbols:
            raise self.syntax.at(comparison.left, "a comparison that does not depend on anything")
        is_equality = isinstance(comparison.ops[0], ast.Eq)
        if is_equality and (yes, no) == (1, 0) and left.is_integer and right.is_integer:
            return KroneckerDelta(left, right)
        return self.chosen(comparison.left, CHOICES[type(comparison.ops[0])], left, right, yes, no)

    def chosen(self, node: ast.expr, choose: Callable[..., Expr], *given: Any) -> Expr:
        if choose in WELL_KNOWN and isinstance(given[0], Indexed):
            # Of an entry nothing is simpler.
            return choose(*given, evaluate=False)
        try:
            return choose(*given)
        except NotExpressible as problem:
            raise self.syntax.at(node, str(problem)) from None

    def reduction(self, node: ast.Call, function: str, depth: int) -> Expr:
        if len(node.args) < 2:
            raise self.syntax.at(node, f"{function} takes its letters and an expression, as in {function}(k, u[k])")
        *letter_nodes, body = node.args
        remedy = "; the larger of two values is maximum(u, v)" if function == "max" else ""
        outer = dict(self.bound)
        bound = []
        for letter_node in letter_nodes:
            if not isinstance(letter_node, ast.Name):
                raise self.syntax.at(letter_node, f"a letter was expected here, as in {function}(k, u[k]){remedy}")
            letter = self.bound_letter(letter_node, remedy)
            self.bound[letter_node.id] = letter
            bound.append(letter)
        inside = self.expression(body, depth + 1)
        self.bound = outer
        if function == DETERMINANT:
            if len(bound) != 2 or len(set(map(axis_name, bound))) > 1:
                raise self.syntax.at(node, "a determinant takes two letters of one axis and an entry, as in det(i, i_, A[i,i_])")
            return determinant(inside, *bound)
        if function == "max":
            # The first letter outermost: in a tie its first place is taken, and there that of the next letter.
            for letter in reversed(bound):
                inside = axis_max(inside, letter) if inside.has(letter) else inside
            return inside
        if inside.is_number:
            # Σ_n 1 is the number of examples N, as it is where it comes up in a derivation; Σ_n 1 - 1 would read as Σ_n (1 - 1).
            return inside * sympy.Mul(*(letter_size(letter) for letter in bound if function == "sum"))
        result: Expr = IndexSum(inside, *(limits(letter) for letter in bound))
        if function == "mean":
            result = result / sympy.Mul(*(letter_size(letter) for letter in bound))
        return result

    def bound_letter(self, node: ast.Name, remedy: str) -> Symbol:
        if node.id in self.bound or self.scope.knows(node.id) or node.id in RESERVED:
            raise self.syntax.at(node, f"{node.id!r} already has a meaning here; sum over another letter{remedy}")
        if self.scope.letters is not None and node.id in self.scope.letters:
            remedy = f"sum over another letter, such as {node.id}_"
            raise self.syntax.at(node, f"{node.id!r} stands on the left, where it is one place; {remedy}")
        if self.scope.unit is None:
            return self.scope.symbol(node.id)
        return fresh(self.scope.unit, {self.scope.unit, *self.bound.values()})

    def subscript(self, node: ast.Subscript) -> Expr:
        name = node.value.id  # type: ignore[attr-defined]
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name in self.scope.entries:
            return self.other_entry(node, name, parts)
        if name not in self.scope.tensors:
            remedy = "" if self.scope.letters is None else "; declare it, or give it an equation"
            raise self.syntax.at(node, f"unknown tensor {name!r}; {expected_one_of(name, self.scope.names)}{remedy}")
        if len(parts) != (rank := self.scope.ranks.get(name, len(parts))):
            found = counted(len(parts), "index", "indices")
            raise self.syntax.at(node, f"{name} has {counted(rank, 'axis', 'axes')}, found {found}")
        try:
            return self.scope.tensors[name](*(self.index(part) for part in parts))
        except NotExpressible as problem:
            raise self.syntax.at(node, str(problem)) from None

    def other_entry(self, node: ast.Subscript, name: str, parts: list[ast.expr]) -> Expr:
        """`z[k]` where z stands for z1[n,j]: the entry of another unit, z1[n,k]."""
        here = self.scope.entries[name]
        unit = self.scope.unit
        if not isinstance(here, Indexed) or unit is None or len(parts) != 1:
            raise self.syntax.at(node, f"{name} is one number here and takes no index")
        other = self.index(parts[0])
        return here.base[tuple(other if part == unit else part for part in here.indices)]

    def index(self, node: ast.expr) -> Expr:
        if isinstance(node, ast.Name) and node.id in self.bound:
            return self.bound[node.id]
        return index_expression(node, self.scope, self.bound, self.syntax, self.subscript)
