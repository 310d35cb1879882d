"""Fill the gap in a gradient in matrix notation: which array stands there, and is it transposed?"""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.codegen.document.document import Display, Math, Paragraph
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.mistakes.matrices import parts, turned, with_other
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.forms.matrices import Matrix, MatrixProduct, Stored

from .answers import GapAnswer
from .draw import QuestionDraw
from .gaps import MOST_OTHERS, MatrixWithoutArray, gapped
from .question import Question
from .reasons import by_index
from .source import QuestionSource, checked_by_evaluation


def places(source: QuestionSource) -> tuple[str, ...]:
    """Gradients whose matrix notation holds a product of matrices."""
    return tuple(adjoint.tensor.name for adjoint in source.adjoints if any(True for _ in _arrays(source, adjoint.tensor.name)))


def question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    adjoint = source.adjoint(place)
    form, lines = source.matrix_form(adjoint), source.matrix_lines(adjoint)
    if form is None or lines is None:
        return None
    hidden = draw.one_of(list(_arrays(source, place)))
    occurrences = [part for part in parts(form) if isinstance(part, Stored) and part.name == hidden.name]
    if len(occurrences) != 1:
        return None
    shown = MatrixWithoutArray(source.material, hidden.name).node(form)
    answer = GapAnswer(_written(source, hidden), tuple(_written(source, other) for other in _not_right(source, adjoint, form, hidden)))
    return Question(
        "fill_matrix",
        place,
        2,
        (Paragraph(say("exercises.fill.array")), Display((gapped(source, lines[0], shown),))),
        (
            Paragraph(say("exercises.fill.answer.array", answer=Math(answer.missing))),
            Display(lines),
            *by_index(source, adjoint),
        ),
        checked_by_evaluation(evidence_of(lines[0])),
        2,
        frozenset({place}),
        secrets=(lines[0].right.node,),
        answer=answer,
    )


def _written(source: QuestionSource, array: Stored) -> Node:
    return source.material.matrices.name(array.name, array.transposed)


def _not_right(source: QuestionSource, adjoint: Adjoint, form: Matrix, hidden: Stored) -> list[Stored]:
    """The array turned, and others of the formula and of the gradient's own place, with which the formula is clearly wrong."""
    near = [part for part in parts(form) if isinstance(part, Stored) and len(part.letters) == 2]
    both_ways = dict.fromkeys(each for part in near for each in (part, turned(part)) if each != hidden)
    wrong = []
    for other in (turned(hidden), *(other for other in both_ways if other != turned(hidden))):
        if source.checker.wrong_matrix(adjoint.equation, with_other(form, hidden, other), source.numbers) is not None:
            wrong.append(other)
    return wrong[:MOST_OTHERS]


def _arrays(source: QuestionSource, name: str) -> Iterator[Stored]:
    """The matrices that are factors of a product in a gradient's formula."""
    form: Matrix | None = source.matrix_form(source.adjoint(name))
    for part in parts(form) if form is not None else ():
        if isinstance(part, MatrixProduct):
            yield from (factor for factor in (part.left, part.right) if isinstance(factor, Stored) and len(factor.letters) == 2)
