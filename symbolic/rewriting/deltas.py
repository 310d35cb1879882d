"""Kronecker deltas out of a sum: Σ_i δ(i, j) f(i) = f(j).

A derivative of an equation in index notation is linear in its deltas. It is written as a list of terms, each a sum over letters of a
product; in each term, a delta that fixes a summed letter is used up. What is left, such as δ(k, y[n]) of a label, stays.

The letter has a range, and what it is fixed to may lie outside of it: Σ_k δ(j, k + 2) f(k) is f(j − 2) where j − 2 is a position of k's
axis, else 0 (see `ranges`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy
from sympy import Add, Basic, Expr, Indexed, Integer, KroneckerDelta, Mul, Piecewise, S, Sum, Symbol

from chainrule.symbolic.index.axes import axis_name, fresh, letter_size
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, letters, substitute, tidy
from chainrule.symbolic.index.ranges import bounds, is_finite, may_depend, not_kept, vanishing, within, without_certain
from chainrule.symbolic.index.tensors import Role, Tensor


@dataclass(frozen=True, slots=True)
class Term:
    """Σ over `bound` of the product of `factors`."""

    bound: tuple[Symbol, ...]
    factors: tuple[Expr, ...]

    def expression(self) -> Expr:
        """As SymPy writes it, with what does not depend on the summed letters in front of the sum."""
        product = Mul(*self.factors)
        read = free_letters(product)
        # A letter that nothing reads only counts its range: Σ_n 1 = N.
        counted = [letter_size(letter) for letter in self.bound if letter not in read]
        remaining = set(self.bound) & read
        inside = [factor for factor in Mul.make_args(product) if free_letters(factor) & remaining]
        outside = [factor for factor in Mul.make_args(product) if not free_letters(factor) & remaining]
        return Mul(*counted, *outside, bound_sum(Mul(*inside), *remaining))


def has_delta(expression: Expr) -> bool:
    return bool(expression.has(KroneckerDelta))


def eliminate_deltas(
    expression: Expr,
    tensors: Mapping[str, Tensor],
    outside: frozenset[Symbol],
    left: frozenset[Symbol] = frozenset(),
    *,
    sifting: bool = True,
) -> Expr:
    """The expression with every delta that fixes a summed letter used up; sums inside keep off the letters `outside`.

    `tensors` are what is read, with their axes. A delta that says where a letter of `left` is, δ(u, 2 i + p) of y[u], is left for the sum
    over that letter. Without `sifting` what is read beside a delta that stays, δ(k, y[n]) f(y[n]), is read where it was.
    """
    if not has_delta(expression):
        return expression
    terms = [_use_up(term, tensors, left, sifting) for term in linear_terms(expression)]
    return tidy(without_certain(Add(*(term.expression() for term in terms))), outside)


def linear_terms(expression: Expr) -> list[Term]:
    """An expression as a list of terms, split only as far as its deltas make necessary."""
    if not _within_reach(expression):
        return [Term((), (expression,))]
    match expression:
        case Add():
            return [term for part in expression.args for term in linear_terms(part)]
        case Mul():
            product = [Term((), ())]
            for factor in expression.args:
                product = [_times(left, right) for left in product for right in linear_terms(factor)]
            return product
        case Sum():
            own = tuple(limit[0] for limit in expression.limits)
            return [_summed(own, term) for term in linear_terms(expression.function)]
        case Piecewise():
            return _cases(expression)
        case _:
            return [Term((), (expression,))]


def _within_reach(expression: Expr) -> bool:
    """Whether a delta stands where a sum can use it up: not inside of a function, as in tanh(h[t - 1] + δ(t, 0) h0)."""
    match expression:
        case KroneckerDelta():
            return True
        case Add() | Mul():
            return any(_within_reach(part) for part in expression.args)
        case Sum():
            return _within_reach(expression.function)
        case Piecewise():
            return any(_within_reach(value) for value, _ in expression.args)
        case _:
            return False


def _summed(own: tuple[Symbol, ...], term: Term) -> Term:
    return Term(own + term.bound, term.factors)


def _times(left: Term, right: Term) -> Term:
    """The product, the summed letters of either side kept apart from the letters of the other."""
    right = _away(right, _letters(left))
    left = _away(left, _letters(right))
    return Term(left.bound + right.bound, left.factors + right.factors)


def _letters(term: Term) -> set[Symbol]:
    return set(term.bound).union(*(letters(factor) for factor in term.factors))


def _away(term: Term, taken: set[Symbol]) -> Term:
    """The term with summed letters outside of `taken`."""
    renamed: dict[Symbol, Symbol] = {}
    for letter in term.bound:
        if letter in taken:
            renamed[letter] = fresh(letter, taken | _letters(term) | set(renamed.values()))
    if not renamed:
        return term
    return Term(
        tuple(renamed.get(letter, letter) for letter in term.bound),
        tuple(substitute(factor, renamed) for factor in term.factors),
    )


def _cases(expression: Piecewise) -> list[Term]:
    """Deltas in front of the case distinction: where(c, δ f, δ g) = δ where(c, f, g)."""
    branches = [(linear_terms(value), condition) for value, condition in expression.args]
    shared = {_deltas(term) for terms, _ in branches for term in terms if term.factors != (S.Zero,)}
    if len(shared) == 1 and all(len(terms) == 1 and not terms[0].bound for terms, _ in branches):
        deltas = next(iter(shared))
        rest = [(_without_deltas(terms[0]), condition) for terms, condition in branches]
        return [Term((), (*deltas, Piecewise(*rest)))]
    # Branches that read different entries: one indicator a branch.
    found = []
    for position, (terms, _) in enumerate(branches):
        chosen = [(Integer(int(other == position)), condition) for other, (_, condition) in enumerate(branches)]
        found += [_chosen(chosen, term) for term in terms if term.factors != (S.Zero,)]
    return found


def _chosen(indicator: Sequence[tuple[Expr, Basic]], term: Term) -> Term:
    """A term of one branch; what may be no number elsewhere stays inside, as 0 times that is none either."""
    term = _away(term, set().union(*(letters(condition) for _, condition in indicator)))
    deltas, rest = _deltas(term), _without_deltas(term)
    if is_finite(rest, {}):
        return Term(term.bound, (Piecewise(*indicator), *term.factors))
    return Term(term.bound, (*deltas, Piecewise(*((rest if chosen == 1 else chosen, condition) for chosen, condition in indicator))))


def _deltas(term: Term) -> tuple[Expr, ...]:
    return tuple(sorted((factor for factor in term.factors if isinstance(factor, KroneckerDelta)), key=str))


def _without_deltas(term: Term) -> Expr:
    return Mul(*(factor for factor in term.factors if not isinstance(factor, KroneckerDelta)))


def _use_up(term: Term, tensors: Mapping[str, Tensor], left: frozenset[Symbol], sifting: bool) -> Term:
    """One term with all its usable deltas gone."""
    bound, factors = list(term.bound), list(term.factors)
    #: What the letters that are gone were fixed to, with their axes.
    fixed: list[tuple[Expr, str]] = []
    progress = True
    while progress:
        progress = False
        # δ(t, t′) before δ(t′, 0): what is asked at t stays at t. δ(t, t′ + 1) before δ(u, t′ + 1): a recurrence stays a shift.
        deltas = [factor for factor in factors if isinstance(factor, KroneckerDelta)]
        for delta in sorted(deltas, key=lambda delta: (any(part.is_number for part in delta.args), not _is_along_one_axis(delta))):
            others = [factor for factor in factors if factor is not delta]
            solved = _solve(delta, bound, others, tensors)
            if solved is None and not left.intersection(delta.args):
                solved = _solve_shift(delta, bound, others, tensors)
            if solved is None:
                continue
            letter, value = solved
            factors.remove(delta)
            factors = [substitute(factor, {letter: value}) for factor in factors]
            fixed = [(place.xreplace({letter: value}), axis) for place, axis in fixed] + [(value, axis_name(letter))]
            bound.remove(letter)
            progress = True
            break
    if any(isinstance(factor, KroneckerDelta) and _is_never(factor) for factor in factors):
        return Term((), (S.Zero,))
    factors = [part for factor in factors for part in Mul.make_args(factor)]
    return Term(tuple(bound), tuple(_in_range(_sift(factors) if sifting else factors, fixed, tensors)))


def _in_range(factors: list[Expr], fixed: list[tuple[Expr, str]], tensors: Mapping[str, Tensor]) -> list[Expr]:
    """The product where every place is a position of its axis, else 0, unless that is what the product is anyway."""
    deltas = [factor for factor in factors if isinstance(factor, KroneckerDelta)]
    rest = [factor for factor in factors if not isinstance(factor, KroneckerDelta)]
    needed = not_kept(rest, (bound for place, axis in fixed for bound in bounds(place, axis, tensors)), tensors)
    if not needed:
        return factors
    dependent = [factor for factor in rest if any(may_depend(factor, bound) for bound in needed)]
    apart = [factor for factor in rest if factor not in dependent]
    return [*deltas, *apart, within(Mul(*dependent), needed)]


def _is_along_one_axis(delta: KroneckerDelta) -> bool:
    return len({axis_name(letter) for letter in free_letters(delta)}) == 1


def _solve(delta: KroneckerDelta, bound: list[Symbol], others: list[Expr], tensors: Mapping[str, Tensor]) -> tuple[Symbol, Expr] | None:
    """The summed letter that a delta fixes, and its value; of two letters the one with more primes goes."""
    left, right = delta.args
    candidates = [
        (letter, value)
        for letter, value in ((left, right), (right, left))
        if letter in bound
        and letter not in free_letters(value)
        and (not bounds(value, axis_name(letter), tensors) or _reads(letter, others))
    ]
    return max(candidates, key=lambda pair: len(pair[0].name)) if candidates else None


def _reads(letter: Symbol, factors: list[Expr]) -> list[Indexed]:
    """The tensors among the factors that are read at the letter itself: out of range they are 0, and so is the product."""
    return [read for factor in factors for read in vanishing(factor) if letter in read.indices]


def _is_never(delta: KroneckerDelta) -> bool:
    """δ(t, −1): no position is negative."""
    return any(isinstance(left, Symbol) and right.is_Integer and right.is_negative for left, right in (delta.args, delta.args[::-1]))


def _solve_shift(
    delta: KroneckerDelta, bound: list[Symbol], factors: list[Expr], tensors: Mapping[str, Tensor]
) -> tuple[Symbol, Expr] | None:
    """δ(t, t′ − 1) fixes t′ = t + 1, and δ(u, i + p) fixes i = u − p, where some tensor is read at the letter itself.

    Then a value out of range is harmless: the tensor is mostly read as 0 there. An adjoint's letter goes first.
    """
    difference = delta.args[0] - delta.args[1]
    involved = sorted(free_letters(difference) & set(bound), key=lambda letter: str(letter.name))
    if not involved or not difference.is_polynomial(*involved) or any(abs(difference.coeff(letter)) != 1 for letter in involved):
        return None
    reads = [(letter, entry) for letter in involved for entry in _reads(letter, factors)]
    if not reads:
        return None
    letter, _ = min(reads, key=lambda pair: (not _is_adjoint(pair[1].base.name, tensors), str(pair[0].name)))
    return letter, sympy.expand(letter - difference * difference.coeff(letter))


def _is_adjoint(name: str, tensors: Mapping[str, Tensor]) -> bool:
    """Whether a name is that of an adjoint: of a tensor under whose adjoint's name it is stored, or of a gradient that is derived again."""
    known = tensors.get(name)
    return known is not None and (known.name != name or known.role is Role.ADJOINT)


def _sift(factors: list[Expr]) -> list[Expr]:
    """δ(k, y[n]) f(y[n]) = δ(k, y[n]) f(k): beside a delta that stays, the simpler of its two indices is read."""
    for delta in [factor for factor in factors if isinstance(factor, KroneckerDelta)]:
        if delta not in factors:
            continue  # another one has changed it: δ(u, y[n]) δ(v, y[n]) = δ(u, y[n]) δ(u, v)
        plain, position = sorted(delta.args, key=lambda part: not isinstance(part, Symbol))
        if isinstance(plain, Symbol) and isinstance(position, Indexed):
            factors = [factor if factor == delta else factor.xreplace({position: plain}) for factor in factors]
    return factors
