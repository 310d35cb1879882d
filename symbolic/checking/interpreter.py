"""The slow and obviously right interpreter: the numbers of an index expression, straight from its definition.

Every index letter gets a dimension of its own, every node becomes an array over all of them by broadcasting, and a sum adds up its letter's
dimension. Nothing is rearranged, so what is read here is what stands on the page. Numbers are complex, so that a derivative can be found
by a complex step (Squire and Trapp, 1998): ∂f/∂u = Im f(u + ih)/h, without subtraction and so without rounding error. For differences they
may be real and of extended precision instead; then it can also be written down on which side of every kink they are. In complex numbers of
extended precision, where a machine has them, exponents reach further too: no step is large beside a number, and exp(5000) is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol
from sympy.core.relational import Relational

from chainrule.symbolic.derivation.partial_derivative import PartialDerivative
from chainrule.symbolic.index.affine_index import affine
from chainrule.symbolic.index.axes import axis_name, limits
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.implicit import body, implicit
from chainrule.symbolic.index.index_letters import is_letter, letters
from chainrule.symbolic.index.named_functions import arg_max, axis_max, cases, clip, determinant, in_cases, log_sum_exp, softmax
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.step_functions import StepFunction, stop
from chainrule.symbolic.index.tensors import entry_indices, entry_name
from chainrule.symbolic.system.norms import divides_by_norm
from chainrule.symbolic.system.vanishing_powers import without_logarithms_of_0

from .deltas_of_sums import without_other_deltas
from .determinants import determinants
from .elementary_functions import real_part
from .function_values import FUNCTIONS, side
from .letter_arrays import LetterArrays
from .numbers import KEPT, Numbers
from .side_by_side import side_by_side

COMPARISONS: dict[type[Relational], Callable[[NumericArray, NumericArray], NumericArray]] = {
    sympy.StrictGreaterThan: np.greater,
    sympy.GreaterThan: np.greater_equal,
    sympy.StrictLessThan: np.less,
    sympy.LessThan: np.less_equal,
}


@lru_cache(maxsize=KEPT)
def _dimensions(expression: Expr, over: tuple[Symbol, ...], first: int = 0) -> Mapping[Symbol, int]:
    """The dimension of each letter: of those `over` which an expression is wanted first, in their order."""
    inner = sorted(letters(expression) - set(over), key=lambda letter: letter.name)
    return {letter: place for place, letter in enumerate((*over, *inner), first)}


def evaluate(expression: Expr, numbers: Numbers, over: tuple[Symbol, ...], is_adjoint: bool = True) -> NumericArray:
    """The values of an expression at every position of the letters `over`, as an array with one dimension a letter.

    What an adjoint divides by a norm that is 0 is 0; a formula of the network itself has no value there.

    Raises:
        NotExpressible: at a node that has no meaning here.
    """
    return evaluated_by(Interpreter, expression, numbers, over, is_adjoint)


def evaluated_by(
    interpreter: type[Interpreter],
    expression: Expr,
    numbers: Numbers,
    over: tuple[Symbol, ...],
    is_adjoint: bool = True,
    at: Mapping[Symbol, int] | None = None,
) -> NumericArray:
    """The same by another reading of the nodes, or `at` one position of some letters alone."""
    expression = without_logarithms_of_0(expression, numbers.system)
    with np.errstate(all="ignore"):
        moves = (numbers.moves,) if numbers.moved else ()
        values = interpreter(numbers, _dimensions(expression, over, len(moves)), at or {}, is_adjoint).value(expression)
    full = (*moves, *(1 if at and letter in at else numbers.sizes[axis_name(letter)] for letter in over))
    flat = values.reshape(values.shape[: len(full)]) if values.ndim else values
    return np.broadcast_to(flat, full)


@dataclass(frozen=True)
class Interpreter(LetterArrays):
    """What each kind of node means: an array with a dimension for each letter."""

    is_adjoint: bool

    def value(self, node: Expr) -> NumericArray:
        match node:
            case Indexed():
                return self.read(node.base.name, node.indices)
            case Symbol() if is_letter(node):
                return self.positions(node)
            case Symbol():
                return self.plain(node)
            case Sum():
                return self.total(node)
            case Add():
                return sum((self.value(part) for part in node.args[1:]), start=self.value(node.args[0]))
            case Mul():
                product = self.value(node.args[0])
                for part in node.args[1:]:
                    product = product * self.value(part)
                return product
            case Pow():
                return self.power(node)
            case Piecewise():
                return self.cases(node)
            case KroneckerDelta():
                return np.equal(*(self.place(part) for part in node.args)).astype(self.numbers.element)
            case PartialDerivative():
                return self.local_derivative(node)
            case cases():
                return self.cases(node.distinction)
            case axis_max() | arg_max():
                return self.largest(node)
            case softmax() | log_sum_exp():
                return self.exponentials(node)
            case determinant():
                return self.of_matrices(node)
            case stop():
                return self.stopped(node)
            case clip():
                return self.value(in_cases(node))
            case implicit():
                # Where what it defines is known, as wherever steps are compared.
                return self.value(body(node))
            case _ if node.is_number and not node.has(Indexed):
                return self.numbers.number(node)
            case _ if type(node) in FUNCTIONS:
                arguments = [self.value(part) for part in node.args]
                found = FUNCTIONS[type(node)](*arguments)
                if isinstance(node, sympy.Abs | sympy.sign):
                    self.numbers.note_side(node, side(arguments[0]))
                elif isinstance(node, StepFunction):
                    self.numbers.note_side(node, found)
                return found
            case _:
                raise NotExpressible(f"there is no rule to evaluate {type(node).__name__}: {node}")

    def place(self, index: Expr) -> NumericArray:
        """A place along an axis, or one side of a comparison of places."""
        return self.value(self.numbers.nearer.place(index) if self.numbers.nearer else index)

    def stopped(self, node: Expr) -> NumericArray:
        """A value that no step moves: without the part that a complex one adds, and what it was before a real one."""
        key = node, tuple(self.dimensions.items()), tuple(self.at.items())
        if self.numbers.held is not None and key in self.numbers.held:
            return self.numbers.held[key]
        # On which side of a kink the inside is does not matter, as it does not move.
        inside = replace(self, numbers=replace(self.numbers, sides=None))
        found = real_part(inside.value(node.args[0]))
        if self.numbers.held is not None:
            self.numbers.held[key] = found
        return found

    def plain(self, symbol: Symbol) -> NumericArray:
        for axis in self.numbers.system.axes.values():
            if symbol == axis.size_symbol:
                return self.numbers.number(self.numbers.sizes[axis.name])
        name = str(symbol.name)
        if name in self.numbers.arrays:
            # One number, or one for each move.
            return np.asarray(self.numbers.arrays[name]).reshape(((-1,) + (1,) * self.rank)[: self.rank])
        if name in self.numbers.system.constants:
            return self.numbers.number(self.numbers.system.constants[name])
        raise NotExpressible(f"nothing is known of {name!r}")

    def read(self, name: str, indices: tuple[Expr, ...]) -> NumericArray:
        """An entry at every position; zero where an index is out of range."""
        return self.gather(self.numbers.arrays[name], indices, name in self.numbers.moved)

    def gather(self, array: NumericArray, indices: tuple[Expr, ...], is_moved: bool = False) -> NumericArray:
        are_letters = all(index in self.dimensions for index in indices) and len(set(indices)) == len(indices)
        if are_letters and array.shape[is_moved:] == tuple(self.numbers.sizes[axis_name(index)] for index in indices):
            return self.laid_out(array, indices, is_moved)
        places = [np.real(self.place(part)).astype(int) for part in indices]
        if is_moved:
            places.insert(0, np.arange(self.numbers.moves).reshape((-1, *(1,) * len(self.dimensions))))
        inside = np.ones((1,) * self.rank, dtype=bool)
        for place, size in zip(places, array.shape, strict=True):
            inside = inside & (place >= 0) & (place < size)
        clipped = [np.minimum(np.maximum(place, 0), size - 1) for place, size in zip(places, array.shape, strict=True)]
        return np.where(inside, array[tuple(clipped)], 0) if places else array

    def total(self, node: Sum) -> NumericArray:
        function, deltas = without_other_deltas(node)
        values = self.value(function)
        for limit in node.limits:
            if limit != limits(limit[0]):
                raise NotExpressible(f"a sum runs over a whole axis, and this one does not: {node}")
            values = self.added_up(values, limit[0])
        for delta in deltas:
            values = values * self.value(delta)
        return values

    def largest(self, node: Expr) -> NumericArray:
        """The largest value along a letter's dimension, or its first place."""
        values, dimension = self.along(node)
        place: NumericArray = np.argmax(real_part(values), axis=dimension, keepdims=True)
        self.numbers.note_side(node, place)
        return place if isinstance(node, arg_max) else np.take_along_axis(values, place, axis=dimension)

    def of_matrices(self, node: Expr) -> NumericArray:
        """The determinant of the matrix along the dimensions of its two letters."""
        value, *own = node.args[:3]
        places = [self.dimensions[letter] for letter in own]
        values = self.value(value)
        shape = list(values.shape or (1,) * len(self.dimensions))
        for place, letter in zip(places, own, strict=True):
            shape[place] = self.numbers.sizes[axis_name(letter)]
        found = determinants(np.moveaxis(np.broadcast_to(values, shape), places, (-2, -1)))
        return np.expand_dims(found, tuple(sorted(places)))

    def exponentials(self, node: Expr) -> NumericArray:
        """e^x/Σ e^x or log Σ e^x along a letter's dimension, each the same with a constant taken off x: its largest value."""
        values, dimension = self.along(node)
        largest = np.real(values).max(axis=dimension, keepdims=True)
        each: NumericArray = np.exp(values - largest)
        total = each.sum(axis=dimension, keepdims=True)
        result: NumericArray = each / total if isinstance(node, softmax) else np.log(total) + largest
        return result

    def along(self, node: Expr) -> tuple[NumericArray, int]:
        """The values over the letter that a function binds, as many as it has positions, and the letter's dimension."""
        dimension = self.dimensions[node.args[1]]
        values = self.value(node.args[0])
        shape = list(values.shape or (1,) * self.rank)
        shape[dimension] = self.numbers.sizes[axis_name(node.args[1])]
        return np.broadcast_to(values, shape), dimension

    def power(self, node: Pow) -> NumericArray:
        base = self.value(node.base)
        if self.is_adjoint and divides_by_norm(node, self.numbers.system):
            return np.where(base == 0, 0, self.raised(base, node.exp))
        if node.exp.is_positive and not node.exp.is_Integer and np.iscomplexobj(base):
            # A norm of 0 beside a complex step: √((i h u)²) is of second order under the root.
            base = np.where((np.real(base) <= 0) & (np.abs(base) < self.numbers.step**1.5), 0, base)
        return self.raised(base, node.exp)

    def raised(self, base: NumericArray, exponent: Expr) -> NumericArray:
        if base.dtype.kind == "i":
            # Places are whole numbers, which NumPy raises to no negative power.
            base = base.astype(self.numbers.element)
        return base ** int(exponent) if exponent.is_Integer else np.power(base, self.value(exponent))

    def cases(self, node: Piecewise) -> NumericArray:
        """The first branch whose condition holds."""
        result: NumericArray = np.asarray(self.numbers.element("nan"))
        for value, condition in reversed(node.args):
            result = self.value(value) if condition == sympy.true else np.where(self.holds(condition), self.value(value), result)
        return result

    def holds(self, condition: Relational) -> NumericArray:
        is_of_places = affine(condition.args[0] - condition.args[1]) is not None
        left, right = (real_part(self.place(part) if is_of_places else self.value(part)) for part in condition.args)
        held = COMPARISONS[type(condition)](left, right)
        self.numbers.note_side(condition, held)
        return held

    def local_derivative(self, node: PartialDerivative) -> NumericArray:
        """∂v[i]/∂u[m], all of it once, then read at the indices asked for."""
        of, by = _name_and_indices(node.of), _name_and_indices(node.by)
        key = of[0], by[0]
        if key not in self.numbers.jacobians:
            self.numbers.jacobians[key] = jacobian(self.numbers, *key)
        return self.gather(self.numbers.jacobians[key], (*of[1], *by[1]))


def _name_and_indices(entry: Expr) -> tuple[str, tuple[Expr, ...]]:
    return entry_name(entry), entry_indices(entry)


def jacobian(numbers: Numbers, of: str, by: str) -> NumericArray:
    """∂of/∂by of one equation by complex steps: the axes of `of`, then the axes of `by`.

    An entry that is no number, as 0/0 of what is read before the start, has no slope: 0, as what reaches no finite cost has.
    """
    equation = numbers.system.definition[of]
    start = np.asarray(numbers.arrays[by])
    of_shape = numbers.shape(equation.tensor)
    slopes = [
        np.imag(evaluate(equation.expression, moved, equation.indices, is_adjoint=False)) / numbers.step
        for positions in side_by_side(list(np.ndindex(start.shape)), [equation], numbers)
        for moved in [numbers.with_entries_moved(by, start, positions)]
    ]
    if not slopes:
        return np.zeros(of_shape + start.shape)
    is_number = np.isfinite(evaluate(equation.expression, numbers, equation.indices, is_adjoint=False))
    return np.where(is_number[..., np.newaxis], np.moveaxis(np.concatenate(slopes), 0, -1), 0).reshape(of_shape + start.shape)
