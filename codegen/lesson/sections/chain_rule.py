"""The chain rule itself for any quantity of the network, and what the signs of the derivation mean."""

from __future__ import annotations

from sympy import Add, Expr, Indexed, Integer

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph, Sentence
from chainrule.codegen.document.evidence import Evaluated
from chainrule.codegen.document.nodes import (
    THIN,
    derivative,
    derivative_on_a_line,
    node,
    row,
    scripted,
    total,
)
from chainrule.codegen.formulas.function_signs import ONE, indicator
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.sentences import Field, say
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.partial_derivative import PartialDerivative
from chainrule.symbolic.index.axes import index
from chainrule.symbolic.index.index_letters import bound_sum
from chainrule.symbolic.index.tensors import entry_name

#: Letters of the general rule, the usual ones first.
QUANTITIES = (("read", "uqξφ"), ("computed from it", "vrζψ"))
INDICES = (("of what is read", "mpesμι"), ("of what is computed", "ilgoνκ"))


def chain_section(material: Material) -> list[Block]:
    """The rule itself, the delta, and the order of the work."""
    return [
        Heading(1, say("heading.chain"), "chain-rule"),
        *general_rule(material),
        kronecker_delta(material),
        *explained_indicator(material),
        Paragraph(say("chain.back")),
        Paragraph(matrix_signs(material)),
        *([Paragraph(say("chain.nomatrix"))] if has_many_axes(material) else []),
        *(Paragraph(say("chain.onehot", onehot=Math(scripted(ONE, material.bare(name))))) for name in _labels(material)),
    ]


def kronecker_delta(material: Material) -> Paragraph:
    """What it is."""
    return Paragraph(say("chain.delta", delta=Math(scripted(material.notation.kronecker, row(*material.ledger.two_indices)))))


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


def explained_indicator(material: Material) -> list[Block]:
    """What 1[j = y_n] is, where places are computed or given."""
    return [Paragraph(say("chain.indicator", one=Math(indicator(node("…")))))] if material.by_index.first == 0 else []


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


def has_many_axes(material: Material) -> bool:
    """Whether matrix notation is an exception here, so that it is enough to say once why it is missing."""
    return any(len(adjoint.tensor.axes) > 2 for adjoint in material.derivation.adjoints.values())


def _labels(material: Material) -> list[str]:
    return [tensor.name for tensor in material.system.targets if tensor.is_integer and len(tensor.axes) == 1]
