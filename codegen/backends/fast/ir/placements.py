"""The adjoint of reading at combinations of letters as operations.

    da1[n,d,2 i + p] = da2[n,d,i] / 4        spread       each place once: one copy into a view of da1
    dx[n,c,2 i + p] += v[n,c,i,p]            placed       zeros, to which a slice is added for each p
    dx[n,c,i + p] += Σ_d dz[n,d,i] W[d,c,p]  product      Σ_d,p dz[n,d,u − p] W[d,c,p], with a border of zeros around dz

The last line makes one product of P products and P sums over large arrays.
"""

from __future__ import annotations

from sympy import Symbol

from chainrule.symbolic.forms.arrays import Array, Letters, Placed, Product
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name

from .builder import Builder
from .coefficients import product_of
from .operations import ArrayOperand, Operand, Places
from .windows import expanded, window_of


def placement(builder: Builder, array: Placed) -> tuple[Array | None, Operand] | None:
    """A coefficient and what is placed; None where that needs sizes that only the arrays have."""
    sizes = builder.sizes
    for letter, place in zip(array.into, array.places, strict=True):
        if sizes.fixed_size(axis_name(letter)) is None or sizes.ends(place) is None:
            return None
    into, places = list(array.into), list(array.places)
    coefficient: Array | None = None
    found = correlation(builder, array)
    if found is not None:
        coefficient, operand, number = found
        del into[number], places[number]
        if not into:
            return coefficient, operand
    else:
        coefficient, inner = builder.scaled(array.operand)
        operand = builder.as_array(inner)
    if len(operand.letters) < sum(len(place.letters) for place in places) + len(array.axes) - len(into):
        operand, coefficient = builder.as_array(builder.whole((coefficient, operand))), None
    operand = builder.converted(operand)
    kept = tuple(letter for letter in array.axes if letter not in into)
    letters = (*kept, *into)
    by_letter = dict(zip(into, places, strict=True))
    every = tuple(by_letter.get(letter, AffineIndex(((letter, 1),))) for letter in letters)
    fills = all(sizes.is_filled(place, letter) for letter, place in by_letter.items())
    return coefficient, builder.placed_operation("spread" if fills else "placed", operand, letters, every)


def times_spread(builder: Builder, coefficient: Array, entry: ArrayOperand) -> ArrayOperand | None:
    """A multiple of what has been spread over more places than it has entries: the few entries are multiplied."""
    made = builder.made_by.get(entry.name)
    if made is None or made.function != "spread" or made.result.letters != entry.letters:
        return None
    (operand,) = made.entries
    places = made.places
    if len(operand.letters) == len(expanded(places)):
        return None
    multiple = builder.as_array(builder.whole((coefficient, operand)))
    return builder.placed_operation("spread", multiple, entry.letters, places)


def correlation(builder: Builder, array: Placed) -> tuple[Array | None, ArrayOperand, int] | None:
    """Products added up at i + p, where one factor has i and the other p, as one product; and the number of the place that is done with.

    Σ_p at each of the N_i + N_p − 1 positions in place of N_i: at most twice the multiplications.
    """
    product = array.operand
    if not isinstance(product, Product):
        return None
    sizes = builder.sizes
    for number, place in enumerate(array.places):
        if len(place.steps) != 2 or any(step != 1 for _, step in place.steps):
            continue
        for long, short in (place.letters, place.letters[::-1]):
            for left, right in ((product.left, product.right), (product.right, product.left)):
                if _only_in(short, left, right) and _only_in(long, right, left) and sizes.count(short) <= sizes.count(long) + 1:
                    return _correlated(builder, array, number, (left, right), (long, short))
    return None


def _only_in(letter: Symbol, one: Array, other: Array) -> bool:
    return letter in one.axes and letter not in other.axes


def _correlated(
    builder: Builder, array: Placed, number: int, sides: tuple[Array, Array], letters: tuple[Symbol, Symbol]
) -> tuple[Array | None, ArrayOperand, int] | None:
    product, into, place, (long, short) = array.operand, array.into[number], array.places[number], letters
    assert isinstance(product, Product)
    last = builder.sizes.count(short) - 1
    (first, kernel), (second, signal) = (builder.scaled(side) for side in sides)
    coefficient = product_of(first, second)
    if not isinstance(kernel, ArrayOperand) or not isinstance(signal, ArrayOperand):
        return None
    kernel, signal = builder.converted(kernel), builder.converted(signal)
    # i = u − p − start; the kernel is read backwards, so that the window runs forwards: p is P − 1 − p′.
    backwards = window_of(builder, kernel, _with(kernel.letters, short, AffineIndex(((short, -1),), last)))
    window = window_of(builder, signal, _with(signal.letters, long, AffineIndex(((into, 1), (short, 1)), -last - place.start)))
    if backwards is None or window is None:
        return None
    over = (*product.over, short)
    kept = tuple(letter for letter in dict.fromkeys((*backwards.letters, *window.letters)) if letter not in over)
    return coefficient, builder.emit("product", (backwards, window), kept, over), number


def _with(letters: Letters, changed: Symbol, place: AffineIndex) -> Places:
    return tuple(place if letter == changed else AffineIndex(((letter, 1),)) for letter in letters)
