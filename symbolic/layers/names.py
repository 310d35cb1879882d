"""Names and letters of a network of layers, given out one by one: no two axes share a letter, no constant hides a tensor."""

from __future__ import annotations

import keyword
from collections.abc import Collection

from chainrule.symbolic.index.failures import InvalidDescription, located
from chainrule.symbolic.index.tensors import adjoint_name
from chainrule.symbolic.language.declarations import finite
from chainrule.symbolic.language.expression_reader import RESERVED

from .costs import PENALTIES

#: Letters for the axes of features and units; n is the example. Networks with more layers number theirs: i0, i1, …
LETTERS = "ijkmpqrstuv"
TAKEN_NAMES = frozenset({"x", "y", "z", "a", "n", "N", "C", "R"})


class NameAllocator:
    """What is given out so far: `sizes` by letter and `constants` by name.

    `tensors` and `constants` are the names that the network has, `widths` the number of its axes of features; with `numbered`, more of
    them than there are letters are i0, i1, ….
    """

    def __init__(self, tensors: Collection[str], constants: Collection[str], widths: int, numbered: bool) -> None:
        names = {*tensors, *TAKEN_NAMES}
        self.sizes: dict[str, int] = {}
        self.constants: dict[str, float] = {}
        available = [letter for letter in LETTERS if letter not in names and letter not in constants]
        if numbered and widths > len(available):
            available = [f"i{number}" for number in range(widths)]
        self.available = iter(available)
        self.taken = {*names, *constants, "n", "N"}
        first = available[:widths]
        self.own_names = {*names, *map(adjoint_name, names), *first, *(f"N_{letter}" for letter in first)}

    def letter(self, wanted: str, size: int, suffix: str) -> str:
        """A letter that no other axis has: the wanted one, with the layer's number where that is taken."""
        free = wanted if wanted not in self.taken else f"{wanted}{suffix}"
        while free in self.taken:
            free += "a"
        return self.take(free, size)

    def take(self, letter: str, size: int) -> str:
        self.taken.add(letter)
        self.sizes[letter] = size
        return letter

    def feature(self, size: int, suffix: str) -> str:
        """The letter of an axis of features or units: the next of the alphabet."""
        free = next((letter for letter in self.available if letter not in self.taken), None)
        return self.take(free, size) if free else self.letter("j", size, suffix)

    def constant(self, name: str, value: float, suffix: str) -> str:
        """The name of a constant in the system; one name with two values in a network gets the layer's number."""
        if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
            raise InvalidDescription(f"a constant's name is an identifier, found {name!r}", (name,))
        if name in RESERVED or name in PENALTIES or name in self.own_names:
            raise InvalidDescription(f"{name!r} already has a meaning; give the constant another name", (name,))
        with located((name,)):
            number = finite(value, f"constant {name}")
        unique = name
        while self.constants.get(unique, number) != number:
            unique += suffix
        self.constants[unique] = number
        self.taken.add(unique)
        return unique
