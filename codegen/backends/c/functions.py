"""The functions of single numbers as C's, by the names that operations have for them; {0} and {1} are variables, entries or in brackets."""

from __future__ import annotations

import re

#: @ stands before what libm has for each type.
FUNCTIONS = {
    "add": "{0} + {1}",
    "subtract": "{0} - {1}",
    "shift": "{0} - {1}",
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "negative": "-{0}",
    "square": "{0} * {0}",
    "power": "@pow({0}, {1})",
    "absolute": "@fabs({0})",
    "exp": "@exp({0})",
    "log": "@log({0})",
    "sqrt": "@sqrt({0})",
    # What is no number stays so.
    "sign": "{0} > 0 ? 1 : {0} < 0 ? -1 : {0}",
    "rint": "@rint({0})",
    "floor": "@floor({0})",
    "ceil": "@ceil({0})",
    "sin": "@sin({0})",
    "cos": "@cos({0})",
    "tan": "@tan({0})",
    "sinh": "@sinh({0})",
    "cosh": "@cosh({0})",
    "tanh": "@tanh({0})",
    "arcsin": "@asin({0})",
    "arccos": "@acos({0})",
    "arctan": "@atan({0})",
    "expm1": "@expm1({0})",
    "log1p": "@log1p({0})",
    "erf": "@erf({0})",
    # As in NumPy, the result is no number where one of the two is none.
    "maximum": "{0} >= {1} || {0} != {0} ? {0} : {1}",
    "minimum": "{0} <= {1} || {0} != {0} ? {0} : {1}",
    "equal": "{0} == {1}",
    "greater": "{0} > {1}",
    "greater_equal": "{0} >= {1}",
    "less": "{0} < {1}",
    "less_equal": "{0} <= {1}",
    "where": "{0} ? {1} : {2}",
    "copy": "{0}",
    # Where they stand inside of expressions that have no operation of their own.
    "sigmoid": "1 / (1 + @exp(-{0}))",
    "softplus": "({0} > 0 ? {0} : 0) + @log1p(@exp(-@fabs({0})))",
    "relu": "{0} > 0 || {0} != {0} ? {0} : 0",
    "clip": "{0} != {0} ? {0} : @fmin(@fmax({0}, {1}), {2})",
    "stop": "{0}",
}
#: Those of entries of arrays that the module brings, as they take several at once.
BROUGHT = {"exp": "elementwise_exp({0})", "tanh": "elementwise_tanh({0})", "erf": "elementwise_erf({0})"}


def of_reals(pattern: str, *operands: str) -> str:
    """A function of numbers of the module's own type: `REAL(sqrt)(x)`."""
    return re.sub(r"@(\w+)", r"REAL(\1)", pattern).format(*operands)


def of_doubles(pattern: str, *operands: str) -> str:
    """A function of constants: `sqrt(x)`."""
    return pattern.replace("@", "").format(*operands)
