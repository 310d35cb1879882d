"""Sums over index letters.

SymPy's own `Sum` distributes over case distinctions when it is made, where(c, u, v) w becoming where(c, u w, v w); a formula should stay as
it was written, so this one leaves its inside alone. Nested sums are one sum over several letters, in the order of their names.
"""

from __future__ import annotations

from typing import cast

import sympy
from sympy import Expr, S, Tuple


class IndexSum(sympy.Sum):  # type: ignore[misc]
    """Σ over letters from 0 to their axes' last positions; a `sympy.Sum` for all other purposes."""

    def __new__(cls, function: Expr, *limits: Tuple, **_: object) -> IndexSum:
        if function == 0:
            return cast(IndexSum, S.Zero)
        ranges = [Tuple(*limit) for limit in limits]
        if isinstance(function, sympy.Sum):
            ranges += function.limits
            function = function.function
        made = Expr.__new__(cls, function, *sorted(ranges, key=lambda limit: str(limit[0].name)))
        made.is_commutative = True
        return cast(IndexSum, made)
