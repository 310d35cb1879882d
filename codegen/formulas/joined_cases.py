"""Case distinctions inside of each other as people write them: where(a, where(b, u, v), v) is u where a and b, and a ≤ b ≤ a is a = b."""

from __future__ import annotations

from typing import TypeAlias

import sympy
from sympy import Expr, Indexed, Piecewise
from sympy.core.relational import Relational

#: Comparisons that all hold; none for what is left.
Tests: TypeAlias = tuple[Relational, ...]
Branch: TypeAlias = tuple[Expr, Tests]
#: Which hold together where both sides are equal.
BOTH_WAYS = {sympy.GreaterThan, sympy.LessThan}


def branches(distinction: Piecewise) -> list[Branch]:
    """The values, each with what has to hold for it."""
    found = [(value, () if test == sympy.true else (test,)) for value, test in distinction.args]
    while len(found) == 2 and (inner := _inside(*found)) is not None:
        found[0] = inner
    return [(value, _with_equalities(tests)) for value, tests in found]


def of_places(cases: list[Branch]) -> Tests | None:
    """The condition of what is 1 at some places and 0 elsewhere, which is written like a delta: [t > 0]."""
    values, tests = zip(*cases, strict=True)
    return tests[0] if values == (1, 0) and not tests[1] and not any(test.has(Indexed) for test in tests[0]) else None


def _inside(first: Branch, last: Branch) -> Branch | None:
    """The first value of a distinction inside of the first one, where what is left is the same."""
    (value, tests), (otherwise, rest) = first, last
    if rest or not isinstance(value, Piecewise) or len(value.args) != 2 or tuple(value.args[1]) != (otherwise, sympy.true):
        return None
    inner, test = value.args[0]
    return inner, (*tests, test)


def _with_equalities(tests: Tests) -> Tests:
    found: list[Relational] = []
    for test in tests:
        if found and found[-1].args == test.args and {type(found[-1]), type(test)} == BOTH_WAYS:
            found[-1] = sympy.Eq(*test.args, evaluate=False)
        else:
            found.append(test)
    return tuple(found)
