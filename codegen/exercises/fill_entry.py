"""Fill the gap in the derivative by one single weight or unit, for one example, without any sum."""

from __future__ import annotations

from sympy import Expr, Indexed, S, Symbol

from chainrule.codegen.document.document import Display, Math, Paragraph
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.lesson.worked_values import entry_value, with_labels
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.tensors import entry_name

from .answers import GapAnswer
from .draw import QuestionDraw
from .gaps import GAP, MOST_OTHERS, gapped
from .question import Question
from .reasons import by_entries
from .source import QuestionSource, checked_in_two_ways
from .student_numbers import StudentNumbers, name_and_position
from .working import calculated_line, entries

#: By less the values of two formulas do not differ.
DIFFERENT = 1e-6


class _WithoutOneEntry(IndexPrinter):
    """Single entries, one of them a gap."""

    hidden: Expr = S.Zero

    def entry(self, name: str, indices: tuple[Expr, ...]) -> Node:
        return GAP if name_and_position(self.hidden) == (name, tuple(map(int, indices))) else super().entry(name, indices)


def places(source: QuestionSource) -> tuple[Expr, ...]:
    """Entries of gradients that are a formula of several other entries."""
    student = source.student
    if student is None:
        return ()
    gradients = {adjoint.as_tensor.name for adjoint in source.adjoints}
    return tuple(
        entry
        for entry, equation in student.equations.items()
        if equation.tensor in gradients and len(_read(student, equation.expression)) > 1
    )


def question(source: QuestionSource, place: Expr, draw: QuestionDraw) -> Question | None:
    student = source.student
    assert student is not None
    expression = with_labels(student.equations[place].expression, student.given_values)
    hidden = draw.one_of(_read(student, expression))
    value = entry_value(expression, student.values)
    # Another number in the gap must give another result, or anything could stand there.
    if abs(entry_value(expression, {**student.values, hidden: student.values[hidden] + 1}) - value) < DIFFERENT:
        return None
    write = entries(source)
    line = calculated_line(source, student, place, expression, value)
    without = _WithoutOneEntry(source.system, source.material.notation, 1)
    without.hidden = hidden
    shown = without.node(expression)
    if shown == line.right.node:
        return None
    name, _ = name_and_position(place)
    answer = GapAnswer(write.node(hidden), tuple(map(write.node, _not_right(student, expression, hidden, value))))
    return Question(
        "fill_entry",
        str(place),
        1,
        (Paragraph(say("exercises.fill.entry")), Display((gapped(source, line, shown),))),
        (
            Paragraph(say("exercises.fill.answer.factor", answer=Math(answer.missing))),
            Display((line,)),
            *by_entries(source, student, place),
        ),
        checked_in_two_ways(evidence_of(line)),
        1,
        frozenset({name.removeprefix(source.system.adjoint_mark)}),
        secrets=(line.right.node,),
        answer=answer,
    )


def _not_right(student: StudentNumbers, expression: Expr, hidden: Expr, value: float) -> list[Expr]:
    """Other entries of the arrays that are read, of the hidden one first, with which the formula has another value."""
    names = {entry_name(entry) for entry in _read(student, expression)}
    near = [entry for entry in student.values if isinstance(entry, Indexed) and entry != hidden and entry_name(entry) in names]
    wrong = [entry for entry in near if abs(entry_value(expression.xreplace({hidden: entry}), student.values) - value) > DIFFERENT]
    return sorted(wrong, key=lambda entry: entry_name(entry) != entry_name(hidden))[:MOST_OTHERS]


def _read(student: StudentNumbers, expression: Expr) -> list[Expr]:
    """The entries that a formula reads, each once, in its order; constants are no answer."""
    found = [node for node in nodes(with_labels(expression, student.given_values)) if isinstance(node, Indexed | Symbol)]
    return [entry for entry in dict.fromkeys(found) if entry in student.values and isinstance(entry, Indexed)]
