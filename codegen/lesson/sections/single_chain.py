"""One neuron per layer: the cost of one example through the last two layers, and every factor of its chain rule by itself."""

from __future__ import annotations

from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import Node, bracketed, row, scripted, with_commas
from chainrule.codegen.formulas.view_printer import Spelling
from chainrule.codegen.lesson.any_layer import last_layer, suffixes
from chainrule.codegen.lesson.equation_writer import EquationWriter
from chainrule.codegen.lesson.ledger import LAST_LAYER
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import chain_picture
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import say

#: Neurons of the picture behind the input, as many layers.
NEURONS = 3


def one_neuron_per_layer_section(material: Material) -> list[Block]:
    """Nothing where the last activation is no function of each entry by itself."""
    view = material.views.one_neuron_per_layer
    if view is None:
        return []
    writer = _writer(view)
    lines = _forward(view, writer)
    blocks: list[Block] = [
        Heading(1, say("heading.single"), "one-neuron-per-layer"),
        _intro(material, view, writer),
        *(writer.numbered(line, f"{stem} of one neuron per layer") for line, stem in zip(lines, "Cza", strict=True)),
    ]
    for name in _shown(view):
        blocks += _of(view, writer, name)
    return blocks


def neuron_chain_section(material: Material) -> list[Block]:
    """The cost as a function of all parameters, of four neurons in a row; its derivatives in the last layer, factor by factor."""
    if material.layers is None:
        return []
    notation, theta, cost = material.notation, material.ledger.parameters, material.by_index.cost
    layers = [str(layer) for layer in range(1, NEURONS + 1)]
    letters = [scripted(notation.entry_letters[stem], above=notation.raised(layer)) for layer in layers for stem in "Wb"]
    parameters = bracketed(with_commas(*letters), "{}", grows=True)
    return [
        Heading(1, say("heading.single"), "one-neuron-per-layer"),
        Paragraph(say("chain.parameters", theta=Math(theta))),
        Display(
            (
                Line(Formula(theta), Formula(parameters), evidence=Defined("all parameters")),
                Line(
                    Formula(row(cost, bracketed(theta))),
                    Formula(row(cost, bracketed(with_commas(*letters)))),
                    evidence=Defined("all parameters"),
                ),
            )
        ),
        chain_picture(material, NEURONS),
        *_last_layer_in_short(material),
    ]


def _last_layer_in_short(material: Material) -> list[Block]:
    """The chain of the weight with the value of each factor; of the others the factor that differs."""
    view = material.views.one_neuron_per_layer
    if view is None:
        return []
    writer = _writer(view)
    weight, *others = _shown(view)
    differing = [_factor(view, writer, *_steps(view, name)[0]) for name in others]
    return [
        _intro(material, view, writer),
        Display(tuple(_forward(view, writer))),
        Paragraph(say("single.chain", derivative=Math(writer.node(view.chain(weight).tensor.own_entry)))),
        Display((writer.equation(view.chain(weight)), *_factors(view, writer, weight))),
        Paragraph(say("chain.others")),
        Display(tuple(differing)),
    ]


def _writer(view: NetworkView) -> EquationWriter:
    return view.writer(_relative(view, {view.system.cost.tensor.name: scripted(_cost(view), "0")}))


def _shown(view: NetworkView) -> list[str]:
    """The weight, the bias and the activation before: what the last layer reads."""
    own, *_ = reversed(suffixes(view))
    return [f"W{own}", f"b{own}", *(f"a{before}" for before in suffixes(view)[-2:-1])]


def _intro(material: Material, view: NetworkView, writer: EquationWriter) -> Paragraph:
    last = material.ledger.enter(view.notation.last_layer, LAST_LAYER)
    return Paragraph(say("single.intro", L=Math(last), cost=Math(writer.printer.cost)))


def _cost(view: NetworkView) -> Node:
    return view.writer().printer.cost


def _relative(view: NetworkView, names: dict[str, Node]) -> Spelling:
    spelling = last_layer(view)
    return Spelling(layers=spelling.layers, names={**spelling.names, **names})


def _forward(view: NetworkView, writer: EquationWriter) -> list[Line]:
    """The cost, the pre-activation and the activation."""
    z = f"z{suffixes(view)[-1]}"
    return [writer.equation(view.system.cost), writer.equation(view.system.definition[z]), view.activation_line(writer, z)]


def _of(view: NetworkView, writer: EquationWriter, name: str) -> list[Block]:
    """∂C₀/∂w as a product, its factors one by one, and the product of them."""
    chain = view.chain(name)
    derivative = writer.node(chain.tensor.own_entry)
    factors = _factors(view, writer, name)
    product = view.derivation.adjoint(name).equation.expression
    for slope in view.slopes.values():
        read = view.derivation.adjoint(slope.at.name).as_tensor.own_entry
        product = product.xreplace({read: slope.adjoint_of_argument(view.derivation).expression})
    last = view.derivation.adjoints[f"a{suffixes(view)[-1]}"]
    product = product.xreplace({last.as_tensor.own_entry: last.expression})
    return [
        Paragraph(say("single.chain", derivative=Math(derivative))),
        Display((writer.equation(chain),)),
        Paragraph(say("single.factors")),
        Display(factors),
        Paragraph(say("single.product")),
        writer.numbered(writer.line(chain.tensor.own_entry, product), f"{view.system.adjoint_name(name)} of one neuron per layer"),
    ]


def _factors(view: NetworkView, writer: EquationWriter, name: str) -> tuple[Line, ...]:
    """In the order of the notation's products."""
    factors = [_factor(view, writer, of, by) for of, by in _steps(view, name)]
    return tuple(factors) if view.notation.chain_from_cost else tuple(reversed(factors))


def _steps(view: NetworkView, name: str) -> list[tuple[str, str]]:
    """(z, w), (a, z), (C, a): what reads what, up to the cost."""
    pairs = []
    while name != view.system.cost.tensor.name:
        (reader,) = view.system.readers[name]
        pairs.append((reader.tensor.name, name))
        name = reader.tensor.name
    return pairs


def _factor(view: NetworkView, writer: EquationWriter, of: str, by: str) -> Line:
    """One local derivative with its value: a slope by its name."""
    (path,) = view.derivation.adjoint(by).paths
    partial = path.steps[0].before
    slope = view.slopes.get(by)
    value = slope.value if slope and slope.of.name == of else path.local_derivative
    return writer.line(partial, value)
