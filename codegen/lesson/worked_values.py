"""The number of every single entry at the worked example: what is given, and what the equations and their adjoints make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from sympy import Basic, Expr, Float, Integer, preorder_traversal

from chainrule.symbolic.forms.scalar_form import ScalarEquation
from chainrule.symbolic.index.tensors import scalar
from chainrule.symbolic.system.system import System

from .worked_example import WorkedExample


def given_values(system: System, example: WorkedExample) -> dict[Expr, float]:
    """The entries that are not computed: inputs, targets, parameters and constants."""
    values: dict[Expr, float] = {}
    for tensor in (*system.inputs, *system.targets, *system.parameters):
        array = example.values[tensor.name]
        for position in np.ndindex(array.shape):
            values[tensor.at(*(Integer(index) for index in position))] = array[position].item()
    for name, value in system.constants.items():
        values[scalar(name)] = value
    return values


def entry_value(expression: Expr, values: Mapping[Expr, float]) -> float:
    """The number of one scalar expression."""
    labelled = with_labels(expression, values)
    exact = {entry: Float(values[entry], 17) for entry in parts(labelled) if entry in values}
    return float(labelled.xreplace(exact).doit())


def with_labels(expression: Expr, values: Mapping[Expr, float]) -> Expr:
    """The expression with the labels put in, which say of other entries which one is read: a[0, y[0]] is a[0, 1]."""
    labels = {entry: Integer(values[entry]) for entry in parts(expression) if isinstance(values.get(entry), int)}
    return expression.xreplace(labels) if labels else expression


def parts(expression: Expr) -> set[Basic]:
    """All that an expression is made of: few of all entries whose numbers are known."""
    return set(preorder_traversal(expression))


def all_values(system: System, example: WorkedExample, equations: Iterable[ScalarEquation]) -> dict[Expr, float]:
    """What is given, and the entry of each equation, of which none reads a later one's."""
    values = given_values(system, example)
    for equation in equations:
        values[equation.entry] = entry_value(equation.expression, values)
    return values
