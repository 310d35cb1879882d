"""A Jacobian in matrix notation against the one by index, both at the numbers at which its steps were evaluated."""

from __future__ import annotations

from functools import reduce

import numpy as np

from chainrule.symbolic.derivation.jacobian import Jacobian
from chainrule.symbolic.forms.kronecker_form import Diagonal, Factor, Identity, JacobianForm
from chainrule.symbolic.index.numeric_array import NumericArray

from .interpreter import evaluate
from .matrix_values import matrix_error, matrix_value
from .numbers import Numbers


def jacobian_values(jacobian: Jacobian, form: JacobianForm, numbers: Numbers) -> tuple[NumericArray, NumericArray]:
    """∂vec(Y)/∂vec(X), or by Xᵀ, as the form says and as the entries say, a row for each entry of Y.

    Raises:
        CheckFailed: where a factor is not the matrix that its equation says.
        NotExpressible: where a factor has a function that is not evaluated as a matrix.
    """
    columns = jacobian.wrt.axes
    if isinstance(form, Diagonal):
        matrix_error(form.equation, form.matrix, numbers)
        found = np.diag(matrix_value(form.matrix, numbers).reshape(-1))
    else:
        found = reduce(np.kron, (_factor(factor, numbers) for factor in form.factors))
        columns = columns[::-1] if form.is_turned else columns
    by_index = evaluate(jacobian.expression, numbers, (*jacobian.system.held, *columns))
    return found, by_index.reshape(found.shape) if by_index.size == found.size else by_index


def _factor(factor: Factor, numbers: Numbers) -> NumericArray:
    """A matrix with a row or a column alone where it lacks a letter."""
    if isinstance(factor.matrix, Identity):
        return np.eye(numbers.sizes[factor.matrix.axis])
    matrix_error(factor.equation, factor.matrix, numbers)
    value = np.broadcast_to(matrix_value(factor.matrix, numbers), numbers.shape(factor.equation.tensor))
    if factor.row is None:
        return value.reshape(1, -1)
    return value if factor.column is not None else value.reshape(-1, 1)
