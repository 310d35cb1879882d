"""What a description means, read from its text alone: its cost, and the cost's slope in every entry of a parameter.

Every entry is computed by itself, when it is read, with loops over letters; an entry that is computed is kept.
"""

from __future__ import annotations

import itertools
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

from .equation_grammar import Call, Equation, Name, Node, Number, Pair, Read, Sign, every
from .index_places import whole
from .meaning import Meaning, Unfit, letters_of
from .slopes import Scalar, Tape, Undefined

Place = tuple[int, ...]
REDUCTIONS = ("sum", "mean", "max", "logsumexp", "prod", "norm", "var", "std")
#: One value for each place of a letter.
ALONG = ("softmax", "log_softmax", "cumsum", "cumprod")
#: Whole numbers near by: none that is decided where a float may be on the other side.
ROUNDED = {"round": mp.nint, "floor": mp.floor, "ceil": mp.ceil}
#: Bits that are computed with; where too many of them are lost, as many as this.
BITS, MOST_BITS = 140, 2500
LARGEST_VALUE = mpf(10) ** 100


@dataclass
class Result:
    """The cost, its slopes, and whether another program must come to the same at every comparison."""

    cost: float
    gradients: dict[str, NDArray[np.float64]]
    doubtful: bool
    tied: bool
    largest: float


