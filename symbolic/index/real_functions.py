"""|u| and the sign of u, where u is a real number, as every value here is.

SymPy cannot see of every formula that it is real: of a power with a symbol for its exponent it is so only where the base is not negative.
It then takes |u| apart into a real and an imaginary part, which nothing here can read. These two never do; otherwise they are SymPy's own.
"""

from __future__ import annotations

import sympy
from sympy import Expr, Function, Integer, Mul, Pow, S


class Abs(sympy.Abs):  # type: ignore[misc]
    """|u|; its derivative is that of u times the sign of u, which is 0 at the kink."""

    is_real = True

    @classmethod
    def eval(cls, u: Expr) -> Expr | None:
        """What can be said without the sign of u: known factors come out, and |−u| is |u|."""
        if isinstance(u, sympy.exp) or u.is_extended_nonnegative:
            return u
        if u.is_extended_nonpositive:
            return -u
        if isinstance(u, Pow) and u.exp.is_integer:
            return cls(u.base) ** u.exp
        if isinstance(u, Mul):
            factors = [(factor, cls(factor)) for factor in u.args]
            unknown = Mul(*(factor for factor, found in factors if isinstance(found, cls)))
            known = Mul(*(found for _, found in factors if not isinstance(found, cls)))
            if known != 1:
                return known * cls(unknown)
        return cls(-u) if u.could_extract_minus_sign() else None

    _eval_derivative = Function._eval_derivative

    def fdiff(self, argindex: int = 1) -> Expr:
        return sign(self.args[0])

    def _eval_power(self, exponent: Expr) -> Expr | None:
        if not exponent.is_Integer:
            return None
        if exponent.is_even:
            return self.args[0] ** exponent
        return None if exponent == S.NegativeOne else self.args[0] ** (exponent - 1) * self


class sign(sympy.sign):  # type: ignore[misc]  # noqa: N801
    """1, 0 or −1; its derivative is 0, also where it jumps."""

    is_real = True

    _eval_derivative = Function._eval_derivative

    def fdiff(self, argindex: int = 1) -> Expr:
        return Integer(0)


def of_real_numbers(expression: Expr) -> Expr:
    """The expression with these in place of SymPy's, which come up where √(u²) is |u|."""
    found = [node for node in expression.atoms(sympy.Abs, sympy.sign) if type(node) in (sympy.Abs, sympy.sign)]
    if not found:
        return expression
    return expression.replace(lambda node: type(node) is sympy.Abs, lambda node: Abs(node.args[0])).replace(
        lambda node: type(node) is sympy.sign, lambda node: sign(node.args[0])
    )
