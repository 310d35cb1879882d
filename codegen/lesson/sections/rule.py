"""The chain rule once in general and once step by step, then every pattern of a gradient once, and a table of all parameters."""

from __future__ import annotations

from dataclasses import replace

from sympy import KroneckerDelta

from chainrule.codegen.document.document import Block, Display, Heading, Line, Math, Paragraph, Reference, Sentence, Table
from chainrule.codegen.document.node_walk import nodes
from chainrule.codegen.document.nodes import Fenced, Fraction, Node
from chainrule.codegen.formulas.measure import formula_width
from chainrule.codegen.lesson.cut_rows import cut_rows
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import reversed_picture
from chainrule.codegen.words.sentences import formula, listed, plain, say
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.equal_equations import canonical_form
from chainrule.symbolic.index.tensors import Role, entry_name

from .chain_rule import explained_indicator, explained_matrices, general_rule, kronecker_delta
from .derivation import gradients_outside, local_derivative, said_kinks, steps_to_result, whole_rule
from .piece_levels import note_gradient
from .symbol_table import shape_node

#: Rows of the table, and patterns; of a longer network the first and the last.
MOST_ROWS, MOST_PATTERNS = 16, 24
#: Of a weight whose gradient is shown step by step.
MOST_PATHS = 3
#: In em: two lines of a cell, and one.
WIDEST_CELL, WIDEST_PART = 48.0, 22.0


def rule_section(material: Material) -> list[Block]:
    """The rule, an example of it, the patterns and the table."""
    needed = gradients_to_show(material)
    example = weight_to_show(needed)
    worked = _step_by_step(material, example) if example is not None else []
    patterns = gradients_by_pattern(material, needed, example)
    found = [_pattern_display(material, first) for first, *_ in patterns]
    found = found if len(found) <= MOST_PATTERNS else [*found[: MOST_PATTERNS - 6], *found[-6:]]
    lines = parameter_lines(material)
    found += [_pattern_display(material, each) for each, line in lines if each is not example and is_too_wide(line.right.node)]
    table = gradient_table(material, lines)
    return [
        Heading(1, say("heading.chain"), "chain-rule"),
        *general_rule(material),
        *worked,
        explained_indicator(material),
        *said_kinks(material),
        *reversed_picture(material),
        Paragraph(say("rule.patterns" if worked else "rule.patterns.alone")),
        explained_matrices(material),
        *found,
        *gradients_outside(material),
        Paragraph(say("rule.table")),
        table,
    ]


def gradients_to_show(material: Material) -> list[Adjoint]:
    """All but those that are numbers."""
    return [adjoint for adjoint in material.derivation.needed if not adjoint.expression.is_number]


def weight_to_show(needed: list[Adjoint]) -> Adjoint | None:
    """Of the parameters with most axes, weights before biases, the first that fewest equations read; no step of it says the same again."""
    parameters = (adjoint for adjoint in needed if adjoint.tensor.role is Role.PARAMETER)
    shown = [adjoint for adjoint in parameters if 0 < len(adjoint.paths) <= MOST_PATHS and adjoint.is_first_of_kind]
    return min(shown, key=lambda adjoint: (-min(len(adjoint.tensor.axes), 2), len(adjoint.paths)), default=None)


def _step_by_step(material: Material, adjoint: Adjoint) -> list[Block]:
    """Chain rule, local derivative with its δ, result."""
    result = gradient_display(material, adjoint, ())
    steps = steps_to_result(material, adjoint)
    is_matrix = len(result.lines) > 1
    return [
        Paragraph(say("rule.example", parameter=Math(material.bare(adjoint.tensor.name)))),
        whole_rule(material, adjoint),
        Paragraph(say("gradient.local" if len(adjoint.paths) == 1 else "gradient.locals")),
        *(local_derivative(material, path) for path in adjoint.paths),
        *explained_delta(material, adjoint),
        Paragraph(say("gradient.whole")),
        # The last step is the result by index, which has the number where no other form follows.
        *([steps, *in_matrices(result)] if is_matrix else [replace(steps, number=result.number)]),
    ]


def in_matrices(result: Display) -> list[Block]:
    """The lines below that by index."""
    return [Paragraph(say("gradient.matrix")), replace(result, lines=result.lines[1:])]


