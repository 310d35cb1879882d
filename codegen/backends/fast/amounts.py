"""How much of something there is, as a formula in the sizes that only the workspace knows: 2,048 N + 10,240."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.sizes import EntryCount


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of extents, at most one for each product of open sizes, in a fixed order."""

    terms: tuple[EntryCount, ...] = ()

    def __add__(self, other: Amount) -> Amount:
        return _collected((*self.terms, *other.terms))

    def __sub__(self, other: Amount) -> Amount:
        return self + other * -1

    def __mul__(self, other: Amount | int) -> Amount:
        factor = amount_of(other) if isinstance(other, int) else other
        return _collected(
            EntryCount(left.count * right.count, tuple(sorted((*left.open_sizes, *right.open_sizes))))
            for left in self.terms
            for right in factor.terms
        )

    def at(self, sizes: Mapping[str, int]) -> int:
        """Its value for the open sizes, by name."""
        return sum(term.entries(sizes) for term in self.terms)

    def __str__(self) -> str:
        written = [_written(term) for term in self.terms]
        return " + ".join(written).replace("+ -", "- ") or "0"


NOTHING = Amount()


def amount_of(count: int | EntryCount) -> Amount:
    return _collected((count if isinstance(count, EntryCount) else EntryCount(count),))


def total(amounts: Iterable[Amount]) -> Amount:
    return _collected(term for amount in amounts for term in amount.terms)


def largest(amounts: Iterable[Amount], sizes: Mapping[str, int]) -> Amount:
    """The one that is largest for these sizes; the first of several."""
    return max(amounts, key=lambda amount: amount.at(sizes), default=Amount())


def _collected(terms: Iterable[EntryCount]) -> Amount:
    counts: dict[tuple[str, ...], int] = {}
    for term in terms:
        counts[term.open_sizes] = counts.get(term.open_sizes, 0) + term.count
    order = sorted(counts, key=lambda names: (-len(names), names))
    return Amount(tuple(EntryCount(counts[names], names) for names in order if counts[names]))


def _written(term: EntryCount) -> str:
    powers = {name: term.open_sizes.count(name) for name in term.open_sizes}
    names = [name if power == 1 else f"{name}^{power}" for name, power in powers.items()]
    shown = [f"{term.count:,}"] if abs(term.count) != 1 or not names else []
    sign = "-" if term.count == -1 and names else ""
    return sign + " ".join([*shown, *names])
