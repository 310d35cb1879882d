"""SymPy's derivative of an entry by an entry: the only place where anything is differentiated, and what is to be said of it."""

from __future__ import annotations

from sympy import Expr, Pow
from sympy.core.numbers import ComplexInfinity, NaN

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.index_letters import holds, names_inside
from chainrule.symbolic.index.named_functions import determinant, in_cases, open_power, open_powers, written_out
from chainrule.symbolic.index.real_functions import of_real_numbers
from chainrule.symbolic.index.step_functions import StepFunction, stop
from chainrule.symbolic.rewriting.rule import Rule
from chainrule.symbolic.system.system import Equation

from .held_places import with_places_held


def differentiated(expression: Expr, wanted: Expr) -> Expr:
    """SymPy's derivative, by the rules that are ours at a kink and at 0."""
    powers = open_powers(of_real_numbers(in_cases(written_out(expression))))
    return with_places_held(powers, lambda held: held.diff(wanted)).replace(open_power, Pow)


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
