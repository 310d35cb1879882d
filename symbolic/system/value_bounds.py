"""Between which numbers the entries of a formula stay, whatever real numbers parameters and inputs are: what a logarithm may be taken of.

Interval arithmetic over the equations in order: exp(z) > 0, 1/(1 + exp(-z)) between 0 and 1, Σ u² ≥ 0. Nothing is said too narrowly, but
for reads out of range, which are 0: those of a logarithm are the business of whoever writes its condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import erf, exp, inf, log, tanh

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol
from sympy.core.relational import Relational

from chainrule.symbolic.index.axes import letter_size
from chainrule.symbolic.index.index_letters import free_letters, is_letter, names_read
from chainrule.symbolic.index.named_functions import axis_max, of_determinant, sigmoid, softmax, softplus

from .declared_values import meaning
from .factored_matrix import factored_matrix
from .interval import ANY, NOT_NEGATIVE, POSITIVE, PROBABILITY, Bounds
from .recurrence import grouped
from .system import Equation, System

LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True)
class ValueBounds:
    """The bounds of formulas: `known` are those of tensors by name, `conditions` those of expressions where a condition holds.

    Of the Cholesky `factors` the entries on the diagonal are positive.
    """

    known: Mapping[str, Bounds]
    conditions: Mapping[Expr, Bounds] = field(default_factory=dict)
    factors: frozenset[str] = frozenset()

    def where(self, condition: Relational, holds: bool) -> ValueBounds:
        """The same where a condition u > c holds, or does not."""
        found = _condition_bounds(condition, holds)
        return self if found is None else replace(self, conditions={**self.conditions, found[0]: found[1]})

    def of(self, expression: Expr) -> Bounds:
        own = self._of(expression)
        limit = self.conditions.get(expression)
        if limit is None:
            return own
        low, high = max(own.low, limit.low), min(own.high, limit.high)
        above = any(each.is_above for each in (own, limit) if each.low == low)
        return Bounds(low, high, above, any(each.is_below for each in (own, limit) if each.high == high))

    def _of(self, expression: Expr) -> Bounds:
        match expression:
            case sympy.Number():
                return Bounds(float(expression), float(expression))
            case Symbol() if is_letter(expression):
                return NOT_NEGATIVE
            case Symbol():
                return self.known.get(str(expression.name), POSITIVE if expression.is_positive else ANY)
            case Indexed() if expression.base.name in self.factors and len(set(expression.indices)) == 1:
                return POSITIVE
            case Indexed():
                return self.known.get(str(expression.base.name), ANY)
            case Add():
                total = Bounds(0, 0)
                for part in expression.args:
                    total = total.plus(self.of(part))
                return total
            case Mul():
                return self._of_product(expression)
            case Pow():
                return self._of_power(expression)
            case Sum():
                return _summed(self.of(expression.function))
            case Piecewise():
                return self._of_cases(expression)
            case sympy.Max() | sympy.Min():
                parts = [self.of(part) for part in expression.args]
                chosen = max if isinstance(expression, sympy.Max) else min
                low, high = chosen(part.low for part in parts), chosen(part.high for part in parts)
                above = all(part.is_above for part in parts if part.low == low)
                return Bounds(low, high, above, all(part.is_below for part in parts if part.high == high))
            case sympy.Abs() if of_determinant(expression) is not None:
                # Of a matrix without an inverse there is an error, and no value.
                return POSITIVE
            case sympy.Abs():
                inside = self.of(expression.args[0])
                if inside.is_not_negative:
                    return inside
                return inside.negative() if inside.high <= 0 else Bounds(0, max(-inside.low, inside.high))
            case softmax():
                return PROBABILITY
            case axis_max():
                return self.of(expression.args[0])
            case KroneckerDelta():
                return Bounds(0, 1)
            case _ if expression.is_number and expression.is_real:
                return Bounds(float(expression), float(expression))
            case _:
                return self._of_function(expression)

    def _of_product(self, expression: Mul) -> Bounds:
        factors = list(expression.args)
        if any(_is_share(factor, Mul(*(other for other in factors if other is not factor))) for factor in factors) and all(
            self.of(factor).is_positive for factor in factors
        ):
            return PROBABILITY
        for total in (factor for factor in factors if isinstance(factor, Sum)):
            counts = [1 / letter_size(limit[0]) for limit in total.limits]
            if all(count in factors for count in counts):
                # A mean is where its terms are.
                rest = [factor for factor in factors if factor is not total and factor not in counts]
                return self.of(Mul(*rest)).times(self.of(total.function)) if rest else self.of(total.function)
        whole = Bounds(1, 1)
        for factor in factors:
            whole = whole.times(self.of(factor))
        return whole

    def _of_power(self, expression: Pow) -> Bounds:
        base, exponent = self.of(expression.base), expression.exp
        if not exponent.is_number:
            return POSITIVE if base.is_positive else ANY
        number = float(exponent)
        if exponent.is_Integer and exponent.is_even and not base.is_not_negative:
            base = base.negative() if base.high <= 0 else Bounds(0, max(-base.low, base.high))
        if not base.is_not_negative and exponent.is_Integer:
            return base.mapped(lambda u: u**number) if number > 0 else ANY
        base = base if base.is_not_negative else Bounds(0, base.high)
        if number > 0:
            return base.mapped(lambda u: u**number)
        # 1/0 is no number, so what is there is above 0.
        inverse = Bounds(_inverse(base.high), _inverse(base.low), base.is_below or base.high == inf, base.is_above)
        return inverse.mapped(lambda u: u**-number)

    def _of_cases(self, expression: Piecewise) -> Bounds:
        found: list[Bounds] = []
        inside = self
        for value, condition in expression.args:
            is_comparison = isinstance(condition, Relational)
            found.append((inside.where(condition, True) if is_comparison else inside).of(value))
            inside = inside.where(condition, False) if is_comparison else inside
        whole = found[0]
        for each in found[1:]:
            whole = whole.united(each)
        return whole

    def _of_function(self, expression: Expr) -> Bounds:
        inside = self.of(expression.args[0]) if len(expression.args) == 1 else ANY
        match expression:
            case sympy.exp():
                return inside.mapped(lambda u: exp(u) if u < LARGEST_EXPONENT else inf, low=0)
            case sympy.log():
                return Bounds(log(inside.low) if inside.low > 0 else -inf, log(inside.high) if 0 < inside.high < inf else inf)
            case sigmoid():
                return inside.mapped(lambda u: 1 / (1 + exp(-u)) if u > -LARGEST_EXPONENT else 0, 0, 1)
            case softplus():
                return POSITIVE
            case sympy.tanh():
                return inside.mapped(tanh, -1, 1)
            case sympy.erf():
                return inside.mapped(erf, -1, 1)
            case sympy.sin() | sympy.cos() | sympy.sign():
                return Bounds(-1, 1)
            case sympy.cosh():
                return Bounds(1)
            case _:
                return ANY


def _inverse(number: float) -> float:
    return inf if number == 0 else 1 / number


def _summed(term: Bounds) -> Bounds:
    """One term or more."""
    return Bounds(
        term.low if term.low >= 0 else -inf,
        term.high if term.high <= 0 else inf,
        term.is_above,
        term.is_below,
    )


def _is_share(divisor: Expr, above: Expr) -> bool:
    """Whether u/Σ u is written, one of the terms that are added up below: exp(z[j])/Σ_k exp(z[k])."""
    if not (isinstance(divisor, Pow) and divisor.exp == -1 and isinstance(divisor.base, Sum) and len(divisor.base.limits) == 1):
        return False
    bound = divisor.base.limits[0][0]
    return any(above.xreplace({letter: bound}) == divisor.base.function for letter in free_letters(above))


def _condition_bounds(condition: Relational, holds: bool) -> tuple[Expr, Bounds] | None:
    """What u > c says of u, with a number c; where it does not hold, u ≤ c."""
    left, right = condition.args
    if not (right.is_number and right.is_real):
        return None
    number, is_greater = float(right), isinstance(condition, sympy.Gt | sympy.Ge)
    if not (is_greater or isinstance(condition, sympy.Lt | sympy.Le)):
        return None
    is_strict = isinstance(condition, sympy.Gt | sympy.Lt) == holds
    return left, Bounds(number, inf, is_strict) if is_greater == holds else Bounds(-inf, number, False, is_strict)


def system_bounds(system: System) -> ValueBounds:
    """The bounds of all tensors of a system.

    Of a recurrence every entry is taken to be positive, then not negative, as long as that follows of each from the others.
    """
    known = {tensor.name: meaning(tensor).bounds for tensor in system.tensors.values()}
    known |= {name: Bounds(value, value) for name, value in system.constants.items()}
    factors = frozenset(equation.tensor.name for equation in system.equations if factored_matrix(equation) is not None)
    bounds = ValueBounds(known, factors=factors)
    for group in grouped(system.equations):
        if not group.is_recurrence:
            for equation in group.equations:
                known[equation.tensor.name] = bounds.of(equation.expression)
            continue
        for guess in (POSITIVE, NOT_NEGATIVE, ANY):
            tried = replace(bounds, known=known | dict.fromkeys(group.names, guess))
            found = [tried.of(equation.expression) for equation in group.equations]
            follows = [own.is_positive if guess is POSITIVE else own.is_not_negative for own in found]
            if guess is ANY or all(follows):
                known |= dict.fromkeys(group.names, guess)
                break
    return bounds


def doubtful_logarithms(system: System) -> Iterator[tuple[Equation, Expr]]:
    """What logarithms are taken of and may be 0 or less, as far as formulas say: each such argument that the network computes.

    Of parameters alone they are not named: where those are above 0 is for a training to say.
    """
    if not any(equation.expression.has(sympy.log) for equation in system.equations):
        return
    bounds, given = system_bounds(system), {tensor.name for tensor in system.parameters} | {*system.constants}
    for equation in system.equations:
        for argument in dict.fromkeys(_arguments(equation.expression, bounds)):
            if not names_read(argument).keys() <= given:
                yield equation, argument


def _arguments(expression: Expr, bounds: ValueBounds) -> Iterator[Expr]:
    """Arguments of logarithms that are not positive for certain, in the branches of case distinctions in which they stand."""
    if isinstance(expression, Indexed) or not expression.has(sympy.log):
        return
    if isinstance(expression, Piecewise):
        for value, condition in expression.args:
            is_comparison = isinstance(condition, Relational)
            yield from _arguments(value, bounds.where(condition, True) if is_comparison else bounds)
            bounds = bounds.where(condition, False) if is_comparison else bounds
        return
    if isinstance(expression, Mul):
        # y log(y/p) is 0 where y is.
        weights = {factor for factor in expression.args if bounds.of(factor).is_not_negative}
        bounds = replace(bounds, conditions={**bounds.conditions, **dict.fromkeys(weights, POSITIVE)})
    if isinstance(expression, sympy.log) and not bounds.of(expression.args[0]).is_positive:
        yield expression.args[0]
    for part in expression.args:
        yield from _arguments(part, bounds)
