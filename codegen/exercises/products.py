"""Which of four products can a gradient be, by the shapes alone?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np

from codegen.blocks import Display, Line, Math, Paragraph
from codegen.sentences import say
from symbolic.evaluate import Array
from symbolic.failures import CheckFailed
from symbolic.matrix_form import Matrix, MatrixProduct, Stored
from symbolic.verification import TOLERANCE, difference

from .draw import Draw
from .own_sizes import drawn_sizes, has_own_sizes, numbers_of_sizes, said_sizes, shape_of
from .question import Question
from .source import Source, checked_by_evaluation

OFFERED = 4
LETTERS = "ABCD"


def places(source: Source) -> tuple[str, ...]:
    """Gradients that are a product of two matrices."""
    if not has_own_sizes(source.system):
        return ()
    return tuple(adjoint.tensor.name for adjoint in source.adjoints if _factors(source, adjoint.tensor.name) is not None)


def question(source: Source, place: str, draw: Draw) -> Question | None:
    factors = _factors(source, place)
    assert factors is not None, place
    adjoint = source.adjoint(place)
    sizes = drawn_sizes(source, draw)
    arrays = numbers_of_sizes(source, sizes).arrays
    expected = arrays[adjoint.as_tensor.name]
    error = difference(_value(factors, arrays), expected)
    if not error <= TOLERANCE:
        raise CheckFailed(f"the product for {adjoint.as_tensor.name} is off by {error:.1e}")
    others = [other for other in _arrangements(factors) if other != factors]
    if any(_shape_or_none(other, arrays) == np.shape(expected) for other in others):
        return None
    offered = draw.shuffled([factors, *draw.some_of(others, OFFERED - 1)])
    answer = LETTERS[offered.index(factors)]
    matrices = source.material.matrices
    left, stored = matrices.name(adjoint.as_tensor.name), source.system.stored
    lines = [
        Line(rf"\mathrm{{{letter}}}", _written(source, pair), relation=r":\quad") for letter, pair in zip(LETTERS, offered, strict=True)
    ]
    form = source.material.matrix(adjoint.equation)
    assert form is not None
    of_sizes = r",\quad ".join(rf"{matrices.name(part.name)}:\; {shape_of(stored[part.name], sizes)}" for part in factors)
    return Question(
        "products",
        place,
        1,
        (
            Paragraph(say("exercises.sizes", ranges=said_sizes(source, sizes))),
            Paragraph(say("exercises.products", gradient=Math(left))),
            Display(tuple(lines)),
        ),
        (
            Paragraph(say("exercises.products.answer", letter=answer, shapes=Math(of_sizes))),
            Display((Line(left, _written(source, factors)),)),
            Paragraph(say("exercises.products.shape", gradient=Math(left), shape=Math(shape_of(adjoint.tensor, sizes)))),
        ),
        checked_by_evaluation(error),
        2,
        frozenset({place}),
    )


Pair = tuple[Stored, Stored]


def _factors(source: Source, name: str) -> Pair | None:
    form: Matrix | None = source.material.matrix(source.adjoint(name).equation)
    match form:
        case MatrixProduct(Stored() as left, Stored() as right) if len(left.letters) == len(right.letters) == 2:
            return left, right
        case _:
            return None


def _arrangements(factors: Pair) -> list[Pair]:
    """The two factors in both orders, each transposed or not."""
    first, second = (Stored(part.name, False, ()) for part in factors)
    turned = [
        (Stored(left.name, turn, ()), Stored(right.name, other, ()))
        for left, right in ((first, second), (second, first))
        for turn, other in product((False, True), repeat=2)
    ]
    return [factors if _is_same(pair, factors) else pair for pair in turned]


def _is_same(pair: Pair, factors: Pair) -> bool:
    return [(part.name, part.transposed) for part in pair] == [(part.name, part.transposed) for part in factors]


def _shape_or_none(pair: Pair, arrays: Mapping[str, Array]) -> tuple[int, ...] | None:
    """The shape of a product, None where there is no such product."""
    try:
        return np.shape(_value(pair, arrays))
    except ValueError:
        return None


def _value(pair: Pair, arrays: Mapping[str, Array]) -> Array:
    left, right = (arrays[part.name].T if part.transposed else arrays[part.name] for part in pair)
    found: Array = left @ right
    return found


def _written(source: Source, pair: Pair) -> str:
    return r" \, ".join(source.material.matrices.name(part.name, part.transposed) for part in pair)
