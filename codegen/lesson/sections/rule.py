"""The chain rule once in general and once step by step, then every pattern of a gradient once, and a table of all parameters."""

from __future__ import annotations

from dataclasses import replace

from sympy import KroneckerDelta

from chainrule.codegen.document.document import Block, Display, Heading, Math, Paragraph, Sentence, Table
from chainrule.codegen.document.nodes import row, scripted
from chainrule.codegen.lesson.cut_rows import cut_rows
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import reversed_picture
from chainrule.codegen.words.sentences import formula, listed, plain, say
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.equal_equations import canonical_form
from chainrule.symbolic.index.tensors import Role, entry_name

from .chain_rule import general_rule, matrix_signs
from .derivation import gradients_outside, local_derivative, steps_to_result, whole_rule
from .symbol_table import shape_node

#: Rows of the table, and patterns; of a longer network the first and the last.
MOST_ROWS, MOST_PATTERNS = 16, 24

Patterns = dict[str, Adjoint]


def rule_section(material: Material) -> list[Block]:
    """The rule, an example of it, the patterns and the table."""
    needed = [adjoint for adjoint in material.derivation.needed if not adjoint.expression.is_number]
    example = _example(needed)
    patterns: Patterns = {}
    worked = _step_by_step(material, example, patterns) if example is not None else []
    found = _patterns(material, needed, patterns)
    table = _table(material)
    signs = [Paragraph(matrix_signs(material))] if any(len(block.lines) > 1 for block in found) else []
    return [
        Heading(1, say("heading.chain"), "chain-rule"),
        *general_rule(material),
        *worked,
        *reversed_picture(material),
        Paragraph(say("rule.patterns")),
        *signs,
        *found,
        *gradients_outside(material),
        *table,
    ]


def _example(needed: list[Adjoint]) -> Adjoint | None:
    """The first weight that one equation reads, at every step of which something is to be seen."""
    single = (adjoint for adjoint in needed if adjoint.tensor.role is Role.PARAMETER and len(adjoint.paths) == 1)
    return next((adjoint for adjoint in single if len(adjoint.tensor.axes) > 1 and adjoint.is_first_of_kind), None)


def _step_by_step(material: Material, adjoint: Adjoint, patterns: Patterns) -> list[Block]:
    """Chain rule, local derivative with its δ, result."""
    patterns[_key(material, adjoint)] = adjoint
    result = _numbered(material, adjoint, ())
    is_matrix = len(result.lines) > 1
    delta = any(step.after.has(KroneckerDelta) for path in adjoint.paths for step in path.steps)
    explained = [Paragraph(say("chain.delta", delta=Math(scripted(material.notation.kronecker, row("i", "j")))))] if delta else []
    return [
        Paragraph(say("rule.example", parameter=Math(material.bare(adjoint.tensor.name)))),
        whole_rule(material, adjoint),
        Paragraph(say("gradient.local")),
        *(local_derivative(material, path) for path in adjoint.paths),
        *explained,
        Paragraph(say("gradient.whole")),
        steps_to_result(material, adjoint),
        # The last step is the result by index.
        Paragraph(say("gradient.matrix" if is_matrix else "gradient.result")),
        replace(result, lines=result.lines[1:]) if is_matrix else result,
    ]


def _patterns(material: Material, needed: list[Adjoint], patterns: Patterns) -> list[Display]:
    """The result for every quantity that is like none before, with what it reaches the cost through."""
    found: list[Display] = []
    for adjoint in needed:
        key = _key(material, adjoint)
        if key in patterns or adjoint.tensor.role is Role.PARAMETER:
            continue
        patterns[key] = adjoint
        found.append(_numbered(material, adjoint, _through(material, adjoint)))
    return found if len(found) <= MOST_PATTERNS else [*found[: MOST_PATTERNS - 6], *found[-6:]]


def _key(material: Material, adjoint: Adjoint) -> str:
    """Equal for two gradients that differ in nothing but names."""
    return canonical_form((adjoint.as_tensor.own_entry, adjoint.expression), material.system)[0]


def _through(material: Material, adjoint: Adjoint) -> Sentence:
    if all(path.through == material.system.cost.tensor.own_entry for path in adjoint.paths):
        return say("reason.of the cost")
    names = dict.fromkeys(entry_name(path.through) for path in adjoint.paths)
    return say("reason.through", through=listed([formula(material.bare(name)) for name in names]))


def _numbered(material: Material, adjoint: Adjoint, reason: Sentence) -> Display:
    """The gradient by index and, where there is one, in matrix notation with shapes."""
    if not adjoint.is_first_of_kind:
        material.checker.gradient(adjoint, material.numbers)
    lines = [material.writer.equation(adjoint.equation, reason)]
    matrix = material.matrix_line(adjoint.equation, shapes=True)
    return Display((*lines, *([matrix] if matrix is not None else [])), material.numbering.next_for(adjoint.as_tensor.name))


def _table(material: Material) -> list[Block]:
    """What each parameter's gradient is, and its shape."""
    header = tuple(say(f"table.{column}") for column in ("gradient", "formula", "shape"))
    rows: list[tuple[Sentence, ...]] = []
    for tensor in material.system.parameters:
        adjoint = material.derivation.adjoints.get(tensor.name)
        if adjoint is None or adjoint.expression.is_number:
            continue
        if not adjoint.is_first_of_kind:
            material.checker.gradient(adjoint, material.numbers)
        line = material.writer.whole(adjoint.equation)
        shape = formula(shape_node(material, tensor)) if tensor.axes else plain("–")
        rows.append((formula(line.left.node), formula(line.right.node), shape))
    return [Paragraph(say("rule.table")), Table(header, cut_rows(rows, MOST_ROWS, MOST_ROWS - 4, 3), "lll")]
