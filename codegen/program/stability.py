"""Where the formula on paper would overflow, the code computes the same value another way. Each rule says which, and why.

    log(exp(u_j) / Σ_k exp(u_k))  →  u_j − log Σ_k exp(u_k),   and that with the largest u subtracted first

The rules are applied from the inside out to an equation's right side just before it becomes code; documents show the formula as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import sympy
from sympy import Add, Basic, Expr, Mul, Piecewise, Pow, S, Sum, Symbol
from sympy.core.relational import Relational

from chainrule.symbolic.index.index_letters import free_letters, holds, nodes
from chainrule.symbolic.index.named_functions import sigmoid, softmax
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.rewriting.recognition import recognised
from chainrule.symbolic.system.norms import without_poles
from chainrule.symbolic.system.system import Equation, System
from chainrule.symbolic.system.vanishing_powers import without_logarithms_of_0

from .digits_near_0 import with_digits_near_0
from .exponents import exponent as exponent_of
from .exponents import shifted_sum
from .guards import with_guarded_arguments, with_guarded_ends
from .logarithms import Logarithms
from .named_exponentials import with_exponentials_put_in
from .own_places import with_own_places_apart
from .quotients import into_quotients, is_mixture, over_largest, over_probabilities, share, undivided, with_odds


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
    """1/(1 + exp(−u)), a power of it, and what is rational in exp(u): through the logistic function, which never overflows."""
    if isinstance(node, Pow) and node.exp.is_negative and not node.exp.is_Integer and isinstance(node.base - 1, sympy.exp):
        return sigmoid(-(node.base - 1).args[0]) ** -node.exp
    return recognised(node) if isinstance(node, Mul | Pow | Add) and holds(node, sympy.exp, sympy.sinh) else node


def guarded_branch(node: Expr, system: System) -> Expr:
    """where(u > 0, …, exp(u)): both branches are computed, so the exponent is kept at or below 0 in the branch that needs no more."""
    if not isinstance(node, Piecewise) or len(node.args) != 2 or not isinstance(node.args[0][1], Relational):
        return node
    (first, condition), (second, _) = node.args
    limit, bound = condition.args
    if not bound.is_number or limit.is_number:
        return node
    if isinstance(condition, sympy.StrictGreaterThan | sympy.GreaterThan):
        return Piecewise((_kept_below(first, -limit, -bound), condition), (_kept_below(second, limit, bound), True))
    if isinstance(condition, sympy.StrictLessThan | sympy.LessThan):
        return Piecewise((_kept_below(first, limit, bound), condition), (_kept_below(second, -limit, -bound), True))
    return node


def _kept_below(branch: Expr, limit: Expr, bound: Expr) -> Expr:
    """A branch in which `limit` is no larger than a number, also in exp(limit) and exp(2 limit) where it is computed in vain."""

    def kept(exponential: Expr) -> Expr:
        times = exponential.args[0] / limit
        return sympy.exp(sympy.Min(exponential.args[0], times * bound)) if times.is_number and times.is_positive else exponential

    return branch.replace(sympy.exp, lambda inside: kept(sympy.exp(inside))) if branch.has(sympy.exp) else branch


def one_exponential(node: Expr, system: System) -> Expr:
    """exp(u) exp(v) = exp(u + v): one may overflow where the other is 0."""
    exponentials = [part for part in node.args if isinstance(part, sympy.exp)] if isinstance(node, Mul) else []
    if len(exponentials) < 2:
        return node
    rest = Mul(*(part for part in node.args if part not in exponentials))
    return rest * sympy.exp(Add(*(part.args[0] for part in exponentials)))


SAFE_FORMS: tuple[SafeForm, ...] = (
    SafeForm("share of the rest", share),
    SafeForm("one exponential", one_exponential),
    SafeForm("log of exponentials", log_of_exponentials),
    SafeForm("quotient of exponentials", quotient_of_exponentials),
    SafeForm("logistic function", logistic),
    SafeForm("over the largest exponential", over_largest),
    SafeForm("over a sum of probabilities", over_probabilities),
    SafeForm("guarded branch", guarded_branch),
)


#: What a rule begins with: without any of these, none of them fits.
UNSAFE = (sympy.log, sympy.exp, sympy.sinh, Piecewise, sigmoid)


def safe(equation: Equation, system: System) -> Expr:
    """The right side of an equation, of the network or of its derivation, in a form that is safe to compute."""
    is_adjoint = equation.tensor.role is Role.ADJOINT
    right = with_odds(with_exponentials_put_in(equation.expression, system))
    right = without_logarithms_of_0(without_poles(undivided(right, system), system), system) if is_adjoint else right
    right = with_own_places_apart(right, system) if is_adjoint else right
    right = with_guarded_arguments(with_complements(without_logarithms_of_0(stable(right, system), system)))
    return with_digits_near_0(with_guarded_ends(right, system))


def safe_in_steps(equation: Equation, system: System, steps: Collection[Symbol]) -> Expr:
    """The same of an equation that is computed step by step: exp(u_k)/Σ_k′ exp(u_k′) where k is a letter of the steps.

    In a step k is one place, and a softmax along it would be that of a single number.
    """

    def at_one_place(exponent: Expr, letter: Symbol) -> Expr:
        if letter not in steps:
            return softmax(exponent, letter)
        highest, total = shifted_sum(exponent, S.One, [letter])
        return sympy.exp(exponent - highest) / total

    return safe(equation, system).replace(softmax, at_one_place)


def with_complements(expression: Expr) -> Expr:
    """c − c σ(u) as c σ(−u), whose digits are not lost where σ(u) rounds to 1; where σ(u) is computed for other terms too, both stay."""
    found = sorted(expression.atoms(sigmoid), key=sympy.default_sort_key) if holds(expression, sigmoid) else []
    for logistic_function in found:
        without = expression.replace(lambda node: isinstance(node, Add), lambda node, own=logistic_function: _complement(node, own))
        expression = expression if without.has(logistic_function) else without
    return expression


def _complement(total: Add, logistic_function: Expr) -> Expr:
    for term in total.args:
        over, factors = term / logistic_function, Mul.make_args(term)
        if logistic_function in factors and -over in total.args:
            return total - term + over - over * sigmoid(-logistic_function.args[0])
    return total


def stable(expression: Expr, system: System) -> Expr:
    """The expression in a form that stays finite wherever its value is finite."""
    if not holds(expression, *UNSAFE, Pow):
        return expression
    if not holds(expression, *UNSAFE) and not any(_divides_by_sum(node, system) for node in nodes(expression)):
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


def _divides_by_sum(node: Basic, system: System) -> bool:
    if not (isinstance(node, Pow) and node.exp.is_Integer and node.exp.is_negative):
        return False
    return isinstance(node.base, Add | Sum) or is_mixture(node.base, system)


def _is_rational(expression: Expr) -> bool:
    return isinstance(expression, Add | Mul) or (isinstance(expression, Pow) and bool(expression.exp.is_Integer))


def _with_stable_leaves(expression: Expr, system: System) -> Expr:
    """What is inside of functions first: then the fractions around them are looked at as a whole."""
    if not _is_rational(expression):
        return stable(expression, system)
    moved = into_quotients(expression)
    if moved != expression:
        return _with_stable_leaves(moved, system)
    parts = [_with_stable_leaves(part, system) for part in expression.args]
    return expression.func(*parts) if parts != list(expression.args) else expression


def _rational(expression: Expr, system: System) -> Expr:
    if not _is_rational(expression):
        return expression
    changed = _first_that_fits(expression, system)
    if changed != expression:
        return _rational(changed, system)
    parts = [_rational(part, system) for part in expression.args]
    return expression.func(*parts) if parts != list(expression.args) else expression


def _first_that_fits(expression: Expr, system: System) -> Expr:
    for form in SAFE_FORMS:
        changed = form.rewrite(expression, system)
        if changed != expression:
            return changed
    return expression
