"""True or false, with a reason: the formula of a gradient, right or with a mistake."""

from __future__ import annotations

from chainrule.codegen.document.document import Display, Paragraph
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.words.sentences import say, together

from .answers import TruthAnswer
from .derivation_lines import reasoned_lines
from .draw import QuestionDraw
from .find_wrong_formula import named, visible_mistake
from .question import Question
from .reasons import by_chain_rule
from .source import QuestionSource, checked_by_evaluation


def places(source: QuestionSource) -> tuple[str, ...]:
    return tuple(adjoint.tensor.name for adjoint in source.adjoints)


def question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    adjoint = source.adjoint(place)
    right = source.gradient_line(adjoint)
    found = visible_mistake(source, place, draw)
    if found is None:
        return None
    mistake, wrong = found
    answer = TruthAnswer(draw.below(2) == 0)
    if answer.is_true:
        reason, lines = say("exercises.true.steps"), reasoned_lines(source, adjoint)
    else:
        reason, lines = together(say("exercises.false"), named(source, mistake), say("exercises.by_chain_rule")), (right,)
    checked = checked_by_evaluation(*map(evidence_of, lines))
    return Question(
        "true_or_false",
        place,
        1,
        (Paragraph(say("exercises.true_or_false")), Display((right if answer.is_true else wrong,))),
        (Paragraph(reason), Display(lines), *(() if answer.is_true else by_chain_rule(source, adjoint))),
        checked if answer.is_true else together(checked, say("exercises.checked.mistake")),
        2,
        frozenset({place}),
        secrets=() if answer.is_true else (right.right.node,),
        answer=answer,
    )
