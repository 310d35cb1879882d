"""The chain rule itself for any quantity of the network, and what the signs of the derivation mean."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, Expr, Indexed, Integer

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph, Sentence
from chainrule.codegen.document.evidence import Evaluated
from chainrule.codegen.document.nodes import (
    THIN,
    Scripts,
    derivative,
    derivative_on_a_line,
    node,
    row,
    scripted,
    total,
)
from chainrule.codegen.formulas.function_signs import ENTRYWISE_POWER, ONE, indicator
from chainrule.codegen.lesson.explained_signs import ShownFormulas
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.sentences import listed, say
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.partial_derivative import PartialDerivative
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
        explained_indicator(material),
        Paragraph(say("chain.back")),
        explained_matrices(material),
        *([Paragraph(say("chain.nomatrix"))] if has_many_axes(material) else []),
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


def explained_signs(material: Material) -> list[Block]:
    """What signs of formulas mean that this section has, or others behind it."""
    return [explained_indicator(material), explained_matrices(material)]


def explained_indicator(material: Material) -> Block:
    """What 1[j = y_n] is, where there is one."""
    sentence = say("chain.indicator", one=Math(indicator(node("…"))))
    return material.signs.place("indicator", lambda shown: sentence if shown.has_indicator else ())


def explained_matrices(material: Material) -> Block:
    """What the signs of matrix notation mean, those that there are."""
    return material.signs.place("matrices", lambda shown: matrix_signs(material, shown))


def matrix_signs(material: Material, shown: ShownFormulas) -> Sentence:
    """What those signs of matrix notation mean that are shown; ∂C/∂W needs no other name where gradients of arrays are written so."""
    meanings = list(_meanings(material, shown))
    return say("chain.signs", meanings=listed(meanings, between="descriptions")) if meanings else ()


def _meanings(material: Material, shown: ShownFormulas) -> Iterator[Sentence]:
    notation, product = material.notation, node(material.notation.entrywise_product)
    if notation.array_gradients != "partial" and shown.has(notation.gradient_mark):
        parameter = max(material.system.parameters, key=lambda tensor: len(tensor.axes)).name
        short = material.matrices.name(material.system.adjoint_name(parameter))
        yield say(
            "chain.signs.gradient", short=Math(short), long=Math(derivative_on_a_line(material.by_index.cost, material.bare(parameter)))
        )
    if shown.has(product):
        yield say("chain.signs.product", hadamard=Math(product))
    is_raised, is_divided = shown.has(ENTRYWISE_POWER), shown.has_array_fraction
    if is_raised or is_divided:
        key = "both" if is_raised and is_divided else "powers" if is_raised else "fractions"
        yield say(f"chain.signs.{key}", **({"sign": Math(ENTRYWISE_POWER)} if is_raised else {}))
    ones = [material.matrices.ones(axis.index) for axis in material.system.axes.values()]
    if column := next((one for one in ones if isinstance(one, Scripts) and one.below and shown.has_below_one(one.below)), None):
        yield say("chain.signs.ones", ones=Math(column))
    for tensor in (*material.system.targets, *material.system.inputs):
        name = material.matrices.name(tensor.name)
        if tensor.is_integer and shown.has_below_one(name):
            yield say("chain.signs.onehot", onehot=Math(scripted(ONE, name)))


def has_many_axes(material: Material) -> bool:
    """Whether matrix notation is an exception here, so that it is enough to say once why it is missing."""
    return any(len(adjoint.tensor.axes) > 2 for adjoint in material.derivation.adjoints.values())
