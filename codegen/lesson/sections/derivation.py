"""The heart of a document: for every quantity from the cost back, the chain rule, its factors, and the steps to the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sympy import Expr

from chainrule.codegen.backends.numpy.statements import StatementPrinter
from chainrule.codegen.document.document import Block, Code, Display, Heading, Math, Paragraph, Reference, Sentence
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import (
    MINUS,
    Function,
    Sign,
    bracketed,
    derivative_on_a_line,
    row,
    scripted,
    with_commas,
)
from chainrule.codegen.formulas.kinks import kinks, read_outside
from chainrule.codegen.formulas.reasons import rule_said
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import reversed_picture
from chainrule.codegen.program.program import Assignment
from chainrule.codegen.words.sentences import Field, say, say_with
from chainrule.symbolic.derivation.adjoint import Adjoint, Path, Step
from chainrule.symbolic.forms.matrix_form import NoMatrixForm
from chainrule.symbolic.index.axes import index
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.rewriting.rule import Rule

from .chain_rule import has_many_axes
from .paths import ways_section


def gradients_outside(material: Material) -> list[Block]:
    """What an entry counts as that a gradient alone reads outside of its array: a kernel at w[i - p]."""
    system = material.system
    if read_outside(system, (equation.expression for equation in system.equations)) is not None:
        return []
    entry = read_outside(system, (adjoint.expression for adjoint in material.derivation.adjoints.values()))
    return [Paragraph(say("forward.outside", entry=Math(material.by_index.node(entry))))] if entry is not None else []


def derivation_section(material: Material) -> list[Block]:
    """Every adjoint with its steps; of equal layers, one in full and of the others the result."""
    blocks = derivation_opening(material)
    for adjoint, first in of_each_kind(material.derivation.adjoints.values(), MOST_REPEATED):
        blocks += [*gradient_blocks(material, adjoint, first), *_code(material, adjoint)]
    return blocks


def derivation_opening(material: Material) -> list[Block]:
    """The heading, the network reversed, and what holds of all gradients."""
    blocks: list[Block] = [Heading(1, say("heading.derivation"), "derivation"), *reversed_picture(material)]
    return [*blocks, *said_kinks(material), *gradients_outside(material)]


def said_kinks(material: Material) -> list[Block]:
    """Which derivative is taken where there is none, or several."""
    return [Paragraph(say_with(key, signs(material))) for key in kinks(material.system)]


def gradient_blocks(material: Material, adjoint: Adjoint, first: Adjoint) -> list[Block]:
    """A gradient with its steps, or the result alone where `first` was derived by the same ones."""
    return _in_full(material, adjoint) if first is adjoint else _result_only(material, adjoint, first)


def of_each_kind(adjoints: Iterable[Adjoint], most_repeated: int) -> Iterator[tuple[Adjoint, Adjoint]]:
    """Adjoints that are no numbers, each with the first that was derived by the same steps; so many of those that are not the first."""
    first_of_kind: dict[tuple[Step, ...], Adjoint] = {}
    repeated = 0
    for adjoint in adjoints:
        if not adjoint.expression.is_number:
            first = first_of_kind.setdefault(adjoint.derived_steps, adjoint)
            repeated += first is not adjoint
            if first is adjoint or repeated <= most_repeated:
                yield adjoint, first


def signs(material: Material) -> dict[str, Field]:
    """What reasons mention."""
    z = material.ledger.argument
    return {
        "delta": Math(material.notation.kronecker),
        "z": Math(z),
        "half": Math(row(z, "/", "2")),
        "positive": Math(row(z, ">", "0"), Defined("condition")),
        "negative": Math(row(z, "<", "0"), Defined("condition")),
        "not_negative": Math(row(z, "≥", "0"), Defined("condition")),
        "sigmoid": Math(row("σ", bracketed(z))),
        "logistic": Math(row("1", "/", bracketed(row("1", "+", scripted("e", above=row(MINUS, z)))))),
        "stopped": Math(row(Function("sg"), bracketed(Sign("·")))),
    }


#: Results of equal layers that are shown; a network of a thousand layers has four thousand.
MOST_REPEATED = 24


def _heading(material: Material, adjoint: Adjoint) -> Heading:
    name = adjoint.tensor.name
    gradient = Math(derivative_on_a_line(material.by_index.cost, material.bare(name)))
    return Heading(2, say("heading.gradient", gradient=gradient), f"gradient-{name}")


def _in_full(material: Material, adjoint: Adjoint) -> list[Block]:
    blocks: list[Block] = [_heading(material, adjoint)]
    if adjoint.tensor.role is Role.PARAMETER:
        blocks += ways_section(material, adjoint)
    only_cost = [path for path in adjoint.paths if _is_cost(material, path)]
    if len(adjoint.paths) == len(only_cost) == 1:
        blocks.append(Paragraph(say("gradient.direct", u=Math(material.bare(adjoint.tensor.name)))))
        steps = _direct(material, adjoint)
    else:
        if len(adjoint.paths) > 1:
            key = "gradient.several.direct" if only_cost else "gradient.several"
            blocks.append(Paragraph(say_with(key, {"count": str(len(adjoint.paths)), "u": Math(material.bare(adjoint.tensor.name))})))
        blocks.append(whole_rule(material, adjoint))
        blocks.append(Paragraph(say("gradient.locals" if len(adjoint.paths) > 1 else "gradient.local")))
        blocks += [local_derivative(material, path) for path in adjoint.paths]
        blocks.append(Paragraph(say("gradient.whole")))
        steps = steps_to_result(material, adjoint)
    # The last step is the result.
    return [*blocks, material.numbered(steps, adjoint), *_matrix(material, adjoint)]


def _is_cost(material: Material, path: Path) -> bool:
    return bool(path.through == material.system.cost.tensor.own_entry)


def _direct(material: Material, adjoint: Adjoint) -> Display:
    """The cost differentiated, with the steps of the local derivative and then of the whole."""
    steps = [*adjoint.paths[0].steps, *adjoint.steps[1:]]
    return chain_of_equalities(material, adjoint.as_tensor.own_entry, steps[0].after, reason_of(material, steps[0]), steps[1:])


def whole_rule(material: Material, adjoint: Adjoint) -> Display:
    """∂C/∂u as the sum over all that reads u."""
    step = adjoint.steps[0]
    return Display((material.writer.line(step.before, step.after, reason_of(material, step, adjoint)),))


def local_derivative(material: Material, path: Path) -> Display:
    """∂v/∂u, worked out."""
    first, *rest = path.steps
    return chain_of_equalities(material, first.before, first.after, reason_of(material, first), rest)


def steps_to_result(material: Material, adjoint: Adjoint) -> Display:
    """The steps after the chain rule: substitution, deltas, rewrites."""
    _, *steps = adjoint.steps
    if not steps:
        return Display((material.writer.equation(adjoint.equation),))
    first, *rest = steps
    return chain_of_equalities(material, adjoint.as_tensor.own_entry, first.after, reason_of(material, first), rest)


def chain_of_equalities(material: Material, left: Expr, right: Expr, reason: Sentence, steps: list[Step]) -> Display:
    """left = right = … with the reason of each step."""
    return Display(material.writer.chain(left, [(right, reason), *((step.after, reason_of(material, step)) for step in steps)]))


def reason_of(material: Material, step: Step, adjoint: Adjoint | None = None) -> Sentence:
    """Why a step may be taken, in words."""
    if step.rule is Rule.CHAIN_RULE and adjoint is not None:
        return say("reason.chain rule", u=Math(material.bare(adjoint.tensor.name)))
    return say_with(f"reason.{rule_said(step)}", signs(material))


def _matrix(material: Material, adjoint: Adjoint) -> list[Block]:
    """The result in matrix notation, or one step of it, as of a recurrence; else why there is none."""
    try:
        line = material.writer.matrix(adjoint.equation, shapes=True)
    except NoMatrixForm as problem:
        try:
            line = material.writer.step_as(
                adjoint.equation, material.matrices.step, lambda form: material.matrices.formula(form, shapes=True)
            )
        except NotExpressible:
            return [] if has_many_axes(material) else [Paragraph(say(f"gradient.nomatrix.{problem.obstacle}"))]
    except NotExpressible:
        # A function that matrix notation has no sign for.
        return []
    blocks: list[Block] = [Paragraph(say("gradient.matrix")), Display((line,))]
    material.levels.note(adjoint.tensor.name, "matrix", blocks)
    return blocks


def _code(material: Material, adjoint: Adjoint) -> list[Block]:
    blocks = lines_of_code(material, adjoint.as_tensor.name, (*material.program.backward, *material.program.inputs))
    if blocks:
        material.levels.note(adjoint.tensor.name, "code", blocks)
    return blocks


def lines_of_code(material: Material, name: str, assignments: Sequence[Assignment]) -> list[Block]:
    """The line of the module that computes a quantity, and the loop that it is in; nothing where none of these does."""
    found = next((assignment for assignment in assignments if assignment.name == name), None)
    if found is None:
        return []
    line = StatementPrinter(material.program.system, assignments).statement(found)
    if found.loop is None or line.step is None:
        return [Paragraph(say("gradient.code", line=Code(line.start.text)))]
    loops = [loop for loop in found.loop.nested if loop.backwards == found.loop.backwards]
    t = Math(with_commas(*(material.by_index.letter(index(loop.letter)) for loop in loops)))
    way = "backwards" if found.loop.backwards else "forwards"
    # Zeros that the loop only fills need no mention.
    before = [Paragraph(say("gradient.loop.before", line=Code(line.start.text)))] if line.step.adds else []
    return [*before, Paragraph(say(f"gradient.loop.{way}", t=t, line=Code(line.step.text)))]


def _result_only(material: Material, adjoint: Adjoint, first: Adjoint) -> list[Block]:
    reference = Reference(material.numbering.of[first.as_tensor.name])
    return [
        _heading(material, adjoint),
        Paragraph(say("gradient.same", first=reference)),
        material.gradient(adjoint),
    ]
