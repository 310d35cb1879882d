"""Functions without a slope: `stop`, which the chain rule does not enter, and those that are constant between their jumps."""

from __future__ import annotations

import sympy
from sympy import Expr, Function, Integer, Rational, S


class stop(Function):  # type: ignore[misc]  # noqa: N801
    """The value of u as a constant: its derivative is 0, whatever u depends on (also known as detach, or sg for "stop gradient")."""

    nargs = 1
    is_real = True

    @classmethod
    def eval(cls, u: Expr) -> Expr | None:
        """A number is one anyway."""
        return u if u.is_number or isinstance(u, stop) else None

    def _eval_derivative(self, by: Expr) -> Expr:
        return S.Zero


class StepFunction(Function):  # type: ignore[misc]
    """Whole numbers of a real one; the derivative is 0, also where they jump."""

    nargs = 1
    is_real = True

    @classmethod
    def eval(cls, u: Expr) -> Expr | None:
        """Of a number it is known; what is whole already stays."""
        if isinstance(u, StepFunction):
            return u
        return cls.of_number(u) if u.is_number else None

    @classmethod
    def of_number(cls, u: Expr) -> Expr:
        raise NotImplementedError

    def _eval_derivative(self, by: Expr) -> Expr:
        return S.Zero


class floor(StepFunction):  # noqa: N801
    """The largest whole number that is not above u."""

    @classmethod
    def of_number(cls, u: Expr) -> Expr:
        return sympy.floor(u)


class ceil(StepFunction):  # noqa: N801
    """The smallest whole number that is not below u."""

    @classmethod
    def of_number(cls, u: Expr) -> Expr:
        return sympy.ceiling(u)


class round_half_even(StepFunction):  # noqa: N801
    """The nearest whole number; of two that are as near, the even one, as in NumPy and PyTorch (IEEE 754)."""

    @classmethod
    def of_number(cls, u: Expr) -> Expr:
        above = sympy.floor(u + Rational(1, 2))
        return above - Integer(bool(sympy.Eq(u + Rational(1, 2), above)) and above.is_odd)
