"""Matrix notation for one step of arrays with more axes, or of a recurrence: dh[t] = dz[t + 1] U + …, dU = Σ_t dz[t]ᵀ h[t − 1].

A few letters are held: the arrays that are read at them are read as the arrays of one step. What is left has at most two axes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import chain, combinations
from typing import Any, cast

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Sum, Symbol

from chainrule.symbolic.index.affine_index import affine
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, is_letter, nodes
from chainrule.symbolic.index.index_letters import letters as all_letters
from chainrule.symbolic.index.ordering import Order
from chainrule.symbolic.index.tensors import Tensor, entry, scalar
from chainrule.symbolic.system.system import Equation

from .arrays import Letters
from .matrices import Constant, Entrywise, Matrix, OneHot, StepSum, Stored
from .matrix_form import NoMatrixForm, matrix_of_term, refuse_parts

#: Letters that are held at a time.
MOST_HELD = 2
#: No name of a tensor has it.
MARK = "@"


@dataclass(frozen=True, slots=True)
class StepForm:
    """The matrix of each step; `steps` are the letters of the left side that are held, `places` what it is read at."""

    steps: Letters
    places: tuple[Expr | None, ...]
    matrix: Matrix


def step_form(equation: Equation, order: Order | None = None, tensors: Mapping[str, Tensor] | None = None) -> StepForm:
    """The right side of an equation in matrix notation, for each place of one letter or two; as few as possible.

    Raises:
        NoMatrixForm: where it has none.
    """
    refuse_parts(equation, tensors or {})
    nothing, *others = _candidates(equation)
    try:
        return _with_held(equation, nothing, order or Order())
    except NoMatrixForm:
        for held in others:
            with suppress(NoMatrixForm):
                return _with_held(equation, held, order or Order())
        raise


def _with_held(equation: Equation, held: Letters, order: Order) -> StepForm:
    steps = tuple(letter for letter in equation.indices if letter in held)
    places = tuple(letter if letter in held else None for letter in equation.indices)
    matrix = _OneStep(frozenset(held), order).form(equation)
    if {*steps, *matrix.letters} != {*equation.indices}:
        raise NoMatrixForm("product", "every entry of an axis is the same")
    return StepForm(steps, places, matrix)


def _candidates(equation: Equation) -> Iterator[Letters]:
    """What may be held: nothing, then letters of shifted places, those that terms are summed over, and those of the left side."""
    shifted = {
        letter
        for node in nodes(equation.expression)
        if isinstance(node, Indexed)
        for place in node.indices
        if not is_letter(place) and affine(place) is not None
        for letter in free_letters(place)
    }
    summed = [limit[0] for term in Add.make_args(equation.expression) for total in _sums(term) for limit in total.limits]
    every = Counter(axis_name(letter) for letter in {*equation.indices, *all_letters(equation.expression)})
    # Beside t, a t′ would be a second step.
    letters = [letter for letter in dict.fromkeys((*summed, *equation.indices)) if every[axis_name(letter)] == 1]
    letters.sort(key=lambda letter: letter not in shifted)
    yield from chain.from_iterable(combinations(letters, number) for number in range(MOST_HELD + 1))


def _sums(term: Expr) -> list[Sum]:
    return [factor for factor in Mul.make_args(term) if isinstance(factor, Sum)]


class _OneStep:
    """An equation with some letters held; keeps what the names of steps and of numbers stand for."""

    def __init__(self, held: frozenset[Symbol], order: Order) -> None:
        self.held, self.order = held, order
        self.steps: dict[str, tuple[str, tuple[Expr | None, ...]]] = {}
        self.numbers: dict[str, Expr] = {}

    def form(self, equation: Equation) -> Matrix:
        own = tuple(letter for letter in equation.indices if letter not in self.held)
        tensor = Tensor(equation.tensor.name, own, equation.tensor.role)
        whole: Matrix | None = None
        for term in self.order.terms(equation.expression):
            is_subtracted = term.could_extract_minus_sign()
            part = self.term(Equation(tensor, -term if is_subtracted else term))
            if whole is None:
                whole = Entrywise("negative", (part,), own) if is_subtracted else part
            else:
                whole = Entrywise("subtract" if is_subtracted else "add", (whole, part), own)
        assert whole is not None
        return whole

    def term(self, equation: Equation) -> Matrix:
        """One term, which may be the sum over the steps."""
        over = self.held & {limit[0] for total in _sums(equation.expression) for limit in total.limits}
        if not over:
            return self.named(equation)
        total, *more = (total for total in _sums(equation.expression) if over & {limit[0] for limit in total.limits})
        if more:
            raise NoMatrixForm("product", "a product of sums over steps")
        rest = Mul(*(factor for factor in Mul.make_args(equation.expression) if factor is not total))
        others = [limit[0] for limit in total.limits if limit[0] not in over]
        inside = bound_sum(total.function, *others)
        if free_letters(rest) & over or rest.has(Indexed):
            raise NoMatrixForm("product", "what stands before a sum over steps is no number")
        ordered = tuple(sorted(over, key=lambda letter: letter.name))
        return StepSum(ordered, self.named(replace(equation, expression=rest * inside)), equation.indices)

    def named(self, equation: Equation) -> Matrix:
        """The matrix form of what is left, with steps for the names that stand for them."""
        expression = self.of_one_step(equation.expression)
        if free_letters(expression) - set(equation.indices):
            raise NoMatrixForm("places", "matrix notation has no sign for a place of a step")
        tensors = {name: tensor for name, (tensor, _) in self.steps.items()}
        gradients = [name for name, tensor in tensors.items() if tensor in self.order.gradients]
        order = self.order.with_gradients(gradients).with_names(tensors)
        return self.restored(matrix_of_term(replace(equation, expression=expression), order))

    def of_one_step(self, part: Expr) -> Expr:
        match part:
            case Indexed():
                return self.step(part)
            case Sum() if self.held & {limit[0] for limit in part.limits}:
                raise NoMatrixForm("product", "a sum over steps inside of a term")
            case KroneckerDelta() | Piecewise() if (
                not part.has(Indexed) and len(free_letters(part)) == 1 and free_letters(part) <= self.held
            ):
                name = f"{MARK}{len(self.numbers)}"
                self.numbers[name] = part
                return scalar(name)
            case _ if part.args and not is_letter(part):
                return part.func(*(argument if argument.func.__name__ == "Tuple" else self.of_one_step(argument) for argument in part.args))
            case _:
                return part

    def step(self, read: Indexed) -> Expr:
        """An entry of the array of one step."""
        is_held = [free_letters(place) & self.held or place.is_Integer for place in read.indices]
        if not any(is_held):
            return read
        pairs = list(zip(is_held, read.indices, strict=True))
        if any((held and not free_letters(place) <= self.held) or place.has(Indexed) for held, place in pairs):
            raise NoMatrixForm("places", "entries at computed places")
        places = tuple(place if held else None for held, place in pairs)
        said = (str(read.base.name), places)
        name = next((name for name, known in self.steps.items() if known == said), f"{read.base.name}{MARK}{len(self.steps)}")
        self.steps[name] = said
        return entry(name, tuple(place for held, place in pairs if not held))

    def restored(self, matrix: Matrix) -> Matrix:
        if isinstance(matrix, Stored):
            if matrix.name in self.numbers:
                return Constant(self.numbers[matrix.name])
            if matrix.name in self.steps:
                name, places = self.steps[matrix.name]
                return replace(matrix, name=name, places=places)
            return matrix
        if isinstance(matrix, OneHot) and matrix.labels in self.steps:
            name, places = self.steps[matrix.labels]
            return replace(matrix, labels=name, places=places)
        changed: dict[str, Any] = {}
        for field in fields(matrix):
            value = getattr(matrix, field.name)
            if field.name == "arguments":
                changed[field.name] = tuple(map(self.restored, value))
            elif is_dataclass(value):
                changed[field.name] = self.restored(cast(Matrix, value))
        return replace(matrix, **changed)
