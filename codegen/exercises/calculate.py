"""Calculate a number by hand with the numbers of the student: a quantity of the forward pass, the cost, or an entry of a gradient."""

from __future__ import annotations

from sympy import Expr

from chainrule.codegen.document.document import Math, Paragraph
from chainrule.codegen.formulas.printed_number import printed
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.forms.scalar_form import ScalarEquation
from chainrule.symbolic.index.index_letters import names_read

from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource, checked_in_two_ways
from .working import DIGITS, number_answer, on_a_line, rounded, worked

#: So many equations lead to the result, at most, for one star and for two.
EASY = 2
MODERATE = 8
#: A result with fewer digits, as 0 or 1, could stand anywhere on the sheet.
FEWEST_DIGITS = 3


def forward_places(source: QuestionSource) -> tuple[Expr, ...]:
    """Entries of the forward pass, the cost among them."""
    return tuple(entry for entry in _asked(source) if not is_gradient(source, entry))


def gradient_places(source: QuestionSource) -> tuple[Expr, ...]:
    """Entries of gradients."""
    return tuple(entry for entry in _asked(source) if is_gradient(source, entry))


def question(source: QuestionSource, place: Expr, draw: QuestionDraw) -> Question | None:
    student = source.student
    assert student is not None
    way = student.way_to(place, student.given_values)
    value = student.values[place]
    written = rounded(value)
    if not is_telling(value):
        return None
    kind = "calculate_gradient" if is_gradient(source, place) else "calculate_forward"
    evidence = source.checker.numbers_agree(str(place), value, student.in_other_way(place))
    answer = number_answer(source, on_a_line(source, place), value, student.in_other_way(place))
    why = (Paragraph(say(f"exercises.why.{kind}")),) if len(way) > 1 else ()
    return Question(
        kind,
        str(place),
        stars(way),
        (Paragraph(say("exercises.calculate", entry=Math(on_a_line(source, place)))),),
        (*why, *worked(source, student, way, student.given_values), Paragraph(say("exercises.result", result=answer.shown))),
        checked_in_two_ways(evidence),
        3 + len(way),
        secrets=(written,),
        answer=answer,
    )


def stars(way: list[ScalarEquation]) -> int:
    """By the number of equations that lead to the result."""
    return 1 if len(way) <= EASY else 2 if len(way) <= MODERATE else 3


def is_telling(value: float) -> bool:
    """Whether a number can be found on a sheet only where it was written down as a result."""
    return sum(sign.isdigit() for sign in printed(value, DIGITS).digits.lstrip("-0.")) >= FEWEST_DIGITS


def _asked(source: QuestionSource) -> tuple[Expr, ...]:
    student = source.student
    return tuple(entry for entry in student.equations if names_read(student.equations[entry].expression)) if student else ()


def is_gradient(source: QuestionSource, entry: Expr) -> bool:
    """Whether an entry is one of the backward pass."""
    return next(iter(names_read(entry))) not in source.system.tensors
