"""Fill the gap in the formula of a gradient: a factor, an index, or the letter of a sum."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Indexed, S, Sum

from chainrule.codegen.document.document import Display, Math, Paragraph
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, is_letter, letters, names_read, nodes
from chainrule.symbolic.index.index_sum import IndexSum

from .answers import GapAnswer
from .draw import QuestionDraw
from .gaps import MOST_OTHERS, PrinterWithoutEntry, PrinterWithoutPlace, PrinterWithoutSumLetter, gapped
from .question import Question
from .reasons import by_chain_rule
from .source import QuestionSource, checked_by_evaluation


@dataclass(frozen=True, slots=True)
class Gap:
    """The printer that leaves something out, what it is, and the formula as it is with another thing there.

    `others` are other things that could stand there, each with the formula that it would make.
    """

    kind: str
    printer: IndexPrinter
    answer: Node
    otherwise: Expr
    others: tuple[tuple[Node, Expr], ...] = ()


def places(source: QuestionSource) -> tuple[str, ...]:
    """Gradients whose formula has something to leave out."""
    return tuple(adjoint.tensor.name for adjoint in source.adjoints if _gaps(source, adjoint.tensor.name))


def question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    adjoint = source.adjoint(place)
    line = source.gradient_line(adjoint)
    gap = draw.one_of(_gaps(source, place))
    shown = gap.printer.node(adjoint.expression)
    if shown == line.right.node or source.wrong(adjoint.as_tensor.own_entry, gap.otherwise) is None:
        return None
    answer = GapAnswer(gap.answer, _not_right(source, adjoint, gap))
    return Question(
        "fill_formula",
        place,
        1 if gap.kind == "letter" else 2,
        (Paragraph(say(f"exercises.fill.{gap.kind}", gradient=Math(source.bare(place)))), Display((gapped(source, line, shown),))),
        (
            Paragraph(say(f"exercises.fill.answer.{gap.kind}", answer=Math(answer.missing))),
            Display((line,)),
            *by_chain_rule(source, adjoint),
        ),
        checked_by_evaluation(evidence_of(line)),
        2,
        frozenset({place}),
        secrets=(line.right.node,),
        answer=answer,
    )


def _not_right(source: QuestionSource, adjoint: Adjoint, gap: Gap) -> tuple[Node, ...]:
    """What else could be written into the gap and is clearly wrong there."""
    found: list[Node] = []
    for written, expression in gap.others:
        if len(found) < MOST_OTHERS and written != gap.answer and source.wrong(adjoint.as_tensor.own_entry, expression) is not None:
            found.append(written)
    return tuple(dict.fromkeys(found))


def _gaps(source: QuestionSource, name: str) -> list[Gap]:
    expression = source.adjoint(name).expression
    factors = [read for read in names_read(expression) if read in source.system.stored]
    found = [_without_entry(source, expression, read) for read in factors if len(factors) > 1]
    found += [gap for read in factors for gap in _without_places(source, expression, read)]
    return found + _without_sum_letter(source, expression)


def _entries(expression: Expr, name: str) -> list[Expr]:
    """The different entries of a tensor that an expression reads."""
    return list(dict.fromkeys(node for node in nodes(expression) if isinstance(node, Indexed) and node.base.name == name))


def _without_entry(source: QuestionSource, expression: Expr, name: str) -> Gap:
    """Where a tensor is read at one place alone, that entry is the answer; else it is the tensor."""
    entries = _entries(expression, name)
    answer = source.by_index.node(entries[0]) if len(entries) == 1 else source.material.entry(name)
    axes = source.system.stored[name].axes
    others = []
    for other in source.system.stored.values():
        if axes and other.axes == axes and not other.is_integer and _is_known(source, other.name):
            filled = {entry: other.at(*entry.indices) for entry in entries}
            written = source.by_index.node(filled[entries[0]]) if len(entries) == 1 else source.material.entry(other.name)
            others.append((written, expression.xreplace(filled)))
    without = expression.xreplace(dict.fromkeys(entries, S.One))
    return Gap("factor", PrinterWithoutEntry(source.material, name), answer, without, tuple(others))


def _is_known(source: QuestionSource, name: str) -> bool:
    """Whether a reader has met the tensor or the gradient."""
    return name in source.system.tensors or any(adjoint.as_tensor.name == name for adjoint in source.adjoints)


def _without_places(source: QuestionSource, expression: Expr, name: str) -> list[Gap]:
    """An index of a tensor that is read once; another letter there would be another formula."""
    entries = _entries(expression, name)
    if len(entries) != 1 or len(entries[0].indices) < 2 or not all(map(is_letter, entries[0].indices)):
        return []
    indices = entries[0].indices
    found = []
    known = sorted(letters(expression), key=str)
    for place, letter in enumerate(indices):
        other = [*indices[:place], indices[place - 1], *indices[place + 1 :]]
        otherwise = expression.xreplace({entries[0]: source.system.stored[name].at(*other)}) if name in source.system.tensors else None
        if otherwise is not None:
            at = {choice: source.system.stored[name].at(*indices[:place], choice, *indices[place + 1 :]) for choice in known}
            others = tuple((source.by_index.letter(choice), expression.xreplace({entries[0]: entry})) for choice, entry in at.items())
            found.append(Gap("index", PrinterWithoutPlace(source.material, name, place), source.by_index.letter(letter), otherwise, others))
    return found


def _without_sum_letter(source: QuestionSource, expression: Expr) -> list[Gap]:
    sums = [node for node in nodes(expression) if isinstance(node, Sum)]
    if len(sums) != 1 or len(sums[0].limits) != 1:
        return []
    letter = sums[0].limits[0][0]
    printer = PrinterWithoutSumLetter(source.system, source.material.notation)
    # Without the sum its letter would be free, which no gradient's formula may be.
    without = expression.xreplace({sums[0]: IndexSum(S.One, sums[0].limits[0])})
    others = tuple(
        (source.by_index.letter(other), expression.xreplace({sums[0]: bound_sum(sums[0].function, other)}))
        for other in sorted(free_letters(sums[0]), key=str)
    )
    return [Gap("letter", printer, source.by_index.letter(letter), without, others)]
