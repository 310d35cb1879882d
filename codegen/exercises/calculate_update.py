"""One step of gradient descent by hand: the new value of one entry, and the cost after a step with one array alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sympy import Expr, Indexed, Integer, Symbol

from chainrule.codegen.document.document import Display, Formula, Line, Math, Paragraph
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import THIN, bracketed, node, row
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.formulas.printed_number import last_place, printed
from chainrule.codegen.lesson.worked_values import with_labels
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.forms.scalar_form import ScalarEquation
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Tensor, entry_indices, entry_name

from .calculate import is_telling, stars
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource, checked_in_two_ways
from .student_numbers import StudentNumbers
from .working import CARRIED_DIGITS, DIGITS, carried, entries, number_answer, on_a_line, rounded, worked

#: Of the arrays that a step is made with; the new cost needs the gradient of every entry.
MOST_MOVED = 3


def entry_places(source: QuestionSource) -> tuple[Expr, ...]:
    """Entries of parameters whose gradient can be worked out."""
    return tuple(entry for tensor in _parameters(source) for entry in _entries(source, tensor))


def array_places(source: QuestionSource) -> tuple[str, ...]:
    """Small arrays of parameters."""
    return tuple(tensor.name for tensor in _parameters(source) if len(_entries(source, tensor)) <= MOST_MOVED)


def entry_question(source: QuestionSource, place: Expr, draw: QuestionDraw) -> Question | None:
    student = _student(source)
    slope = slope_of(source, place)
    way = student.way_to(slope, student.given_values)
    updated = student.given_values[place] - student.rate * student.values[slope]
    written = rounded(updated)
    if not is_telling(updated) or written == rounded(student.given_values[place]):
        return None
    expected = student.given_values[place] - student.rate * student.in_other_way(slope)
    evidence = source.checker.numbers_agree(str(place), updated, expected)
    shown = entries(source).node(place)
    answer = number_answer(source, shown, updated, expected)
    return Question(
        "calculate_update",
        str(place),
        max(2, stars(way)),
        (Paragraph(say("exercises.update", entry=Math(shown), rate=_rate(source))),),
        (
            *worked(source, student, way, student.given_values),
            Display((_step(source, place),)),
            Paragraph(_against_the_slope(source, place)),
            Paragraph(say("exercises.result", result=answer.shown)),
        ),
        checked_in_two_ways(evidence),
        4 + len(way),
        secrets=(written,),
        answer=answer,
    )


def cost_question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    student, tensor = _student(source), source.system.tensors[place]
    cost = source.system.cost.tensor.own_entry
    moved = {
        entry: student.given_values[entry] - student.rate * student.values[slope_of(source, entry)] for entry in _entries(source, tensor)
    }
    steps = (step for entry in moved for step in student.way_to(slope_of(source, entry), student.given_values))
    way = list({step.entry: step for step in steps}.values())
    again = student.with_array(place, _moved(student, place, moved))
    forward = _changed_by(moved, again.way_to(cost, again.given_values), student)
    before, after = student.values[cost], again.values[cost]
    evidence = source.checker.numbers_agree(f"the cost after a step with {place}", after, again.in_other_way(cost))
    if not is_telling(after) or rounded(after) == rounded(before):
        return None
    w, c = Math(source.material.bare(place)), Math(source.by_index.cost)
    answer = number_answer(source, source.by_index.cost, after, again.in_other_way(cost))
    return Question(
        "calculate_new_cost",
        place,
        3,
        (Paragraph(say("exercises.new_cost", array=w, cost=c, rate=_rate(source))),),
        (
            *worked(source, student, way, student.given_values),
            Display(tuple(_step(source, entry) for entry in moved)),
            Paragraph(say("exercises.new_cost.again")),
            *worked(source, again, forward, again.values),
            Paragraph(say("exercises.new_cost.result", result=answer.shown, before=Math(rounded(before)))),
            Paragraph(say(f"exercises.why.cost.{'falls' if after < before else 'rises'}", cost=c)),
        ),
        checked_in_two_ways(evidence),
        8,
        secrets=(rounded(after),),
        answer=answer,
    )


def _changed_by(moved: Mapping[Expr, float], forward: Sequence[ScalarEquation], student: StudentNumbers) -> list[ScalarEquation]:
    """The equations whose value is another after the step."""
    changed = set(moved)
    found = []
    for equation in forward:
        if not changed.isdisjoint(with_labels(equation.expression, student.given_values).atoms(Indexed, Symbol)):
            changed.add(equation.entry)
            found.append(equation)
    return found


def _student(source: QuestionSource) -> StudentNumbers:
    if source.student is None:
        raise CheckFailed("there are no numbers to work by hand")
    return source.student


def _parameters(source: QuestionSource) -> list[Tensor]:
    if source.student is None:
        return []
    return [tensor for tensor in source.system.parameters if tensor.name in source.derivation.adjoints]


def _entries(source: QuestionSource, tensor: Tensor) -> list[Expr]:
    given = _student(source).given[tensor.name]
    return [tensor.at(*map(Integer, position)) for position in np.ndindex(given.shape)]


def slope_of(source: QuestionSource, entry: Expr) -> Expr:
    """∂C/∂w of an entry w of a parameter."""
    student = _student(source)
    name, indices = entry_name(entry), entry_indices(entry)
    slope = source.derivation.adjoint(name).as_tensor.at(*indices)
    assert slope in student.equations, slope
    return slope


def _step(source: QuestionSource, entry: Expr) -> Line:
    """w ← w − η ∂C/∂w, with numbers and value."""
    student, write = _student(source), entries(source).node
    slope = student.values[slope_of(source, entry)]
    eta, value = source.material.notation.learning_rate, student.given_values[entry]
    subtracted = carried(slope) if slope >= 0 else bracketed(carried(slope), grows=True)
    right = row(write(entry), "−", eta, THIN, write(slope_of(source, entry)))
    updated = value - student.rate * slope
    numbers = row(rounded(value), "−", rounded(student.rate), "·", subtracted, "≈", carried(updated))
    by_hand = printed(value, DIGITS).value - printed(student.rate, DIGITS).value * printed(slope, CARRIED_DIGITS).value
    # The last digits of the slope and of the result are rounded.
    allowed = student.rate * last_place(slope, CARRIED_DIGITS) + last_place(updated, CARRIED_DIGITS)
    shown = Formula(write(entry)), Formula(row(right, "=", numbers))
    evidence = source.checker.within(f"the new value of {entry}", by_hand, printed(updated, CARRIED_DIGITS).value, allowed, *shown)
    return Line(*shown, relation=node(source.material.notation.assignment), evidence=evidence)


def _against_the_slope(source: QuestionSource, entry: Expr) -> Sentence:
    """The step goes against the sign of the gradient."""
    way = "falls" if _student(source).values[slope_of(source, entry)] > 0 else "rises"
    return say(f"exercises.why.{way}", entry=Math(entries(source).node(entry)), gradient=Math(on_a_line(source, slope_of(source, entry))))


def _moved(student: StudentNumbers, name: str, moved: dict[Expr, float]) -> NumericArray:
    array = np.array(student.given[name], dtype=float)
    for position, value in zip(np.ndindex(array.shape), moved.values(), strict=True):
        array[position] = value
    return array


def _rate(source: QuestionSource) -> Math:
    return Math(row(source.material.notation.learning_rate, "=", rounded(_student(source).rate)), Defined("given"))
