"""Numbers of many digits that remember what they were computed from, so that a cost's slope in each can be added up backwards.

At a kink a slope is 0; a tie of a maximum goes to the first. Whether a comparison can be trusted is noted: a tie of numbers that floats
hold exactly is one for every program, a near tie or a tie of rounded numbers is none that two programs must decide alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mpmath import mp, mpf

FLOAT_BITS = 53
#: Numbers that differ by less, relative to the larger, are none that floats tell apart after some operations.
NEAR = mpf(10) ** -9


class Undefined(ArithmeticError):
    """There is no finite real number here."""


@dataclass(slots=True, eq=False)
class Scalar:
    """A value, and for each number that it was computed from the slope in that. `exact`: floats compute it without rounding."""

    value: mpf
    parents: tuple[tuple[Scalar, mpf], ...] = ()
    exact: bool = False
    varies: bool = False
    slope: mpf = field(default_factory=lambda: mpf(0))


def is_short(value: mpf) -> bool:
    """Whether a float holds it."""
    return int(value.man).bit_length() <= FLOAT_BITS


class Tape:
    """All numbers in the order in which they were computed."""

    def __init__(self) -> None:
        self.numbers: list[Scalar] = []
        #: Comparisons that another program may decide otherwise, and digits lost to the last one.
        self.doubtful = self.lost = False
        #: Two numbers that are compared are equal, or one is at a kink: there is no second derivative.
        self.tied = False

    def variable(self, value: float) -> Scalar:
        made = Scalar(mpf(value), exact=True, varies=True)
        self.numbers.append(made)
        return made

    def new(self, value: mpf, parents: Sequence[tuple[Scalar, mpf]], exact: bool) -> Scalar:
        if not mp.isfinite(value) or isinstance(value, mp.mpc):
            raise Undefined
        kept = tuple((parent, slope) for parent, slope in parents if parent.varies)
        made = Scalar(value, kept, exact and is_short(value), bool(kept))
        if kept:
            self.numbers.append(made)
        return made

    def slopes(self, cost: Scalar) -> None:
        """Every number's `slope`: by how much the cost changes with it."""
        for number in self.numbers:
            number.slope = mpf(0)
        cost.slope = mpf(1)
        for number in reversed(self.numbers):
            if number.slope != 0:
                for parent, slope in number.parents:
                    parent.slope += slope * number.slope

    # Operations.

    def add(self, a: Scalar, b: Scalar, sign: int = 1) -> Scalar:
        value = a.value + sign * b.value
        larger = max(abs(a.value), abs(b.value))
        if not (a.exact and b.exact) and larger != 0 and abs(value) < larger * mpf(2) ** (100 - mp.prec):
            self.lost = True
        return self.new(value, ((a, mpf(1)), (b, mpf(sign))), a.exact and b.exact)

    def multiply(self, a: Scalar, b: Scalar) -> Scalar:
        nothing = (a.exact and a.value == 0) or (b.exact and b.value == 0)
        return self.new(a.value * b.value, ((a, b.value), (b, a.value)), nothing or (a.exact and b.exact))

    def divide(self, a: Scalar, b: Scalar) -> Scalar:
        if b.value == 0:
            raise Undefined
        value = a.value / b.value
        return self.new(value, ((a, 1 / b.value), (b, -value / b.value)), a.exact and b.exact)

    def power(self, a: Scalar, b: Scalar) -> Scalar:
        """a**b; of a negative number where the exponent is whole and does not vary."""
        base, exponent = a.value, b.value
        whole = exponent == mp.floor(exponent)
        if (base == 0 and exponent < 0) or (base < 0 and not whole) or (base <= 0 and b.varies and exponent <= 0):
            raise Undefined
        if base < 0 and b.varies:
            raise Undefined
        value = base ** (int(exponent) if whole else exponent)
        if exponent == 0:
            by_base = mpf(0)
        elif base == 0 and exponent < 1:
            raise Undefined
        else:
            by_base = exponent * base ** (int(exponent) - 1 if whole else exponent - 1)
        # At 0 the slope in the exponent, 0**b log 0, is the limit 0.
        by_exponent = value * mp.log(base) if b.varies and base > 0 else mpf(0)
        return self.new(value, ((a, by_base), (b, by_exponent)), a.exact and b.exact)

    def apply(self, name: str, u: Scalar) -> Scalar:
        """A function of one number."""
        if name in ("abs", "sign", "relu"):
            side = self.compare(u, Scalar(mpf(0), exact=True))
            value = {"abs": abs(u.value), "sign": mpf(side), "relu": u.value if side > 0 else mpf(0)}[name]
            slope = {"abs": side, "sign": 0, "relu": int(side > 0)}[name]
            return self.new(value, ((u, mpf(slope)),), u.exact or name == "sign")
        value, slope = FUNCTIONS[name](u.value)
        # Functions are exact at 0 alone; a sigmoid that is 1 to all digits is not 1.
        return self.new(value, ((u, slope),), u.exact and u.value == 0)

    # Comparisons.

    def compare(self, a: Scalar, b: Scalar) -> int:
        """1, 0 or -1 as a is larger, equal or smaller."""
        difference = a.value - b.value
        if difference == 0:
            self.tied |= a.varies or b.varies
            self.doubtful |= not (a is b or (a.exact and b.exact))
        elif abs(difference) < NEAR * max(abs(a.value), abs(b.value)):
            self.doubtful = True
        return (difference > 0) - (difference < 0)

    def largest(self, numbers: Sequence[Scalar]) -> Scalar:
        """The first of the largest."""
        found = numbers[0]
        for number in numbers[1:]:
            if self.compare(number, found) > 0:
                found = number
        return found


