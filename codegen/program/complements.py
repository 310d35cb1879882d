"""1 − p[k] of a softmax p: what the other classes add up to, which does not vanish where p[k] rounds to 1.

    1 − exp(u_k)/Σ_j exp(u_j) = Σ_{j≠k} exp(u_j)/Σ_j exp(u_j)

    dz_k = p_k (dp_k − Σ_j dp_j p_j) = dp_k p_k (1 − p_k) − Σ_{j≠k} dp_j p_j p_k

Where dp divides by 1 − p, the first term multiplies by it; in the others p_k/(1 − p_j) is the share of one class of all but j: at most 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import sympy
from sympy import Add, Dummy, Expr, Indexed, Integer, KroneckerDelta, Mul, Piecewise, Pow, S, Sum, Symbol

from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import axis_name, fresh
from chainrule.symbolic.index.index_letters import is_letter, letters, names_read, nodes, substitute
from chainrule.symbolic.index.named_functions import log_sum_exp
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.rewriting.deltas import Term
from chainrule.symbolic.rewriting.substitution import substituted


def with_rests(fraction: Expr, unknowns: Mapping[Dummy, Expr]) -> tuple[Expr, dict[Dummy, Expr]]:
    """A fraction of exponentials that are known by their logarithms.

    Where exp(u_k) and Σ_j exp(u_j) are in it, the sum is exp(u_k) + Σ_{j≠k} exp(u_j).
    """
    found = dict(unknowns)
    for total, logarithm in unknowns.items():
        for own, other in unknowns.items():
            rest = None if own is total else _rest(logarithm, other)
            if rest is not None:
                unknown = Dummy(f"rest{len(found)}", positive=True)
                found[unknown] = rest
                fraction = fraction.xreplace({total: own + unknown})
                break
    return fraction, found


def _rest(total: Expr, own: Expr) -> Expr | None:
    """log Σ_{j≠k} exp(u_j) of log Σ_j exp(u_j) and u_k."""
    inside = total
    bound: list[Symbol] = []
    while isinstance(inside, log_sum_exp):
        # Letters of its own: s[n] = Σ_k e[n,k] beside e[n,k].
        letter = fresh(inside.args[1], letters(total) | letters(own) | set(bound))
        inside = substitute(inside.args[0], {inside.args[1]: letter})
        bound.append(letter)
    places = _places(inside, own, bound) if bound else None
    if places is None:
        return None
    rest: Expr = Piecewise((inside, _differs(places)), (-sympy.oo, True))
    for letter in reversed(bound):
        rest = log_sum_exp(rest, letter)
    return rest


def _differs(places: Mapping[Symbol, Expr]) -> sympy.StrictLessThan:
    return Mul(*(KroneckerDelta(letter, place) for letter, place in places.items())) < 1


def _places(inside: Expr, own: Expr, bound: list[Symbol]) -> dict[Symbol, Expr] | None:
    """k of u_k, where u_j is known: its own letters of the same axis, numbers and labels are tried."""
    read = dict.fromkeys(place for node in nodes(own) if isinstance(node, Indexed) for place in node.indices)
    candidates = [[place for place in read if not is_letter(place) or axis_name(place) == axis_name(letter)] for letter in bound]
    tried = (dict(zip(bound, places, strict=True)) for places in product(*candidates))
    return next((places for places in tried if substitute(inside, places) == own), None)


def with_complements_put_in(derivation: Derivation) -> Derivation:
    """Of q = 1 − p, where dq divides by q: dp with its formula in place of dq, so that dp divides by 1 − p, as its readers multiply."""
    for adjoint in derivation.needed:
        defined = derivation.system.definition.get(adjoint.tensor.name)
        own = adjoint.tensor.own_entry
        if defined is None or adjoint.tensor.role is Role.PARAMETER or not _is_complement(defined.expression):
            continue
        if not any(isinstance(node, Pow) and node.exp.is_negative and node.base == own for node in nodes(adjoint.expression)):
            continue
        adjoints = {name: other for name, other in derivation.adjoints.items() if other.tensor.name != adjoint.tensor.name}
        for name, other in adjoints.items():
            if adjoint.as_tensor.name in names_read(other.expression):
                whole = other.expression
                for equation in (adjoint.equation, defined):
                    whole = substituted(whole, equation, frozenset(other.tensor.axes), derivation.system)
                adjoints[name] = replace(other, expression=whole)
        derivation = Derivation(derivation.system, adjoints, derivation.network)
    return derivation


def _is_complement(expression: Expr) -> bool:
    """Whether it is 1 − p[n]."""
    return isinstance(expression, Add) and S.One in expression.args and isinstance(1 - expression, Indexed | Symbol)


def with_own_term_apart(expression: Expr, terms: list[Expr], name: str) -> Expr:
    """f(k) a_k − Σ_j g(j, k) a_j as (f(k) − g(k, k)) a_k − Σ_{j≠k} g(j, k) a_j, where a is the tensor of that name."""
    alone = {entry: Mul(term, 1 / entry) for term in terms for entry in Mul.make_args(term) if _is_of(entry, name)}
    apart = dict(alone)
    others: list[Expr] = []
    for term in terms:
        if any(term == entry * factor for entry, factor in alone.items()):
            continue
        split = next((found for entry in alone if (found := _split(term, entry, name)) is not None), None)
        if split is None:
            return expression
        entry, own, rest = split
        apart[entry] += own
        others.append(rest)
    return Add(*(sympy.factor(factor) * entry for entry, factor in apart.items()), *others) if others else expression


def is_elsewhere(part: Piecewise) -> bool:
    """Whether it is where(j ≠ k, 1, 0)."""
    return [value for value, _ in part.args] == [1, 0] and isinstance(part.args[0][1], sympy.StrictLessThan) and part.has(KroneckerDelta)


def _is_of(part: Expr, name: str) -> bool:
    return isinstance(part, Indexed) and part.base.name == name


def _split(term: Expr, entry: Indexed, name: str) -> tuple[Expr, Expr, Expr] | None:
    """What multiplies the entry at its own place in a sum over such entries, and the sum over the other places."""
    total = next((factor for factor in Mul.make_args(term) if isinstance(factor, Sum)), None)
    read = None if total is None else next((part for part in Mul.make_args(total.function) if _is_of(part, name)), None)
    if total is None or read is None:
        return None
    bound = [limit[0] for limit in total.limits]
    places = {inner: outer for inner, outer in zip(read.indices, entry.indices, strict=True) if inner != outer}
    if set(places) != set(bound) or any(axis_name(letter) != axis_name(place) for letter, place in places.items()):
        return None
    others = Mul(*(factor for factor in Mul.make_args(total.function) if factor != read))
    outside = Mul(*(factor for factor in Mul.make_args(term) if factor != total))
    elsewhere = Piecewise((Integer(1), _differs(places)), (Integer(0), True))
    return entry, outside * substitute(others, places), Term(tuple(bound), (outside, others, read, elsewhere)).expression()
