"""Quotients whose parts may round to 0 or overflow where the quotient is of moderate size.

Σ_k w exp(u_k) / Σ_k exp(u_k)       the largest u is subtracted above and below
σ(u)/(1 − σ(u)) = exp(u)            1 − σ(u) rounds to 0
s[k] (δ(1, k) − s[1])/s[1]          = δ(1, k) − s[k]: what is divided by may be 0, and is in every term
"""

from __future__ import annotations

from itertools import product as cartesian

import sympy
from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import free_letters, holds, is_letter, nodes, substitute, tidy
from chainrule.symbolic.index.named_functions import log_sum_exp, sigmoid
from chainrule.symbolic.system.system import System

from .complements import is_elsewhere
from .exponents import exponent, is_shifted, of_weight, shifted_sum
from .logarithms import Logarithms


def over_largest(node: Expr, _system: System) -> Expr:
    """What divides by Σ_k w exp(u), or by exp(u) + exp(v): exp(m), with m the largest exponent, is divided by above and below."""
    if not isinstance(node, Mul | Pow):
        return node
    for below in Mul.make_args(node):
        shift = _shift(below.base) if isinstance(below, Pow) and below.exp.is_negative else None
        if shift is not None:
            highest, shifted = shift
            above = _where_weighted(Mul(*(part for part in Mul.make_args(node) if part is not below)), _weights(below.base))
            whole = int(-below.exp) if below.exp.is_Integer else 0
            for _ in range(whole):
                above = _with_exponent(above, -highest)
            return shifted**below.exp * (above if whole else _with_exponent(above, below.exp * highest))
    return node


def into_quotients(node: Expr) -> Expr:
    """exp(u) (a/Σ exp + b) as exp(u) a/Σ exp + exp(u) b, and exp(u) Σ_n a/Σ exp with exp(u) inside: what is divided is of moderate size."""
    exponentials = [part for part in node.args if isinstance(part, sympy.exp)] if isinstance(node, Mul) else []
    for around in node.args if exponentials else ():
        if not isinstance(around, Add | Sum) or not any(map(_divides_by_exponentials, nodes(around))):
            continue
        rest = Mul(*(part for part in node.args if part is not around))
        if isinstance(around, Add):
            return Add(*(term * rest for term in around.args))
        above = Mul(*exponentials)
        if not free_letters(above) & {limit[0] for limit in around.limits}:
            # SymPy leaves exp(u) exp(−u) of some u, such as π x + x, as it is: the exponentials are left out, not divided by.
            outside = Mul(*(part for part in node.args if part is not around and part not in exponentials))
            return outside * around.func(around.function * above, *around.limits)
    return node


def _divides_by_exponentials(part: Expr) -> bool:
    return isinstance(part, Pow) and bool(part.exp.is_negative) and isinstance(part.base, Add | Sum) and _takes_exponent(part.base)


def _shift(total: Expr) -> tuple[Expr, Expr] | None:
    """m and Σ exp(u − m), where the total holds exponentials that are not yet of that form."""
    if isinstance(total, Sum):
        factors = Mul.make_args(total.function)
        found = next(((factor, inside) for factor in factors if (inside := exponent(factor)) is not None), None)
        own = [limit[0] for limit in total.limits]
        if found is None or is_shifted(found[1]) or not free_letters(found[1]).issuperset(own):
            return None
        return shifted_sum(found[1], Mul(*(factor for factor in factors if factor is not found[0])), own)
    if not isinstance(total, Add):
        return None
    exponents = [_exponent_of_term(term) for term in total.args]
    if any(exponent is None or is_shifted(exponent) for exponent in exponents) or not any(exponents):
        return None
    terms = [_where_weighted(term, _weights(total)) for term in total.args]
    highest = sympy.Max(*(_exponent_of_term(term) for term in terms))
    return highest, Add(*(_with_exponent(term, -highest) for term in terms))


def _weights(total: Expr) -> list[tuple[Expr, tuple[Symbol, ...]]]:
    """y of exp(u) + y exp(v), which may be 0 where v is far above u, and m of Σ_k m exp(u) with its letters k."""
    over = tuple(limit[0] for limit in total.limits) if isinstance(total, Sum) else ()
    terms = total.args if isinstance(total, Add) else (total.function,) if isinstance(total, Sum) else ()
    found = [Mul(*(factor for factor in Mul.make_args(term) if not isinstance(factor, sympy.exp))) for term in terms]
    return [(weight, over) for weight in found if not weight.is_number]


