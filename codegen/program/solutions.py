"""Equations that their own tensor solves, as arrays: a linear system, a factor, or Newton's method for x = f(x)."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr

from chainrule.symbolic.derivation.implicit_equations import ImplicitEquation
from chainrule.symbolic.forms.arrays import Array, Factor, Letters, Solution
from chainrule.symbolic.index.tensors import Role

Part = Callable[[Expr, Letters, Role], Array]


def solution_form(form: ImplicitEquation, part: Part) -> Array:
    """`part` makes an array of an expression at some letters."""
    tensor = form.equation.tensor
    others = tuple(letter for letter in tensor.axes if letter not in form.rows)
    order = (*others, *form.rows)
    if form.factored is not None:
        return Factor(tensor.name, part(form.factored, tensor.axes, tensor.role), tensor.axes)
    matrix = part(form.matrix, (*order, *form.columns), tensor.role)
    right = part(form.value - form.own if form.right is None else form.right, order, tensor.role)
    return Solution(tensor.name, matrix, right, form.rows, form.columns, order, tensor.axes, form.right is not None)
