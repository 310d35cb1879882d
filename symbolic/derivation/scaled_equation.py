"""The equation of an adjoint that is computed times a factor, because its own value may overflow."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from chainrule.symbolic.system.system import Equation


@dataclass(frozen=True)
class ScaledEquation(Equation):
    """The equation of a scaled adjoint, which is `product`: the adjoint times what it is scaled by."""

    product: Expr
