"""Fill the gap in a gradient in matrix notation: which array stands there, and is it transposed?"""

from __future__ import annotations

from collections.abc import Iterator

from codegen.blocks import Display, Line, Math, Paragraph
from codegen.sentences import say
from symbolic.matrix_form import Matrix, MatrixProduct, Stored
from symbolic.matrix_values import matrix_error

from .draw import Draw
from .gaps import MatrixWithoutArray
from .matrix_mistakes import parts
from .question import Question
from .source import Source, checked_by_evaluation


def places(source: Source) -> tuple[str, ...]:
    """Gradients whose matrix notation holds a product of matrices."""
    return tuple(adjoint.tensor.name for adjoint in source.adjoints if any(True for _ in _arrays(source, adjoint.tensor.name)))


def question(source: Source, place: str, draw: Draw) -> Question | None:
    adjoint = source.adjoint(place)
    form = source.material.matrix(adjoint.equation)
    assert form is not None, place
    hidden = draw.one_of(list(_arrays(source, place)))
    occurrences = [part for part in parts(form) if isinstance(part, Stored) and part.name == hidden.name]
    if len(occurrences) != 1:
        return None
    error = matrix_error(adjoint.equation, form, source.numbers)
    if error is None:
        return None
    matrices = source.material.matrices
    left, right = matrices.name(adjoint.as_tensor.name), matrices.text(form)
    shown = MatrixWithoutArray(source.material, hidden.name).text(form)
    return Question(
        "fill_matrix",
        place,
        2,
        (Paragraph(say("exercises.fill.array")), Display((Line(left, shown),))),
        (
            Paragraph(say("exercises.fill.answer", answer=Math(matrices.name(hidden.name, hidden.transposed)))),
            Display((Line(left, right), Line("", matrices.text(form, shapes=True)))),
        ),
        checked_by_evaluation(error),
        2,
        frozenset({place}),
        secrets=(right,),
    )


def _arrays(source: Source, name: str) -> Iterator[Stored]:
    """The matrices that are factors of a product in a gradient's formula."""
    form: Matrix | None = source.material.matrix(source.adjoint(name).equation)
    for part in parts(form) if form is not None else ():
        if isinstance(part, MatrixProduct):
            yield from (factor for factor in (part.left, part.right) if isinstance(factor, Stored) and len(factor.letters) == 2)
