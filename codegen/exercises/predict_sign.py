"""Which way must a weight go? The sign of its gradient by the signs of the factors, from the values of the forward pass."""

from __future__ import annotations

from dataclasses import replace

from sympy import Add, Expr, Indexed

from chainrule.codegen.document.document import Display, Line, Math, Paragraph
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import row
from chainrule.codegen.lesson.worked_values import entry_value, with_labels
from chainrule.codegen.words.sentences import formula, listed, say
from chainrule.symbolic.forms.scalar_form import ScalarEquation
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.step_functions import stop
from chainrule.symbolic.index.tensors import entry_name

from .answers import ChoiceAnswer
from .calculate import is_gradient
from .calculate_update import entry_places, slope_of
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource, checked_in_two_ways
from .student_numbers import StudentNumbers
from .working import calculated_line, entries, on_a_line, rounded

#: Longer ways are no longer seen at a glance.
MOST_STEPS = 6
#: A number nearer to 0 has no sign to see.
CLEAR = 1e-3
NUDGE = 1e-4


def places(source: QuestionSource) -> tuple[Expr, ...]:
    """Entries of parameters whose gradient has its sign by the signs of its factors; none where it is not the slope of the cost."""
    if any(equation.expression.has(stop) for equation in source.system.equations):
        return ()
    return tuple(entry for entry in entry_places(source) if _way(source, entry))


def question(source: QuestionSource, place: Expr, draw: QuestionDraw) -> Question | None:
    student, way = source.student, _way(source, place)
    assert student is not None
    slope = slope_of(source, place)
    value = student.values[slope]
    difference = student.cost_moved_by(place, NUDGE) - student.cost_moved_by(place, -NUDGE)
    if difference * value <= 0:
        raise CheckFailed(f"the sign of {slope} is not that of differences of the cost")
    read = dict.fromkeys(entry for step in way for entry in sorted(step.expression.atoms(Indexed), key=str))
    values = [entry for entry in read if entry_name(entry) in source.system.definition]
    w, gradient, cost = Math(entries(source).node(place)), Math(on_a_line(source, slope)), Math(source.by_index.cost)
    given = [(Math(row(entries(source).node(entry), "≈", rounded(student.values[entry])), Defined("given")),) for entry in values]
    asked = say("exercises.sign", gradient=gradient, entry=w, cost=cost)
    return Question(
        "predict_sign",
        str(place),
        2,
        (Paragraph(say("exercises.sign.given", values=listed(given, between="phrases"))), Paragraph(asked))
        if given
        else (Paragraph(asked),),
        (
            Paragraph(say("exercises.sign.factors")),
            Display(tuple(_with_sign(source, student, step) for step in way)),
            Paragraph(say(f"exercises.sign.{'down' if value > 0 else 'up'}", gradient=gradient, entry=w, cost=cost)),
        ),
        checked_in_two_ways(source.checker.numbers_agree(str(slope), value, student.in_other_way(slope))),
        3,
        answer=ChoiceAnswer(tuple(formula(row(gradient.node, sign, "0")) for sign in "><"), int(value < 0)),
    )


def _way(source: QuestionSource, entry: Expr) -> tuple[ScalarEquation, ...]:
    """The equations of the backward pass to a gradient; none where one of them is a sum of terms of both signs, or is long."""
    student = source.student
    if student is None:
        return ()
    forward = {known: value for known, value in student.values.items() if not is_gradient(source, known)}
    way = tuple(student.way_to(slope_of(source, entry), forward))
    clear = all(abs(student.values[step.entry]) > CLEAR and _has_one_sign(source, student, step) for step in way)
    return way if len(way) <= MOST_STEPS and clear else ()


def _has_one_sign(source: QuestionSource, student: StudentNumbers, step: ScalarEquation) -> bool:
    """Whether what comes back along several paths has one sign; of what the cost alone is differentiated to, the number tells."""
    expression = with_labels(step.expression, student.given_values)
    if not any(is_gradient(source, read) for read in expression.atoms(Indexed)):
        return True
    signs = {entry_value(term, student.values) > 0 for term in Add.make_args(expression)}
    return len(signs) == 1


def _with_sign(source: QuestionSource, student: StudentNumbers, step: ScalarEquation) -> Line:
    value = student.values[step.entry]
    expression = with_labels(step.expression, student.given_values)
    line = calculated_line(source, student, step.entry, expression, value)
    return replace(line, reason=say(f"exercises.sign.{'positive' if value > 0 else 'negative'}", value=Math(rounded(value))))
