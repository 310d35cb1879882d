"""What each function of numbers is of numbers, also of complex ones that are real ones with a step."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np
from sympy import Basic

from chainrule.symbolic.index.functions import ELEMENTARY, NAMES
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.step_functions import stop

from .elementary_functions import error_function, real_part, sigmoid_of, softplus_of


def side(value: NumericArray) -> NumericArray:
    """On which side of a kink a number is, wherever the complex step has moved it."""
    found: NumericArray = np.sign(real_part(value))
    return found


#: What NumPy has not, or not of complex numbers that are real ones with a step.
OWN_FUNCTIONS: dict[str, Callable[..., NumericArray]] = {
    "abs": lambda value: value * side(value),
    "sign": side,
    "round": lambda value: np.rint(real_part(value)),
    "floor": lambda value: np.floor(real_part(value)),
    "ceil": lambda value: np.ceil(real_part(value)),
    "erf": error_function,
    "sigmoid": sigmoid_of,
    "softplus": softplus_of,
    "maximum": lambda *values: reduce(lambda first, other: np.where(real_part(first) >= real_part(other), first, other), values),
    "minimum": lambda *values: reduce(lambda first, other: np.where(real_part(first) <= real_part(other), first, other), values),
}
FUNCTIONS: dict[type[Basic], Callable[..., NumericArray]] = {
    node: OWN_FUNCTIONS.get(name) or getattr(np, ELEMENTARY[name].ufunc)
    for node, name in NAMES.items()
    if (ELEMENTARY[name].arguments == 1 or name in OWN_FUNCTIONS) and node is not stop
}
