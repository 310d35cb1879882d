"""One neuron that feeds two: the forward pass gives ∂z/∂w, the backward pass gives ∂C/∂z, their product is ∂C/∂w."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph, Sentence
from chainrule.codegen.document.nodes import Braced, Letter, Node, derivative, derivative_on_a_line, primed, row, scripted
from chainrule.codegen.formulas.view_printer import Spelling
from chainrule.codegen.lesson.equation_writer import EquationWriter
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import formula, listed, say
from chainrule.symbolic.forms.computational_graph import node_gradients
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.system import Equation


def one_neuron_section(material: Material) -> list[Block]:
    """The network in small: two inputs, one neuron, two neurons that read it."""
    view = material.views.one_feeding_two
    if view is None:
        return []
    names = _names(material, view)
    writer = view.writer(Spelling(names=names))
    return [
        Heading(1, say("heading.neuron"), "one-neuron"),
        Paragraph(say("neuron.intro")),
        Display(tuple(_forward(view, writer))),
        Paragraph(say("neuron.split")),
        Display((writer.equation(view.link("W1_1_1")), writer.equation(view.link("W1_1_2")), writer.equation(view.link("b1_1")))),
        Heading(2, say("heading.neuron.forward"), "neuron-forward"),
        Paragraph(say("neuron.forward")),
        Display(tuple(_local(view, writer, name, reader) for name, reader in _WEIGHTS)),
        Heading(2, say("heading.neuron.backward"), "neuron-backward"),
        Paragraph(say("neuron.backward", two=_two(writer))),
        *_backward(view, writer, names),
        *_cases(view, writer),
        Heading(2, say("heading.neuron.summary"), "neuron-summary"),
        Paragraph(say("neuron.summary")),
        *_summary(view, writer),
    ]


def one_neuron_in_short_section(material: Material) -> list[Block]:
    """The same on half a page: what it computes, both factors, and their product."""
    view = material.views.one_feeding_two
    if view is None:
        return []
    names = _names(material, view)
    writer = view.writer(Spelling(names=names))
    return [
        Heading(1, say("heading.neuron"), "one-neuron"),
        Paragraph(say("neuron.intro")),
        Display(tuple(_forward(view, writer)[:4])),
        Paragraph(say("neuron.split")),
        Display((writer.equation(view.link("W1_1_1")), _local(view, writer, *_WEIGHTS[0]))),
        Paragraph(say("neuron.backward", two=_two(writer))),
        *_backward(view, writer, names),
        Paragraph(say("neuron.summary")),
        *_summary(view, writer),
    ]


def one_neuron_back_section(material: Material) -> list[Block]:
    """The way back through one neuron, and for all neurons of a layer at once, by the transposed matrix."""
    view = material.views.one_feeding_two
    if view is None:
        return []
    # The derivatives by z, z′ and z″ are written out, which in layers are called errors.
    view = replace(view, notation=replace(view.notation, error_letter=None))
    names = _names(material, view)
    writer = view.writer(Spelling(names=names))
    return [
        Heading(1, say("heading.neuron.backward"), "one-neuron"),
        Paragraph(say("neuron.intro")),
        Display(tuple(_forward(view, writer)[1:4])),
        Paragraph(say("neuron.activation", two=_two(writer))),
        *_backward(view, writer, names),
        *_through_matrix(material),
    ]


#: Neurons z of one layer, and a number a that is computed from all of them: any function would do, as its derivative stays unwritten.
LAYER = "z[j] = sum(k, W[j,k]*x[k]) + b[j]\na = sum(j, tanh(z[j]))"
LAYER_LETTERS = "zWxbajk"


def _through_matrix(material: Material) -> list[Block]:
    """∂a/∂x = Wᵀ ∂a/∂z"""
    system = Network.from_equations(LAYER, ["W[j,k]", "b[j]", "x[k]"], name="layer", batch=None)
    view = NetworkView(system, material.notation.adapted({}, of_layers=False), material.checker)
    writer = view.writer()
    lines = writer.matrix(system.definition["z"], shapes=True), writer.matrix(node_gradients(view.derivation, "x")[0], shapes=True)
    a, z = (Math(Letter(letter)) for letter in "az")
    blocks: list[Block] = [Paragraph(say("neuron.matrix", a=a, z=z)), Display(lines)]
    return material.ledger.to_themselves(blocks, LAYER_LETTERS)


#: Weights and biases with the pre-activation that reads them.
_WEIGHTS = (("W1_1_1", "z1_1"), ("W1_1_2", "z1_1"), ("b1_1", "z1_1"), ("W2_1_1", "z2_1"), ("W2_2_1", "z2_2"))


def _names(material: Material, view: NetworkView) -> dict[str, Node]:
    """z of the first neuron, z′ and z″ of the two that it feeds; weights are counted on."""
    letters = view.notation.entry_letters
    w, b, z, a, x, y, output = (*(letters[stem] for stem in ("W", "b", "z", "a", "x", "y")), view.notation.output or letters["a"])
    return {
        **{f"x_{place}": scripted(x, str(place)) for place in (1, 2)},
        "W1_1_1": scripted(w, "1"),
        "W1_1_2": scripted(w, "2"),
        "W2_1_1": scripted(w, "3"),
        "W2_2_1": scripted(w, "4"),
        "b1_1": b,
        "b2_1": primed(b),
        "b2_2": primed(b, 2),
        "z1_1": z,
        "z2_1": primed(z),
        "z2_2": primed(z, 2),
        "a1_1": a,
        **{f"a2_{place}": scripted(output, str(place)) for place in (1, 2)},
        **{f"y_{place}": scripted(y, str(place)) for place in (1, 2)},
        view.system.cost.tensor.name: material.ledger.cost_of_one,
    }


def _two(writer: EquationWriter) -> Sentence:
    return listed([formula(writer.printer.name_of(name)) for name in ("z2_1", "z2_2")])


def _forward(view: NetworkView, writer: EquationWriter) -> list[Line]:
    lines = []
    for equation in view.system.equations:
        name = equation.tensor.name
        argument = next((slope.at.name for slope in view.slopes.values() if slope.of.name == name), None)
        lines.append(writer.equation(equation) if argument is None else view.activation_line(writer, argument))
    return lines


def _local(view: NetworkView, writer: EquationWriter, name: str, reader: str) -> Line:
    """∂z/∂w = the value at the input of the weight."""
    path = next(path for path in view.derivation.adjoint(name).paths if str(path.through.name) == reader)
    return writer.line(path.steps[0].before, path.local_derivative)


def _backward(view: NetworkView, writer: EquationWriter, names: dict[str, Node]) -> list[Block]:
    """∂C/∂z through a, ∂C/∂a through both readers, and both together."""
    a = view.derivation.adjoint("a1_1")
    under = {path.steps[0].before: writer.node(path.local_derivative) for path in a.paths}
    labelled = view.writer(Spelling(names=names, under=under))
    slope = view.slopes["z1_1"]
    whole = slope.through_next_layer(view.derivation)
    constant = say("neuron.constant", slope=Math(writer.node(slope.value)), z=Math(writer.printer.name_of("z1_1")))
    return [
        Display((writer.equation(view.link("z1_1")), labelled.equation(view.link("a1_1")))),
        Paragraph(say("neuron.together")),
        writer.numbered(writer.equation(whole), "dz of one neuron"),
        *([Paragraph(constant)] if view.is_signed("z1_1") else []),
    ]


def _cases(view: NetworkView, writer: EquationWriter) -> list[Block]:
    """The output layer, where ∂C/∂z is known directly, and any other, where it follows from the next."""
    first, second = (Math(derivative_on_a_line(writer.printer.cost, writer.printer.name_of(name))) for name in ("z2_1", "z2_2"))
    lines: list[Line] = []
    for place in (1, 2):
        own = view.derivation.adjoint(f"z2_{place}")
        lines.append(writer.equation(view.link(f"z2_{place}")))
        lines.append(writer.further(own.as_tensor.own_entry, _with_output_put_in(view, f"z2_{place}")))
    return [
        Paragraph(say("neuron.case.output", first=first, second=second)),
        Display(tuple(lines)),
        Paragraph(say("neuron.case.hidden", first=first, second=second)),
    ]


def _with_output_put_in(view: NetworkView, name: str) -> Expr:
    """σ′(z) times the derivative of the cost itself, where the activation is one of each entry."""
    if name not in view.slopes:
        return view.derivation.adjoint(name).expression
    slope = view.slopes[name]
    output = view.derivation.adjoint(slope.of.name)
    return slope.adjoint_of_argument(view.derivation).expression.xreplace({output.as_tensor.own_entry: output.expression})


def _summary(view: NetworkView, writer: EquationWriter) -> list[Block]:
    """∂z/∂w = a forward, times ∂C/∂z backward, is ∂C/∂w: evaluated for every weight."""
    notation = view.notation
    all_evidence = []
    for name, tensor in view.system.tensors.items():
        if name.startswith("W") and tensor.axes == ():
            link: Equation = view.link(name)
            all_evidence.append(writer.claim(link.tensor.own_entry, link.expression))
            all_evidence.append(writer.claim(link.tensor.own_entry, view.derivation.adjoint(name).expression))
    w, z, a, cost = notation.entry_letters["W"], notation.entry_letters["z"], notation.entry_letters["a"], writer.printer.cost
    left, right = Formula(derivative(cost, w)), Formula(row(Braced(derivative(z, w), a), "×", derivative(cost, z)))
    return [Display((Line(left, right, say("neuron.every"), evidence=together(all_evidence, left, right)),))]
