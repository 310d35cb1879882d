"""Array expressions: whole arrays with named axes, the step between index notation and code or matrix notation.

An axis is known by its index letter, so nothing depends on the order of dimensions until a printer chooses one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr, Symbol

from chainrule.symbolic.index.affine_index import AffineIndex

Letters = tuple[Symbol, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A tensor as it is stored; `axes` in stored order."""

    name: str
    axes: Letters


@dataclass(frozen=True, slots=True)
class Number:
    """A number without a name: 2, 1/2, π, √2."""

    value: Expr
    axes: Letters = ()


@dataclass(frozen=True, slots=True)
class Size:
    """How many positions an axis has."""

    axis: str
    axes: Letters = ()


@dataclass(frozen=True, slots=True)
class Positions:
    """0, 1, 2, … along one axis."""

    axes: Letters


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of every entry: add, multiply, exp, where, …; `axes` are those of all arguments together."""

    function: str
    arguments: tuple[Array, ...]
    axes: Letters


@dataclass(frozen=True, slots=True)
class Product:
    """Σ over `over` of left · right: a matrix product."""

    left: Array
    right: Array
    over: Letters
    axes: Letters


@dataclass(frozen=True, slots=True)
class Reduce:
    """The sum over some axes, or another reduction: "sum", "log_sum_exp"; "softmax" keeps its axis.

    "det" and "logdet" are of the matrices whose rows and columns are the two axes `over`.
    """

    function: str
    operand: Array
    over: Letters
    axes: Letters


@dataclass(frozen=True, slots=True)
class Window:
    """A tensor read at combinations of letters, one for each of its axes: x[n, c, 2 i + p], h[n, t − 1], A[i, i]; zero out of range."""

    name: str
    places: tuple[AffineIndex, ...]
    axes: Letters


@dataclass(frozen=True, slots=True)
class Placed:
    """The adjoint of reading at combinations of letters: `operand` is added up at `places`, one for each letter of `into`.

    No letter stands in two places. Letters of `axes` that are not in `into` are kept. What falls out of range is dropped.
    """

    operand: Array
    into: Letters
    places: tuple[AffineIndex, ...]
    axes: Letters


@dataclass(frozen=True, slots=True)
class Gather:
    """A tensor read at computed places, one integer array for each of its axes: a[n, y[n]], E[tok[n,t], d]; zero out of range."""

    name: str
    places: tuple[Array, ...]
    axes: Letters


@dataclass(frozen=True, slots=True)
class Scatter:
    """The adjoint of reading at computed places: `operand` is added up at `places`, one integer array for each letter of `into`.

    Letters of `axes` that are not in `into` are kept. What falls out of range is dropped.
    """

    operand: Array
    into: Letters
    places: tuple[Array, ...]
    axes: Letters


@dataclass(frozen=True, slots=True)
class Solution:
    """The x that solves Σ over the `columns` of matrix · x = right; x has the `rows` in place of the columns.

    Where x stands in the matrix or on the right itself, under its `name` and as it is `stored`, it is found by Newton's method: right is
    f(x) − x then.
    """

    name: str
    matrix: Array
    right: Array
    rows: Letters
    columns: Letters
    axes: Letters
    stored: Letters
    is_linear: bool


@dataclass(frozen=True, slots=True)
class Factor:
    """The lower triangular L with L Lᵀ = operand, of the last two axes."""

    name: str
    operand: Array
    axes: Letters


Array = Read | Number | Size | Positions | Apply | Product | Reduce | Window | Placed | Gather | Scatter | Solution | Factor


def parts(array: Array) -> tuple[Array, ...]:
    """The arrays of which an array is made."""
    match array:
        case Apply():
            return array.arguments
        case Product():
            return (array.left, array.right)
        case Reduce():
            return (array.operand,)
        case Placed():
            return (array.operand,)
        case Gather():
            return array.places
        case Scatter():
            return (array.operand, *array.places)
        case Solution():
            return (array.matrix, array.right)
        case Factor():
            return (array.operand,)
        case _:
            return ()


def everything(array: Array) -> Iterator[Array]:
    """The array and all its parts, parents first."""
    yield array
    for part in parts(array):
        yield from everything(part)


def apply(function: str, *arguments: Array) -> Apply:
    """A function of every entry; its axes are those of its arguments, in the order in which they come."""
    axes = dict.fromkeys(letter for argument in arguments for letter in argument.axes)
    return Apply(function, arguments, tuple(axes))
