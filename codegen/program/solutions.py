"""Equations that their own tensor solves, as arrays: a linear system, a factor, or Newton's method for x = f(x)."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr

from chainrule.symbolic.derivation.implicit_equations import ImplicitEquation
from chainrule.symbolic.forms.arrays import Array, Factor, Letters, Solution
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.tensors import Role

Part = Callable[[Expr, Letters, Role], Array]


def solution_form(form: ImplicitEquation, part: Part, held: Letters = ()) -> Array:
    """`part` makes an array of an expression at some letters; in a loop, those that are `held` have one position.

    Raises:
        NotExpressible: at a fixed point in a loop.
    """
    tensor = form.equation.tensor
    stored = tuple(letter for letter in tensor.axes if letter not in held)
    order = (*(letter for letter in stored if letter not in form.rows), *form.rows)
    if form.factored is not None:
        return Factor(tensor.name, part(form.factored, stored, tensor.role), stored)
    if held and (form.right is None or not set(held).isdisjoint(form.rows)):
        raise NotExpressible(f"{tensor.name} is a fixed point at each step of a recurrence, for which there is no code")
    matrix = part(form.matrix, (*order, *form.columns), tensor.role)
    right = part(form.value - form.own if form.right is None else form.right, order, tensor.role)
    return Solution(tensor.name, matrix, right, form.rows, form.columns, order, stored, form.right is not None)
