"""What each function of single numbers is of numbers, also of complex ones that are real ones with a step."""

from __future__ import annotations

from collections.abc import Callable

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
OWN_FUNCTIONS: dict[str, Callable[[NumericArray], NumericArray]] = {
    "abs": lambda value: value * side(value),
    "sign": side,
    "round": lambda value: np.rint(real_part(value)),
    "floor": lambda value: np.floor(real_part(value)),
    "ceil": lambda value: np.ceil(real_part(value)),
    "erf": error_function,
    "sigmoid": sigmoid_of,
    "softplus": softplus_of,
}
FUNCTIONS: dict[type[Basic], Callable[[NumericArray], NumericArray]] = {
    node: OWN_FUNCTIONS.get(name) or getattr(np, ELEMENTARY[name].ufunc)
    for node, name in NAMES.items()
    if ELEMENTARY[name].arguments == 1 and node is not stop
}
