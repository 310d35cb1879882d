"""What an equation says that its own tensor solves, in matrix notation: x = A⁻¹ b for A x = b, X = B A⁻ᵀ for A Xᵀ = Bᵀ, and L = chol(S)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Expr, KroneckerDelta

from chainrule.symbolic.derivation.implicit_equations import ImplicitEquation
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.index_letters import free_letters, substitute
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.inverse_matrix import named_inverse
from chainrule.symbolic.system.system import Equation

from .arrays import Letters
from .matrices import Matrix, MatrixFunction, MatrixProduct

#: An expression in matrix notation, with the letters of its rows and columns.
Form = Callable[[Expr, Letters], Matrix]


class NotOneMatrix(NotExpressible):
    """What is no linear system with one matrix."""


def solution_matrix(equation: Equation, tensors: Mapping[str, Tensor], form: Form) -> Matrix:
    """The solution, by what makes a matrix of an expression.

    Raises:
        NotOneMatrix: at a fixed point, at a matrix for each position, where rows or columns are pairs of places, and at A⁻¹ = A⁻¹.
    """
    if (matrix := named_inverse(equation, tensors)) is not None:
        raise NotOneMatrix(f"{equation.tensor.name} is the inverse of {matrix} by its name")
    solved = ImplicitEquation(equation, tensors)
    own = equation.indices
    if solved.factored is not None:
        return MatrixFunction("cholesky", form(solved.factored, own), own)
    if solved.right is None or len(solved.rows) != 1:
        raise NotOneMatrix(f"{equation.tensor.name} solves an equation that is no linear system with one matrix")
    (row,), (column,) = solved.rows, solved.columns
    if not free_letters(solved.matrix) <= {row, column}:
        raise NotOneMatrix(f"{equation.tensor.name} solves a system with a matrix for each position")
    if isinstance(solved.right, KroneckerDelta) and set(solved.right.args) == set(own):
        (other,) = (letter for letter in own if letter != row)
        return _inverse(solved.matrix.xreplace({column: other}), own, form)
    right = substitute(solved.right, {row: column})
    if own[0] == row:
        return MatrixProduct(_inverse(solved.matrix, (row, column), form), form(right, (column, *own[1:])), own)
    return MatrixProduct(form(right, (own[0], column)), _inverse(solved.matrix, (column, row), form), own)


def _inverse(matrix: Expr, letters: Letters, form: Form) -> Matrix:
    return MatrixFunction("inverse", form(matrix, letters), letters)
