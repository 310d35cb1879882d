"""A summary to take along: each equation beside the line of the module that computes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chainrule.codegen.backends.numpy.statements import Statement, StatementPrinter
from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import (
    Block,
    Code,
    Formula,
    Heading,
    Line,
    Math,
    Paragraph,
    Reference,
    Sentence,
    Table,
    Words,
)
from chainrule.codegen.document.nodes import row
from chainrule.codegen.formulas.measure import formula_width
from chainrule.codegen.lesson.cut_rows import Row, cut_rows
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.program.program import Assignment
from chainrule.codegen.words.sentences import formula, say
from chainrule.codegen.words.sentences import together as together_said
from chainrule.symbolic.system.system import Equation

#: Of a longer network the first and the last lines.
MOST_ROWS = 14
#: In em: a row that is wider has the name of the quantity alone, and a letter of code. An equation leaves so much of a row to the code.
WIDEST_ROW, CODE_WIDTH, CODE_SHARE = 42.0, 0.53, 0.7


def one_page_section(material: Material) -> list[Block]:
    intro = say("page.intro", module=Code(f"{material.system.name}.py"))
    forward, backward = code_tables(material)
    return [
        Heading(1, say("heading.page"), "one-page"),
        Paragraph(together_said(intro, say("summary.forward"))),
        forward,
        Paragraph(say("summary.backward")),
        backward,
        *([Paragraph(say("page.source", source=material.notation.source))] if material.notation.source else []),
    ]


def code_tables(material: Material, widest: float = WIDEST_ROW) -> Iterator[Table]:
    """The forward and the backward pass, an equation and its line of code a row, which may take so many em."""
    program = material.program
    forward = {equation.tensor.name: equation for equation in material.system.equations}
    backward = {adjoint.as_tensor.name: adjoint.equation for adjoint in material.derivation.needed}
    header = (say("table.equation"), say("table.line"))
    # The backward pass computes anew what the forward pass does not keep.
    for equations, assignments in ((forward, (*program.forward, *program.cost)), (forward | backward, program.backward)):
        rows = _rows(material, equations, assignments, widest)
        yield Table(header, cut_rows(rows, MOST_ROWS, MOST_ROWS - 4, 3), "ll")


def in_a_sentence(line: Line) -> Math:
    """left = right as one formula, by the evidence of the line."""
    whole = Formula(row(line.left.node, line.relation, line.right.node))
    return Math(whole.node, together([evidence_of(line)], whole))


def _rows(material: Material, equations: Mapping[str, Equation], assignments: Sequence[Assignment], widest: float) -> list[Row]:
    printer = StatementPrinter(material.program.system, assignments)
    found: list[tuple[Assignment, Line | None, list[str]]] = []
    for assignment in assignments:
        equation = equations.get(assignment.name)
        line = material.writer.whole(equation) if equation is not None else None
        found.append((assignment, line, list(_code(printer.statement(assignment)))))
    longest = CODE_WIDTH * max((len(text) for _, _, code in found for text in code), default=0)
    room = widest - min(longest, CODE_SHARE * widest)
    rows: list[Row] = []
    for assignment, line, (first, *others) in found:
        # A quantity of the module alone, which lines below read, has no equation.
        shown = _equation(material, assignment.name, line, room) if line is not None else (Code(assignment.name),)
        rows += [(shown, (Code(first),)), *(((), (Code(code),)) for code in others)]
    return rows


def _code(statement: Statement) -> Iterator[str]:
    """What computes a quantity: of a recurrence the step, and before it what the step adds to."""
    if statement.step is None or (statement.step.adds and statement.assignment.array is not None):
        yield statement.start.text
    if statement.step is not None:
        yield statement.step.text


def _equation(material: Material, name: str, line: Line, room: float) -> Sentence:
    """The equation, or where it is too wide its left side and its number."""
    whole = in_a_sentence(line)
    if formula_width(whole.shown) <= room:
        return (whole,)
    number = material.numbering.of.get(name)
    return (*formula(line.left.node), *((Words(" "), Reference(number)) if number is not None else ()))