def explained_delta(material: Material, adjoint: Adjoint) -> list[Block]:
    """What the Kronecker delta is, where a step of the gradient has one."""
    if not any(step.after.has(KroneckerDelta) for path in adjoint.paths for step in path.steps):
        return []
    return [kronecker_delta(material)]


def gradients_by_pattern(material: Material, needed: list[Adjoint], example: Adjoint | None) -> list[list[Adjoint]]:
    """Those of no parameters, and not like the example; together those that differ in names alone."""
    known = _pattern(material, example) if example is not None else None
    found: dict[str, list[Adjoint]] = {}
    for adjoint in needed:
        pattern = _pattern(material, adjoint)
        if pattern != known and adjoint.tensor.role is not Role.PARAMETER:
            found.setdefault(pattern, []).append(adjoint)
    return [*found.values()]


def _pattern(material: Material, adjoint: Adjoint) -> str:
    """Equal for two gradients that differ in nothing but names."""
    return canonical_form((adjoint.as_tensor.own_entry, adjoint.expression), material.system)[0]


def through(material: Material, adjoint: Adjoint) -> Sentence:
    """What the quantity reaches the cost through."""
    if all(path.through == material.system.cost.tensor.own_entry for path in adjoint.paths):
        return say("reason.of the cost")
    names = dict.fromkeys(entry_name(path.through) for path in adjoint.paths)
    return say("reason.through", through=listed([formula(material.bare(name)) for name in names]))


def gradient_display(material: Material, adjoint: Adjoint, reason: Sentence) -> Display:
    """The gradient by index and, where there is one, in matrix notation with shapes."""
    first, *others = gradient_lines(material, adjoint)
    return Display((replace(first, reason=reason), *others), material.numbering.next_for(adjoint.as_tensor.name))


def _pattern_display(material: Material, adjoint: Adjoint) -> Display:
    shown = gradient_display(material, adjoint, through(material, adjoint))
    note_gradient(material, adjoint, shown)
    return shown


def gradient_lines(material: Material, adjoint: Adjoint) -> tuple[Line, ...]:
    """By index and, where there is one, in matrix notation with shapes."""
    if not adjoint.is_first_of_kind:
        material.checker.gradient(adjoint, material.numbers)
    matrix = material.matrix_line(adjoint.equation, shapes=True)
    return material.writer.equation(adjoint.equation), *([matrix] if matrix is not None else [])


def is_too_wide(right: Node) -> bool:
    """For a cell, in which lines end between factors and terms, but in no brackets."""
    whole = [part for part in nodes(right) if isinstance(part, Fenced | Fraction)]
    return formula_width(right) > WIDEST_CELL or any(formula_width(part) > WIDEST_PART for part in whole)


def parameter_lines(material: Material) -> list[tuple[Adjoint, Line]]:
    """The gradient of each parameter that has one, in matrix notation or else by index."""
    adjoints = [material.derivation.adjoints.get(tensor.name) for tensor in material.system.parameters]
    shown = [adjoint for adjoint in adjoints if adjoint is not None and not adjoint.expression.is_number]
    for adjoint in shown:
        if not adjoint.is_first_of_kind:
            material.checker.gradient(adjoint, material.numbers)
    return [(adjoint, material.writer.whole(adjoint.equation)) for adjoint in shown]


def gradient_table(material: Material, lines: list[tuple[Adjoint, Line]]) -> Table:
    """What each parameter's gradient is, and its shape; of a wide one that has a number, the number."""
    header = tuple(say(f"table.{column}") for column in ("gradient", "formula", "shape"))
    rows: list[tuple[Sentence, ...]] = []
    for adjoint, line in lines:
        number = material.numbering.of.get(adjoint.as_tensor.name)
        whole = (Reference(number),) if number is not None and is_too_wide(line.right.node) else formula(line.right.node)
        shape = formula(shape_node(material, adjoint.tensor)) if adjoint.tensor.axes else plain("–")
        rows.append((formula(line.left.node), whole, shape))
    return Table(header, cut_rows(rows, MOST_ROWS, MOST_ROWS - 4, 3), "lll")
