"""SymPy's derivative of an entry by an entry: the only place where anything is differentiated, and what is to be said of it."""

from __future__ import annotations

from math import prod

from sympy import Add, Expr, Function, Indexed, KroneckerDelta, Mul, Pow, S, log
from sympy.core.numbers import ComplexInfinity, NaN

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.index_letters import holds, names_inside
from chainrule.symbolic.index.index_sum import IndexSum
from chainrule.symbolic.index.named_functions import determinant, in_cases, open_power, open_powers, written_out
from chainrule.symbolic.index.real_functions import of_real_numbers
from chainrule.symbolic.index.step_functions import StepFunction, stop
from chainrule.symbolic.rewriting.rule import Rule
from chainrule.symbolic.system.system import Equation

from .held_places import with_places_held


def differentiated(expression: Expr, wanted: Expr) -> Expr:
    """SymPy's derivative, by the rules that are ours at a kink and at 0."""
    powers = open_powers(of_real_numbers(in_cases(written_out(expression))))
    return with_places_held(powers, lambda held: _slope(held, wanted)).replace(open_power, Pow)


def _slope(expression: Expr, wanted: Expr) -> Expr:
    """As SymPy has it; through sums, products, powers and functions by their rules, as SymPy asks of the derivative of each part whether it
    is 0 whatever the entries are, which takes more than half of its time.
    """
    match expression:
        case Add():
            return Add(*(_slope(term, wanted) for term in expression.args))
        case Mul():
            factors = expression.args
            slopes = [_slope(factor, wanted) for factor in factors]
            places = [place for place, slope in enumerate(slopes) if slope != 0]
            return Add(*(prod((*factors[:place], slopes[place], *factors[place + 1 :]), start=S.One) for place in places))
        case IndexSum():
            return IndexSum(_slope(expression.function, wanted), *expression.limits)
        case Indexed() if isinstance(wanted, Indexed) and expression.base == wanted.base:
            return prod(map(KroneckerDelta, expression.indices, wanted.indices), start=S.One)
        case Pow():
            base, exponent = expression.args
            return expression * (_slope(exponent, wanted) * log(base) + _slope(base, wanted) * exponent / base)
        case Function() if type(expression)._eval_derivative is Function._eval_derivative:
            slopes = [(place, _slope(argument, wanted)) for place, argument in enumerate(expression.args, start=1)]
            return Add(*(expression.fdiff(place) * slope for place, slope in slopes if slope != 0))
        case _:
            return expression.diff(wanted) if expression.has(wanted.base if isinstance(wanted, Indexed) else wanted) else S.Zero


def rule_of_derivative(reader: Equation, name: str) -> Rule:
    """What is to be said where an equation reads a tensor: whether some of it counts as a constant, or has no slope."""
    if name in names_inside(reader.expression, stop):
        return Rule.DIFFERENTIATE_STOPPED
    if name in names_inside(reader.expression, determinant):
        return Rule.DIFFERENTIATE_ROWS
    return Rule.DIFFERENTIATE_STEPS if name in names_inside(reader.expression, StepFunction) else Rule.DIFFERENTIATE


def refuse_division_by_0(name: str, slope: Expr) -> None:
    """No number is the slope of log(relu(u)) where u is below 0.

    Raises:
        InvalidDescription: where the derivative by the tensor of this name holds such a one.
    """
    if holds(slope, ComplexInfinity, NaN):
        raise InvalidDescription(
            f"the derivative by {name} divides by 0: a logarithm is of what is 0 for a whole range of {name}, as in log(relu(u)); "
            "a small number added keeps it away, as in log(relu(u) + 1e-9)"
        )