class _Evaluation:
    """One description at given arrays."""

    def __init__(self, meaning: Meaning, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.meaning, self.tape = meaning, Tape()
        shapes = {name: np.shape(array) for name, array in arrays.items()}
        self.sizes = meaning.sizes(shapes)
        self.integers = {name: arrays[name] for name, tensor in meaning.given.items() if tensor.into}
        self.known: dict[tuple[str, Place], Scalar] = {}
        self.zero = Scalar(mpf(0), exact=True)
        for name, tensor in meaning.given.items():
            for place in np.ndindex(*shapes[name]):
                value = arrays[name][place].item()
                is_parameter = tensor.role == "parameters"
                self.known[name, place] = self.tape.variable(value) if is_parameter else Scalar(mpf(value), exact=True)
        self.shapes = shapes

    def size(self, letter: str) -> int:
        return self.sizes[self.meaning.axes.letter(letter)]

    def inside(self, name: str, place: Place) -> bool:
        axes = [self.sizes[self.meaning.axes.find((name, at))] for at in range(len(place))]
        return all(0 <= one < size for one, size in zip(place, axes, strict=True))

    # Entries.

    def entry(self, name: str, place: Place) -> Scalar:
        if (name, place) not in self.known:
            self.known[name, place] = self.defined(name, place) if name not in self.meaning.given else self.zero
        return self.known[name, place]

    def defined(self, name: str, place: Place) -> Scalar:
        for row in self.meaning.boundaries.get(name, ()):
            if (letters := self.matched(row, place)) is not None:
                return self.value(row.right, letters)
        if not self.inside(name, place):
            return self.zero
        if name in self.meaning.plain:
            row = self.meaning.plain[name]
            return self.value(row.right, {one.name: at for one, at in zip(row.places, place, strict=True) if isinstance(one, Name)})
        total = self.zero
        for row, letters in self.placed[name].get(place, ()):
            total = self.tape.add(total, self.value(row.right, letters))
        return total

    def matched(self, boundary: Equation, place: Place) -> dict[str, int] | None:
        """The letters of a boundary value where it gives this entry: its fixed place is there, the others are inside of their axes."""
        letters = {}
        for own, at in zip(boundary.places, place, strict=True):
            if isinstance(own, Name):
                if not 0 <= at < self.size(own.name):
                    return None
                letters[own.name] = at
            elif whole(own) != at:
                return None
        return letters

    @cached_property
    def placed(self) -> dict[str, dict[Place, list[tuple[Equation, dict[str, int]]]]]:
        """For each tensor that consists of placements, what is placed where."""
        found: dict[str, dict[Place, list[tuple[Equation, dict[str, int]]]]] = {}
        for name, rows in self.meaning.placements.items():
            found[name] = defaultdict(list)
            for row in rows:
                names = sorted({letter for place in row.places for letter in letters_of(place)})
                for values in itertools.product(*(range(self.size(letter)) for letter in names)):
                    letters = dict(zip(names, values, strict=True))
                    places = [self.place(place, letters) for place in row.places]
                    if None not in places:
                        found[name][tuple(places)].append((row, letters))  # type: ignore[arg-type]
        return found

    def place(self, node: Node, letters: Mapping[str, int]) -> int | None:
        """An index as a number; None where it is that of a label which is itself read out of range."""
        match node:
            case Number(text):
                return int(text)
            case Name(name):
                return letters[name]
            case Sign(sign, inside):
                value = self.place(inside, letters)
                return value if sign == "+" or value is None else -value
            case Read(name, places):
                at = [self.place(place, letters) for place in places]
                shape = self.shapes[name]
                if any(one is None or not 0 <= one < size for one, size in zip(at, shape, strict=True)):
                    return None
                return int(self.integers[name][tuple(at)])
            case Pair(sign, left, right):
                first, second = self.place(left, letters), self.place(right, letters)
                if first is None or second is None:
                    return None
                return {"+": first + second, "-": first - second, "*": first * second}[sign]
        raise ValueError(node)

    # Values.

    def value(self, node: Node, letters: Mapping[str, int]) -> Scalar:
        match node:
            case Number(text):
                value = mpf(text)
                return Scalar(value, exact=value == mpf(float(text)))
            case Name(name):
                return self.named(name, letters)
            case Read(name, places):
                at = [self.place(place, letters) for place in places]
                self.check_fixed(name, places)
                return self.zero if None in at else self.entry(name, tuple(at))  # type: ignore[arg-type]
            case Sign(sign, inside):
                value = self.value(inside, letters)
                return value if sign == "+" else self.tape.add(self.zero, value, -1)
            case Pair(sign, left, right):
                first, second = self.value(left, letters), self.value(right, letters)
                match sign:
                    case "+" | "-":
                        return self.tape.add(first, second, 1 if sign == "+" else -1)
                    case "*":
                        return self.tape.multiply(first, second)
                    case "/":
                        return self.tape.divide(first, second)
                    case "**":
                        return self.tape.power(first, second)
            case Call(name, arguments):
                return self.called(name, arguments, letters)
        raise ValueError(node)

    def check_fixed(self, name: str, places: Sequence[Node]) -> None:
        """A place that is a number is in a tensor, or a boundary value is there."""
        for at, place in enumerate(places):
            number = whole(place)
            if number is None or 0 <= number < self.sizes[self.meaning.axes.find((name, at))]:
                continue
            if not any(whole(row.places[at]) == number for row in self.meaning.boundaries.get(name, ())):
                raise Unfit(f"{name} has no place {number}")

    def named(self, name: str, letters: Mapping[str, int]) -> Scalar:
        if name in letters:
            return Scalar(mpf(letters[name]), exact=True)
        if name in self.meaning.constants:
            return Scalar(mpf(self.meaning.constants[name]), exact=True)
        if name == "pi":
            return Scalar(+mp.pi)
        return self.entry(name, ())

    def called(self, name: str, arguments: Sequence[Node], letters: Mapping[str, int]) -> Scalar:
        if name in REDUCTIONS:
            return self.reduced(name, arguments, letters)
        if name in ALONG:
            return self.along(name, arguments, letters)
        if name == "where":
            condition = arguments[0]
            assert isinstance(condition, Pair)
            side = self.tape.compare(self.value(condition.left, letters), self.value(condition.right, letters))
            holds = {">": side > 0, ">=": side >= 0, "<": side < 0, "<=": side <= 0}[condition.sign]
            return self.value(arguments[1 if holds else 2], letters)
        values = [self.value(argument, letters) for argument in arguments]
        if name == "stop":
            return Scalar(values[0].value, exact=values[0].exact)
        if name in ROUNDED:
            edge = mp.nint(2 * values[0].value) / 2
            self.tape.compare(values[0], Scalar(edge, exact=True))
            return Scalar(ROUNDED[name](values[0].value), exact=True)
        if name == "clip":
            u, low, high = values
            return low if self.tape.compare(u, low) <= 0 else high if self.tape.compare(u, high) >= 0 else u
        if name in ("maximum", "minimum"):
            side = self.tape.compare(*values) * (1 if name == "maximum" else -1)
            if side == 0:
                # Against a number there is a kink, and the slope is 0; otherwise the first one counts.
                return next((value for value, node in zip(values, arguments, strict=True) if is_number(node)), values[0])
            return values[0] if side > 0 else values[1]
        return self.tape.apply(name, *values)

    def reduced(self, name: str, arguments: Sequence[Node], letters: Mapping[str, int]) -> Scalar:
        *names, inside = arguments
        ranges = [range(self.size(own.name)) for own in names if isinstance(own, Name)]
        own_names = [own.name for own in names if isinstance(own, Name)]
        values = [self.value(inside, {**letters, **dict(zip(own_names, places, strict=True))}) for places in itertools.product(*ranges)]
        match name:
            case "max":
                return self.tape.largest(values)
            case "logsumexp":
                return self.tape.apply("log", self.total([self.tape.apply("exp", value) for value in values]))
            case "prod":
                return reduce(self.tape.multiply, values)
            case "norm":
                return self.tape.apply("sqrt", self.total([self.tape.multiply(value, value) for value in values]))
            case "var" | "std":
                mean = self.mean(values)
                away = [self.tape.add(value, mean, -1) for value in values]
                variance = self.mean([self.tape.multiply(one, one) for one in away])
                return variance if name == "var" else self.tape.apply("sqrt", variance)
        return self.total(values) if name == "sum" else self.mean(values)

    def total(self, values: Sequence[Scalar]) -> Scalar:
        return reduce(self.tape.add, values)

    def mean(self, values: Sequence[Scalar]) -> Scalar:
        return self.tape.divide(self.total(values), Scalar(mpf(len(values)), exact=True))

    def along(self, name: str, arguments: Sequence[Node], letters: Mapping[str, int]) -> Scalar:
        letter, inside = arguments
        assert isinstance(letter, Name)
        own = letters[letter.name]
        places = range(own + 1) if name.startswith("cum") else range(self.size(letter.name))
        values = [self.value(inside, {**letters, letter.name: at}) for at in places]
        if name == "cumsum":
            return self.total(values)
        if name == "cumprod":
            return reduce(self.tape.multiply, values)
        exponentials = [self.tape.apply("exp", value) for value in values]
        if name == "softmax":
            return self.tape.divide(exponentials[own], self.total(exponentials))
        return self.tape.add(values[own], self.tape.apply("log", self.total(exponentials)), -1)

    def result(self) -> Result:
        cost = self.entry(self.meaning.cost, ())
        largest = max((abs(number.value) for number in self.known.values()), default=mpf(0))
        if largest > LARGEST_VALUE:
            raise Undefined
        self.tape.slopes(cost)
        gradients = {}
        for name, tensor in self.meaning.given.items():
            if tensor.role == "parameters":
                gradients[name] = np.zeros(self.shapes[name])
                for place in np.ndindex(*self.shapes[name]):
                    gradients[name][place] = float(self.known[name, place].slope)
        if not all(np.isfinite(array).all() for array in gradients.values()):
            raise Undefined
        return Result(float(cost.value), gradients, self.tape.doubtful, self.tape.tied, float(largest))


def is_number(node: Node) -> bool:
    """Whether a tree says a number by itself."""
    return all(not isinstance(part, Read) and (not isinstance(part, Name) or part.name == "pi") for part in every(node))


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Expressions of any depth, for as long as they are evaluated: what others read with such a limit ends the process."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 100_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def cost_and_gradients(description: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Result:
    """The cost and its slopes, good to the last digit of a float.

    Raises:
        Unfit: where the arrays have the wrong sizes.
        Undefined: where some number that is needed is none.
    """
    meaning = Meaning(description)
    for bits in (BITS, MOST_BITS):
        with mp.workprec(bits), deep_recursion():
            evaluation = _Evaluation(meaning, arrays)
            try:
                result = evaluation.result()
            except Undefined:
                if evaluation.tape.lost and bits < MOST_BITS:
                    continue
                raise
        if not evaluation.tape.lost:
            break
    result.doubtful |= evaluation.tape.lost
    return result
