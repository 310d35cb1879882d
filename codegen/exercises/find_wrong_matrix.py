"""Find the error in matrix notation: formulas of the backward pass, one of them with a mistake."""

from __future__ import annotations

from chainrule.codegen.document.document import Display, Formula, Line, Math, Paragraph
from chainrule.codegen.document.node_walk import count
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.mistakes.matrices import MatrixMistake, mistakes
from chainrule.codegen.words.sentences import say, together
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.forms.matrices import Matrix, Stored

from .draw import QuestionDraw
from .find_wrong_formula import one_of_lines, with_numbers, wrong_line
from .question import Question
from .reasons import by_index
from .source import QuestionSource, checked_by_evaluation

SHOWN = 3


def places(source: QuestionSource) -> tuple[int, ...]:
    """The first of the formulas shown."""
    return tuple(range(len(_with_matrices(source)) - SHOWN + 1))


def question(source: QuestionSource, place: int, draw: QuestionDraw) -> Question | None:
    shown = _with_matrices(source)[place : place + SHOWN]
    right = [lines for adjoint, _ in shown if (lines := source.matrix_lines(adjoint)) is not None]
    if len(right) < len(shown):
        return None
    for wrong in draw.shuffled(range(SHOWN)):
        found = _visible_mistake(source, *shown[wrong], draw)
        if found is not None:
            return _asked(source, [adjoint for adjoint, _ in shown], right, wrong, *found)
    return None


def _with_matrices(source: QuestionSource) -> list[tuple[Adjoint, Matrix]]:
    found = [(adjoint, source.matrix_form(adjoint)) for adjoint in source.adjoints if adjoint.tensor.axes]
    return [(adjoint, form) for adjoint, form in found if form is not None]


def _visible_mistake(source: QuestionSource, adjoint: Adjoint, form: Matrix, draw: QuestionDraw) -> tuple[MatrixMistake, Line] | None:
    """A mistake that shows on paper and in numbers, and the formula with it."""
    matrices = source.material.matrices
    for mistake in draw.shuffled([as_printed(source, form, mistake) for mistake in mistakes(form)]):
        if matrices.node(mistake.form) != matrices.node(form):
            evidence = source.checker.wrong_matrix(adjoint.equation, mistake.form, source.numbers)
            if evidence is not None:
                left = Formula(matrices.name(adjoint.as_tensor.name), (adjoint.as_tensor.own_entry,))
                return mistake, Line(left, matrices.formula(mistake.form), evidence=evidence)
    return None


def as_printed(source: QuestionSource, form: Matrix, mistake: MatrixMistake) -> MatrixMistake:
    """The mistake by what changes on paper: a sum Σ_n dz[n,j] is written dzᵀ 1, so that dz 1 has lost a transpose that dz never had."""
    right = mistake.right
    if not isinstance(right, Stored) or len(right.letters) != 2:
        return mistake
    matrices = source.material.matrices
    turned = matrices.name(right.name, True)
    wrong, known = (count(turned, matrices.node(each)) for each in (mistake.form, form))
    plain = Stored(right.name, False, right.letters if not right.transposed else right.letters[::-1])
    return MatrixMistake("lost" if wrong < known else "transposed", mistake.form, plain)


def _asked(
    source: QuestionSource, shown: list[Adjoint], right: list[tuple[Line, Line]], wrong: int, mistake: MatrixMistake, line: Line
) -> Question:
    answer = one_of_lines(SHOWN, wrong)
    lines = [line if number == wrong else plain for number, (plain, _) in enumerate(right)]
    named = say(f"exercises.mistake.matrix.{mistake.kind}", right=Math(source.material.matrices.node(mistake.right)))
    return Question(
        "find_wrong_matrix",
        shown[0].tensor.name,
        2,
        (Paragraph(say("exercises.find.formula")), Display(with_numbers(lines))),
        (Paragraph(wrong_line(answer, named)), Display(right[wrong]), *by_index(source, shown[wrong])),
        together(checked_by_evaluation(*(evidence_of(plain) for plain, _ in right)), say("exercises.checked.mistake")),
        3,
        frozenset({shown[wrong].tensor.name}),
        frozenset(adjoint.tensor.name for adjoint in shown),
        secrets=(right[wrong][0].right.node,),
        answer=answer,
    )
