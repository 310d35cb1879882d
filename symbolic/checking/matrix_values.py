"""The numbers of a formula in matrix notation, node by node, so that what is printed can be held against the index equation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

import numpy as np
from sympy import Integer, Symbol

from chainrule.symbolic.forms.array_form import CONVERTED
from chainrule.symbolic.forms.matrices import (
    Constant,
    Entrywise,
    Identity,
    Matrix,
    MatrixFunction,
    MatrixProduct,
    OneHot,
    OuterProduct,
    Spread,
    StepSum,
    Stored,
    SumOver,
    Transposed,
)
from chainrule.symbolic.forms.step_form import StepForm
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import CheckFailed, NotExpressible
from chainrule.symbolic.index.functions import ELEMENTARY
from chainrule.symbolic.index.index_letters import substitute
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.system.system import Equation

from .comparison import TOLERANCE, difference, where_defined
from .determinants import determinants
from .elementary_functions import error_function
from .interpreter import evaluate
from .numbers import Numbers


def larger(left: NumericArray, right: NumericArray) -> NumericArray:
    return np.asarray(np.where(np.real(left) >= np.real(right), left, right))


def smaller(left: NumericArray, right: NumericArray) -> NumericArray:
    return np.asarray(np.where(np.real(left) <= np.real(right), left, right))


FUNCTIONS: dict[str, Callable[..., NumericArray]] = {
    **{name: getattr(np, name) for name in ("add", "subtract", "multiply", "divide", "negative", "power", "where")},
    **{name: getattr(np, function.ufunc) for name, function in ELEMENTARY.items() if function.ufunc},
    "erf": error_function,
    "sigmoid": lambda value: 1 / (1 + np.exp(-value)),
    "softplus": lambda value: np.log(1 + np.exp(value)),
    "abs": lambda value: value * np.sign(np.real(value)),
    "sign": lambda value: np.sign(np.real(value)),
    "round": lambda value: np.rint(np.real(value)),
    "floor": lambda value: np.floor(np.real(value)),
    "ceil": lambda value: np.ceil(np.real(value)),
    "stop": np.real,
    "clip": lambda value, low, high: smaller(larger(value, low), high),
    "maximum": larger,
    "minimum": smaller,
    "greater": lambda left, right: np.real(left) > np.real(right),
    "greater_equal": lambda left, right: np.real(left) >= np.real(right),
    "less": lambda left, right: np.real(left) < np.real(right),
    "less_equal": lambda left, right: np.real(left) <= np.real(right),
    "equal": lambda left, right: np.real(left) == np.real(right),
    CONVERTED: lambda value: value,
}

#: Functions of a square matrix, in double precision.
OF_MATRICES: dict[str, Callable[[NumericArray], NumericArray]] = {
    "inverse": lambda matrix: np.linalg.inv(matrix.astype(np.complex128)),
    "cholesky": lambda matrix: np.linalg.cholesky(np.real(matrix).astype(float)),
}


def matrix_error(equation: Equation, form: Matrix | StepForm, numbers: Numbers) -> float:
    """How far the matrix form is from the index equation.

    Raises:
        CheckFailed: where they differ by more than rounding, or some array has not the shape that its letters say.
        NotExpressible: where a function of it has no rule here.
    """
    error = matrix_difference(equation, form, numbers)
    if not error <= TOLERANCE:
        raise CheckFailed(f"the matrix form of {equation.tensor.name} does not hold: it differs by {error:.1e} from\n  {equation}")
    return error


def matrix_difference(equation: Equation, form: Matrix | StepForm, numbers: Numbers) -> float:
    """The same of a form that need not hold.

    Raises:
        CheckFailed: where some array has not the shape that its letters say.
        ValueError: where the shapes of two arrays do not fit together.
        NotExpressible: where a function of it has no rule here.
    """
    with np.errstate(all="ignore"):
        found = _of_all_steps(equation, form, numbers) if isinstance(form, StepForm) else _Values(numbers).of(form)
    expected = evaluate(equation.expression, numbers, equation.indices)
    return difference(*where_defined(numbers, np.broadcast_to(found, expected.shape), expected))


def matrix_value(form: Matrix, numbers: Numbers) -> NumericArray:
    """The numbers of matrix notation; raises as `matrix_difference` does."""
    with np.errstate(all="ignore"):
        return _Values(numbers).of(form)


def _of_all_steps(equation: Equation, form: StepForm, numbers: Numbers) -> NumericArray:
    """The matrices of all steps as one array, in the order of the equation's letters."""
    steps = [range(numbers.sizes[axis_name(letter)]) for letter in form.steps]
    values = [_Values(numbers, dict(zip(form.steps, places, strict=True))).of(form.matrix) for places in product(*steps)]
    whole = np.reshape(np.array(values), (*map(len, steps), *np.shape(values[0])))
    order = (*form.steps, *form.matrix.letters)
    return whole.transpose([order.index(letter) for letter in equation.indices])