def _where_weighted(product: Expr, weights: list[tuple[Expr, tuple[Symbol, ...]]]) -> Expr:
    """exp(u) beside one of the weights as 0 where that is 0, in every term: not 0 · ∞ then."""
    if not weights:
        return product
    if isinstance(product, Add):
        return Add(*(_where_weighted(term, weights) for term in product.args))
    if isinstance(product, Sum):
        return product.func(_where_weighted(product.function, weights), *product.limits)
    factors = Mul.make_args(product)
    own = [there for weight, over in weights for there in _places(weight, over, product) if set(factors).issuperset(Mul.make_args(there))]
    inside = [_where_weighted(factor, weights) if isinstance(factor, Sum | Add) else factor for factor in factors]
    return Mul(*(sympy.exp(of_weight(part.args[0], Mul(*own))) if own and isinstance(part, sympy.exp) else part for part in inside))


def _places(weight: Expr, over: tuple[Symbol, ...], product: Expr) -> list[Expr]:
    """A weight at all letters of a product along the axes that it is summed over."""
    letters = [[letter for letter in free_letters(product) if axis_name(letter) == axis_name(own)] for own in over]
    return [substitute(weight, dict(zip(over, chosen, strict=True))) for chosen in cartesian(*letters)]


def _exponent_of_term(term: Expr) -> Expr | None:
    """u of c exp(u), 0 of what is no exponential; None of more than one term."""
    factors = Mul.make_args(term)
    if any(holds(factor, sympy.exp) and not isinstance(factor, sympy.exp) for factor in factors):
        return None
    return Add(*(factor.args[0] for factor in factors if isinstance(factor, sympy.exp)))


def _with_exponent(expression: Expr, more: Expr) -> Expr:
    """The expression times exp(m), which goes into an exponential, or into every term of a sum of them, where there is one."""
    if isinstance(expression, sympy.exp):
        return sympy.exp(expression.args[0] + more)
    if isinstance(expression, Mul):
        ordered = sorted(filter(_takes_exponent, expression.args), key=lambda part: not isinstance(part, sympy.exp))
        ordered = ordered or [part for part in expression.args if isinstance(part, sympy.exp)]
        if ordered:
            return Mul(_with_exponent(ordered[0], more), *(part for part in expression.args if part is not ordered[0]))
    elif _takes_exponent(expression):
        if isinstance(expression, Add):
            return Add(*(_with_exponent(term, more) for term in expression.args))
        return expression.func(_with_exponent(expression.function, more), *expression.limits)
    return expression * sympy.exp(more)


def _takes_exponent(part: Expr) -> bool:
    """Whether it is an exponential, or a sum of such, from which nothing has been subtracted yet."""
    if isinstance(part, sympy.exp):
        return not is_shifted(part.args[0])
    return isinstance(part, Add | Sum) and any(isinstance(node, sympy.exp) and not is_shifted(node.args[0]) for node in nodes(part))


def over_probabilities(node: Expr, system: System) -> Expr:
    """p/(p + q), where p and q are powers of sigmoids or softmaxes: their logarithms less the largest of these."""
    if not isinstance(node, Mul | Pow):
        return node
    logarithms = Logarithms(system)
    for below in Mul.make_args(node):
        if not (isinstance(below, Pow) and below.exp.is_Integer and below.exp.is_negative):
            continue
        above = Mul(*(part for part in Mul.make_args(node) if part is not below))
        parts = Add.make_args(sympy.expand_mul(above, deep=False)) if is_mixture(below.base, system) else ()
        if isinstance(below.base, Sum) or any(logarithms.split(part)[0] is not None for part in parts):
            whole = logarithms.of(below.base)
            if whole is not None:
                return _less(above, -below.exp * whole, logarithms)
        found = [logarithms.of_term(term) for term in below.base.args] if isinstance(below.base, Add) else []
        terms = [term for term in found if term is not None and not term.is_number and not is_shifted(term)]
        if not terms or len(terms) < len(found):
            continue
        highest = sympy.Max(*terms)
        return Add(*(sympy.exp(term - highest) for term in terms)) ** below.exp * _less(above, -below.exp * highest, logarithms)
    return node


def is_mixture(part: Expr, system: System) -> bool:
    """Whether it is the name of a sum: m of m = p/2 + q/2, which vanishes where both do."""
    defined = system.definition.get(str(part.base.name)) if isinstance(part, Indexed) else None
    return defined is not None and any(isinstance(factor, Add) for factor in Mul.make_args(defined.expression))


def _less(above: Expr, logarithm: Expr, logarithms: Logarithms) -> Expr:
    """A product or a sum of products over exp(logarithm)."""
    brackets = [part for part in Mul.make_args(above) if isinstance(part, Add) and logarithms.of(part) is None]
    if brackets:
        rest = Mul(*(part for part in Mul.make_args(above) if part is not brackets[0]))
        return Add(*(_less(term * rest, logarithm, logarithms) for term in brackets[0].args))
    known, rest = logarithms.split(above)
    return rest * sympy.exp((0 if known is None else known) - logarithm)


