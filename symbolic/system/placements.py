"""Placements: a left side whose index is an index sum. What is placed adds up, and a place that nothing covers is 0.

    flat[n, 49*c + 7*h + w] = x[n,c,h,w]                          a flattening
    cat[n, j] = a[n,j]  and  cat[n, 5+k] = b[n,k]                 a concatenation
    y[n,c,2*i+p] = sum(d, x[n,d,i]*K[d,c,p])                      a transposed convolution

Each is an ordinary equation with a Kronecker delta, y[n,c,u] = Σ_{i,p} δ(u, 2i + p) Σ_d …, where u is a letter of the placed axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Indexed, KroneckerDelta, Mul, Symbol

from chainrule.symbolic.index.index_letters import bound_sum, free_letters, is_letter


@dataclass(frozen=True, slots=True)
class Placement:
    """One equation as it is written: the indices on its left, and its right side."""

    indices: tuple[Expr, ...]
    value: Expr

    def term(self, axes: Sequence[Symbol]) -> Expr:
        """The value where the axes' letters are at its place, 0 elsewhere, summed over the letters that only say the place."""
        deltas = [KroneckerDelta(axis, place) for axis, place in zip(axes, self.indices, strict=True) if axis != place]
        plain = {place for axis, place in zip(axes, self.indices, strict=True) if axis == place}
        bound = set().union(*(free_letters(place) for place in self.indices)) - plain
        return bound_sum(Mul(*deltas, self.value), *bound)


def placements_in(expression: Expr, axes: Sequence[Symbol]) -> list[Placement] | None:
    """The placements of which an equation consists, or None where it is a plain one."""
    found = [_placement(term, axes) for term in expression.as_ordered_terms()] if expression.has(KroneckerDelta) else []
    placements = [placement for placement in found if placement is not None]
    return placements if placements and len(placements) == len(found) else None


def _placement(term: Expr, axes: Sequence[Symbol]) -> Placement | None:
    factor, term = term.as_coeff_Mul()
    summed = [limit[0] for limit in term.limits] if hasattr(term, "limits") else []
    inside = term.function if summed else term
    places: dict[Expr, Expr] = {}
    rest = [factor]
    for part in Mul.make_args(inside):
        own = _axis_and_place(part, axes, places) if isinstance(part, KroneckerDelta) else None
        if own is None:
            rest.append(part)
        else:
            places[own[0]] = own[1]
    said = set().union(*(free_letters(place) for place in places.values())) if places else set()
    # What else reads the letter of a placed axis, δ(i, j) x[i], is no value that is put anywhere.
    if not places or not set(summed) <= said or said & places.keys() or free_letters(Mul(*rest)) & places.keys():
        return None
    return Placement(tuple(places.get(axis, axis) for axis in axes), Mul(*rest))


def _axis_and_place(delta: KroneckerDelta, axes: Sequence[Symbol], taken: Mapping[Expr, Expr]) -> tuple[Expr, Expr] | None:
    """The axis that a delta fixes, and where."""
    for axis, place in (delta.args, delta.args[::-1]):
        if axis in axes and axis not in taken and axis not in free_letters(place):
            return axis, place
    return None


def largest_place(place: Expr, sizes: Mapping[Symbol, Expr]) -> Expr | None:
    """The last place that an index sum says, by the sizes of its letters' axes; None where a size is unknown or it reads a tensor."""
    if place.has(Indexed):
        return None
    total = place
    for letter in sorted(free_letters(place), key=str):
        if letter not in sizes:
            return None
        last = sizes[letter] - 1 if place.coeff(letter).is_positive else 0
        total = total.xreplace({letter: last}) if is_letter(letter) else total
    return total
