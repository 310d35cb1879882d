"""Two numbers for one entry of a gradient: which one do differences of the cost agree with, and what is wrong with the other?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sympy import Expr

from chainrule.codegen.document.document import Display, Formula, Line, Math, Paragraph
from chainrule.codegen.document.nodes import fraction, node, row
from chainrule.codegen.formulas.printed_number import last_place, printed
from chainrule.codegen.mistakes.formulas import FormulaMistake, mistakes
from chainrule.codegen.words.sentences import formula, say, together
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.index.index_letters import free_letters
from chainrule.symbolic.index.tensors import entry_name

from .answers import ChoiceAnswer
from .calculate import is_telling
from .calculate_update import entry_places, slope_of
from .draw import QuestionDraw
from .find_wrong_formula import named
from .question import Question
from .source import QuestionSource, checked_in_two_ways
from .student_numbers import StudentNumbers, name_and_position
from .working import CARRIED_DIGITS, entries, on_a_line, rounded

STEP = 0.01
#: Of the costs: their difference is small.
COST_DIGITS = 8
#: How near the quotient of differences is to the gradient, and how far the other number is from it, of its size.
NEAR, FAR = 0.01, 0.15

places = entry_places


def question(source: QuestionSource, place: Expr, draw: QuestionDraw) -> Question | None:
    student = source.student
    assert student is not None
    slope = slope_of(source, place)
    right = student.values[slope]
    above, below = (printed(student.cost_moved_by(place, step), COST_DIGITS) for step in (STEP, -STEP))
    quotient = (above.value - below.value) / (2 * STEP)
    if not is_telling(right) or abs(quotient - right) > NEAR * abs(right):
        return None
    wrong = [(mistake, value) for mistake, value in _wrong_values(source, student, slope) if abs(value - right) > FAR * abs(right)]
    if not wrong:
        return None
    mistake, other = draw.one_of(wrong)
    offered = draw.shuffled([right, other])
    first, second = offered
    w, gradient, h = entries(source).node(place), on_a_line(source, slope), rounded(STEP)
    left = Formula(fraction(row(above.node, "−", below.node), row("2", "·", h)))
    value = printed(quotient, CARRIED_DIGITS)
    shown = left, value.formula
    evidence = source.checker.within(
        f"differences by {place}", quotient, right, NEAR * abs(right) + last_place(quotient, CARRIED_DIGITS), *shown
    )
    agreed = source.checker.numbers_agree(str(slope), right, student.in_other_way(slope))
    return Question(
        "gradient_check",
        str(place),
        2,
        (
            Paragraph(
                say(
                    "exercises.gradient_check",
                    entry=Math(w),
                    step=Math(h),
                    above=Math(above.node),
                    below=Math(below.node),
                    first=Math(rounded(first)),
                    second=Math(rounded(second)),
                    gradient=Math(gradient),
                )
            ),
        ),
        (
            Paragraph(say("exercises.gradient_check.quotient")),
            Display((Line(*shown, relation=node("≈"), evidence=evidence),)),
            Paragraph(
                together(
                    say("exercises.gradient_check.answer", right=Math(rounded(right)), wrong=Math(rounded(other))), named(source, mistake)
                )
            ),
        ),
        checked_in_two_ways(agreed),
        3,
        answer=ChoiceAnswer(tuple(formula(rounded(value)) for value in offered), offered.index(right)),
    )


def _wrong_values(source: QuestionSource, student: StudentNumbers, slope: Expr) -> Iterator[tuple[FormulaMistake, float]]:
    """What the gradient would be with each of the mistakes that leave it an array of its shape, by the student's numbers."""
    _, position = name_and_position(slope)
    adjoint = source.adjoint(entry_name(slope).removeprefix(source.system.adjoint_mark))
    for mistake in mistakes(adjoint.expression, source.system):
        if free_letters(mistake.expression) <= set(adjoint.tensor.axes):
            value = float(np.real(np.asarray(evaluate(mistake.expression, student.numbers, adjoint.tensor.axes))[position]))
            if is_telling(value):
                yield mistake, value
