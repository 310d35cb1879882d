"""Find the error: the derivation of one gradient, line by line, in which one step is wrong and every later line follows from it."""

from __future__ import annotations

from itertools import pairwise

from sympy import Expr

from chainrule.codegen.document.document import Display, Line, Paragraph
from chainrule.codegen.document.formula import NOTHING
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.lesson.sections.derivation import reason_of
from chainrule.codegen.mistakes.formulas import FormulaMistake, mistakes
from chainrule.codegen.words.sentences import say, together
from chainrule.symbolic.derivation.adjoint import Adjoint

from .derivation_lines import steps_of
from .draw import QuestionDraw
from .find_wrong_formula import named, one_of_lines, with_numbers, wrong_line
from .question import Question
from .source import QuestionSource, checked_by_evaluation

FEWEST = 3


def places(source: QuestionSource) -> tuple[str, ...]:
    """Gradients whose derivation has enough lines."""
    return tuple(adjoint.tensor.name for adjoint in source.adjoints if len(steps_of(source, adjoint)) >= FEWEST)


def question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    adjoint = source.adjoint(place)
    right = [line.after for line in steps_of(source, adjoint)]
    for start in draw.shuffled(range(1, len(right))):
        for mistake in draw.shuffled(mistakes(right[start], source.system)):
            wrong = _carried_on(source, right, start, mistake)
            if wrong is not None:
                return _asked(source, adjoint, right, wrong, start, mistake)
    return None


def _carried_on(source: QuestionSource, right: list[Expr], start: int, mistake: FormulaMistake) -> list[Expr] | None:
    """The lines with a mistake in one step, the same carried through to the end; None where it cannot be."""
    if source.wrong(right[start - 1], mistake.expression) is None:
        return None
    lines = [*right[:start], mistake.expression]
    for later in right[start + 1 :]:
        same = [other.expression for other in mistakes(later, source.system) if other.kind == mistake.kind]
        following = next((other for other in same if source.wrong(lines[-1], other) is None), None)
        if following is None:
            return None
        lines.append(following)
    written = [source.by_index.node(line) for line in lines]
    return lines if len(set(written)) == len(written) and written[start] != source.by_index.node(right[start]) else None


def _asked(source: QuestionSource, adjoint: Adjoint, right: list[Expr], wrong: list[Expr], start: int, mistake: FormulaMistake) -> Question:
    own, left = adjoint.as_tensor.own_entry, source.material.entry(adjoint.as_tensor.name)
    step = steps_of(source, adjoint)[start]
    corrected = source.writer.line(own, right[start], reason_of(source.material, step, adjoint), written=left)
    lines = [source.writer.line(own, wrong[0], written=left)]
    for place, (before, after) in enumerate(pairwise(wrong), 1):
        if place == start:
            lines.append(Line(NOTHING, source.by_index.formula(after), evidence=source.wrong(before, after)))
        else:
            lines.append(source.writer.further(before, after))
    answer = one_of_lines(len(lines), start)
    holding = [line for place, line in enumerate(lines) if place != start]
    return Question(
        "find_wrong_step",
        adjoint.tensor.name,
        3,
        (Paragraph(say("exercises.find.step")), Display(with_numbers(lines))),
        (
            Paragraph(wrong_line(answer, named(source, mistake))),
            Display((corrected,)),
        ),
        together(checked_by_evaluation(*map(evidence_of, [*holding, corrected])), say("exercises.checked.mistake")),
        3,
        frozenset({adjoint.tensor.name}),
        secrets=(corrected.right.node,),
        answer=answer,
    )
