"""The numbers of a document's example: what is computed at them, and the step of learning that follows."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import derive, load
from chainrule.codegen.descriptions.example_reader import Example
from chainrule.codegen.lesson.worked_example import LEARNING_RATES, worked_example
from chainrule.symbolic.language.system_reader import system_from_equations


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("steepness", "rate"), [(2, 0.05), (3, 0.005), (4, 0.0005)])
def test_where_slopes_are_steep_the_step_is_so_short_that_the_cost_falls(steepness: int, rate: float) -> None:
    """exp(3 (w x − y)²) overflows after a step with 0.5 and is larger after one with 0.05; NumPy's warnings reach nobody."""
    equations = f"C = mean(n, exp({steepness}*(w*x[n] - y[n])**2))"
    system = system_from_equations(equations, ["w"], ["x[n]"], ["y[n]"])
    example = worked_example(system, load(derive(system)), None, of_layers=False)
    assert example.learning_rate == rate
    assert example.learning_rate in LEARNING_RATES
    assert example.new_cost < example.cost
    assert example.new_params.w == example.params.w - rate * example.gradients.w


def test_a_learning_rate_that_is_given_is_taken_as_it_is() -> None:
    system = system_from_equations("C = mean(n, exp(3*(w*x[n] - y[n])**2))", ["w"], ["x[n]"], ["y[n]"])
    example = worked_example(system, load(derive(system)), Example(learning_rate=0.5), of_layers=False)
    assert example.learning_rate == 0.5
    assert example.new_cost == np.inf
