"""Put the lines of a derivation in order: they come shuffled, each with a letter."""

from __future__ import annotations

from dataclasses import replace

from chainrule.codegen.document.document import NAMED, Display, Formula, Math, Paragraph
from chainrule.codegen.formulas.letters import upright
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.words.sentences import listed, plain, say

from .answers import OrderAnswer
from .derivation_lines import reasoned_lines, steps_of
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource, checked_by_evaluation

FEWEST = 3
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def places(source: QuestionSource) -> tuple[str, ...]:
    return tuple(adjoint.tensor.name for adjoint in source.adjoints if FEWEST <= len(steps_of(source, adjoint)) <= len(LETTERS))


def question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    adjoint = source.adjoint(place)
    right = steps_of(source, adjoint)
    order = draw.shuffled(range(len(right)))
    if order == tuple(range(len(right))):
        order = order[::-1]
    letter_of = {line: LETTERS[number] for number, line in enumerate(order)}
    solved = reasoned_lines(source, adjoint)
    shown = [replace(solved[line], left=Formula(upright(letter_of[line])), reason=(), relation=NAMED) for line in order]
    answer = OrderAnswer(tuple(letter_of[line] for line in range(len(right))))
    return Question(
        "order_steps",
        place,
        2,
        (Paragraph(say("exercises.order", gradient=Math(source.bare(place)))), Display(tuple(shown))),
        (Paragraph(say("exercises.order.answer", letters=listed([plain(letter) for letter in answer.letters]))), Display(solved)),
        checked_by_evaluation(*map(evidence_of, solved)),
        2,
        shows=frozenset({place}),
        answer=answer,
    )
