"""The equation of the inverse of a matrix, B = B + 1 − A B, which is what A B = 1 is solved by."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, KroneckerDelta

from chainrule.symbolic.index.axes import axis_name, fresh
from chainrule.symbolic.index.implicit import body, implicit
from chainrule.symbolic.index.index_letters import bound_sum, letters, substitute, tidy
from chainrule.symbolic.index.tensors import Tensor

from .system import Equation, System

#: What the name of an inverse that nobody named ends with, behind that of its matrix.
INVERSE = "_inverse"
#: Under what a system has its inverses when they were looked for.
KEPT = "named inverses"


def inverse_of(tensor: Tensor, matrix: Expr) -> Equation:
    """The equation by which a tensor is the inverse of the matrix whose entry is given at the tensor's letters."""
    *others, row, column = tensor.axes
    between = fresh(row, letters(matrix) | set(tensor.axes))
    product = substitute(matrix, {column: between}) * tensor.at(*others, between, column)
    right = tensor.own_entry + KroneckerDelta(row, column) - bound_sum(product, between)
    return Equation(tensor, implicit(tensor.own_entry, tidy(right, frozenset(tensor.axes))))


def is_inverse(equation: Equation, like: Tensor, matrix: Expr) -> bool:
    """Whether an equation's tensor is the inverse of the matrix whose entry is given at the letters of `like`."""
    tensor = equation.tensor
    if not isinstance(equation.expression, implicit) or [*map(axis_name, tensor.axes)] != [*map(axis_name, like.axes)]:
        return False
    wanted = inverse_of(Tensor(tensor.name, like.axes, tensor.role), matrix)
    found = substitute(body(equation.expression), dict(zip(tensor.axes, like.axes, strict=True)))
    return bool(tidy(found, frozenset(like.axes)) == body(wanted.expression))


def named_inverse(equation: Equation, tensors: Mapping[str, Tensor]) -> str | None:
    """The tensor A where an equation is that of A_inverse, and this is the inverse of A."""
    own = equation.tensor
    matrix = tensors.get(own.name.removesuffix(INVERSE)) if own.name.endswith(INVERSE) else None
    if matrix is None or len(matrix.axes) != len(own.axes) or not is_inverse(equation, own, matrix.at(*own.axes)):
        return None
    return matrix.name


def named_inverses(system: System) -> dict[str, str]:
    """The tensors that are called the inverses of others, and are: by name, with the names of these. Looked for once in a system."""
    kept: dict[str, dict[str, str]] = vars(system)
    if KEPT not in kept:
        found = ((equation.tensor.name, named_inverse(equation, system.tensors)) for equation in system.equations)
        kept[KEPT] = {name: matrix for name, matrix in found if matrix is not None}
    return kept[KEPT]
