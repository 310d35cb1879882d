"""An expression as a sum of products, each under one sum over all its letters, and back with every sum as narrow as it can be.

    c Σ_n (u[n] + v[n] Σ_m w[m])      is      Σ_n c u[n]   and   Σ_nm c v[n] w[m],

which is written c Σ_n u[n] + c Σ_n v[n] Σ_m w[m] again. In the flat form a factor before a sum and a factor inside of it are neighbours.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sympy import Add, Expr, Mul, Sum, Symbol

from chainrule.symbolic.index.axes import fresh, letter_size
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, letters, substitute, tidy

from .deltas import Term

Opens = Callable[[Expr], bool]


def flat(expression: Expr, opens: Opens) -> list[Term]:
    """The products of a tidy expression; brackets inside are multiplied out where `opens` says so, others are factors."""
    around = frozenset(letters(expression))
    return [term for part in Add.make_args(expression) for term in _flat(part, opens, around)]


def _flat(expression: Expr, opens: Opens, around: frozenset[Symbol]) -> list[Term]:
    match expression:
        case Add() if opens(expression):
            return [term for part in expression.args for term in _flat(part, opens, around)]
        case Mul():
            products = [Term((), ())]
            for factor in expression.args:
                products = [_times(left, right, around) for left in products for right in _flat(factor, opens, around)]
            return products
        case Sum():
            own = tuple(limit[0] for limit in expression.limits)
            return [Term(own + term.bound, term.factors) for term in _flat(expression.function, opens, around)]
        case _:
            return [Term((), (expression,))]


def _times(left: Term, right: Term, around: frozenset[Symbol]) -> Term:
    """The product; a summed letter of the right side that the left side knows becomes one that is nowhere `around`."""
    taken = set(left.bound).union(*(letters(factor) for factor in left.factors))
    known = taken | around | set(right.bound).union(*(letters(factor) for factor in right.factors))
    renamed: dict[Symbol, Expr] = {}
    for letter in right.bound:
        if letter in taken:
            renamed[letter] = fresh(letter, known)
            known.add(renamed[letter])
    factors = tuple(substitute(factor, renamed) for factor in right.factors)
    return Term(left.bound + tuple(renamed.get(letter, letter) for letter in right.bound), left.factors + factors)


def product(term: Term) -> Expr:
    """The term with a sum of its own for letters that no factor ties together."""
    # Equal factors first become powers: u / u ties nothing.
    factors = [part for part in Mul.make_args(Mul(*term.factors)) if part != 1]
    groups: list[tuple[frozenset[Symbol], list[Expr]]] = []
    outside = []
    for factor in factors:
        tied = free_letters(factor) & set(term.bound)
        if not tied:
            outside.append(factor)
            continue
        members = [factor]
        for group in [group for group in groups if group[0] & tied]:
            groups.remove(group)
            tied, members = tied | group[0], group[1] + members
        groups.append((tied, members))
    read = set().union(*(tied for tied, _ in groups))
    counted = [letter_size(letter) for letter in term.bound if letter not in read]
    return Mul(*counted, *outside, *(bound_sum(Mul(*members), *tied) for tied, members in groups))


def summed(terms: list[Term], outside: frozenset[Symbol]) -> Expr:
    """The sum of the terms, equal ones together."""
    return Add(*(_tidy_product(term, outside) for term in terms))


@cache
def _tidy_product(term: Term, outside: frozenset[Symbol]) -> Expr:
    return tidy(product(term), outside)
