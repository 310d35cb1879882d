"""What an equation defines, recognised where it is written out: u[n] r is v[n] where v[n] = u[n] r, and Σ_n u[n] is N m, m the mean.

An equation whose right side is a product of powers is recognised in products, whichever factors stand before a sum and whichever
inside; one that adds something up, in sums; one with several terms, in brackets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sympy import Add, Expr, Indexed, Integer, Mul, Pow, Sum, Symbol

from chainrule.symbolic.index.index_letters import bound_sum, is_letter, is_position, nodes, substitute, tidy
from chainrule.symbolic.system.system import Equation

from .algebra import operations
from .deltas import Term

Powers = dict[Expr, Expr]
#: An equation is recognised a few times in a formula; more rounds would mean that two equations undo each other.
MOST_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Pattern:
    """The right side of an equation as number × powers; `entries` are what it reads."""

    equation: Equation
    number: Expr
    powers: Mapping[Expr, Expr]
    entries: tuple[Indexed, ...]

    @property
    def total(self) -> Sum | None:
        """The sum that the equation is, or one divided by it, up to factors."""
        sums = [base for base, exponent in self.powers.items() if isinstance(base, Sum) and abs(exponent) == 1]
        return sums[0] if len(sums) == 1 else None

    @property
    def front(self) -> Expr:
        """What stands before the total."""
        return Mul(self.number, *(base**exponent for base, exponent in self.powers.items() if base != self.total))

    @property
    def is_in_products(self) -> bool:
        """It is recognised among the factors of a product: x y, and exp(z)/Σ exp(z), where entries stand before the total."""
        return not isinstance(self.equation.expression, Add) and (self.total is None or self.front.has(Indexed))

    def own(self, places: Mapping[Symbol, Expr]) -> Expr:
        """The left side with its letters replaced."""
        return self.equation.tensor.at(*(places[letter] for letter in self.equation.indices))


@cache
def patterns(equations: tuple[Equation, ...]) -> tuple[Pattern, ...]:
    """The equations that can be recognised."""
    found = []
    for equation in equations:
        number, rest = equation.expression.as_coeff_Mul()
        entries = tuple(dict.fromkeys(node for node in nodes(rest) if isinstance(node, Indexed)))
        if rest != 1:
            found.append(Pattern(equation, number, powers(Mul.make_args(rest)), entries))
    return tuple(found)


def powers(factors: Iterable[Expr]) -> Powers:
    """Bases and exponents; exp(u) is a base of its own."""
    found: Powers = {}
    for factor in factors:
        base, exponent = factor.args if isinstance(factor, Pow) else (factor, Integer(1))
        # Two factors may hold the same sum under different letters.
        base = tidy(base)
        found[base] = found.get(base, Integer(0)) + exponent
    return found


@cache
def in_product(term: Term, equations: tuple[Equation, ...]) -> Term:
    """The term with equations recognised among its factors, the one that spares most first."""
    for _ in range(MOST_ROUNDS):
        candidates = [other for pattern in patterns(equations) for other in _recognised(term, pattern)]
        best = min(candidates, key=_cost, default=term)
        if _cost(best) >= _cost(term):
            break
        term = best
    return term


def _cost(term: Term) -> tuple[Expr, int, int]:
    """Entries and brackets with their exponents, then operations: u r to the power −1 is no more than to the power −3/2."""
    weights = [(1 + operations(base)) * abs(exponent) for base, exponent in powers(term.factors).items() if exponent.is_number]
    return sum(weights, Integer(0)), operations(Mul(*term.factors)), len(term.factors)


def _recognised(term: Term, pattern: Pattern) -> Iterator[Term]:
    """The term with a power of the equation's left side in place of its right side."""
    if not pattern.is_in_products:
        return
    here = powers(part for factor in term.factors for part in Mul.make_args(factor))
    for places in bindings(pattern, [node for base in here for node in nodes(base)]):
        wanted = {tidy(substitute(base, places)): exponent for base, exponent in pattern.powers.items()}
        times = min((_times_in(here.get(base, Integer(0)), exponent) for base, exponent in wanted.items()), default=0)
        if times < 1:
            continue
        left = dict(here)
        for base, exponent in wanted.items():
            left[base] -= times * exponent
        own = pattern.own(places)
        factors = [base**exponent for base, exponent in left.items() if exponent != 0]
        yield Term(term.bound, tuple(Mul.make_args(Mul(*factors, (own / pattern.number) ** times))))


