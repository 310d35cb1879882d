"""Why an answer is so: the paths of the chain rule with their derivatives, the same formula by index, the equations that read an entry."""

from __future__ import annotations

from sympy import Expr, Indexed, Symbol

from chainrule.codegen.document.document import Block, Display, Math, Paragraph
from chainrule.codegen.lesson.worked_values import with_labels
from chainrule.codegen.mistakes.matrices import parts
from chainrule.codegen.words.sentences import formula, listed, say
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.forms.matrices import MatrixProduct, SumOver
from chainrule.symbolic.index.tensors import entry_name

from .derivation_lines import is_direct
from .source import QuestionSource
from .student_numbers import StudentNumbers, name_and_position
from .working import calculated_line, entries


def by_chain_rule(source: QuestionSource, adjoint: Adjoint) -> tuple[Block, ...]:
    """What reads the tensor, and its derivatives by it: the factors of the formula."""
    material, writer = source.material, source.writer
    u = Math(material.bare(adjoint.tensor.name))
    if is_direct(source.system, adjoint):
        return Paragraph(say("exercises.why.cost", u=u)), Display((writer.equation(source.system.cost),))
    through = [formula(material.bare(entry_name(path.through))) for path in adjoint.paths]
    said = say("exercises.why.paths" if len(through) > 1 else "exercises.why.path", u=u, through=listed(through))
    lines = tuple(writer.line(path.steps[0].before, path.local_derivative) for path in adjoint.paths)
    return Paragraph(said), Display(lines)


def by_index(source: QuestionSource, adjoint: Adjoint) -> tuple[Block, ...]:
    """The formula by index: which index a sum runs over says which factor comes first, and which is transposed."""
    form = source.matrix_form(adjoint)
    has_product = form is not None and any(isinstance(part, MatrixProduct | SumOver) for part in parts(form))
    return Paragraph(say(f"exercises.why.index{'.product' if has_product else ''}")), Display((source.gradient_line(adjoint),))


def by_entries(source: QuestionSource, student: StudentNumbers, slope: Expr) -> tuple[Block, ...]:
    """The equations that read an entry, of whose gradient the formula is."""
    name, position = name_and_position(slope)
    entry = source.system.tensors[name.removeprefix(source.system.adjoint_mark)].at(*position)
    lines = []
    for place, equation in student.equations.items():
        expression = with_labels(equation.expression, student.given_values)
        if equation.tensor in source.system.definition and entry in expression.atoms(Indexed, Symbol):
            lines.append(calculated_line(source, student, place, expression, student.values[place]))
    shown = Math(entries(source).node(entry))
    return (Paragraph(say("exercises.why.entries", entry=shown)), Display(tuple(lines))) if lines else ()
