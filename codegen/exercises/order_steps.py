"""Put the lines of a derivation in order: they come shuffled, each with a letter."""

from __future__ import annotations

from itertools import pairwise

from codegen.blocks import Display, Line, Math, Paragraph
from codegen.lesson_derivation import reason_of
from codegen.sentences import listed, plain, say
from symbolic.derivation import Adjoint
from symbolic.steps import Step

from .derivation_lines import derivation_lines
from .draw import Draw
from .question import Question
from .source import Source, checked_by_evaluation

FEWEST = 3
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def places(source: Source) -> tuple[str, ...]:
    return tuple(adjoint.tensor.name for adjoint in source.adjoints if FEWEST <= len(_lines(source, adjoint)) <= len(LETTERS))


def question(source: Source, place: str, draw: Draw) -> Question | None:
    adjoint = source.adjoint(place)
    right = _lines(source, adjoint)
    order = draw.shuffled(range(len(right)))
    if order == tuple(range(len(right))):
        order = order[::-1]
    letter_of = {line: LETTERS[number] for number, line in enumerate(order)}
    own = adjoint.as_tensor.own_entry
    errors = [source.error_of(own, right[0].after)]
    errors += [source.error_of(before.after, after.after) for before, after in pairwise(right)]
    left = source.material.entry(adjoint.as_tensor.name)
    shown = [Line(rf"\mathrm{{{letter_of[line]}}}", source.latex.text(right[line].after), relation=r":\quad") for line in order]
    solved = [
        Line("" if number else left, source.latex.text(line.after), reason_of(source.material, line, adjoint))
        for number, line in enumerate(right)
    ]
    letters = listed([plain(letter_of[line]) for line in range(len(right))])
    return Question(
        "order_steps",
        place,
        2,
        (Paragraph(say("exercises.order", gradient=Math(source.bare(place)))), Display(tuple(shown))),
        (Paragraph(say("exercises.order.answer", letters=letters)), Display(tuple(solved))),
        checked_by_evaluation(max(errors)),
        2,
        shows=frozenset({place}),
    )


def _lines(source: Source, adjoint: Adjoint) -> tuple[Step, ...]:
    return derivation_lines(source.latex, source.system, adjoint)
