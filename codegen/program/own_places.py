"""An adjoint of exp(u_k) in which S − exp(u_c), with S = Σ exp(u), is divided by: c = k apart, for there it cancels.

    e_c (S δ(c, k) − e_k)/(S (S − e_c)) = δ(c, k) e_c/S − where(k ≠ c, e_c e_k/(S (S − e_c)), 0)

    e_k/(S − e_k) − e_k/S Σ_j e_j/(S − e_j) = e_k/S − Σ_j where(j ≠ k, e_k e_j/(S (S − e_j)), 0)

Where e_c is nearly all of S, the left sides are differences of what overflows; to the right each quotient is at most 1. So is 1 − p_c of a
softmax p divided by. Where nothing cancels the formula stays as it is.
"""

from __future__ import annotations

import sympy
from sympy import Add, Basic, Dummy, Expr, Integer, KroneckerDelta, Mul, Piecewise, Pow, Sum

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import free_letters, holds, is_letter, letters, nodes, substitute, tidy
from chainrule.symbolic.index.index_sum import IndexSum
from chainrule.symbolic.system.system import System

from .logarithms import Logarithms


def with_own_places_apart(expression: Expr, system: System) -> Expr:
    """The formula of an adjoint in such terms, if it is one."""
    powers = (node for node in nodes(expression) if isinstance(node, Pow)) if holds(expression, Pow) else ()
    if not any(isinstance(power.base, Add) for power in powers) or not _holds_rest(expression, system):
        return expression
    terms = [(term, _holds_rest(term, system)) for term in Add.make_args(expression)]
    whole = _with_equal_letters(Add(*(term for term, divides in terms if divides)))
    apart = _from_place(whole, system) or _from_sum(whole, system)
    return expression if apart is None else Add(apart, *(term for term, divides in terms if not divides))


def _holds_rest(part: Basic, system: System) -> bool:
    """Whether anything in it divides so; what is in cases is apart already."""
    if isinstance(part, Piecewise):
        return False
    return _divides_by_rest(part, system) or any(_holds_rest(inner, system) for inner in part.args)


def _divides_by_rest(node: Basic, system: System) -> bool:
    """Whether it is 1/(S − e), or 1/(e − S)."""
    if not (isinstance(node, Pow) and node.exp.is_Integer and node.exp.is_negative and isinstance(node.base, Add)):
        return False
    signs = {term.could_extract_minus_sign() for term in node.base.args}
    return len(signs) == 2 and _is_positive(node.base, system) is not None


def _is_positive(total: Expr, system: System) -> bool | None:
    """Whether a difference of exponentials is above 0, or below; None of another one."""
    logarithms = Logarithms(system)
    return next((sign for sign in (True, False) if logarithms.of(total if sign else -total) is not None), None)


def _with_equal_letters(expression: Expr) -> Expr:
    """Sums that differ in the names of their letters alone, as one."""
    expression = tidy(expression)
    taken = frozenset(letters(expression))
    return expression.replace(
        lambda node: isinstance(node, Sum) and not _holds_division(node), lambda *parts: tidy(IndexSum(*parts), taken)
    )


def _holds_division(part: Expr) -> bool:
    return any(isinstance(node, Pow) and node.exp.is_negative for node in nodes(part))


def _from_place(whole: Expr, system: System) -> Expr | None:
    """Of a δ(c, k)."""
    for delta in sorted(whole.atoms(KroneckerDelta), key=sympy.default_sort_key):
        for letter, place in (delta.args, delta.args[::-1]):
            if not is_letter(letter) or letter not in free_letters(whole) or letter in free_letters(place):
                continue
            there = _cancelled(substitute(whole.xreplace({delta: Integer(1)}), {letter: place}), system)
            if not _holds_rest(there, system):
                return delta * there + _elsewhere(_cancelled(whole.xreplace({delta: Integer(0)}), system), delta)
    return None


def _from_sum(whole: Expr, system: System) -> Expr | None:
    """Of a sum over all places."""
    for total in sorted(whole.atoms(Sum), key=sympy.default_sort_key):
        bound = total.limits[0][0]
        if len(total.limits) != 1 or not _holds_rest(total.function, system):
            continue
        for letter in sorted(free_letters(whole), key=str):
            if axis_name(letter) != axis_name(bound):
                continue
            others = Dummy("others")
            split = sympy.expand(whole.xreplace({total: substitute(total.function, {bound: letter}) + others}), deep=False)
            split = sympy.collect(sympy.expand_mul(split), others)
            own, times = split.coeff(others, 0), split.coeff(others, 1)
            own = _cancelled(_with_equal_letters(own), system)
            if not _holds_rest(own, system) and bound not in free_letters(times):
                delta = KroneckerDelta(letter, bound)
                inside = _cancelled(times * total.function, system)
                return own + total.func(_elsewhere(inside, delta), *total.limits)
    return None


def _elsewhere(formula: Expr, delta: KroneckerDelta) -> Expr:
    return Add(*(Piecewise((term, delta < 1), (Integer(0), True)) for term in Add.make_args(formula)))


def _cancelled(formula: Expr, system: System) -> Expr:
    """As a product over a product, with S − e and not e − S below."""
    unknowns: dict[Expr, Dummy] = {}
    fraction = sympy.factor(sympy.cancel(sympy.together(_masked(formula, unknowns))))
    written = fraction.xreplace({unknown: part for part, unknown in unknowns.items()})
    return Mul(*(_turned(part, system) for part in Mul.make_args(written)))


def _masked(part: Expr, unknowns: dict[Expr, Dummy]) -> Expr:
    match part:
        case Add() | Mul():
            return part.func(*(_masked(inner, unknowns) for inner in part.args))
        case Pow() if part.exp.is_Integer:
            return Pow(_masked(part.base, unknowns), part.exp)
        case sympy.exp():
            # exp(2 u) is the square of exp(u).
            powers = [term.as_coeff_Mul() for term in Add.make_args(part.args[0])]
            units = [(sympy.exp(unit), times) if times.is_Integer else (sympy.exp(times * unit), Integer(1)) for times, unit in powers]
            return Mul(*(_unknown(unit, unknowns) ** times for unit, times in units))
        case _:
            return part if part.is_number else _unknown(part, unknowns)


def _unknown(part: Expr, unknowns: dict[Expr, Dummy]) -> Dummy:
    return unknowns.setdefault(part, Dummy(f"part{len(unknowns)}"))


def _turned(part: Expr, system: System) -> Expr:
    base, power = part.as_base_exp()
    if isinstance(base, Add) and power.is_Integer and power.is_negative and _is_positive(base, system) is False:
        return Mul((-1) ** power, Pow(-base, power))
    return part
