"""Kronecker deltas that stand inside of a sum and do not depend on what it runs over, as a local derivative has many."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, KroneckerDelta, Mul, Sum

from .numbers import KEPT


@lru_cache(maxsize=KEPT)
def without_other_deltas(node: Sum) -> tuple[Expr, tuple[Expr, ...]]:
    """What a sum adds up, and the Kronecker deltas that are 0 or 1 in all of its terms: their letters are no dimensions of each term."""
    if not isinstance(node.function, Mul):
        return node.function, ()
    bound = {limit[0] for limit in node.limits}
    deltas = tuple(part for part in node.function.args if isinstance(part, KroneckerDelta) and not part.has(*bound))
    rest = (part for part in node.function.args if part not in deltas)
    return Mul(*rest, evaluate=False) if deltas else node.function, deltas
