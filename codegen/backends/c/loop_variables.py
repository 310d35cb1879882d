"""The variables of loops, by the letters that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Symbol

from .names import Names
from .sizes import CSizes


class LoopVariables:
    """`outer` are letters for whose loops there are variables already: those of loops that several nests share."""

    def __init__(self, names: Names, sizes: CSizes) -> None:
        self.names, self.sizes = names, sizes
        self.outer: dict[Symbol, str] = {}

    def of(self, letters: Sequence[Symbol]) -> dict[Symbol, str]:
        return {letter: self.outer.get(letter) or self._own(letter) for letter in letters}

    def _own(self, letter: Symbol) -> str:
        """Another name where a loop around has this one, of another nest's letter."""
        name = self.names.of(("letter", str(letter)), str(letter))
        return self.names.of(("inner letter", str(letter)), str(letter)) if name in self.outer.values() else name

    def loops(self, letters: Sequence[Symbol], variables: Mapping[Symbol, str]) -> list[tuple[str, str]]:
        """Those that are not there yet, each a variable and a size."""
        return [(variables[letter], self.sizes.of_letter(letter)) for letter in letters if letter not in self.outer]
