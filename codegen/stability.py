"""Where the formula on paper would overflow, the code computes the same value another way. Each rule says which, and why.

    log(exp(u_j) / Σ_k exp(u_k))  →  u_j − log Σ_k exp(u_k),   and that with the largest u subtracted first

The rules are applied from the inside out to an equation's right side just before it becomes code; documents show the formula as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy
from sympy import Add, Expr, Indexed, Integer, Mul, Piecewise, Pow, Sum
from sympy.core.relational import Relational

from symbolic.equations import System
from symbolic.letters import free_letters, holds, substitute
from symbolic.named_functions import log_sum_exp, softmax, softplus
from symbolic.recognise import recognised


@dataclass(frozen=True, slots=True)
class SafeForm:
    """`name` is what a document cites; `rewrite` returns the expression as it was where the rule does not fit."""

    name: str
    rewrite: Callable[[Expr, System], Expr]


def log_of_output(node: Expr, system: System) -> Expr:
    """log(a) and log(1 − a) where a is a softmax or a sigmoid: through what went in, since a may round to 0 or 1."""
    if not isinstance(node, sympy.log):
        return node
    argument = node.args[0]
    if isinstance(argument, Indexed):
        defined = _definition(argument, system)
        return node if defined is None else _log_of_quotient(defined, otherwise=node)
    if isinstance(argument, Add) and isinstance(1 - argument, Indexed):
        defined = _definition(1 - argument, system)
        exponent = None if defined is None else _logistic_exponent(defined)
        # 1 − 1/(1 + exp(v)) = 1/(1 + exp(−v))
        return node if exponent is None else -softplus(-exponent)
    return node


def _log_of_quotient(quotient: Expr, otherwise: Expr) -> Expr:
    """log(exp(u) / Σ exp) = u − log Σ exp; `otherwise` where the quotient is not of that form."""
    total: Expr = Integer(0)
    for factor in Mul.make_args(quotient):
        if isinstance(factor, sympy.exp):
            total += factor.args[0]
        elif isinstance(factor, Pow) and factor.exp == -1:
            below = _log_of_exponentials(factor.base)
            if below is None:
                return otherwise
            total -= below
        else:
            return otherwise
    return total


def _logistic_exponent(quotient: Expr) -> Expr | None:
    """v where the quotient is 1/(1 + exp(v))."""
    if isinstance(quotient, Pow) and quotient.exp == -1:
        below = _log_of_exponentials(quotient.base)
        if isinstance(below, softplus):
            return below.args[0]
    return None


def _definition(entry: Indexed, system: System) -> Expr | None:
    equation = system.definition.get(entry.base.name)
    if equation is None:
        return None
    return substitute(equation.expression, dict(zip(equation.indices, entry.indices, strict=True)))


def log_of_exponentials(node: Expr, system: System) -> Expr:
    """log(1 + exp(u)) and log Σ_k exp(u): the largest exponent comes out of the logarithm."""
    if not isinstance(node, sympy.log):
        return node
    return _log_of_exponentials(node.args[0]) or node


def _log_of_exponentials(argument: Expr) -> Expr | None:
    if isinstance(argument, Sum) and len(argument.limits) == 1 and isinstance(argument.function, sympy.exp):
        return log_sum_exp(argument.function.args[0], argument.limits[0][0])
    if isinstance(argument, Add) and len(argument.args) == 2 and Integer(1) in argument.args:
        other = next(part for part in argument.args if part != 1)
        if isinstance(other, sympy.exp):
            return softplus(other.args[0])
    if isinstance(argument, sympy.cosh):
        magnitude = sympy.Abs(argument.args[0])
        return magnitude + softplus(-2 * magnitude) - sympy.log(2)
    return None


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
            exponent = _exponent(above)
            if exponent is None or _exponent(inside) is None:
                continue
            for own in free_letters(above) - free_letters(below.base):
                if own.name.rstrip("_") == letter.name.rstrip("_") and inside.xreplace({letter: own}) == above:
                    rest = Mul(*(part for part in node.args if part not in (above, below)))
                    return rest * softmax(exponent, own)
    return node


def _exponent(part: Expr) -> Expr | None:
    """u of exp(u); of where(c, 0, exp(u)), as a mask leaves it, where(c, −∞, u)."""
    match part:
        case sympy.exp():
            return part.args[0]
        case Piecewise() if all(value == 0 or isinstance(value, sympy.exp) for value, _ in part.args):
            return Piecewise(*((-sympy.oo if value == 0 else value.args[0], test) for value, test in part.args))
        case _:
            return None


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


SAFE_FORMS: tuple[SafeForm, ...] = (
    SafeForm("log of an output", log_of_output),
    SafeForm("log of exponentials", log_of_exponentials),
    SafeForm("quotient of exponentials", quotient_of_exponentials),
    SafeForm("logistic function", logistic),
    SafeForm("guarded branch", guarded_branch),
)


#: What a rule begins with: without any of these, none of them fits.
UNSAFE = (sympy.log, sympy.exp, sympy.sinh, Piecewise)


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
