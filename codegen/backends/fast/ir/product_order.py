"""In which order factors and terms meet: those with few entries first, before anything is spread over many.

2 · x[n,j] · g[j] / s[n]        as written: four passes over N·J entries      here: x · (1/s · 2) · g, two of them
z[n,j] + b[j] + c[j]            two passes                                    z + (b + c), one
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sympy import Symbol

from chainrule.symbolic.forms.arrays import Letters

from .operations import ArrayOperand


class AsWritten:
    """From left to right, one after the other: what the pass changes."""

    def terms(self, letters: Sequence[Letters]) -> list[int]:
        """The numbers of terms in the order in which they are added; each is given by its letters."""
        return list(range(len(letters)))

    def factors(self, factors: Sequence[ArrayOperand]) -> list[list[ArrayOperand]]:
        """Factors in groups: each group is multiplied first, then one group after the other."""
        return [[factor] for factor in factors]

    def inverted(self, divisors: Sequence[ArrayOperand], every: Collection[Symbol]) -> list[ArrayOperand]:
        """Divisors that are inverted, so that the rest is multiplied; `every` are the letters of the whole quotient."""
        return []

    def scaled(self, factors: Sequence[ArrayOperand], every: Collection[Symbol]) -> ArrayOperand | None:
        """The factor that takes the number before the product; nothing where the result is to take it."""
        return None


class FewFirst(AsWritten):
    """What has few entries first."""

    def terms(self, letters: Sequence[Letters]) -> list[int]:
        return sorted(range(len(letters)), key=lambda place: len(letters[place]))

    def factors(self, factors: Sequence[ArrayOperand]) -> list[list[ArrayOperand]]:
        """Those that have the same letters together, then from few letters to many."""
        groups: dict[frozenset[Symbol], list[ArrayOperand]] = {}
        for factor in factors:
            groups.setdefault(frozenset(factor.letters), []).append(factor)
        return [group for _, group in sorted(groups.items(), key=lambda pair: len(pair[0]))]

    def inverted(self, divisors: Sequence[ArrayOperand], every: Collection[Symbol]) -> list[ArrayOperand]:
        """A division takes several times as long as a multiplication: of divisors with fewer entries it is done on those."""
        return [entry for entry in divisors if set(entry.letters) < set(every)]

    def scaled(self, factors: Sequence[ArrayOperand], every: Collection[Symbol]) -> ArrayOperand | None:
        few = min(factors, key=lambda entry: len(entry.letters))
        return few if len(few.letters) < len(every) else None
