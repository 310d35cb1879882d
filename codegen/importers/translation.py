"""A graph on its way to equations: what is known of every array so far, the lines written, and what is declared for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.limits import LARGEST_DECIMAL, SMALLEST_DECIMAL

from .graph import Node
from .places import MARK, Axis, Place
from .values import Value

#: What axes are called, by what lies along them.
FEATURES, STEPS, CHANNELS, ROWS, COLUMNS = "ijklmo", "tuqr", "cde", "hikr", "wjls"
WINDOW_LETTERS = ("p", "q", "r")


@dataclass
class Parameter:
    """An array of the model that is given: a weight, or what training leaves as it is. Its axes are those at which it is read first."""

    name: str
    origin: str
    array: NDArray[np.generic]
    own: tuple[Axis, ...]
    axes: tuple[Axis, ...] | None = None

    def read(self, places: Sequence[Place]) -> str:
        if self.axes is None:
            taken: list[Axis] = []
            for own, place in zip(self.own, places, strict=True):
                axis = place.axis
                taken.append(axis if axis is not None and axis not in taken and axis.size == own.size else own)
            self.axes = tuple(taken)
        return written(self.name, shorter(places, self.own))

    @property
    def declared(self) -> str:
        return written(self.name, self.axes or self.own)


@dataclass(frozen=True)
class Input:
    """What the network is given; labels point into a vocabulary."""

    name: str
    axes: tuple[Axis, ...]
    vocabulary: Axis | None = None

    @property
    def declared(self) -> str:
        return written(self.name, self.axes) + (f" in {self.vocabulary}" if self.vocabulary else "")


def written(name: str, places: Iterable[Place | Axis | str]) -> str:
    """An entry as text."""
    inside = ",".join(map(str, places))
    return f"{name}[{inside}]" if inside else name


def shorter(places: Iterable[Place | Axis], axes: Iterable[Axis]) -> list[str]:
    """Places as text; a letter that does not run over the whole axis is a sum, or it would be taken for that of the axis."""
    found = [(Place.at(place), axis) for place, axis in zip(places, axes, strict=True)]
    return [f"{place} + 0" if place.axis is not None and place.axis.size != axis.size else str(place) for place, axis in found]


def stored(name: str, axes: Sequence[Axis]) -> Value:
    """What is given or has an equation, by its name."""
    return Value(tuple(axes), lambda places: written(name, shorter(places, axes)), is_stored=True)


def number(value: Any) -> str:
    """A number as it is written in a formula: as few digits as say it.

    Raises:
        InvalidDescription: where the equation language has no such number.
    """
    said = str(np.asarray(value)[()]).lower()
    found = float(said)
    if found and not SMALLEST_DECIMAL < abs(found) < LARGEST_DECIMAL:
        raise InvalidDescription(f"found the number {said}, expected 0 or one between {SMALLEST_DECIMAL:.0e} and {LARGEST_DECIMAL:.0e}")
    shortest = said[:-2] if said.endswith(".0") else said
    return f"({shortest})" if found < 0 else shortest


def is_infinite(array: NDArray[np.generic]) -> bool:
    """Whether it is the one number that leaves a score nothing."""
    return array.size == 1 and array.dtype.kind == "f" and array.reshape(())[()] == -np.inf


@dataclass
class Translation:
    """What operators read and write.

    `values` are the arrays by the file's names, `constants` those that are known as numbers; sizes that are free are words among these.
    Of those the model trains the `trained`, or, where it does not say, all that are more than a number.
    A draft, which is for the shapes alone, may have infinite scores.
    `booleans` are names of what is true or false, which is 1 or 0 here, `integers` those of what is given as whole numbers.
    """

    constants: dict[str, NDArray[np.generic]]
    values: dict[str, Value] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    inputs: dict[str, Input] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    windows: dict[tuple[int, int], Axis] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    numbers: dict[str, count[int]] = field(default_factory=dict)
    booleans: set[str] = field(default_factory=set)
    integers: set[str] = field(default_factory=set)
    trained: set[str] | None = None
    is_draft: bool = False

    def name(self, stem: str) -> str:
        """The next name of a stem: z1, z2."""
        numbers = self.numbers.setdefault(stem, count(1))
        found = next(name for name in (f"{stem}{number}" for number in numbers) if name not in self.names)
        self.names.add(found)
        return found

    def window(self, place: int, size: int) -> Axis:
        """The axis of a window that moves along the axis at a place; windows of one size share it."""
        return self.windows.setdefault((place, size), Axis.new(size, WINDOW_LETTERS[place]))

    def define(self, stem: str, axes: Sequence[Axis], right: str) -> Value:
        """An equation for every entry."""
        return self.placed(stem, axes, [(axes, right)])

    def placed(self, stem: str, axes: Sequence[Axis], parts: Iterable[tuple[Sequence[Place | Axis], str]]) -> Value:
        """An array whose entries several equations give, each those at its own places."""
        name = self.name(stem)
        self.lines += [f"{written(name, shorter(places, axes))} = {right}" for places, right in parts]
        return stored(name, axes)

    def stored(self, value: Value) -> Value:
        """The value with an equation of its own, where it is a view: outside of its axes it is 0 then."""
        return value if value.is_stored else self.define("v", value.axes, value.at(*value.axes))

    def given(self, origin: str, name: str, axes: Sequence[Axis]) -> None:
        """An input of the network."""
        self.names.add(name)
        self.inputs[origin] = Input(name, tuple(axes))
        self.values[origin] = stored(name, axes)

    def labels(self, name: str, vocabulary: Axis) -> Value:
        """An input that says places along an axis.

        Raises:
            InvalidDescription: where it is computed: a place has no derivative, and the equation language reads no other.
        """
        given = self.inputs.get(name)
        if given is None:
            raise InvalidDescription(f"its places {name!r} are computed from what the network is given; expected an input, or numbers")
        if given.vocabulary is None:
            self.inputs[name] = replace(given, vocabulary=vocabulary)
        return self.values[name]

    def value(self, name: str, stem: str = "W") -> Value:
        """An array by the file's name; a constant is a number of the formula, or a parameter called by a stem where it is several."""
        if name in self.values:
            return self.values[name]
        array = self.constants[name]
        if array.size != 1 or name in (self.trained or ()):
            return self.weight(name, stem)
        # Of scores that leave nothing the shapes alone are asked for, until they are put together with their softmax.
        text = "0" if self.is_draft and is_infinite(array) else number(array.reshape(())[()])
        return Value(tuple(Axis.new(1, FEATURES) for _ in array.shape), lambda _: text)

    def weight(self, name: str, stem: str, is_trained: bool = True) -> Value:
        """A constant as a parameter, which no derivative enters where it is not trained; what is no constant as it is."""
        if name not in self.constants:
            return self.values[name]
        is_trained = is_trained and (self.trained is None or name in self.trained)
        if name not in self.parameters:
            array = self.constants[name]
            axes = tuple(Axis.new(size, FEATURES) for size in array.shape)
            self.parameters[name] = Parameter(self.name(stem), name, array, axes)
        parameter = self.parameters[name]
        read = parameter.read if is_trained else lambda places: f"stop({parameter.read(places)})"
        return Value(parameter.axes or parameter.own, read, is_stored=is_trained)

    def part(self, name: str, stem: str, which: tuple[int | slice, ...]) -> Value:
        """A part of a constant as a parameter of its own: the weights of one gate."""
        said = ",".join(f"{each.start}:{each.stop}" if isinstance(each, slice) else str(each) for each in which)
        key = f"{name}[{said}]"
        if key not in self.constants:
            self.constants[key] = self.constants[name][which]
        if self.trained is not None and name in self.trained:
            self.trained.add(key)
        return self.weight(key, stem)

    def with_letters(self, texts: Sequence[str]) -> tuple[list[str], Mapping[str, int | str]]:
        """The texts with a letter for each axis, all different, in the order in which they come; and the size of each letter."""
        taken, found, sizes = {*self.names}, {}, {}
        for key, hint, size in dict.fromkeys(MARK.findall("\n".join(texts))):
            candidates = (f"{letter}{mark}" for mark in chain([""], count(2)) for letter in hint)
            letter = next(letter for letter in candidates if letter not in taken and f"d{letter}" not in taken)
            taken.add(letter)
            found[key], sizes[letter] = letter, int(size) if size.isdecimal() else size
        return [MARK.sub(lambda match: found[match[1]], text) for text in texts], sizes


#: What an operator writes for a node, whose outputs have values then.
Writer = Callable[[Translation, Node], None]
