"""What vanishes: which gradients are 0 where one entry of the input is 0, or where one unit is dead or saturated, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sympy import Add, Expr, S

from chainrule.codegen.document.document import Display, Items, Math, Paragraph, Sentence
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import row
from chainrule.codegen.lesson.worked_values import entry_value, with_labels
from chainrule.codegen.words.sentences import formula, listed, say
from chainrule.symbolic.checking.solving import solved
from chainrule.symbolic.derivation.activation_derivatives import slopes
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.tensors import Values, entry_indices, entry_name

from .answers import SelectionAnswer
from .calculate_update import entry_places, slope_of
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource, checked_in_two_ways
from .student_numbers import StudentNumbers, name_and_position
from .working import calculated_line, entries, number_answer, on_a_line, rounded

#: Where activations are flat: far below 0, or far on one of both sides.
FAR = (-20, 20)
#: A gradient is as good as 0, or plainly none; what lies between is not asked about.
GONE, PLAIN = 1e-6, 1e-4
ASKED = 4


@dataclass(frozen=True, slots=True)
class Scene:
    """An entry of an input that is 0, or of what an activation is applied to, that is far away."""

    entry: Expr
    value: int


def places(source: QuestionSource) -> tuple[Scene, ...]:
    student = source.student
    if student is None:
        return ()
    inputs = {tensor.name for tensor in source.system.inputs if tensor.values is Values.REAL}
    zeros = [Scene(entry, 0) for entry in student.given_values if entry_name(entry) in inputs]
    return (*zeros, *(Scene(entry, far) for entry in _units(source, student) for far in FAR))


def question(source: QuestionSource, place: Scene, draw: QuestionDraw) -> Question | None:
    student = source.student
    assert student is not None
    moved = _moved(source, student, place)
    if moved is None:
        return None
    sizes = {slope_of(source, entry): moved.values[slope_of(source, entry)] for entry in entry_places(source)}
    gone = [
        slope
        for slope, value in sizes.items()
        if abs(value) < GONE and abs(student.values[slope]) > PLAIN and _is_why(source, moved, place, slope)
    ]
    left = [slope for slope, value in sizes.items() if abs(value) > PLAIN]
    if not gone or not left:
        return None
    some = draw.some_of(gone, ASKED // 2)
    asked = draw.shuffled([*some, *draw.some_of(left, ASKED - len(some))])
    vanishing = [slope for slope in asked if slope in some]
    shown = Math(row(entries(source).node(place.entry), "=", rounded(place.value)), Defined("given"))
    numbers = [number_answer(source, on_a_line(source, slope), moved.values[slope], moved.in_other_way(slope)) for slope in asked]
    answer = SelectionAnswer(tuple(_said(source, slope) for slope in asked), tuple(asked.index(slope) for slope in vanishing))
    kind = "unit" if place.value else "input"
    return Question(
        "vanishing",
        f"{place.entry} {place.value}",
        2,
        (Paragraph(say(f"exercises.vanishing.{kind}", scene=shown, gradients=_list(source, asked))),),
        (
            Paragraph(say("exercises.vanishing.answer", gradients=_list(source, vanishing))),
            *_why(source, moved, place),
            Items(tuple((number.shown,) for number in numbers)),
        ),
        checked_in_two_ways(*(source.checker.numbers_agree(str(slope), moved.values[slope], moved.in_other_way(slope)) for slope in asked)),
        4,
        answer=answer,
    )


def _list(source: QuestionSource, slopes: Sequence[Expr]) -> Sentence:
    return listed([_said(source, slope) for slope in slopes])


def _said(source: QuestionSource, slope: Expr) -> Sentence:
    return formula(on_a_line(source, slope))


def _units(source: QuestionSource, student: StudentNumbers) -> Iterator[Expr]:
    """Entries that an activation is applied to, one by one, and to which a parameter is added."""
    bent = {name for name, slope in slopes(source.derivation).items() if not slope.is_identity}
    return (
        entry for entry, equation in student.equations.items() if equation.tensor in bent and _added(source, student, entry) is not None
    )


def _added(source: QuestionSource, student: StudentNumbers, entry: Expr) -> Expr | None:
    """The parameter's entry that is a term of it, as a bias is."""
    names = {tensor.name for tensor in source.system.parameters}
    terms = Add.make_args(student.equations[entry].expression)
    return next((term for term in terms if term in student.given_values and entry_name(term) in names), None)


def _moved(source: QuestionSource, student: StudentNumbers, place: Scene) -> StudentNumbers | None:
    """The numbers in the scene: the input is 0, or the bias has brought its unit there."""
    changed = place.entry if place.entry in student.given_values else _added(source, student, place.entry)
    assert changed is not None
    name, position = name_and_position(changed)
    array = np.array(student.given[name], dtype=float)
    array[position] += place.value - student.values[place.entry]
    moved = student.with_array(name, array)
    numbers = solved([adjoint.equation for adjoint in source.derivation.adjoints.values()], moved.numbers)
    found = replace(moved, numbers=numbers)
    try:
        return found if all(np.isfinite(value) for value in found.values.values()) else None
    except TypeError:
        # The logarithm of what is 0 up there is no number.
        return None


def _is_why(source: QuestionSource, moved: StudentNumbers, place: Scene, slope: Expr) -> bool:
    """Whether the input is a factor of the gradient's formula, or what comes back through the unit is all that there is."""
    if not place.value:
        expression = with_labels(moved.equations[slope].expression, moved.given_values)
        return bool(expression.xreplace({place.entry: S.Zero}) == 0)
    back = _back_through(source, place)
    known = {entry: value for entry, value in moved.values.items() if entry_name(entry) in source.system.tensors}
    # What is 0 for another reason, as the weights of a unit's output that is 0, would be 0 all the same.
    return _value_from(moved, slope, known | {back: 0.0}) == 0 and _value_from(moved, slope, known | {back: 1.0}) != 0


def _value_from(moved: StudentNumbers, slope: Expr, known: Mapping[Expr, float]) -> float:
    values = dict(known)
    for step in moved.way_to(slope, known):
        values[step.entry] = entry_value(step.expression, values)
    return float(values[slope])


def _back_through(source: QuestionSource, place: Scene) -> Expr:
    """∂C/∂z of the unit."""
    return source.adjoint(entry_name(place.entry)).as_tensor.at(*entry_indices(place.entry))


def _why(source: QuestionSource, moved: StudentNumbers, place: Scene) -> tuple[Paragraph | Display, ...]:
    """The factor, or the flat slope that stands between the unit's output and what it is computed from."""
    if not place.value:
        return (Paragraph(say("exercises.vanishing.why.input", entry=Math(entries(source).node(place.entry)))),)
    back = _back_through(source, place)
    expression = with_labels(moved.equations[back].expression, moved.given_values)
    if abs(moved.values[back]) > GONE:
        raise CheckFailed(f"{back} does not vanish where its unit is flat")
    line = calculated_line(source, moved, back, expression, moved.values[back])
    return Paragraph(say("exercises.vanishing.why.unit", entry=Math(entries(source).node(place.entry)))), Display((line,))
