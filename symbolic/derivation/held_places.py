"""Places that maxima say, held while a formula is differentiated: where a maximum lies does not move with the numbers that it is of.

SymPy's derivative of x[arg_max(w u[k], k)] by w is no number, as w stands in the place; by our rule it is 0.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Dummy, Expr, Function, Indexed, Symbol

from chainrule.symbolic.index.index_letters import free_letters, nodes, substitute
from chainrule.symbolic.index.named_functions import arg_max


class held_place(Function):  # type: ignore[misc]  # noqa: N801
    """A place by a mark, the first argument, and the letters on which it depends."""

    is_integer = True


def with_places_held(expression: Expr, differentiate: Callable[[Expr], Expr]) -> Expr:
    """What `differentiate` makes of the expression where places that maxima say are held."""
    if not expression.has(arg_max):
        return differentiate(expression)
    said: dict[Expr, tuple[Expr, tuple[Symbol, ...]]] = {}
    held: dict[Expr, Expr] = {}
    for node in nodes(expression):
        if isinstance(node, Indexed):
            for place in node.indices:
                if place.has(arg_max) and place not in held:
                    letters, mark = tuple(sorted(free_letters(place), key=str)), Dummy("place")
                    held[place], said[mark] = held_place(mark, *letters), (place, letters)

    def put_back(mark: Expr, *letters: Expr) -> Expr:
        place, own = said[mark]
        return substitute(place, dict(zip(own, letters, strict=True)))

    return differentiate(expression.xreplace(held)).replace(held_place, put_back)