def _times_in(exponent: Expr, unit: Expr) -> int:
    """How often a power holds another of the same base: (v + ε)^(−3/2) holds (v + ε)^(−1/2) three times."""
    ratio = exponent / unit
    return int(ratio) if ratio.is_number and ratio >= 1 else 0


def bindings(pattern: Pattern, found: Iterable[Expr]) -> list[dict[Symbol, Expr]]:
    """What the letters of the equation may stand for, so that its right side reads entries that are found."""
    entries = dict.fromkeys(node for node in found if isinstance(node, Indexed))
    wanted = set(pattern.equation.indices)
    partial: list[dict[Symbol, Expr]] = [{}]
    for own in sorted(pattern.entries, key=lambda node: -len(wanted & set(node.indices))):
        if all(wanted <= set(places) for places in partial):
            break
        partial = [
            extended
            for places in partial
            for other in ([None] if wanted & set(own.indices) <= set(places) else entries)
            if (extended := _bound(places, own, other, wanted)) is not None
        ]
    complete = [places for places in partial if wanted <= set(places)]
    return [places for position, places in enumerate(complete) if places not in complete[:position]]


def _bound(places: dict[Symbol, Expr], own: Indexed, other: Indexed | None, wanted: set[Symbol]) -> dict[Symbol, Expr] | None:
    if other is None:
        return places
    if other.base != own.base:
        return None
    extended = dict(places)
    for letter, index in zip(own.indices, other.indices, strict=True):
        if letter not in wanted:
            continue  # a letter of a sum inside
        # A shifted index may be out of range, where an entry is 0 and its formula is not.
        if not is_position(index, letter) or extended.get(letter, index) != index:
            return None
        extended[letter] = index
    return extended


def in_sums(expression: Expr, equations: tuple[Equation, ...]) -> Expr:
    """Every total that an equation defines, by the equation's left side."""
    if isinstance(expression, Indexed) or not expression.has(Sum):
        return expression
    if isinstance(expression, Sum):
        total = bound_sum(in_sums(expression.function, equations), *(limit[0] for limit in expression.limits))
        return _by_its_name(total, equations) if isinstance(total, Sum) else total
    return expression.func(*(in_sums(part, equations) for part in expression.args))


@cache
def _by_its_name(total: Sum, equations: tuple[Equation, ...]) -> Expr:
    """What an equation calls the total, or the total."""
    written = tidy(total)
    for pattern in patterns(equations):
        whole, front = pattern.total, pattern.front
        if whole is None or front.has(Indexed):
            continue
        for places in bindings(pattern, nodes(total.function)):
            if tidy(substitute(whole, places)) == written:
                return (pattern.own(places) / front) ** pattern.powers[whole]
    return total


def in_brackets(expression: Expr, equations: tuple[Equation, ...]) -> Expr:
    """Every bracket that an equation with several terms defines, by the equation's left side."""
    several = [pattern for pattern in patterns(equations) if isinstance(pattern.equation.expression, Add)]
    if not several:
        return expression
    replaced: dict[Expr, Expr] = {}
    for node in nodes(expression):
        if not isinstance(node, Add) or any(is_letter(part) for part in node.args):
            continue
        for pattern in several:
            for places in bindings(pattern, nodes(node)):
                written = tidy(substitute(pattern.equation.expression, places))
                own = pattern.own(places)
                if tidy(node) in (written, -written):
                    replaced[node] = own if tidy(node) == written else -own
    return expression.xreplace(replaced)
