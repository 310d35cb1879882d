"""What a scalar operation is in Python: one table from its name to the source, and to its value where all arguments are numbers.

`math` raises where NumPy answers with inf or nan: log(0), exp(1000), 1/0. So each function is called only where it has a value, and
everywhere else NumPy is asked: a straight line of Python never raises, and gives the numbers that the arrays give.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass

from ..precedence import Level

#: Of exp: exp(709.78) is the largest number.
LARGEST_EXPONENT = 709.0


@dataclass(frozen=True, slots=True)
class Operation:
    """`source` has {0}, {1}, … for arguments, {all} for all of them; `least` is how tightly each must hold together there.

    `value` computes it where all arguments are numbers; it may raise. `imported` is the function of `math` that the source calls.
    """

    source: str
    level: Level
    least: tuple[Level, ...]
    value: Callable[..., float] | None = None
    imported: tuple[str, ...] = ()

    def times_written(self, place: int) -> int:
        """How often an argument stands in the source."""
        return self.source.count("{all}") or self.source.count(f"{{{place}}}")

    def least_of(self, place: int) -> Level:
        return self.least[min(place, len(self.least) - 1)]


def _comparison(sign: str, value: Callable[..., float]) -> Operation:
    return Operation(f"{{0}} {sign} {{1}}", Level.COMPARISON, (Level.SUM,), value)


def _choice(source: str, value: Callable[..., float] | None = None, *imported: str) -> Operation:
    """An `if … else`, which holds together as loosely as a comparison."""
    return Operation(source, Level.COMPARISON, (Level.SUM,), value, imported)


def _guarded(function: str, condition: str, numpy_name: str = "") -> Operation:
    """A function of `math` where the condition holds, and else what NumPy says."""
    source = f"{function}({{0}}) if {condition} else float(np.{numpy_name or function}({{0}}))"
    return _choice(source, getattr(math, function), function)


def _called(function: str) -> Operation:
    """A function of `math` that never raises."""
    return Operation(f"{function}({{0}})", Level.ATOM, (Level.COMPARISON,), getattr(math, function), (function,))


FINITE = "-1e308 < {0} < 1e308"

OPERATIONS: dict[str, Operation] = {
    "add": Operation("{0} + {1}", Level.SUM, (Level.SUM, Level.PRODUCT), operator.add),
    "subtract": Operation("{0} - {1}", Level.SUM, (Level.SUM, Level.PRODUCT), operator.sub),
    "multiply": Operation("{0} * {1}", Level.PRODUCT, (Level.PRODUCT, Level.SIGN), operator.mul),
    # -a * b is (-a) * b, and must not stand behind a / as it is.
    "negative": Operation("-{0}", Level.SUM, (Level.PRODUCT,), operator.neg),
    "divide": _choice("{0} / {1} if {1} else float(np.divide({0}, {1}))", operator.truediv),
    "divide by more than 0": Operation("{0} / {1}", Level.PRODUCT, (Level.PRODUCT, Level.SIGN), operator.truediv),
    "power": Operation("float(np.power({0}, {1}))", Level.ATOM, (Level.COMPARISON,), math.pow),
    "moderate power": _choice("{0}**{1} if 0.0 < {0} < 1e60 else float(np.power({0}, {1}))", math.pow),
    "equal": _comparison("==", operator.eq),
    "greater": _comparison(">", operator.gt),
    "greater_equal": _comparison(">=", operator.ge),
    "less": _comparison("<", operator.lt),
    "less_equal": _comparison("<=", operator.le),
    "where": Operation("{1} if {0} else {2}", Level.COMPARISON, (Level.COMPARISON, Level.SUM)),
    # Written so that a nan stays one.
    "maximum": _choice("{1} if {0} <= {1} else {0}", max),
    "minimum": _choice("{1} if {0} >= {1} else {0}", min),
    "abs": Operation("abs({0})", Level.ATOM, (Level.COMPARISON,), abs),
    "sign": _choice("1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else {0}"),
    "exp": _guarded("exp", f"{{0}} < {LARGEST_EXPONENT}"),
    "exp of at most 0": _called("exp"),
    "log": _guarded("log", "{0} > 0.0"),
    "log of more than 0": _called("log"),
    "sqrt": _guarded("sqrt", "{0} >= 0.0"),
    "sin": _guarded("sin", FINITE),
    "cos": _guarded("cos", FINITE),
    "tan": _guarded("tan", FINITE),
    "sinh": _guarded("sinh", "-700.0 < {0} < 700.0"),
    "cosh": _guarded("cosh", "-700.0 < {0} < 700.0"),
    "tanh": _called("tanh"),
    "arcsin": _guarded("asin", "-1.0 <= {0} <= 1.0", "arcsin"),
    "arccos": _guarded("acos", "-1.0 <= {0} <= 1.0", "arccos"),
    "arctan": _called("atan"),
    "erf": _called("erf"),
    # exp(z) is 1/(1 + exp(-z)) in every digit long before exp(-z) overflows.
    "sigmoid": _choice("1.0 / (1.0 + exp(-{0})) if {0} > -700.0 else exp({0})", lambda z: 1 / (1 + math.exp(-z)), "exp"),
    "softplus": _choice("{0} + log1p(exp(-{0})) if {0} > 0.0 else log1p(exp({0}))", lambda z: math.log1p(math.exp(z)), "exp", "log1p"),
    "max": Operation("max({all})", Level.ATOM, (Level.COMPARISON,), max),
    "first place": Operation("({all}).index({largest})", Level.ATOM, (Level.COMPARISON,)),
    "entry": Operation("({all})[{place}]", Level.ATOM, (Level.COMPARISON,)),
}
#: What a shared part is called after, where it is not called as its operation is.
WORDS = {
    "add": "sum",
    "subtract": "difference",
    "multiply": "product",
    "divide": "quotient",
    "divide by more than 0": "quotient",
    "exp of at most 0": "exp",
    "log of more than 0": "log",
    "moderate power": "power",
    "max": "largest",
    "first place": "place",
}
TESTS = frozenset({"equal", "greater", "greater_equal", "less", "less_equal"})


def folded(operation: str, values: list[float]) -> float | None:
    """The value of an operation on numbers; None where it has none, or must be computed as it runs."""
    compute = OPERATIONS[operation].value
    if compute is None:
        return None
    try:
        value = compute(*values)
    except (ArithmeticError, ValueError):
        return None
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, int) or math.isfinite(value) else None
