"""The network as a composition of functions: the general rule, and what every part of the network hands on."""

from __future__ import annotations

from sympy import Integer

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Display, Formula, Heading, Items, Line, Math, Paragraph, Sentence, Table
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import Letter, Number, bracketed, row, with_commas
from chainrule.codegen.formulas.view_printer import Spelling
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import formula, listed, say
from chainrule.symbolic.layers.network import Network

from .one_page import in_a_sentence

#: f, g, h of the general rule: any functions would do, as their derivatives stay unwritten.
OWN_LETTERS = "fghxuvy"
COMPOSITION = "u = sin(x)\nv = exp(u)\ny = tanh(v)\nL = y"
#: Equations that a table of the network holds, and of which the steps are listed one by one.
MOST_EQUATIONS, MOST_STEPS = 60, 8


def composition_section(material: Material) -> list[Block]:
    """The composition; then what every part of the network hands on."""
    return [*_composition(material), *_hands_on(material)]


def composition_in_short_section(material: Material) -> list[Block]:
    """The composition; then the steps of this network one by one, forward and back."""
    return [*_composition(material), *_steps(material)]


def _steps(material: Material) -> list[Block]:
    """z = W x + b first, and so on to the cost; then the gradient of every quantity back to the first, those of parameters beside it."""
    view = material.views.one_example
    if view is None or len(view.system.equations) > MOST_STEPS:
        return []
    writer = view.writer()
    items: list[Sentence] = [(in_a_sentence(writer.whole(equation)),) for equation in view.system.equations]
    adjoints, computed = view.derivation.adjoints, view.system.definition
    for equation in reversed(view.system.equations[:-1]):
        names = [equation.tensor.name, *(name for name in equation.reads if name in adjoints and name not in computed)]
        gradients = (in_a_sentence(writer.whole(view.derivation.adjoint(name).equation)) for name in names)
        items.append(listed([(gradient,) for gradient in gradients], between="phrases"))
    return [Paragraph(say("composition.steps")), Items(tuple(items), ordered=True)]


def _composition(material: Material) -> list[Block]:
    """y = h(g(f(x))) with dy = 1 at its end."""
    system = Network.from_equations(COMPOSITION, ["x"], name="composition")
    view = NetworkView(system, material.notation.adapted({}, of_layers=False), material.checker)
    writer = view.writer(Spelling(is_total=True))
    entries = {name: view.derivation.adjoint(name).as_tensor.own_entry for name in "yvux"}
    lines = [writer.line(entries["y"], Integer(1))]
    for name, reader in (("v", "y"), ("u", "v"), ("x", "u")):
        (path,) = view.derivation.adjoint(name).paths
        lines.append(writer.line(entries[name], path.steps[0].before * entries[reader]))
    composed = row("h", bracketed(row("g", bracketed(row("f", bracketed("x"))))))
    named = {"y": composed, "u": row("f", bracketed("x")), "v": row("g", bracketed("u"))}
    parts = [Line(Formula(Letter(name)), Formula(value), evidence=Defined("any functions")) for name, value in named.items()]
    one = Formula(row(lines[0].left.node, "=", lines[0].right.node))
    blocks: list[Block] = [
        Heading(1, say("heading.composition"), "composition"),
        Paragraph(say("letters.own", letters=Math(with_commas(*OWN_LETTERS)))),
        Paragraph(say("composition.intro")),
        Display(tuple(parts)),
        Paragraph(say("composition.backward", one=Math(one.node, together([evidence_of(lines[0])], one)))),
        Display(tuple(lines)),
    ]
    return material.ledger.to_themselves(blocks, OWN_LETTERS)


def _hands_on(material: Material) -> list[Block]:
    """A row for every equation of the network: what it computes, what it is handed, and what it hands on."""
    view = material.views.one_example
    if view is None:
        return []
    writer = view.writer(Spelling(bare=True))
    header = tuple(say(f"table.{column}") for column in ("function", "handed", "hands"))
    rows = []
    equations = view.system.equations if len(view.system.equations) <= MOST_EQUATIONS else view.system.equations[-MOST_EQUATIONS:]
    for equation in equations:
        name = equation.tensor.name
        arguments = [read for read in equation.reads if read in view.system.tensors]
        computed = row(writer.matrices.name(name), bracketed(with_commas(*map(writer.matrices.name, arguments))))
        gradients = [
            formula(writer.matrices.name(view.system.adjoint_name(read))) for read in arguments if read in view.derivation.adjoints
        ]
        handed = Number("1") if name == view.system.cost.tensor.name else writer.matrices.name(view.system.adjoint_name(name))
        rows.append((formula(computed), formula(handed), listed(gradients)))
    return [Paragraph(say("composition.network")), Table(header, tuple(rows), "lll")]
