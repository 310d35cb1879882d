"""What a scalar operation is in Python: one table from its name to the source, and to its value where all arguments are numbers.

Nothing here is guarded: `math` raises where NumPy answers with inf or nan, log(0), exp(1000), 1/0, and then the same lines run once more
on NumPy's scalars and functions. So the usual case pays nothing for the rare one.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass

from chainrule.codegen.formulas.printer import Precedence
from chainrule.symbolic.index.functions import ELEMENTARY


@dataclass(frozen=True, slots=True)
class ScalarOperation:
    """`source` has {0}, {1}, … for arguments; `least` is how tightly each must hold together there, the last for all that follow.

    A function of all its arguments, or of all but the last, has {all} for them, and {last}. `value` computes it where all arguments are
    numbers; it may raise. `imported` are the functions of `math` that the source calls.
    """

    source: str
    level: Precedence
    least: tuple[Precedence, ...]
    value: Callable[..., float] | None = None
    imported: tuple[str, ...] = ()

    @property
    def sets_last_apart(self) -> bool:
        return "{last}" in self.source

    def times_written(self, place: int) -> int:
        """How often an argument stands in the source."""
        return 1 if "{all}" in self.source else self.source.count(f"{{{place}}}")

    def least_of(self, place: int) -> Precedence:
        return self.least[min(place, len(self.least) - 1)]


def _comparison(sign: str, value: Callable[..., float]) -> ScalarOperation:
    return ScalarOperation(f"{{0}} {sign} {{1}}", Precedence.COMPARISON, (Precedence.SUM,), value)


def _choice(source: str, value: Callable[..., float] | None = None, *imported: str) -> ScalarOperation:
    """An `if … else`, which holds together as loosely as a comparison; the test comes first among the arguments."""
    return ScalarOperation(source, Precedence.COMPARISON, (Precedence.COMPARISON, Precedence.SUM), value, imported)


def _called(function: str, arguments: str = "{0}") -> ScalarOperation:
    """A function of `math`."""
    return ScalarOperation(f"{function}({arguments})", Precedence.ATOM, (Precedence.COMPARISON,), getattr(math, function), (function,))


OPERATIONS: dict[str, ScalarOperation] = {
    "add": ScalarOperation("{0} + {1}", Precedence.SUM, (Precedence.SUM, Precedence.PRODUCT), operator.add),
    "subtract": ScalarOperation("{0} - {1}", Precedence.SUM, (Precedence.SUM, Precedence.PRODUCT), operator.sub),
    "multiply": ScalarOperation("{0} * {1}", Precedence.PRODUCT, (Precedence.PRODUCT, Precedence.SIGN), operator.mul),
    "divide": ScalarOperation("{0} / {1}", Precedence.PRODUCT, (Precedence.PRODUCT, Precedence.SIGN), operator.truediv),
    # -a * b is (-a) * b, and must not stand behind a / as it is.
    "negative": ScalarOperation("-{0}", Precedence.SUM, (Precedence.PRODUCT,), operator.neg),
    # A negative number ** a fraction is complex; math.pow raises.
    "power": _called("pow", "{0}, {1}"),
    "equal": _comparison("==", operator.eq),
    "greater": _comparison(">", operator.gt),
    "greater_equal": _comparison(">=", operator.ge),
    "less": _comparison("<", operator.lt),
    "less_equal": _comparison("<=", operator.le),
    "where": _choice("{1} if {0} else {2}"),
    # Written so that a nan stays one.
    "maximum": _choice("{1} if {0} <= {1} else {0}", max),
    "minimum": _choice("{1} if {0} >= {1} else {0}", min),
    "abs": ScalarOperation("abs({0})", Precedence.ATOM, (Precedence.COMPARISON,), abs),
    "sign": _choice("1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else {0}"),
    # From 2^52 on every float is whole; below, 1.5 · 2^52 leaves no room for digits behind the point, and halves go to the even number.
    "round": _choice("{0} + 6755399441055744.0 - 6755399441055744.0 if -4503599627370496.0 < {0} < 4503599627370496.0 else {0}", round),
    **{name: _called(function.math) for name, function in ELEMENTARY.items() if function.math},
    "sigmoid": ScalarOperation(
        "1.0 / (1.0 + exp(-{0}))", Precedence.PRODUCT, (Precedence.PRODUCT,), lambda z: 1 / (1 + math.exp(-z)), ("exp",)
    ),
    "softplus": _choice("{0} + log1p(exp(-{0})) if {0} > 0.0 else log1p(exp({0}))", lambda z: math.log1p(math.exp(z)), "exp", "log1p"),
    "max": ScalarOperation("max({all})", Precedence.ATOM, (Precedence.COMPARISON,), max),
    "first place": ScalarOperation("({all}).index({last})", Precedence.ATOM, (Precedence.COMPARISON,)),
    "entry": ScalarOperation("({all})[{last}]", Precedence.ATOM, (Precedence.COMPARISON,)),
}
#: What a shared part is called after, where it is not called as its operation is.
WORDS = {
    "add": "sum",
    "subtract": "difference",
    "multiply": "product",
    "divide": "quotient",
    "max": "largest",
    "first place": "place",
}
TESTS = frozenset({"equal", "greater", "greater_equal", "less", "less_equal"})
#: What is called in place of functions of `math`, where these raise; NumPy has no erf, and that of `math` never does.
IN_NUMPY = {
    **{function.math: f"np.{function.ufunc}" for function in ELEMENTARY.values() if function.math},
    "pow": "np.power",
    "log1p": "np.log1p",
    "erf": "math.erf",
}


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
