"""Sums of products: Σ_i W[j,i] x[n,i] is the product of W and x over i, Σ_i f[i] δ(u, 2 i + p) is f added up at its places."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from itertools import combinations

from sympy import Expr, KroneckerDelta, Mul, Sum, Symbol

from chainrule.symbolic.index.affine_index import AffineIndex, affine
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, is_letter

from .arrays import Array, Placed, Product, Read, Reduce, Scatter, Size, apply

Form = Callable[[Expr], Array]


def contraction(expression: Sum, form: Form, place_form: Form) -> Array:
    """Σ of a product: factors whose letters lie within another's are multiplied entry by entry, the rest are matrix products.

    `form` is what makes arrays of the parts, `place_form` of integer places.
    """
    over = {limit[0] for limit in expression.limits}
    inside = expression.function
    while isinstance(inside, Sum):
        over |= {limit[0] for limit in inside.limits}
        inside = inside.function
    placed = _added_up(inside, over, form, place_form)
    if placed is not None:
        return placed
    groups = _groups(inside, over, form)
    while len(groups) > 1:
        (left_letters, left), (right_letters, right), *rest = _next_pair_first(groups, over)
        elsewhere = set().union(*(other for other, _ in rest)) if rest else set()
        summed = (left_letters & right_letters & over) - elsewhere
        left = _total(left, (left_letters & over) - right_letters - elsewhere)
        right = _total(right, (right_letters & over) - left_letters - elsewhere)
        product = _matrix_product(left, right, summed)
        groups = [(frozenset(product.axes), product), *rest]
    letters, array = groups[0]
    array = _total(array, letters & over)
    # A letter that nothing reads counts its range.
    for letter in sorted(over - free_letters(inside), key=str):
        array = apply("multiply", Size(axis_name(letter)), array)
    return array


def _next_pair_first(groups: list[tuple[frozenset[Symbol], Array]], over: set[Symbol]) -> list[tuple[frozenset[Symbol], Array]]:
    """The groups with those two in front that are multiplied next: the first that share a summed letter which nobody else reads.

    Σ_il A[i,j] dZ[i,l] B[k,l] is (Aᵀ dZ) Bᵀ: A and B have nothing in common.
    """
    for first, second in combinations(range(len(groups)), 2):
        others = [group for place, group in enumerate(groups) if place not in (first, second)]
        if groups[first][0] & groups[second][0] & over - set().union(*(letters for letters, _ in others)):
            return [groups[first], groups[second], *others]
    return groups


def _added_up(inside: Expr, over: set[Symbol], form: Form, place_form: Form) -> Array | None:
    """Σ_i f(i) δ(u, e(i)): f added up at the places e, where nothing else depends on u."""
    deltas = [factor for factor in Mul.make_args(inside) if isinstance(factor, KroneckerDelta)]
    if not deltas:
        return None
    into, places = [], []
    for delta in deltas:
        own = [part for part in delta.args if is_letter(part) and part not in over]
        if len(own) != 1 or not free_letters(next(part for part in delta.args if part is not own[0])) & over:
            return None
        into.append(own[0])
        places.append(next(part for part in delta.args if part is not own[0]))
    rest = Mul(*(factor for factor in Mul.make_args(inside) if factor not in deltas))
    if free_letters(rest) & set(into) or len(set(into)) < len(into) or any(free_letters(place) & set(into) for place in places):
        return None
    needed = set().union(*(free_letters(place) for place in places))
    body = form(bound_sum(rest, *(over - needed))) if over - needed else form(rest)
    combinations = [affine(place) for place in places]
    known = tuple(place for place in combinations if place is not None)
    if len(known) == len(places) and _independent(known, over):
        kept = tuple(letter for letter in body.axes if letter not in needed)
        return Placed(body, tuple(into), known, (*kept, *into))
    place_arrays = tuple(place_form(place) for place in places)
    every = dict.fromkeys(letter for part in (body, *place_arrays) for letter in part.axes)
    kept = tuple(letter for letter in every if letter not in over)
    return Scatter(body, tuple(into), place_arrays, (*kept, *into))


def _independent(places: tuple[AffineIndex, ...], over: set[Symbol]) -> bool:
    """Whether all letters are summed over, each in one place."""
    found = [letter for place in places for letter in place.letters]
    return len(set(found)) == len(found) and set(found) <= over


def _groups(inside: Expr, over: set[Symbol], form: Form) -> list[tuple[frozenset[Symbol], Array]]:
    factors: list[tuple[frozenset[Symbol], list[Expr]]] = []
    everything = sorted(Mul.make_args(inside), key=lambda factor: -len(free_letters(factor)))
    for factor in everything:
        own = free_letters(factor)
        # A vector that is summed away meets a matrix in a product: X w.
        home = next((group for group in factors if own <= group[0] and not (own < group[0] and own <= over and group[0] - over)), None)
        if home is None:
            factors.append((own, [factor]))
        else:
            home[1].append(factor)
    arrays = [(own, form(Mul(*members))) for own, members in factors]
    return sorted(arrays, key=lambda group: _names_in(group[1]))


def _names_in(array: Array) -> str:
    return array.name if isinstance(array, Read) else "~"


def _total(array: Array, over: AbstractSet[Symbol]) -> Array:
    if not over:
        return array
    ordered = tuple(letter for letter in array.axes if letter in over)
    return Reduce("sum", array, ordered, tuple(letter for letter in array.axes if letter not in over))


def _matrix_product(left: Array, right: Array, summed: AbstractSet[Symbol]) -> Array:
    if not summed:
        return apply("multiply", left, right)
    axes = tuple(dict.fromkeys(letter for letter in (*left.axes, *right.axes) if letter not in summed))
    return Product(left, right, tuple(sorted(summed, key=lambda letter: letter.name)), axes)
