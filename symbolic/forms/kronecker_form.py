"""A Jacobian as a Kronecker product of matrices: ∂Y[i,j]/∂X[k,l] = A[i,k] B[l,j] is A ⊗ Bᵀ.

vec(Y) stacks the rows of Y, as NumPy's reshape(-1) does, so that (F ⊗ G)[(i,j),(k,l)] = F[i,k] G[j,l] is ∂vec(Y)/∂vec(X), with a row for
each entry of Y. Where the first factor reads the second index of X it is ∂vec(Y)/∂vec(Xᵀ).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, KroneckerDelta, Mul, S, Symbol

from chainrule.symbolic.derivation.jacobian import Jacobian
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.index_letters import free_letters, names_read
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.system.system import Equation

from .matrices import Matrix
from .matrix_form import matrix_form


@dataclass(frozen=True, slots=True)
class Identity:
    """δ(i,k): ones on the diagonal, as many as the axis has positions."""

    axis: str


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor F[i,k] with its equation and its matrix: without a letter of the rows it is a row, without one of the columns a column."""

    row: Symbol | None
    column: Symbol | None
    equation: Equation
    matrix: Matrix | Identity


@dataclass(frozen=True, slots=True)
class Kronecker:
    """The factors in the order of the rows; `is_turned` where it is a Jacobian by Xᵀ."""

    factors: tuple[Factor, ...]
    is_turned: bool


@dataclass(frozen=True, slots=True)
class Diagonal:
    """Every entry of Y depends on the same entry of X: diag(vec(M)) of M = ∂Y[i,j]/∂X[i,j]."""

    equation: Equation
    matrix: Matrix


JacobianForm = Kronecker | Diagonal
#: A letter of the rows, one of the columns, and the factor.
Letters = tuple[Symbol | None, Symbol | None, Expr]
#: How a factor is called in messages.
FACTOR = "factor"


def jacobian_form(jacobian: Jacobian) -> JacobianForm:
    """The matrix form.

    Raises:
        NotExpressible: where there is none: a tensor has more than two axes, or a factor has a letter too many.
    """
    if jacobian.expression == 0:
        raise NotExpressible("all entries are 0")
    if not jacobian.system.held:
        raise NotExpressible("of a single number it is the gradient, which has a matrix form of its own")
    if not jacobian.system.adjoint_of.keys().isdisjoint(names_read(jacobian.expression)):
        raise NotExpressible("it reads further derivatives by name")
    rows, columns = jacobian.system.held, jacobian.wrt.axes
    if len(rows) > 2 or len(columns) > 2:
        raise NotExpressible("matrices have two axes at most")
    order = jacobian.system.order
    diagonal = _diagonal(jacobian.expression, rows, columns)
    if diagonal is not None:
        equation = Equation(Tensor(FACTOR, rows, Role.INTERMEDIATE), diagonal)
        return Diagonal(equation, matrix_form(equation, order))
    factors = _factors(jacobian.expression, rows, columns)
    found = []
    for row, column, expression in factors:
        own = tuple(letter for letter in (row, column) if letter is not None)
        equation = Equation(Tensor(FACTOR, own, Role.INTERMEDIATE), expression)
        is_identity = isinstance(expression, KroneckerDelta) and set(expression.args) == set(own)
        found.append(Factor(row, column, equation, Identity(axis_name(own[0])) if is_identity else matrix_form(equation, order)))
    turned = [factor.column for factor in found if factor.column is not None]
    return Kronecker(tuple(found), turned != list(columns))


def _diagonal(expression: Expr, rows: Sequence[Symbol], columns: Sequence[Symbol]) -> Expr | None:
    """What is left of δ(i,k) δ(j,l) f, at the letters of the rows; None where that is not all there is to say of k and l."""
    factors = list(Mul.make_args(expression))
    deltas = [KroneckerDelta(row, column) for row, column in zip(rows, columns, strict=False)]
    if len(rows) != len(columns) or not rows or not all(delta in factors for delta in deltas):
        return None
    rest = Mul(*(factor for factor in factors if factor not in deltas)).xreplace(dict(zip(columns, rows, strict=True)))
    return rest if rest.has(*rows) else None


def _factors(expression: Expr, rows: Sequence[Symbol], columns: Sequence[Symbol]) -> list[Letters]:
    """The product as factors of at most one letter of the rows and one of the columns, in the order of the rows."""
    groups: list[tuple[frozenset[Symbol], Expr]] = []
    numbers: Expr = S.One
    for part in Mul.make_args(expression):
        own = free_letters(part) & {*rows, *columns}
        if not own:
            numbers *= part
            continue
        joined = [group for group in groups if group[0] & own]
        groups = [group for group in groups if group not in joined]
        groups.append((own.union(*(letters for letters, _ in joined)), Mul(part, *(other for _, other in joined))))
    found: list[Letters] = []
    for letters, part in groups:
        row, column = [each for each in rows if each in letters], [each for each in columns if each in letters]
        if len(row) > 1 or len(column) > 1:
            raise NotExpressible("no Kronecker product of matrices: its indices do not come in pairs")
        found.append((row[0] if row else None, column[0] if column else None, part))
    # What does not depend on an index is the same all along it: a column or a row of ones.
    read = {letter for row, column, _ in found for letter in (row, column)}
    found += [(row, None, S.One) for row in rows if row not in read]
    found += [(None, column, S.One) for column in columns if column not in read]
    if len(rows) == 1 == len(columns) and len(found) == 2:
        # A column times a row is a matrix.
        found = [(rows[0], columns[0], Mul(*(part for *_, part in found)))]
    # A row stands where its column does, behind all that have rows.
    found.sort(key=lambda factor: rows.index(factor[0]) if factor[0] is not None else len(rows))
    first = found[0]
    return [(first[0], first[1], numbers * first[2]), *found[1:]]
