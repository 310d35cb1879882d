"""Does a system compute places, x[n, 2*i + p] or h[n, t-1]? Then its letters have to count from 0: 2 i + p is another place from 1."""

from __future__ import annotations

from sympy import Indexed, KroneckerDelta

from chainrule.symbolic.index.index_letters import is_letter, nodes

from .system import System


def computes_places(system: System) -> bool:
    """Whether an entry is read at a sum of letters, or a letter is compared with a number or a sum."""
    for equation in system.equations:
        for node in nodes(equation.expression):
            places = node.indices if isinstance(node, Indexed) else node.args if isinstance(node, KroneckerDelta) else ()
            if any(place.is_Add or place.is_Mul for place in places):
                return True
            if isinstance(node, KroneckerDelta) and not all(is_letter(place) or isinstance(place, Indexed) for place in places):
                return True
    return False
