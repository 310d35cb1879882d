"""Arrays of rank up to 2 in matrix notation: products in the order that fits, transposes where they are needed, ⊙, sums over an axis.

The orientation comes from the order of the left side's axes: dW[j,i] = Σ_n dz[n,j] x[n,i] is dzᵀ x because j is dz's second axis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Indexed

from chainrule.symbolic.index.axes import axis_name, size_symbol
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.index_letters import is_letter, nodes
from chainrule.symbolic.index.ordering import Order
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.system import Equation

from .array_form import array_form
from .arrays import Apply, Array, Letters, Number, Positions, Product, Read, Reduce, Size
from .entrywise_product import entrywise_product
from .matrices import (
    Constant,
    Entrywise,
    Identity,
    Matrix,
    MatrixFunction,
    MatrixProduct,
    OneHot,
    Stored,
    SumOver,
    Transposed,
    filled,
    repeated,
    transposes,
)
from .solution_matrix import NotOneMatrix, solution_matrix


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


def matrix_form(equation: Equation, order: Order | None = None, tensors: Mapping[str, Tensor] | None = None) -> Matrix:
    """The right side of an equation in matrix notation, of the shape of its left side; terms and factors are taken in their `order`.

    `tensors` are what is read, with their axes: part of an axis is no matrix.

    Raises:
        NoMatrixForm: where an array has more than two axes or is read at computed positions.
    """
    return filled(matrix_of_term(equation, order, tensors), equation.indices)


def matrix_of_term(equation: Equation, order: Order | None = None, tensors: Mapping[str, Tensor] | None = None) -> Matrix:
    """The same of what may be a term: a number beside arrays is a number. Raises as `matrix_form` does."""
    if len(equation.indices) > 2:
        raise NoMatrixForm("axes", f"{equation.tensor.name} has {len(equation.indices)} axes; matrix notation has two")
    refuse_parts(equation, tensors or {})
    if isinstance(equation.expression, implicit):
        try:
            return solution_matrix(equation, tensors or {}, lambda part, letters: _spread(array_form(part, order), letters))
        except NotOneMatrix as problem:
            raise NoMatrixForm("solution", f"{problem}") from None
    return _spread(array_form(equation.expression, order), equation.indices)


def refuse_parts(equation: Equation, tensors: Mapping[str, Tensor]) -> None:
    """Raises `NoMatrixForm` where a letter runs along another axis than its own, over a part of it."""
    for read in nodes(equation.expression):
        if isinstance(read, Indexed) and (stored := tensors.get(read.base.name)) is not None:
            for place, axis in zip(read.indices, stored.axes, strict=False):
                if is_letter(place) and axis_name(place) != axis_name(axis):
                    raise NoMatrixForm("places", "matrix notation has no sign for a part of an axis")


def _oriented(array: Array, order: Letters) -> Matrix:
    own = tuple(letter for letter in order if letter in array.axes)
    if len(own) > 2:
        raise NoMatrixForm("axes", "an array of three axes stands between")
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
        case Apply(function="equal", arguments=(Positions(axes=(_,)), Positions(axes=(_,)))) if len(own) == 2:
            return Identity(own)
        case Apply(function="multiply" | "divide" | "negative"):
            return _with_fewest_transposes(_product_of_entries, array, own)
        case Apply(function="where", arguments=(_, Number(value=value), Number(value=0))) if value.is_negative:
            return _product_of_entries(array, own)
        case Apply():
            return _with_fewest_transposes(_entrywise, array, own)
        case Product():
            return _product(array, own)
        case Reduce() if array.function == "sum":
            inner = _inner_order(array, own)
            operands = [_oriented(array.operand, inner)]
            if not own:
                operands.append(_oriented(array.operand, inner[::-1]))
            return SumOver(array.over, min(operands, key=transposes), own)
        case Reduce(function="det" | "logdet", axes=()):
            determinant = MatrixFunction("determinant", _oriented(array.operand, array.over), ())
            if array.function == "det":
                return determinant
            return Entrywise("log", (Entrywise("abs", (determinant,), ()),), ())
        case _:
            obstacle, words = OBSTACLES[type(array).__name__]
            raise NoMatrixForm(obstacle, f"matrix notation has no sign for {words}")


def _entrywise(array: Apply, own: Letters) -> Matrix:
    return Entrywise(array.function, tuple(_spread(argument, own) for argument in array.arguments), own)


def _product_of_entries(array: Apply, own: Letters) -> Matrix:
    return entrywise_product(array, own, _oriented)


def _with_fewest_transposes(form: Callable[[Apply, Letters], Matrix], array: Apply, own: Letters) -> Matrix:
    """(A ⊙ B)ᵀ for Aᵀ ⊙ Bᵀ."""
    whole = form(array, own)
    if len(own) < 2 or transposes(whole) < 2:
        return whole
    turned = form(array, own[::-1])
    return Transposed(turned, own) if 1 + transposes(turned) < transposes(whole) else whole


def _inner_order(array: Reduce, own: Letters) -> Letters:
    stored = array.operand.axes
    return stored if tuple(letter for letter in stored if letter in own) == own else own + array.over


def _spread(array: Array, order: Letters) -> Matrix:
    """An argument of a function of every entry, repeated where it lacks an axis; single numbers need not be."""
    return repeated(_oriented(array, order), order)


def _product(array: Product, own: Letters) -> Matrix:
    left, right = array.left, array.right
    left_own = tuple(letter for letter in own if letter in left.axes)
    right_own = tuple(letter for letter in own if letter in right.axes)
    if len(array.over) != 1 or len(left_own) > 1 or len(right_own) > 1 or set(left_own) & set(right_own):
        raise NoMatrixForm("product", "a product over several axes has no matrix notation")
    # A vector is a column, which stands on the right.
    if (own == right_own + left_own and left_own and right_own) or (right_own and not left_own):
        left, right, left_own, right_own = right, left, right_own, left_own
    return MatrixProduct(_oriented(left, left_own + array.over), _oriented(right, array.over + right_own), own)
