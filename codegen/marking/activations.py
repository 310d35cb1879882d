"""The activation functions of a network, of any numbers: σ(u) and σ′(u) in a formula."""

from __future__ import annotations

import numpy as np
from sympy import Indexed, Symbol

from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.system.system import Equation, System

#: A step in the imaginary direction, which takes no digits away.
SMALL = 1e-30


def activations(system: System) -> dict[str, Equation]:
    """Equations that are a function of one array entry by entry, by the name of that array."""
    found = {}
    for equation in system.equations:
        read = {node for node in nodes(equation.expression) if isinstance(node, Indexed)}
        if len(read) == 1 and equation.indices:
            (entry,) = read
            if entry.indices == equation.indices and entry != equation.expression:
                found[str(entry.base.name)] = equation
    return found


def applied(numbers: Numbers, of: str, value: NumericArray) -> NumericArray:
    """σ of numbers: that of the layer with the input `of`, else the one of all layers, else the logistic function."""
    known = activations(numbers.system)
    functions = {equation.expression.xreplace(_alike(equation)): of for of, equation in known.items()}
    if of not in known and len(functions) != 1:
        found: NumericArray = 1 / (1 + np.exp(-value))
        return found
    equation, of = (known[of], of) if of in known else next((equation, of) for of, equation in known.items())
    shape = np.shape(numbers.arrays[of])
    size = int(np.prod(shape))
    flat = np.append(np.ravel(value), np.zeros(-np.size(value) % size))
    # In portions of the array that the equation is of.
    parts = [
        evaluate(equation.expression, numbers.with_array(of, part.reshape(shape)), equation.indices, is_adjoint=False).ravel()
        for part in flat.reshape(-1, size)
    ]
    return np.concatenate(parts)[: np.size(value)].reshape(np.shape(value))


def _alike(equation: Equation) -> dict[Indexed, Symbol]:
    """Its argument under one name for all, to see whether functions are the same."""
    return {node: Symbol("u") for node in nodes(equation.expression) if isinstance(node, Indexed)}
