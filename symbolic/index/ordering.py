"""In which order the terms of a sum and the factors of a product are written. SymPy keeps them in an order of its own.

Every view and every printer asks here, so a formula has the same order on the page, in a comment and in the code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from operator import itemgetter

import sympy
from sympy import Add, Expr, Function, Indexed, Integer, KroneckerDelta, Mul, Piecewise, Pow, S, Sum, Symbol, preorder_traversal

from .index_letters import names_read

#: Where the list of names begins and ends; no tensor is called so.
START = ""
#: The place of brackets among factors.
BRACKET = 7
#: What a term reads, and whether it is subtracted: enough to know the terms of a sum again under other letters.
TermKey = tuple[bool, frozenset[str]]


@dataclass(frozen=True)
class Order:
    """The order of terms and factors in one system: that of its source, and where the source has none, by kind.

    `gradients` are the names of the adjoints; `ranks` are those of names in the source (see `source_ranks`); `sums` are the sums of terms
    that the source writes, in its order.
    """

    gradients: frozenset[str] = frozenset()
    ranks: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[frozenset[TermKey], tuple[TermKey, ...]] = field(default_factory=dict)

    def terms(self, expression: Expr) -> list[Expr]:
        """As the source has them: x[n,j] + Σ_i W[j,i] x[i] + b[j]. A sum that it has not: positive terms first; numbers, then sums,
        entries, functions, and constants last: Σ_i W[j,i] x[i] + b[j], a + α, 1 − a.
        """
        terms = Add.make_args(expression)
        if not expression.has(Indexed) and any(isinstance(term, Symbol) and term.is_integer for term in terms):
            # An index sum: 2 i + p − 1, i − p.
            return self._by_kind(terms, [(_is_subtracted(term), bool(term.is_number)) for term in terms], terms)
        split = [term.as_coeff_Mul() for term in terms]
        keys = [term_key(number, rest) for number, rest in split]
        if len(set(keys)) < len(keys):
            keys = [with_brackets(key, _brackets(rest)) for key, (_, rest) in zip(keys, split, strict=True)]
        if (written := self.sums.get(frozenset(keys))) and len(written) == len(terms):
            return [part for _, part in sorted(zip(map(written.index, keys), terms, strict=True), key=itemgetter(0))]
        has_sum = any(term.has(Sum) for term in terms)
        # What is added to a sum comes after it, whatever the sum's sign: −Σ_n log a[n] + R.
        kinds = [
            (has_sum and isinstance(term, Symbol), bool(number.is_negative), _term_kind(rest))
            for term, (number, rest) in zip(terms, split, strict=True)
        ]
        return self._by_kind(terms, kinds, [rest for _, rest in split])

    def factors(self, expression: Expr) -> list[Expr]:
        """Numbers, constants, adjoints, other entries, functions, brackets, logarithms, sums: 2 λ W, (1 − β) g, da a (1 − a).

        An entry that a bracket holds too stands next to it: da U a (1 − a), wherever the source has U.
        """
        factors = Mul.make_args(expression)
        kinds = [_factor_kind(factor, self.gradients) for factor in factors]
        held = {entry for factor, kind in zip(factors, kinds, strict=True) if kind == BRACKET for entry in factor.atoms(Indexed)}
        return self._by_kind(factors, [(kind, factor in held) for factor, kind in zip(factors, kinds, strict=True)], factors)

    def fraction(self, expression: Expr, sizes: Mapping[Symbol, Expr] | None = None) -> tuple[int, list[Expr], list[Expr]]:
        """Sign, factors of the numerator and factors of the denominator, each in order.

        Numbers, those of the known `sizes` too, are one in front: 1/(2 N) for 1/(N K) where K is 2.
        """
        coefficient, rest = expression.as_coeff_Mul()
        sign = -1 if coefficient.is_negative else 1
        numerator, denominator, rest = _numbers(abs(coefficient), rest)
        above = [numerator] if numerator != 1 else []
        below = [denominator] if denominator != 1 else []
        for factor in self.factors(rest) if rest != 1 else []:
            if isinstance(factor, Pow) and factor.exp.is_number and factor.exp.is_negative:
                below.append(factor.base ** (-factor.exp))
            else:
                above.append(factor)
        if sizes is None:
            return sign, above, below
        above, below = ([sizes.get(factor, factor) for factor in side] for side in (above, below))
        if not any(map(_is_whole, (*above, *below))):
            return sign, above, below
        number = Mul(*filter(_is_whole, above)) / Mul(*filter(_is_whole, below))
        return sign, _behind(number.p, above), _behind(number.q, below)

    def _by_kind(self, parts: Sequence[Expr], kinds: Sequence[object], named: Sequence[Expr]) -> list[Expr]:
        """Parts in the order of their kinds; those of one kind in that of the source, and then of names, which take long to write and are
        left alone otherwise.
        """
        of_kind = Counter(kinds)
        places = [(kind, self._rank(name) if of_kind[kind] > 1 else 0) for kind, name in zip(kinds, named, strict=True)]
        at_place = Counter(places)
        keys = [(place, _names(name) if at_place[place] > 1 else ()) for place, name in zip(places, named, strict=True)]
        return [part for _, part in sorted(zip(keys, parts, strict=True), key=itemgetter(0))]

    def _rank(self, expression: Expr) -> int:
        """The place of what stands first in the source: behind δ(n, n′), which has no name, and before what is not named there."""
        return min((self.ranks.get(name, len(self.ranks)) for name in names_read(expression)), default=-1)

    def among(self, names: Sequence[str]) -> tuple[object, ...]:
        """What the order of an expression in these names depends on, besides its structure: the same of names in the same order."""
        ranks = [self.ranks.get(name, len(self.ranks)) for name in names]
        places = {name: place for place, name in enumerate(names)}
        sums = [terms for name in names for terms in self._sums_by_last.get(name, ()) if _are_among(terms, places)]
        return (
            tuple(map(sorted({*ranks}).index, ranks)),
            tuple(name in self.gradients for name in names),
            order_of(names),
            order_of([*map(_as_counted, names)]),
            *(tuple((negative, frozenset(places.get(name, name) for name in read)) for negative, read in terms) for terms in sums),
        )

    @cached_property
    def _sums_by_last(self) -> dict[str, list[tuple[TermKey, ...]]]:
        """The sums, each by the one of its names that the source has last."""
        found: dict[str, list[tuple[TermKey, ...]]] = {}
        for terms in self.sums.values():
            last = max((name for _, read in terms for name in read), key=lambda name: self.ranks.get(name, -1), default=START)
            found.setdefault(last, []).append(terms)
        return found

    def with_gradients(self, names: Iterable[str]) -> Order:
        """More names that come first in a product."""
        return replace(self, gradients=self.gradients.union(names))

    def with_names(self, others: Mapping[str, str]) -> Order:
        """Further names, which have the ranks of those that they stand for."""
        return replace(self, ranks={**self.ranks, **{new: self.ranks[old] for new, old in others.items() if old in self.ranks}})

    def renamed(self, names: Mapping[str, str]) -> Order:
        """The same of a system whose tensors are called otherwise."""

        def name(old: str) -> str:
            return names.get(old, old)

        sums = [tuple((negative, frozenset(map(name, read))) for negative, read in terms) for terms in self.sums.values()]
        return Order(
            frozenset(map(name, self.gradients)),
            {name(old): rank for old, rank in self.ranks.items()},
            {frozenset(terms): terms for terms in sums},
        )


def _is_subtracted(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def _numbers(coefficient: Expr, rest: Expr) -> tuple[Expr, Expr, Expr]:
    """What stands above and below of numbers, and everything else: √2/4 is 1/√8, as SymPy had it before."""
    roots = [factor for factor in Mul.make_args(rest) if isinstance(factor, Pow) and factor.exp == S.Half and factor.base.is_Integer]
    square = coefficient**2 * Mul(*(root.base for root in roots)) if roots else S.NaN
    if square.is_Rational and 1 in (square.p, square.q):
        root = Pow(max(square.p, square.q), S.Half, evaluate=False)
        others = Mul(*(factor for factor in Mul.make_args(rest) if factor not in roots))
        return (S.One, root, others) if square.p == 1 else (root, S.One, others)
    numerator, denominator = coefficient.as_numer_denom() if coefficient.is_Rational else sympy.fraction(coefficient)
    return numerator, denominator, rest


def term_key(number: Expr, rest: Expr) -> TermKey:
    """What is the same of a term whatever its letters and its number are."""
    return bool(number.is_negative), frozenset(names_read(rest))


def with_brackets(key: TermKey, count: int) -> TermKey:
    """Of terms that read the same, such as y log a and (1 − y) log(1 − a), one that has so many sums in it."""
    is_subtracted, names = key
    return is_subtracted, names | {f"({count})"}


def _brackets(term: Expr) -> int:
    return sum(isinstance(part, Add) and bool(names_read(part)) for part in preorder_traversal(term))


def source_ranks(sequences: Iterable[Sequence[str]]) -> dict[str, int]:
    """One order of names in which each sequence has its own, as far as they agree; the earlier has the say.

    A new name stands behind the one before it in its sequence; without one, before the first that is known, or last.
    """
    following: dict[str, str] = {START: START}
    preceding: dict[str, str] = {START: START}
    for sequence in sequences:
        for place, name in enumerate(sequence):
            if name in following:
                continue
            first_known = next((other for other in sequence if other in following), START)
            before = sequence[place - 1] if place else preceding[first_known]
            behind = following[before]
            following[before] = preceding[behind] = name
            preceding[name], following[name] = before, behind
    order, name = [], following[START]
    while name != START:
        order.append(name)
        name = following[name]
    return {name: rank for rank, name in enumerate(order)}


def _term_kind(rest: Expr) -> int:
    """The kind of a term without its number."""
    if rest.is_number:
        return 0
    if rest.has(Sum) or (isinstance(rest, Mul) and _is_written_out(rest)):
        return 1
    if isinstance(rest, Indexed):
        return 2
    if rest.has(Indexed):
        return 3
    return 5 if isinstance(rest, Symbol) else 4


def _is_written_out(product: Mul) -> bool:
    """A product of entries at whole-number indices, one term of a sum written out: w₁₁ x₁ + w₁₂ x₂ + b₁."""
    return all(isinstance(factor, Indexed) and factor.indices[0].is_Integer for factor in product.args)


def _factor_kind(factor: Expr, gradients: Collection[str]) -> int:
    core = factor.base if isinstance(factor, Pow) else factor
    match core:
        case Indexed():
            return 3 if core.base.name in gradients else 5
        case _ if core.is_number:
            return 0
        case Add() if not core.has(Indexed):
            return 1
        case Symbol():
            return 2
        case KroneckerDelta():
            return 4
        case Piecewise() | Add():
            return BRACKET
        case sympy.log():
            return 8
        case Function():
            return 6
        case _:
            return 9


def _are_among(terms: Iterable[TermKey], names: Collection[str]) -> bool:
    return all(name in names or name.startswith("(") for _, read in terms for name in read)


def order_of(names: Sequence[object]) -> tuple[int, ...]:
    """The places of names, in their order."""
    return tuple(sorted(range(len(names)), key=names.__getitem__))  # type: ignore[arg-type]


@cache
def _names(expression: Expr) -> tuple[object, ...]:
    """The order of names as people count: a2 before a10."""
    return _as_counted(str(expression))


@cache
def _as_counted(written: str) -> tuple[object, ...]:
    parts: list[object] = []
    number = ""
    for character in written:
        if character.isdigit():
            number += character
        else:
            parts += [(1, int(number), "")] if number else []
            parts.append((0, 0, character))
            number = ""
    parts += [(1, int(number), "")] if number else []
    return tuple(parts)


def _is_whole(factor: Expr) -> bool:
    return bool(factor.is_Integer)


def _behind(number: int, factors: list[Expr]) -> list[Expr]:
    """The factors that are no numbers, behind one."""
    rest = [factor for factor in factors if not factor.is_Integer]
    return rest if number == 1 else [Integer(number), *rest]
