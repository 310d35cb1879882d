"""What matrix notation is made of: arrays with the letters of their rows and columns, products, sums, functions of every entry."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, S

from .arrays import Letters


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor, transposed or as it is; one step of it where `places` says at which places of its axes, None for all: h[:, t − 1]."""

    name: str
    transposed: bool
    letters: Letters
    places: tuple[Expr | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """A number or a size."""

    value: Expr
    letters: Letters = ()


@dataclass(frozen=True, slots=True)
class Transposed:
    """Rows for columns, of what has no name: (A ⊙ B)ᵀ."""

    operand: Matrix
    letters: Letters


@dataclass(frozen=True, slots=True)
class Identity:
    """1 where both places are the same, else 0."""

    letters: Letters


@dataclass(frozen=True, slots=True)
class StepSum:
    """The sum of a matrix for each step: Σ_t dz[t]ᵀ h[t − 1]."""

    over: Letters
    operand: Matrix
    letters: Letters


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
    """A vector repeated along the axis that it lacks, 1 bᵀ for rows, b 1ᵀ for columns; a number for every entry, c 1 or c 1 1ᵀ."""

    operand: Matrix
    letters: Letters


@dataclass(frozen=True, slots=True)
class OneHot:
    """A row (or column) for each label, with a single 1 at the label's place; of one step where `places` says so."""

    labels: str
    letters: Letters
    places: tuple[Expr | None, ...] = ()


@dataclass(frozen=True, slots=True)
class MatrixFunction:
    """The "inverse" or the "determinant" of a square matrix, or its "cholesky" factor."""

    function: str
    operand: Matrix
    letters: Letters


Matrix = (
    Identity
    | OneHot
    | Stored
    | Constant
    | Transposed
    | MatrixProduct
    | OuterProduct
    | MatrixFunction
    | Entrywise
    | SumOver
    | StepSum
    | Spread
)


def is_entrywise(matrix: Matrix) -> bool:
    """Whether what is written last is a sign between entries, or a sum: beside it a product of matrices needs brackets."""
    match matrix:
        case SumOver() | StepSum() | Spread():
            return True
        case Entrywise(function="multiply"):
            return all(part.letters for part in matrix.arguments)
        case _:
            return isinstance(matrix, Entrywise)


def is_product_of_entries(matrix: Matrix) -> bool:
    """Whether ⊙ and / by an array may follow without brackets: entries multiplied or divided, or numbers."""
    match matrix:
        case Entrywise(function="multiply", arguments=(first, second)) if not first.letters:
            return is_product_of_entries(second)
        case Entrywise(function="divide", arguments=(first, second)) if not second.letters:
            return is_product_of_entries(first)
        case _:
            return not isinstance(matrix, MatrixProduct | OuterProduct | Spread | SumOver | StepSum)


def operands(matrix: Matrix) -> tuple[Matrix, ...]:
    """What it is made of."""
    match matrix:
        case Entrywise(arguments=arguments):
            return arguments
        case MatrixProduct(left, right) | OuterProduct(left, right):
            return (left, right)
        case Transposed() | SumOver() | StepSum() | Spread() | MatrixFunction():
            return (matrix.operand,)
        case _:
            return ()


def transposes(matrix: Matrix) -> int:
    """How many signs of a transpose it is written with."""
    is_turned = matrix.transposed if isinstance(matrix, Stored) else isinstance(matrix, Transposed)
    return int(is_turned) + sum(map(transposes, operands(matrix)))


def has_array_fraction(matrix: Matrix) -> bool:
    """Whether something in it is divided by an array, entry by entry."""
    match matrix:
        case Entrywise(function="divide", arguments=(_, below)) if below.letters:
            return True
        case _:
            return any(map(has_array_fraction, operands(matrix)))


def repeated(matrix: Matrix, own: Letters) -> Matrix:
    """A vector repeated along the axis that it lacks; a number need not be."""
    return Spread(matrix, own) if matrix.letters and len(matrix.letters) < len(own) else matrix


def filled(matrix: Matrix, own: Letters) -> Matrix:
    """A number that stands for a whole array, for every entry of it: −1/N as −1/N 1. A 0 is of any shape."""
    if matrix.letters or not own or matrix == Constant(S.Zero):
        return matrix
    match matrix:
        case Entrywise(function="negative", arguments=(operand,)):
            return Entrywise("negative", (Spread(operand, own),), own)
        case _:
            return Spread(matrix, own)