def with_odds(expression: Expr) -> Expr:
    """σ(u)/(1 − σ(u)) as exp(u), as it stood before it was written by σ."""
    if not holds(expression, sigmoid):
        return expression
    return expression.replace(lambda node: isinstance(node, Mul) and holds(node, sigmoid), _odds)


def _odds(product: Mul) -> Expr:
    for part in product.args:
        base, power = part.as_base_exp()
        if isinstance(base, sigmoid) and power.is_Integer:
            other, opposite = next((f.as_base_exp() for f in product.args if f.as_base_exp()[0] == 1 - base), (base, power))
            if opposite.is_Integer and opposite * power < 0:
                times = min(abs(power), abs(opposite)) * sympy.sign(power)
                return _odds_of(product * base**-times * other**times) * sympy.exp(times * base.args[0])
    return product


def _odds_of(rest: Expr) -> Expr:
    return _odds(rest) if isinstance(rest, Mul) else rest


def undivided(expression: Expr, system: System) -> Expr:
    """An adjoint's products over a probability that is in each of their terms, without it."""
    if not holds(expression, Pow) or not any(_is_over_entry(node) for node in nodes(expression)):
        return expression
    return expression.replace(
        lambda node: isinstance(node, Mul) and any(map(_is_over_entry, node.args)), lambda node: _undivided(node, system)
    )


def _is_over_entry(part: Expr) -> bool:
    return isinstance(part, Pow) and bool(part.exp.is_Integer and part.exp.is_negative) and isinstance(part.base, Indexed | Symbol)


def _undivided(product: Mul, system: System) -> Expr:
    for below in filter(_is_over_entry, product.args):
        brackets = [part for part in product.args if isinstance(part, Add)]
        if Logarithms(system).of(below.base) is None:
            continue
        for bracket in brackets or [sympy.S.One]:
            rest = Mul(*(part for part in product.args if part is not bracket))
            terms = [_sifted(term * rest) for term in Add.make_args(bracket)]
            if not any(below.base in _divisors(term) for term in terms):
                return Add(*terms)
    return product


def _divisors(term: Expr) -> list[Expr]:
    return [part.base for part in Mul.make_args(term) if isinstance(part, Pow) and part.exp.is_negative]


def _sifted(term: Expr) -> Expr:
    """δ(1, k) s[n,k] as δ(1, k) s[n,1]."""
    for delta in [part for part in Mul.make_args(term) if isinstance(part, KroneckerDelta)]:
        letter, place = sorted(delta.args, key=lambda part: not is_letter(part))
        if is_letter(letter) and not is_letter(place):
            term = Mul(*(part if part == delta else substitute(part, {letter: place}) for part in Mul.make_args(term)))
    return term


def with_share(factors: list[Expr], complement: Expr, system: System) -> list[Expr] | None:
    """A product that holds p_k where k is not j, over 1 − p_j of the same softmax: p_k/(1 − p_j) is at most 1. None of another product."""
    entry, logarithms = 1 - complement, Logarithms(system)
    elsewhere = [factor for factor in factors if isinstance(factor, Piecewise) and is_elsewhere(factor)]
    total = _totals(logarithms.of(entry)) if elsewhere and isinstance(entry, Indexed) else set()
    for condition in elsewhere:
        for part in factors:
            if not total or not isinstance(part, Indexed) or part.base != entry.base or _totals(logarithms.of(part)) != total:
                continue
            differing = {pair for pair in zip(part.indices, entry.indices, strict=True) if pair[0] != pair[1]}
            if {frozenset(pair) for pair in differing} == {frozenset(delta.args) for delta in condition.atoms(KroneckerDelta)}:
                rest = [factor for factor in factors if factor not in (part, condition)]
                return [*rest, Piecewise((part / complement, condition.args[0][1]), (Integer(0), True))]
    return None


def _totals(logarithm: Expr | None) -> set[Expr]:
    """What is subtracted in log p_k = u_k − log Σ_j exp(u_j), its own letters the same however they were called."""
    parts = [term.as_coeff_Mul()[1] for term in Add.make_args(logarithm)] if logarithm is not None else []
    return {tidy(part) for part in parts if isinstance(part, log_sum_exp)}


def share(node: Expr, system: System) -> Expr:
    """where(j ≠ k, p_k/(1 − p_j), 0) of a softmax as one exponential, whose exponent is left out where p_k is not of the others."""
    if not isinstance(node, Piecewise) or len(node.args) != 2 or node.args[1][0] != 0 or not node.args[0][1].has(KroneckerDelta):
        return node
    value, condition = node.args[0]
    divides = any(isinstance(part, Pow) and part.exp.is_negative and isinstance(part.base, Add) for part in Mul.make_args(value))
    logarithm, others = Logarithms(system).split(value) if divides else (None, value)
    # Only what is made of exponentials is known to be above 0.
    return node if logarithm is None else others * sympy.exp(Piecewise((logarithm, condition), (-sympy.oo, True)))
