"""Arrays of rank up to 2 in matrix notation: products in the order that fits, transposes where they are needed, ⊙, sums over an axis.

The orientation comes from the order of the left side's axes: dW[j,i] = Σ_n dz[n,j] x[n,i] is dzᵀ x because j is dz's second axis.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from chainrule.symbolic.index.axes import size_symbol
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.ordering import Order
from chainrule.symbolic.system.system import Equation

from .array_form import array_form
from .arrays import Apply, Array, Letters, Number, Positions, Product, Read, Reduce, Size


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor, transposed or as it is."""

    name: str
    transposed: bool
    letters: Letters


@dataclass(frozen=True, slots=True)
class Constant:
    """A number or a size."""

    value: Expr
    letters: Letters = ()


@dataclass(frozen=True, slots=True)
class MatrixProduct:
    """left · right."""

    left: Matrix
    right: Matrix
    letters: Letters


@dataclass(frozen=True, slots=True)
class OuterProduct:
    """A column times a row: left · rightᵀ, of two vectors."""

    left: Matrix
    right: Matrix
    letters: Letters


@dataclass(frozen=True, slots=True)
class Entrywise:
    """A function of every entry; "multiply" of two arrays is ⊙."""

    function: str
    arguments: tuple[Matrix, ...]
    letters: Letters


@dataclass(frozen=True, slots=True)
class SumOver:
    """The sum over some axes."""

    over: Letters
    operand: Matrix
    letters: Letters


@dataclass(frozen=True, slots=True)
class Spread:
    """A vector repeated along the axis that it lacks: 1 bᵀ for rows, b 1ᵀ for columns."""

    operand: Matrix
    letters: Letters


@dataclass(frozen=True, slots=True)
class OneHot:
    """A row (or column) for each label, with a single 1 at the label's place."""

    labels: str
    letters: Letters


Matrix = OneHot | Stored | Constant | MatrixProduct | OuterProduct | Entrywise | SumOver | Spread


def is_entrywise(matrix: Matrix) -> bool:
    """Whether what is written last is a sign between entries, or a sum: beside it a product of matrices needs brackets."""
    match matrix:
        case SumOver() | Spread():
            return True
        case Entrywise(function="multiply"):
            return all(part.letters for part in matrix.arguments)
        case _:
            return isinstance(matrix, Entrywise)


class NoMatrixForm(NotExpressible):
    """What has no matrix notation; `obstacle` is one word for why: axes, product, places, reduction or positions."""

    def __init__(self, obstacle: str, message: str) -> None:
        super().__init__(message)
        self.obstacle = obstacle


#: What cannot be written as matrices: the obstacle, and in words.
OBSTACLES = {
    "Window": ("places", "entries at computed places"),
    "Placed": ("places", "sums over computed places"),
    "Gather": ("places", "entries at computed places"),
    "Scatter": ("places", "sums over computed places"),
    "Reduce": ("reduction", "a reduction other than a sum"),
    "Positions": ("positions", "the places of an axis"),
}


def matrix_form(equation: Equation, order: Order | None = None) -> Matrix:
    """The right side of an equation in matrix notation, oriented as its left side; terms and factors are taken in their `order`.

    Raises:
        NoMatrixForm: where an array has more than two axes or is read at computed positions.
    """
    if len(equation.indices) > 2:
        raise NoMatrixForm("axes", f"{equation.tensor.name} has {len(equation.indices)} axes; matrix notation has two")
    if isinstance(equation.expression, implicit):
        raise NoMatrixForm("solution", f"{equation.tensor.name} solves an equation, for which matrix notation has no sign here")
    return _spread(array_form(equation.expression, order), equation.indices)


def _oriented(array: Array, order: Letters) -> Matrix:
    own = tuple(letter for letter in order if letter in array.axes)
    match array:
        case Read():
            if len(array.axes) > 2:
                raise NoMatrixForm("axes", f"{array.name} has {len(array.axes)} axes; matrix notation has two")
            return Stored(array.name, array.axes != own, own)
        case Number():
            return Constant(array.value)
        case Size():
            return Constant(size_symbol(array.axis))
        case Apply(function="equal", arguments=(Positions(), Read() as labels) | (Read() as labels, Positions())):
            if len(own) > 2:
                raise NoMatrixForm("axes", f"a row for each of {labels.name} has {len(own)} axes; matrix notation has two")
            return OneHot(labels.name, own)
        case Apply(function="multiply", arguments=(first, second)) if _are_column_and_row(first, second, own):
            column, row = (first, second) if own[0] in first.axes else (second, first)
            return OuterProduct(_oriented(column, own[:1]), _oriented(row, own[1:]), own)
        case Apply():
            return Entrywise(array.function, tuple(_spread(argument, own) for argument in array.arguments), own)
        case Product():
            return _product(array, own)
        case Reduce() if array.function == "sum":
            inner = _inner_order(array, own)
            return SumOver(array.over, _oriented(array.operand, inner), own)
        case _:
            obstacle, words = OBSTACLES[type(array).__name__]
            raise NoMatrixForm(obstacle, f"matrix notation has no sign for {words}")


def _are_column_and_row(first: Array, second: Array, own: Letters) -> bool:
    return len(own) == 2 and len(first.axes) == len(second.axes) == 1 and first.axes != second.axes


def _inner_order(array: Reduce, own: Letters) -> Letters:
    stored = array.operand.axes
    return stored if tuple(letter for letter in stored if letter in own) == own else own + array.over


def _spread(array: Array, order: Letters) -> Matrix:
    """An argument of a function of every entry, repeated where it lacks an axis; single numbers need not be."""
    oriented = _oriented(array, order)
    if oriented.letters and len(oriented.letters) < len(order):
        return Spread(oriented, order)
    return oriented


def _product(array: Product, own: Letters) -> Matrix:
    left, right = array.left, array.right
    left_own = tuple(letter for letter in own if letter in left.axes)
    right_own = tuple(letter for letter in own if letter in right.axes)
    if len(array.over) != 1 or len(left_own) > 1 or len(right_own) > 1 or set(left_own) & set(right_own):
        raise NoMatrixForm("product", "a product over several axes has no matrix notation")
    if own == right_own + left_own and left_own and right_own:
        left, right, left_own, right_own = right, left, right_own, left_own
    return MatrixProduct(_oriented(left, left_own + array.over), _oriented(right, array.over + right_own), own)
