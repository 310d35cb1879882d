"""Where the formula on paper would overflow, the code computes the same value another way. Each rule says which, and why.

    log(exp(u_j) / Σ_k exp(u_k))  →  u_j − log Σ_k exp(u_k),   and that with the largest u subtracted first

The rules are applied from the inside out to an equation's right side just before it becomes code; documents show the formula as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy
from sympy import Add, Expr, Indexed, Mul, Piecewise, Pow, Sum
from sympy.core.relational import Relational

from symbolic.equations import Equation, System
from symbolic.letters import free_letters, holds, nodes
from symbolic.named_functions import softmax
from symbolic.norms import without_poles
from symbolic.recognise import recognised
from symbolic.tensors import Role

from .guards import with_guarded_arguments
from .logarithms import Logarithms, is_shifted, shifted_sum
from .logarithms import exponent as exponent_of


@dataclass(frozen=True, slots=True)
class SafeForm:
    """`name` is what a document cites; `rewrite` returns the expression as it was where the rule does not fit."""

    name: str
    rewrite: Callable[[Expr, System], Expr]


def log_of_exponentials(node: Expr, system: System) -> Expr:
    """log(1/(1 + exp(−u))), log(p[n,k]) of a softmax p, log Σ_k exp(u): through what stands in the exponents."""
    if not isinstance(node, sympy.log):
        return node
    logarithm = Logarithms(system).of(node.args[0])
    return node if logarithm is None else logarithm


def quotient_of_exponentials(node: Expr, system: System) -> Expr:
    """exp(u_j) / Σ_k exp(u_k): the largest u is subtracted above and below."""
    if not isinstance(node, Mul):
        return node
    spread = _spread_over_total(node)
    if spread is not None:
        return Add(*(quotient_of_exponentials(term, system) for term in spread))
    for below in node.args:
        if not (isinstance(below, Pow) and below.exp == -1 and isinstance(below.base, Sum) and len(below.base.limits) == 1):
            continue
        inside, letter = below.base.function, below.base.limits[0][0]
        for above in node.args:
            exponent = exponent_of(above)
            if exponent is None or exponent_of(inside) is None:
                continue
            for own in free_letters(above) - free_letters(below.base):
                if own.name.rstrip("_") == letter.name.rstrip("_") and inside.xreplace({letter: own}) == above:
                    rest = Mul(*(part for part in node.args if part not in (above, below)))
                    return rest * softmax(exponent, own)
    return node


def _spread_over_total(node: Mul) -> list[Expr] | None:
    """(exp(u) − δ Σ exp) / Σ exp as terms over the sum, each of which is safe."""
    totals = [part.base for part in node.args if isinstance(part, Pow) and part.exp == -1 and isinstance(part.base, Sum)]
    above = [part for part in node.args if isinstance(part, Add) and part.has(sympy.exp)]
    if not totals or not isinstance(totals[0].function, sympy.exp) or not above:
        return None
    rest = Mul(*(part for part in node.args if part is not above[0]))
    return [term * rest for term in above[0].args]


def logistic(node: Expr, system: System) -> Expr:
    """1/(1 + exp(−u)) and what is rational in exp(u): through the logistic function, which never overflows."""
    return recognised(node) if isinstance(node, Mul | Pow | Add) and holds(node, sympy.exp, sympy.sinh) else node


def guarded_branch(node: Expr, system: System) -> Expr:
    """where(u > 0, …, exp(u)): both branches are computed, so the exponent is kept at or below 0 in the branch that needs no more."""
    if not isinstance(node, Piecewise) or len(node.args) != 2 or not isinstance(node.args[0][1], Relational):
        return node
    (first, condition), (second, _) = node.args
    if not isinstance(condition, sympy.StrictGreaterThan | sympy.GreaterThan) or condition.args[1] != 0:
        return node
    limit = condition.args[0]
    return Piecewise((first, condition), (second.xreplace({sympy.exp(limit): sympy.exp(sympy.Min(limit, 0))}), True))


def over_largest(node: Expr, system: System) -> Expr:
    """What divides by Σ_k w exp(u), or by exp(u) + exp(v): exp(m), with m the largest exponent, is divided by above and below."""
    if not isinstance(node, Mul | Pow):
        return node
    for below in Mul.make_args(node):
        shift = _shift(below.base) if isinstance(below, Pow) and below.exp.is_negative else None
        if shift is not None:
            highest, shifted = shift
            above = Mul(*(part for part in Mul.make_args(node) if part is not below))
            whole = int(-below.exp) if below.exp.is_Integer else 0
            for _ in range(whole):
                above = _with_exponent(above, -highest)
            return shifted**below.exp * (above if whole else _with_exponent(above, below.exp * highest))
    return node


def _shift(total: Expr) -> tuple[Expr, Expr] | None:
    """m and Σ exp(u − m), where the total holds exponentials that are not yet of that form."""
    if isinstance(total, Sum):
        factors = Mul.make_args(total.function)
        found = next(((factor, inside) for factor in factors if (inside := exponent_of(factor)) is not None), None)
        own = [limit[0] for limit in total.limits]
        if found is None or is_shifted(found[1]) or not free_letters(found[1]).issuperset(own):
            return None
        return shifted_sum(found[1], Mul(*(factor for factor in factors if factor is not found[0])), own)
    if not isinstance(total, Add):
        return None
    exponents = [_exponent_of_term(term) for term in total.args]
    if any(exponent is None or is_shifted(exponent) for exponent in exponents) or not any(exponents):
        return None
    highest = sympy.Max(*exponents)
    return highest, Add(*(_with_exponent(term, -highest) for term in total.args))


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


SAFE_FORMS: tuple[SafeForm, ...] = (
    SafeForm("log of exponentials", log_of_exponentials),
    SafeForm("quotient of exponentials", quotient_of_exponentials),
    SafeForm("logistic function", logistic),
    SafeForm("over the largest exponential", over_largest),
    SafeForm("guarded branch", guarded_branch),
)


#: What a rule begins with: without any of these, none of them fits.
UNSAFE = (sympy.log, sympy.exp, sympy.sinh, Piecewise)


def safe(equation: Equation, system: System) -> Expr:
    """The right side of an equation, of the network or of its derivation, in a form that is safe to compute."""
    is_adjoint = equation.tensor.role is Role.ADJOINT
    right = without_poles(equation.expression, system) if is_adjoint else equation.expression
    return with_guarded_arguments(stable(right, system))


def stable(expression: Expr, system: System) -> Expr:
    """The expression in a form that stays finite wherever its value is finite."""
    if isinstance(expression, Indexed) or not holds(expression, *UNSAFE):
        return expression
    if _is_rational(expression):
        return _rational(_with_stable_leaves(expression, system), system)
    changed = _first_that_fits(expression, system)
    if changed != expression:
        return stable(changed, system)
    match expression:
        case Sum():
            inside = stable(expression.function, system)
            return expression.func(inside, *expression.limits) if inside != expression.function else expression
        case Piecewise():
            return _first_that_fits(Piecewise(*((stable(value, system), test) for value, test in expression.args)), system)
        case _:
            parts = [stable(part, system) for part in expression.args]
            return expression.func(*parts) if parts != list(expression.args) else expression


def _is_rational(expression: Expr) -> bool:
    return isinstance(expression, Add | Mul) or (isinstance(expression, Pow) and bool(expression.exp.is_Integer))


def _with_stable_leaves(expression: Expr, system: System) -> Expr:
    """What is inside of functions first: then the fractions around them are looked at as a whole."""
    if not _is_rational(expression):
        return stable(expression, system)
    parts = [_with_stable_leaves(part, system) for part in expression.args]
    return expression.func(*parts) if parts != list(expression.args) else expression


def _rational(expression: Expr, system: System) -> Expr:
    if not _is_rational(expression):
        return expression
    changed = _first_that_fits(expression, system)
    if changed != expression:
        return changed
    parts = [_rational(part, system) for part in expression.args]
    return expression.func(*parts) if parts != list(expression.args) else expression


def _first_that_fits(expression: Expr, system: System) -> Expr:
    for form in SAFE_FORMS:
        changed = form.rewrite(expression, system)
        if changed != expression:
            return changed
    return expression
