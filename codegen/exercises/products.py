"""Which of four products can a gradient be, by the shapes alone?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np

from chainrule.codegen.document.document import NAMED, Display, Formula, Line, Math, Paragraph
from chainrule.codegen.document.nodes import MEDIUM, QUAD, THIN, row, separated
from chainrule.codegen.formulas.letters import upright
from chainrule.codegen.mistakes.matrices import turned
from chainrule.codegen.words.sentences import plain, say
from chainrule.symbolic.forms.matrices import Matrix, MatrixProduct, Stored
from chainrule.symbolic.index.numeric_array import NumericArray

from .answers import ChoiceAnswer
from .draw import QuestionDraw
from .own_sizes import drawn_sizes, has_own_sizes, numbers_of_sizes, said_sizes, shape_of, with_times
from .question import Question
from .source import QuestionSource, checked_by_evaluation

OFFERED = 4
LETTERS = "ABCD"


def places(source: QuestionSource) -> tuple[str, ...]:
    """Gradients that are a product of two matrices."""
    if not has_own_sizes(source.system):
        return ()
    return tuple(adjoint.tensor.name for adjoint in source.adjoints if _factors(source, adjoint.tensor.name) is not None)


def question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    factors = _factors(source, place)
    assert factors is not None, place
    adjoint = source.adjoint(place)
    sizes = drawn_sizes(source, draw)
    numbers = numbers_of_sizes(source, sizes)
    evidence = source.checker.matrix(adjoint.equation, _product(factors), numbers)
    others = [other for other in _arrangements(factors) if other != factors]
    if any(_shape(other, numbers.arrays) == np.shape(numbers.arrays[adjoint.as_tensor.name]) for other in others):
        return None
    offered = draw.shuffled([factors, *draw.some_of(others, OFFERED - 1)])
    answer = ChoiceAnswer(tuple(plain(letter) for letter, _ in zip(LETTERS, offered, strict=True)), offered.index(factors))
    matrices = source.material.matrices
    left, stored = matrices.name(adjoint.as_tensor.name), source.system.stored
    all_evidence = [
        evidence if pair == factors else source.checker.wrong_matrix(adjoint.equation, _product(pair), numbers) for pair in offered
    ]
    lines = [
        Line(Formula(upright(letter)), _written(source, pair), relation=NAMED, evidence=own)
        for letter, pair, own in zip(LETTERS, offered, all_evidence, strict=True)
    ]
    of_sizes = separated(
        [row(matrices.name(part.name), ":", MEDIUM, with_times(shape_of(stored[part.name], sizes))) for part in factors], ",", QUAD
    )
    return Question(
        "products",
        place,
        1,
        (
            Paragraph(said_sizes(source, sizes)),
            Paragraph(say("exercises.products", gradient=Math(left))),
            Display(tuple(lines)),
        ),
        (
            Paragraph(say("exercises.products.answer", letter=answer.chosen, shapes=Math(of_sizes))),
            Display((Line(Formula(left, (adjoint.as_tensor.own_entry,)), _written(source, factors), evidence=evidence),)),
            Paragraph(say("exercises.products.shape", gradient=Math(left), shape=Math(with_times(shape_of(adjoint.tensor, sizes))))),
        ),
        checked_by_evaluation(evidence),
        2,
        frozenset({place}),
        answer=answer,
    )


Pair = tuple[Stored, Stored]


def _factors(source: QuestionSource, name: str) -> Pair | None:
    form: Matrix | None = source.matrix_form(source.adjoint(name))
    match form:
        case MatrixProduct(Stored() as left, Stored() as right) if len(left.letters) == len(right.letters) == 2:
            return left, right
        case _:
            return None


def _arrangements(factors: Pair) -> list[Pair]:
    """The two factors in both orders, each transposed or not."""
    first, second = factors
    return [
        (left if left.transposed == turn else turned(left), right if right.transposed == other else turned(right))
        for left, right in ((first, second), (second, first))
        for turn, other in product((False, True), repeat=2)
    ]


def _product(pair: Pair) -> MatrixProduct:
    left, right = pair
    return MatrixProduct(left, right, (left.letters[0], right.letters[1]))


def _shape(pair: Pair, arrays: Mapping[str, NumericArray]) -> tuple[int, int] | None:
    """The shape of a product, None where there is no such product."""
    left, right = (np.shape(arrays[part.name])[:: -1 if part.transposed else 1] for part in pair)
    return (left[0], right[1]) if left[1] == right[0] else None


def _written(source: QuestionSource, pair: Pair) -> Formula:
    return Formula(separated([source.material.matrices.name(part.name, part.transposed) for part in pair], THIN), (_product(pair),))
