"""The heart of a document: for every quantity from the cost back, the chain rule, its factors, and the steps to the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sympy import Add, Expr, Indexed, Integer

from chainrule.codegen.backends.numpy.statements import StatementPrinter
from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Code, Display, Formula, Heading, Line, Math, Paragraph, Reference, Sentence
from chainrule.codegen.document.evidence import Defined, Evaluated
from chainrule.codegen.document.nodes import (
    MINUS,
    THIN,
    Function,
    Sign,
    bracketed,
    derivative,
    derivative_on_a_line,
    node,
    row,
    scripted,
    total,
    with_commas,
)
from chainrule.codegen.formulas.function_signs import ONE, indicator
from chainrule.codegen.formulas.kinks import kinks, read_outside
from chainrule.codegen.formulas.reasons import rule_said
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import reversed_picture
from chainrule.codegen.words.sentences import Field, say, say_with
from chainrule.symbolic.derivation.adjoint import Adjoint, Path, Step
from chainrule.symbolic.derivation.partial_derivative import PartialDerivative
from chainrule.symbolic.forms.matrix_form import NoMatrixForm
from chainrule.symbolic.index.axes import index
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.index_letters import bound_sum
from chainrule.symbolic.index.tensors import Role, entry_name
from chainrule.symbolic.rewriting.rule import Rule

from .paths import ways_section

#: Letters of the general rule, the usual ones first.
QUANTITIES = (("read", "uqξφ"), ("computed from it", "vrζψ"))
INDICES = (("of what is read", "mpesμι"), ("of what is computed", "ilgoνκ"))


def chain_section(material: Material) -> list[Block]:
    """The rule itself, the delta, and the order of the work."""
    notation = material.notation
    return [
        Heading(1, say("heading.chain"), "chain-rule"),
        *general_rule(material),
        Paragraph(say("chain.delta", delta=Math(scripted(notation.kronecker, row("i", "j"))))),
        *([Paragraph(say("chain.indicator", one=Math(indicator(node("…")))))] if material.by_index.first == 0 else []),
        Paragraph(say("chain.back")),
        Paragraph(matrix_signs(material)),
        *([Paragraph(say("chain.nomatrix"))] if _has_many_axes(material) else []),
        *(Paragraph(say("chain.onehot", onehot=Math(scripted(ONE, material.bare(name))))) for name in _labels(material)),
    ]


def general_rule(material: Material) -> list[Block]:
    """∂C/∂u[m] = Σ_v Σ_i ∂C/∂v[i] ∂v[i]/∂u[m], for every u of the network."""
    cost = material.by_index.cost
    first, second = (material.ledger.free(f"any quantity, {place}", letters) for place, letters in QUANTITIES)
    m, i = (material.ledger.free(f"any index, {place}", letters) for place, letters in INDICES)
    u, v = scripted(first, m), scripted(second, i)
    general = Formula(row(total(second), total(i), derivative(cost, v), THIN, derivative(v, u)))
    left = Formula(derivative(cost, u))
    return [
        Paragraph(say("chain.general", u=Math(first), v=Math(second))),
        Display((Line(left, general, evidence=_for_every_quantity(material, left, general)),)),
    ]


def _for_every_quantity(material: Material, *shown: Formula) -> Evaluated:
    """The rule for every u of the network whose steps are shown: Σ_v Σ_i v̄[i] ∂v[i]/∂u[m], its local derivatives by complex steps."""
    derivation, found = material.derivation, []
    for adjoint in derivation.adjoints.values():
        if adjoint.is_first_of_kind and adjoint.paths:
            found.append(material.writer.claim(adjoint.as_tensor.own_entry, _chain_rule(material, adjoint)))
    return together(found, *shown)


def _chain_rule(material: Material, adjoint: Adjoint) -> Expr:
    ways = []
    for path in adjoint.paths:
        own = path.through.indices if isinstance(path.through, Indexed) else ()
        name = entry_name(path.through)
        known = material.derivation.adjoints[name].as_tensor.at(*own) if name in material.derivation.adjoints else Integer(1)
        ways.append(bound_sum(known * PartialDerivative(path.through, adjoint.tensor.own_entry), *own))
    return Add(*ways)


def matrix_signs(material: Material) -> Sentence:
    """What the signs of matrix notation mean; ∂C/∂W needs no other name where gradients of arrays are written so."""
    parameter = max(material.system.parameters, key=lambda tensor: len(tensor.axes)).name
    axes = material.system.axes
    counted = material.system.batch or next(iter(axes), None)
    ones = material.matrices.ones(index(counted)) if counted in axes else ONE
    signs: dict[str, Field] = {"hadamard": Math(node(material.notation.entrywise_product)), "ones": Math(ones)}
    if material.notation.array_gradients == "partial":
        return say("chain.signs", **signs)
    short = material.matrices.name(material.system.adjoint_name(parameter))
    long = derivative_on_a_line(material.by_index.cost, material.matrices.name(parameter))
    return say("chain.signs.short", short=Math(short), long=Math(long), **signs)


def _has_many_axes(material: Material) -> bool:
    """Whether matrix notation is an exception here, so that it is enough to say once why it is missing."""
    return any(len(adjoint.tensor.axes) > 2 for adjoint in material.derivation.adjoints.values())


def _labels(material: Material) -> list[str]:
    return [tensor.name for tensor in material.system.targets if tensor.is_integer and len(tensor.axes) == 1]


def _outside(material: Material) -> list[Block]:
    """What an entry counts as that a gradient alone reads outside of its array: a kernel at w[i - p]."""
    system = material.system
    if read_outside(system, (equation.expression for equation in system.equations)) is not None:
        return []
    entry = read_outside(system, (adjoint.expression for adjoint in material.derivation.adjoints.values()))
    return [Paragraph(say("forward.outside", entry=Math(material.by_index.node(entry))))] if entry is not None else []


def derivation_section(material: Material) -> list[Block]:
    """Every adjoint with its steps; of equal layers, one in full and of the others the result."""
    blocks: list[Block] = [Heading(1, say("heading.derivation"), "derivation"), *reversed_picture(material)]
    blocks += [Paragraph(say_with(key, signs(material))) for key in kinks(material.system)]
    blocks += _outside(material)
    for adjoint, first in of_each_kind(material.derivation.adjoints.values(), MOST_REPEATED):
        blocks += _in_full(material, adjoint) if first is adjoint else _result_only(material, adjoint, first)
    return blocks


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
        blocks.append(_direct(material, adjoint))
    else:
        if len(adjoint.paths) > 1:
            key = "gradient.several.direct" if only_cost else "gradient.several"
            blocks.append(Paragraph(say_with(key, {"count": str(len(adjoint.paths)), "u": Math(material.bare(adjoint.tensor.name))})))
        blocks.append(whole_rule(material, adjoint))
        blocks.append(Paragraph(say("gradient.locals" if len(adjoint.paths) > 1 else "gradient.local")))
        blocks += [local_derivative(material, path) for path in adjoint.paths]
        blocks.append(Paragraph(say("gradient.whole")))
        blocks.append(steps_to_result(material, adjoint))
    return [*blocks, *_result(material, adjoint)]


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


def _result(material: Material, adjoint: Adjoint) -> list[Block]:
    """The numbered result, its matrix form with shapes, and the line of the module."""
    blocks: list[Block] = [Paragraph(say("gradient.result")), material.gradient(adjoint)]
    return [*blocks, *_matrix(material, adjoint), *_code(material, adjoint)]


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
            return [] if _has_many_axes(material) else [Paragraph(say(f"gradient.nomatrix.{problem.obstacle}"))]
    except NotExpressible:
        # A function that matrix notation has no sign for.
        return []
    blocks: list[Block] = [Paragraph(say("gradient.matrix")), Display((line,))]
    material.levels.note(adjoint.tensor.name, "matrix", blocks)
    return blocks


def _code(material: Material, adjoint: Adjoint) -> list[Block]:
    blocks = _lines_of_code(material, adjoint)
    if blocks:
        material.levels.note(adjoint.tensor.name, "code", blocks)
    return blocks


def _lines_of_code(material: Material, adjoint: Adjoint) -> list[Block]:
    name = adjoint.as_tensor.name
    backward = (*material.program.backward, *material.program.inputs)
    found = next((assignment for assignment in backward if assignment.name == name), None)
    if found is None:
        return []
    line = StatementPrinter(material.program.system, backward).statement(found)
    if found.loop is None or found.step is None:
        return [Paragraph(say("gradient.code", line=Code(line.start)))]
    loops = [loop for loop in found.loop.nested if loop.backwards == found.loop.backwards]
    t = Math(with_commas(*(material.by_index.letter(index(loop.letter)) for loop in loops)))
    way = "backwards" if found.loop.backwards else "forwards"
    # Zeros that the loop only fills need no mention.
    before = [Paragraph(say("gradient.loop.before", line=Code(line.start)))] if found.step.adds else []
    return [*before, Paragraph(say(f"gradient.loop.{way}", t=t, line=Code(line.step)))]


def _result_only(material: Material, adjoint: Adjoint, first: Adjoint) -> list[Block]:
    reference = Reference(material.numbering.of[first.as_tensor.name])
    return [
        _heading(material, adjoint),
        Paragraph(say("gradient.same", first=reference)),
        material.gradient(adjoint),
        *_code(material, adjoint),
    ]
