"""Array expressions at one place after another: every entry of every equation as a scalar expression.

    z[n,j] = Σ_k W[j,k] x[n,k] + b[j]      z[0,1] = W[1,0]·x[0,0] + W[1,1]·x[0,1] + b[1]

What NumPy does with slices, padding and scattered sums is decided here, while unrolling: a read out of range is 0, a delta of two known
places is 0 or 1. Only places that are data, such as labels, are left to be compared as the code runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import sympy
from sympy import Expr, Symbol

from chainrule.codegen.program.program import Lowering
from chainrule.symbolic.forms.array_form import CONVERTED
from chainrule.symbolic.forms.arrays import (
    Apply,
    Array,
    Factor,
    Gather,
    Letters,
    Number,
    Placed,
    Positions,
    Product,
    Read,
    Reduce,
    Scatter,
    Size,
    Solution,
    Window,
)
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.system import Equation, System

from .graph import ScalarGraph

LetterPositions = Mapping[Symbol, int]
Index = tuple[int, ...]
#: More places than this are not looked at, even where most of them turn out to be 0.
MOST_PLACES = 50_000


class Unrolling:
    """The entries of tensors as nodes of a graph, by name and index. `sizes` has every axis."""

    def __init__(self, system: System, sizes: Mapping[str, int], graph: ScalarGraph) -> None:
        self.system, self.sizes, self.graph = system, sizes, graph
        self.lowering = Lowering(system)
        self.entries: dict[tuple[str, Index], int] = {}
        #: Labels, and below what each is.
        self.labels: dict[int, int] = {}
        self.values: dict[tuple[int, Index], int] = {}
        self.places_seen = 0

    def given(self, tensor: Tensor, names: Mapping[Index, str]) -> None:
        """The entries of a tensor that is not computed are read by these names."""
        for index, name in names.items():
            found = self.graph.read(name, tensor.is_integer)
            self.entries[tensor.name, index] = found
            if tensor.is_integer and tensor.points_into is not None:
                self.labels[found] = self.sizes[tensor.points_into]

    def indices(self, letters: Sequence[Symbol]) -> Iterator[Index]:
        """Every place of these letters, the last one fastest."""
        return product(*(range(self.sizes[axis_name(letter)]) for letter in letters))

    def compute(self, equations: Sequence[Equation]) -> Iterator[Equation]:
        """All entries of equations, dependencies first; each equation is given out when it is done.

        Raises:
            NotExpressible: where an equation has no array form, or there is too much to unroll.
        """
        for group in grouped(equations):
            arrays = [self.lowering.array(equation)[0] for equation in group.equations]
            self.values.clear()
            for step in group.places(self.sizes):
                for equation, array in zip(group.equations, arrays, strict=True):
                    self.fill(equation, array, dict(zip(group.own_letters(equation), step, strict=True)))
            yield from group.equations

    def fill(self, equation: Equation, array: Array, fixed: LetterPositions) -> None:
        """The entries of one equation, those at the fixed places only."""
        for index in self.indices(equation.indices):
            at = dict(zip(equation.indices, index, strict=True))
            if all(at[letter] == place for letter, place in fixed.items()):
                self.entries[equation.tensor.name, index] = self.value(array, at)

    def value(self, array: Array, at: LetterPositions) -> int:
        """The node of one entry of an array."""
        key = id(array), tuple(at[letter] for letter in array.axes)
        if key not in self.values:
            self.values[key] = self.worked_out(array, at)
        return self.values[key]

    def worked_out(self, array: Array, at: LetterPositions) -> int:
        graph = self.graph
        match array:
            case Read():
                return self.entry(array.name, [at[letter] for letter in array.axes])
            case Number():
                return graph.number(_python_number(array.value))
            case Size():
                return graph.number(self.sizes[array.axis])
            case Positions():
                return graph.number(at[array.axes[0]])
            case Apply():
                arguments = [self.value(part, at) for part in array.arguments]
                if array.function == "stop":
                    return arguments[0]
                if array.function == "clip":
                    return graph.apply("minimum", graph.apply("maximum", *arguments[:2]), arguments[2])
                return self.converted(arguments[0]) if array.function == CONVERTED else graph.apply(array.function, *arguments)
            case Product():
                pairs = ((self.value(array.left, each), self.value(array.right, each)) for each in self.around(at, array.over))
                return graph.total([graph.apply("multiply", left, right) for left, right in pairs])
            case Reduce():
                return self.reduced(array, at)
            case Window():
                return self.entry(array.name, [_position(place, at) for place in array.places])
            case Placed():
                return self.placed(array, at)
            case Gather():
                return self.gathered(array, at)
            case Scatter():
                return self.scattered(array, at)
            case Solution() | Factor():
                raise NotExpressible(f"{array.name} solves an equation, which takes all of its entries")

    def entry(self, name: str, index: Sequence[int]) -> int:
        """A tensor's entry, 0 out of range."""
        if name in self.system.constants:
            return self.graph.number(float(self.system.constants[name]))
        key = name, tuple(index)
        if key in self.entries:
            return self.entries[key]
        axes = self.system.stored[name].axes
        if all(0 <= place < self.sizes[axis_name(letter)] for letter, place in zip(axes, index, strict=True)):
            raise NotExpressible(f"{name} is read at {list(index)} before it is computed")
        return self.graph.number(0.0)

    def converted(self, node: int) -> int:
        """A whole number that is known becomes a float; others become floats where they meet one."""
        value = self.graph.value(node)
        return node if value is None else self.graph.number(float(value))

    def around(self, at: LetterPositions, over: Letters) -> Iterator[LetterPositions]:
        """The place with every combination of more letters."""
        for index in self.indices(over):
            self.places_seen += 1
            if self.places_seen > MOST_PLACES:
                raise NotExpressible(f"unrolled, sums run over more than {MOST_PLACES:,} places")
            yield {**at, **dict(zip(over, index, strict=True))}

    def reduced(self, array: Reduce, at: LetterPositions) -> int:
        graph = self.graph
        terms = [self.value(array.operand, each) for each in self.around(at, array.over)]
        match array.function:
            case "sum":
                return graph.total(terms)
            case "max":
                return self.largest(terms)
            case "argmax":
                # A function of all terms and of the largest of them.
                found = graph.apply("first place", *terms, self.largest(terms)) if len(terms) > 1 else graph.number(0)
                self.labels[found] = len(terms)
                return found
            case "softmax":
                return graph.apply("divide", self.exponential(self.value(array.operand, at), terms), self.total(terms))
            case "log_sum_exp":
                if len(terms) == 1:
                    return terms[0]
                return graph.apply("add", self.largest(terms), graph.apply("log", self.total(terms)))
            case function:
                raise NotExpressible(f"there is no scalar code for the reduction {function}")

    def largest(self, terms: list[int]) -> int:
        different = list(dict.fromkeys(terms))
        return self.graph.apply("max", *different) if len(different) > 1 else different[0]

    def exponential(self, term: int, terms: list[int]) -> int:
        """exp of a term with the largest of all subtracted."""
        return self.graph.apply("exp", self.graph.apply("subtract", term, self.largest(terms)))

    def total(self, terms: list[int]) -> int:
        """Σ exp of the terms with the largest subtracted: 1 or more."""
        return self.graph.total([self.exponential(term, terms) for term in terms])

    def placed(self, array: Placed, at: LetterPositions) -> int:
        """The sum of what is placed here."""
        letters = tuple(dict.fromkeys(letter for place in array.places for letter in place.letters))
        wanted = [at[letter] for letter in array.into]
        found = [each for each in self.around(at, letters) if [_position(place, each) for place in array.places] == wanted]
        return self.graph.total([self.value(array.operand, each) for each in found])

    def gathered(self, array: Gather, at: LetterPositions) -> int:
        return self.looked_up(array.name, [], [self.value(place, at) for place in array.places])

    def looked_up(self, name: str, known: list[int], places: list[int]) -> int:
        """The entry at places of which some are data; the first of them is tried at each of its values."""
        if not places:
            return self.entry(name, known)
        first, *rest = places
        value = self.graph.value(first)
        if value is not None:
            return self.looked_up(name, [*known, int(value)], rest)
        axis = axis_name(self.system.stored[name].axes[len(known)])
        return self.chosen(first, [self.looked_up(name, [*known, position], rest) for position in range(self.sizes[axis])])

    def chosen(self, place: int, entries: list[int]) -> int:
        """entries[place]; 0 where there is no such entry, which cannot be where a label is read as it is."""
        graph = self.graph
        if self.labels.get(place) == len(entries):
            return graph.apply("entry", *entries, place)
        result = graph.number(0.0)
        for position, entry in reversed(list(enumerate(entries))):
            result = graph.apply("where", graph.apply("equal", place, graph.number(position)), entry, result)
        return result

    def scattered(self, array: Scatter, at: LetterPositions) -> int:
        """The sum of what is placed here, where the places are data."""
        graph = self.graph
        letters = [letter for part in (array.operand, *array.places) for letter in part.axes if letter not in array.axes]
        terms = []
        for each in self.around(at, tuple(dict.fromkeys(letters))):
            term = self.value(array.operand, each)
            for letter, place in zip(array.into, array.places, strict=True):
                is_here = graph.apply("equal", self.value(place, each), graph.number(at[letter]))
                term = graph.apply("multiply", is_here, term)
            terms.append(term)
        return graph.total(terms)


def _position(place: AffineIndex, at: LetterPositions) -> int:
    return place.start + sum(step * at[letter] for letter, step in place.steps)


def _python_number(value: Expr) -> float:
    return int(value) if isinstance(value, sympy.Integer) else float(value)