def _log(u: mpf) -> tuple[mpf, mpf]:
    if u <= 0:
        raise Undefined
    return mp.log(u), 1 / u


def _sqrt(u: mpf) -> tuple[mpf, mpf]:
    if u < 0:
        raise Undefined
    root = mp.sqrt(u)
    # A norm at 0 is a kink.
    return root, 1 / (2 * root) if root else mpf(0)


def _arc(function: Callable[[mpf], mpf], sign: int) -> Callable[[mpf], tuple[mpf, mpf]]:
    def value_and_slope(u: mpf) -> tuple[mpf, mpf]:
        if abs(u) >= 1:
            raise Undefined
        return function(u), sign / mp.sqrt(1 - u * u)

    return value_and_slope


def _sigmoid(u: mpf) -> tuple[mpf, mpf]:
    value = 1 / (1 + mp.exp(-u))
    return value, value / (1 + mp.exp(u))


def _tan(u: mpf) -> tuple[mpf, mpf]:
    value = mp.tan(u)
    return value, 1 + value * value


def _exp(u: mpf) -> tuple[mpf, mpf]:
    if abs(u) > 100_000:
        raise Undefined
    value = mp.exp(u)
    return value, value


FUNCTIONS: dict[str, Callable[[mpf], tuple[mpf, mpf]]] = {
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "sin": lambda u: (mp.sin(u), mp.cos(u)),
    "cos": lambda u: (mp.cos(u), -mp.sin(u)),
    "tan": _tan,
    "sinh": lambda u: (mp.sinh(u), mp.cosh(u)),
    "cosh": lambda u: (mp.cosh(u), mp.sinh(u)),
    "tanh": lambda u: (mp.tanh(u), mp.sech(u) ** 2),
    "arcsin": _arc(mp.asin, 1),
    "arccos": _arc(mp.acos, -1),
    "arctan": lambda u: (mp.atan(u), 1 / (1 + u * u)),
    "erf": lambda u: (mp.erf(u), 2 * mp.exp(-u * u) / mp.sqrt(mp.pi)),
    "sigmoid": _sigmoid,
    "softplus": lambda u: (mp.log1p(mp.exp(-abs(u))) + max(u, mpf(0)), 1 / (1 + mp.exp(-u))),
}
