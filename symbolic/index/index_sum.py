"""Sums over index letters.

SymPy's own `Sum` distributes over case distinctions when it is made, where(c, u, v) w becoming where(c, u w, v w); a formula should stay as
it was written, so this one leaves its inside alone. Nested sums are one sum over several letters, in the order of their names.
"""

from __future__ import annotations

from functools import cached_property
from typing import cast

import sympy
from sympy import Basic, Expr, Indexed, Integer, S, Tuple


class IndexSum(sympy.Sum):  # type: ignore[misc]
    """Σ over letters from 0 to their axes' last positions; a `sympy.Sum` for all other purposes."""

    is_commutative = True

    def __new__(cls, function: Expr | int, *limits: Tuple, **_: object) -> IndexSum:
        if function == 0:
            return cast(IndexSum, S.Zero)
        if isinstance(function, int):
            # factor_terms takes the number 1 out of a sum of terms.
            function = Integer(function)
        ranges = [limit if isinstance(limit, Tuple) else Tuple(*limit) for limit in limits]
        if isinstance(function, sympy.Sum):
            ranges += function.limits
            function = function.function
        made = Expr.__new__(cls, function, *sorted(ranges, key=lambda limit: str(limit[0].name)))
        return cast(IndexSum, made)

    @property
    def free_symbols(self) -> set[Basic]:
        """As SymPy has it, gathered once: whoever differentiates asks for it again at every factor around."""
        return set(self._free)

    @cached_property
    def _free(self) -> frozenset[Basic]:
        own = {limit[0] for limit in self.limits}
        return frozenset((self.function.free_symbols - own).union(*(end.free_symbols for limit in self.limits for end in limit[1:])))

    @property
    def is_number(self) -> bool:
        """Of a sum of entries it is known without their free symbols, which take long to gather."""
        return not self.function.has(Indexed) and bool(super().is_number)

    def _eval_is_zero(self) -> None:
        """Unknown: whether the terms add up to 0 is nothing to spend time on."""
