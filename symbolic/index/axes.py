"""An axis is a named index with a size; an index letter with primes (`k`, `k_`, `k__`) runs over the same axis.

Primes keep two indices of one axis apart, as in Σ_k′ ∂C/∂a[n,k′] ∂a[n,k′]/∂z[n,k]. They are part of the letter, so a name
follows from the structure alone and is the same on every run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from itertools import count, islice

from sympy import Expr, Integer, Symbol, Tuple

from . import letter_symbol

PRIME = letter_symbol.PRIME


@dataclass(frozen=True, slots=True)
class Axis:
    """A named index; `size` is None where it is read from the arrays (as the number of examples is).

    `rule` is the size of an axis that no array has, as a formula in the sizes of other axes: N_u − N_p + 1. `letters` are what a user
    calls its indices, the axis' own name first: the twin with one prime is the second.
    """

    name: str
    size: int | None = None
    rule: Expr | None = None
    letters: tuple[str, ...] = ()

    @property
    def index(self) -> Symbol:
        return index(self.name)

    @property
    def size_symbol(self) -> Symbol:
        return size_symbol(self.name)

    @property
    def size_expression(self) -> Expr:
        return self.size_symbol if self.size is None else Integer(self.size)

    def spelled(self, letter: Symbol) -> str:
        """A letter of this axis by the user's letters, as far as there are some; then by its name with primes."""
        place = len(letter.name) - len(self.name)
        if len(self.letters) < 2:
            return str(letter.name)
        if place < len(self.letters):
            return self.letters[place]
        further = (self.name + PRIME * primes for primes in count(1))
        unused = (name for name in further if name not in self.letters)
        return next(islice(unused, place - len(self.letters), None))


@cache
def index(name: str) -> Symbol:
    """The SymPy symbol of an index letter."""
    return letter_symbol.Symbol(name, integer=True)


@cache
def size_symbol(axis_name: str) -> Symbol:
    """The number of positions along an axis: N for the examples `n`, N_k for an axis `k`."""
    return Symbol("N" if axis_name == "n" else f"N_{axis_name}", integer=True, positive=True)


@cache
def axis_name(letter: Symbol) -> str:
    """The axis over which an index letter runs: its name without primes."""
    return str(letter.name).rstrip(PRIME)


def letter_size(letter: Symbol) -> Symbol:
    """How many positions an index letter runs over."""
    return size_symbol(axis_name(letter))


@cache
def axis_of_size(symbol: Symbol) -> str:
    """The axis that a size symbol counts: n for N, k for N_k."""
    return "n" if symbol.name == "N" else str(symbol.name).removeprefix("N_")


@cache
def limits(letter: Symbol) -> Tuple:
    """The range of a sum over `letter`, as SymPy's `Sum` takes it."""
    return Tuple(letter, 0, letter_size(letter) - 1)


def fresh(letter: Symbol, taken: Collection[Symbol]) -> Symbol:
    """The same axis's letter with the fewest primes that is not taken."""
    candidate = index(axis_name(letter))
    while candidate in taken:
        candidate = index(candidate.name + PRIME)
    return candidate
