"""Recurrences: a shared parameter's gradient as a sum over steps, what comes back from the next step, and a factor at each step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from sympy import Add, Expr, Indexed, Integer, S, Sum

from chainrule.codegen.document.document import Display, Math, Paragraph
from chainrule.codegen.document.nodes import scripted
from chainrule.codegen.figures.unrolled import Recurrence, first_recurrence
from chainrule.codegen.lesson.equation_writer import EquationWriter, SourceParts, evidence_of
from chainrule.codegen.words.sentences import formula, listed, say
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.index_sum import IndexSum

from .answers import FormulaAnswer, SelectionAnswer
from .draw import QuestionDraw
from .own_sizes import numbers_of_sizes
from .question import Question
from .reasons import by_chain_rule
from .source import QuestionSource, checked_by_evaluation
from .working import number_answer, rounded

STEPS = 3
#: A sum of more terms is no longer written out.
MOST_TERMS = 2
FACTORS, LENGTHS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2), (10, 20, 30)


def shared_places(source: QuestionSource) -> tuple[str, ...]:
    """Parameters that every step reads."""
    recurrence = first_recurrence(source.system)
    if recurrence is None or source.system.axes[recurrence.direction.axis].size is not None:
        return ()
    needed = [tensor.name for tensor in recurrence.shared if tensor.name in source.derivation.adjoints]
    return tuple(name for name in needed if len(Add.make_args(source.adjoint(name).expression)) <= MOST_TERMS)


def shared_question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    recurrence, adjoint = first_recurrence(source.system), source.adjoint(place)
    assert recurrence is not None
    written_out = _written_out(adjoint.expression, recurrence)
    if written_out == adjoint.expression:
        return None
    numbers = numbers_of_sizes(source, {**source.numbers.sizes, recurrence.direction.axis: STEPS})
    writer = EquationWriter(SourceParts(numbers, source.checker), source.by_index, source.material.matrices)
    line = writer.line(adjoint.as_tensor.own_entry, written_out, written=source.material.entry(adjoint.as_tensor.name))
    letter = Math(source.by_index.letter(recurrence.direction.letter))
    return Question(
        "recurrent_sum",
        place,
        3,
        (Paragraph(say("exercises.recurrent.sum", gradient=Math(source.bare(place)), letter=letter, steps=STEPS)),),
        (
            Display((line,)),
            Paragraph(say("exercises.recurrent.sum.why", parameter=Math(source.material.bare(place)))),
            *by_chain_rule(source, adjoint),
        ),
        checked_by_evaluation(evidence_of(line)),
        5,
        frozenset({place}),
        secrets=(line.right.node,),
        answer=FormulaAnswer(line.left.node, line.right.node),
    )


def _written_out(expression: Expr, recurrence: Recurrence) -> Expr:
    """Sums over the steps as so many terms, the first step first."""
    axis = recurrence.system.axis(recurrence.direction.letter)
    found: dict[Expr, Expr] = {}
    for whole in nodes(expression):
        if not isinstance(whole, Sum):
            continue
        for limit in whole.limits:
            if recurrence.system.axis(limit[0]) is axis and len(limit) == 3 and limit[1] == 0:
                others = tuple(other for other in whole.limits if other != limit)
                terms = [_inside(whole.function.xreplace({limit[0]: Integer(step)}), recurrence) for step in range(STEPS)]
                found[whole] = Add(*(IndexSum(term, *others) if others else term for term in terms))
    return expression.xreplace(found)


def _inside(term: Expr, recurrence: Recurrence) -> Expr:
    """What is read before the first step or after the last one is 0; the start of a state is a term of its own."""
    outside = {}
    for read in nodes(term):
        if isinstance(read, Indexed) and read.base.name in recurrence.group.names:
            tensor = recurrence.system.tensors[read.base.name]
            step = read.indices[tensor.axes.index(recurrence.direction.letters[tensor.name])]
            if step.is_Integer and not 0 <= int(step) < STEPS:
                outside[read] = S.Zero
    return term.xreplace(outside)


@dataclass(frozen=True, slots=True)
class Reader:
    """What is computed from a state, and at which step, counted from the state's own."""

    entry: Expr
    is_of_another_step: bool


def state_places(source: QuestionSource) -> tuple[str, ...]:
    """States that are handed on, and are read at their own step, too."""
    recurrence = first_recurrence(source.system)
    if recurrence is None:
        return ()
    names = [tensor.name for tensor in recurrence.states if tensor.name in source.derivation.adjoints]
    return tuple(name for name in names if len({reader.is_of_another_step for reader in _readers(source, recurrence, name)}) > 1)


def state_question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    recurrence, adjoint = first_recurrence(source.system), source.adjoint(place)
    assert recurrence is not None
    readers = draw.shuffled(_readers(source, recurrence, place))
    options = tuple(formula(source.by_index.node(reader.entry)) for reader in readers)
    right = tuple(number for number, reader in enumerate(readers) if reader.is_of_another_step)
    state = Math(source.material.entry(place))
    reasons = by_chain_rule(source, adjoint)
    evidence = [evidence_of(line) for block in reasons if isinstance(block, Display) for line in block.lines]
    return Question(
        "recurrent_paths",
        place,
        2,
        (Paragraph(say("exercises.recurrent.paths", state=state, quantities=listed(options))),),
        (
            Paragraph(say("exercises.recurrent.paths.answer", quantities=listed([options[number] for number in right]))),
            *reasons,
            Paragraph(say("exercises.recurrent.paths.why")),
        ),
        checked_by_evaluation(*evidence),
        3,
        answer=SelectionAnswer(options, right),
    )


def _readers(source: QuestionSource, recurrence: Recurrence, name: str) -> tuple[Reader, ...]:
    """Every equation that reads the state, at the step whose own quantity reads the state of the first letter's place."""
    found = []
    letter = recurrence.direction.letters[name]
    along = recurrence.system.tensors[name].axes.index(letter)
    for equation in source.system.equations:
        reads = [node for node in nodes(equation.expression) if isinstance(node, Indexed) and node.base.name == name]
        own = recurrence.direction.letters.get(equation.tensor.name, letter)
        shifts = {read.indices[along] - own for read in reads} if own in equation.indices else set(map(Integer, [0] * len(reads)))
        found += [Reader(equation.tensor.own_entry.xreplace({own: letter - shift}), shift != 0) for shift in sorted(shifts, key=str)]
    return tuple(found)


def factor_question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    recurrence = first_recurrence(source.system)
    assert recurrence is not None
    factor, steps = draw.one_of(FACTORS), draw.one_of(LENGTHS)
    value = reduce(lambda found, _: found * factor, range(steps), 1.0)
    answer = number_answer(source, scripted(rounded(factor), above=str(steps)), value, factor**steps)
    state = Math(source.material.bare(place))
    return Question(
        "recurrent_factor",
        place,
        1,
        (Paragraph(say("exercises.recurrent.factor", state=state, factor=Math(rounded(factor)), steps=steps)),),
        (Paragraph(say(f"exercises.recurrent.factor.{'vanishes' if factor < 1 else 'explodes'}", result=answer.shown)),),
        say("exercises.checked.twice"),
        2,
        answer=answer,
    )
