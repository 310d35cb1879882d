"""Find the error in matrix notation: formulas of the backward pass, one of them with a mistake."""

from __future__ import annotations

from codegen.blocks import Display, Line, Math, Paragraph
from codegen.sentences import say, together
from symbolic.derivation import Adjoint
from symbolic.matrix_form import Matrix
from symbolic.matrix_values import matrix_error

from .draw import Draw
from .find_wrong_formula import wrong_line
from .matrix_mistakes import MatrixMistake, is_wrong, mistakes
from .question import Question
from .source import Source, checked_by_evaluation

SHOWN = 3


def places(source: Source) -> tuple[int, ...]:
    """The first of the formulas shown."""
    return tuple(range(len(_with_matrices(source)) - SHOWN + 1))


def question(source: Source, place: int, draw: Draw) -> Question | None:
    shown = _with_matrices(source)[place : place + SHOWN]
    errors = [matrix_error(adjoint.equation, form, source.numbers) for adjoint, form in shown]
    known = [error for error in errors if error is not None]
    if len(known) < len(errors):
        return None
    for wrong in draw.shuffled(range(SHOWN)):
        mistake = _visible_mistake(source, *shown[wrong], draw)
        if mistake is not None:
            return _asked(source, shown, wrong, mistake, max(known))
    return None


def _with_matrices(source: Source) -> list[tuple[Adjoint, Matrix]]:
    found = [(adjoint, source.material.matrix(adjoint.equation)) for adjoint in source.adjoints if adjoint.tensor.axes]
    return [(adjoint, form) for adjoint, form in found if form is not None]


def _visible_mistake(source: Source, adjoint: Adjoint, form: Matrix, draw: Draw) -> MatrixMistake | None:
    write = source.material.matrices.text
    for mistake in draw.shuffled(list(mistakes(form))):
        if write(mistake.form) != write(form) and is_wrong(adjoint.equation, mistake.form, source.numbers):
            return mistake
    return None


def _asked(source: Source, shown: list[tuple[Adjoint, Matrix]], wrong: int, mistake: MatrixMistake, error: float) -> Question:
    matrices = source.material.matrices
    forms = [mistake.form if number == wrong else form for number, (_, form) in enumerate(shown)]
    lines = [
        Line(matrices.name(adjoint.as_tensor.name), matrices.text(form), say("exercises.line", number=number))
        for number, ((adjoint, _), form) in enumerate(zip(shown, forms, strict=True), 1)
    ]
    right, with_shapes = (matrices.text(shown[wrong][1], shapes) for shapes in (False, True))
    named = say(f"exercises.mistake.matrix.{mistake.kind}", right=Math(matrices.text(mistake.right)))
    answer = wrong_line(wrong + 1, named)
    return Question(
        "find_wrong_matrix",
        shown[0][0].tensor.name,
        2,
        (Paragraph(say("exercises.find.formula")), Display(tuple(lines))),
        (Paragraph(answer), Display((Line(lines[wrong].left, right), Line("", with_shapes)))),
        together(checked_by_evaluation(error), say("exercises.checked.mistake")),
        3,
        frozenset({shown[wrong][0].tensor.name}),
        frozenset(adjoint.tensor.name for adjoint, _ in shown),
        secrets=(right,),
    )
