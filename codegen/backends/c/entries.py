"""What loops are made of: variables, entries of arrays, functions of them, and places along an axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operation
from chainrule.codegen.program.array_sizes import ArraySizes
from chainrule.symbolic.forms.arrays import Array
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription

from .functions import BROUGHT, FUNCTIONS, of_reals
from .loop_variables import LoopVariables
from .names import Names
from .places import Places, refused
from .scalars import scalar


class EntryCode:
    """Of one program. `real` is the type of numbers."""

    def __init__(self, places: Places, real: str, names: Names) -> None:
        self.places, self.real, self.names = places, real, names
        self.array_sizes = ArraySizes(places.system)
        self.loop_variables = LoopVariables(names, places.sizes)
        #: Functions that the module has to bring.
        self.brought: set[str] = set()

    def variables(self, letters: Sequence[Symbol]) -> dict[Symbol, str]:
        return self.loop_variables.of(letters)

    def loops(self, letters: Sequence[Symbol], variables: Mapping[Symbol, str]) -> list[tuple[str, str]]:
        return self.loop_variables.loops(letters, variables)

    def entry(self, operand: ArrayOperand, variables: Mapping[Symbol, str]) -> str:
        return self.places.entry(operand, variables)

    def number(self, array: Array) -> str:
        """A number that is known before any data, of the module's own type."""
        return f"({self.real}){scalar(array, self.places.sizes)}"

    def function(self, name: str, operands: Sequence[str], are_tests: Sequence[bool]) -> str:
        """A function of operands, some of which are tests."""
        if name == "multiply" and are_tests.count(True) == 1:
            # 0 times what is no number would be none; what a test leaves out is 0.
            test, other = operands if are_tests[0] else operands[::-1]
            return self.chosen(test, other, "0")
        if name == "where":
            return self.chosen(*operands)
        if name not in FUNCTIONS:
            raise refused(self.places.system.name, f"function {name}")
        if name in BROUGHT:
            self.brought.add(name)
            return BROUGHT[name].format(*operands)
        return of_reals(FUNCTIONS[name], *operands)

    def chosen(self, test: str, one: str, other: str) -> str:
        """One of two numbers, both of which are read: GCC 12 with AVX gets loops wrong that read entries only where a test holds."""
        self.brought.add("chosen")
        return f"chosen({test}, {one}, {other})"

    def one_by_one(self) -> str:
        """What keeps a compiler from computing several entries of a loop at once, where one may not be read."""
        self.brought.add("one_by_one")
        return "ONE_BY_ONE;"

    def is_inside(self, place: AffineIndex, letter: Symbol) -> bool:
        """Whether a place is known to be one of the axis of a letter."""
        if place.is_plain and self.array_sizes.is_as_long(place.letters[0], axis_name(letter)):
            return True
        ends, size = self.array_sizes.ends(place), self.places.sizes.of_letter(letter)
        return ends is not None and size.isdigit() and ends[0] >= 0 and ends[1] < int(size)

    def affine(self, place: AffineIndex, variables: Mapping[Symbol, str]) -> str:
        text = " + ".join(variables[letter] if step == 1 else f"{step} * {variables[letter]}" for letter, step in place.steps)
        if not text:
            return str(place.start)
        return f"{text} {'-' if place.start < 0 else '+'} {abs(place.start)}" if place.start else text

    def where(self, tests: Sequence[str], line: str) -> list[str]:
        """A line of a loop that runs where tests hold."""
        return [self.one_by_one(), f"if ({' && '.join(tests)}) {line}"] if tests else [line]

    def refused(self, operation: Operation) -> InvalidDescription:
        """What is said of an operation that only NumPy's source has."""
        said = self.places.at.program.reasons.get(operation.equation, operation.function)
        return refused(self.places.system.name, f"form of {operation.equation} ({said})")