class _Values:
    """One dimension of an array for each letter of its node, in the node's order; `steps` are the places of the letters of steps."""

    def __init__(self, numbers: Numbers, steps: Mapping[Symbol, int] | None = None) -> None:
        self.numbers = numbers
        self.steps = dict(steps or {})

    def of(self, matrix: Matrix) -> NumericArray:
        """The numbers, whose shape is what a document writes under the factor."""
        value = self.value(matrix)
        shape = tuple(self.numbers.sizes[axis_name(letter)] for letter in matrix.letters)
        if np.shape(value) != shape:
            raise CheckFailed(f"the shape of {matrix} is {np.shape(value)}, and not {shape}")
        return value

    def value(self, matrix: Matrix) -> NumericArray:
        match matrix:
            case Stored():
                constants = self.numbers.system.constants
                stored: NumericArray = np.asarray(constants[matrix.name] if matrix.name in constants else self.numbers.arrays[matrix.name])
                stored = self.at_step(stored, matrix)
                return stored.T if matrix.transposed and stored.ndim == 2 else stored
            case Constant():
                at_step = {letter: Integer(place) for letter, place in self.steps.items()}
                return evaluate(substitute(matrix.value, at_step), self.numbers, ())
            case Identity():
                rows, columns = (self.numbers.sizes[axis_name(letter)] for letter in matrix.letters)
                return np.eye(rows, columns)
            case Transposed():
                return np.transpose(self.of(matrix.operand))
            case StepSum():
                ranges = [range(self.numbers.sizes[axis_name(letter)]) for letter in matrix.over]
                each = [{**self.steps, **dict(zip(matrix.over, at, strict=True))} for at in product(*ranges)]
                added: NumericArray = np.sum(np.array([_Values(self.numbers, steps).of(matrix.operand) for steps in each]), axis=0)
                return added
            case MatrixProduct():
                return np.tensordot(self.of(matrix.left), self.of(matrix.right), axes=1)
            case OuterProduct():
                return np.outer(self.of(matrix.left), self.of(matrix.right))
            case SumOver():
                places = tuple(matrix.operand.letters.index(letter) for letter in matrix.over)
                total: NumericArray = np.sum(self.of(matrix.operand), axis=places)
                return total
            case Spread():
                full = tuple(self.numbers.sizes[axis_name(letter)] for letter in matrix.letters)
                return np.broadcast_to(self.along(matrix.operand, matrix), full)
            case OneHot():
                return self.one_hot(matrix)
            case MatrixFunction():
                operand = self.of(matrix.operand)
                return determinants(operand) if matrix.function == "determinant" else OF_MATRICES[matrix.function](operand)
            case Entrywise() if matrix.function in FUNCTIONS:
                return FUNCTIONS[matrix.function](*(self.along(part, matrix) for part in matrix.arguments))
        raise NotExpressible(f"no rule to evaluate {matrix}")

    def at_step(self, whole: NumericArray, matrix: Stored | OneHot) -> NumericArray:
        """One step of an array; 0 out of range."""
        indices: list[int | slice] = []
        is_inside = True
        for place, size in zip(matrix.places, np.shape(whole), strict=False):
            at = slice(None) if place is None else int(place.xreplace({letter: Integer(step) for letter, step in self.steps.items()}))
            is_inside = is_inside and (isinstance(at, slice) or 0 <= at < size)
            indices.append(at if is_inside else 0 if place is not None else at)
        return whole[tuple(indices)] if is_inside else np.zeros_like(whole[tuple(indices)])

    def one_hot(self, matrix: OneHot) -> NumericArray:
        """Rows where the classes are the last axis, columns where they are the first."""
        labels = np.real(self.at_step(np.asarray(self.numbers.arrays[matrix.labels]), matrix)).astype(int)
        axes = self.numbers.system.tensors[matrix.labels].axes
        held = matrix.places or (None,) * len(axes)
        of_labels = {axis_name(axis) for axis, place in zip(axes, held, strict=True) if place is None}
        by_class = [axis_name(letter) not in of_labels for letter in matrix.letters]
        if by_class.count(True) != 1:
            raise NotExpressible(f"{matrix} does not say which of its axes is that of the classes")
        classes = self.numbers.sizes[axis_name(matrix.letters[by_class.index(True)])]
        rows: NumericArray = np.eye(classes)[labels]
        return rows.T if by_class[0] else rows

    def along(self, part: Matrix, whole: Matrix) -> NumericArray:
        """The part's numbers beside the whole's, with a dimension of one where it lacks a letter."""
        value = self.of(part)
        if not part.letters:
            return value
        shape = [self.numbers.sizes[axis_name(letter)] if letter in part.letters else 1 for letter in whole.letters]
        return np.reshape(value, shape)
