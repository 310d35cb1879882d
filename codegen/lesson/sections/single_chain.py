"""One neuron per layer: the cost of one example through the last two layers, and every factor of its chain rule by itself."""

from __future__ import annotations

from chainrule.codegen.document.document import Block, Display, Heading, Line, Math, Paragraph
from chainrule.codegen.document.nodes import Node, scripted
from chainrule.codegen.formulas.view_printer import Spelling
from chainrule.codegen.lesson.any_layer import last_layer, suffixes
from chainrule.codegen.lesson.equation_writer import EquationWriter
from chainrule.codegen.lesson.ledger import LAST_LAYER
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import say


def one_neuron_per_layer_section(material: Material) -> list[Block]:
    """Nothing where the last activation is no function of each entry by itself."""
    view = material.views.one_neuron_per_layer
    if view is None:
        return []
    own = suffixes(view)[-1]
    names: dict[str, Node] = {view.system.cost.tensor.name: scripted(_cost(view), "0")}
    before = "x" if len(suffixes(view)) == 1 else f"a{suffixes(view)[-2]}"
    found = _relative(view, names)
    writer = view.writer(found)
    shown = [f"W{own}", f"b{own}", *([before] if before != "x" else [])]
    blocks: list[Block] = [
        Heading(1, say("heading.single"), "one-neuron-per-layer"),
        Paragraph(say("single.intro", L=Math(material.ledger.enter(view.notation.last_layer, LAST_LAYER)), cost=Math(writer.printer.cost))),
        *_forward(view, writer, own),
    ]
    for name in shown:
        blocks += _of(view, writer, name)
    return blocks


def _cost(view: NetworkView) -> Node:
    return view.writer().printer.cost


def _relative(view: NetworkView, names: dict[str, Node]) -> Spelling:
    spelling = last_layer(view)
    return Spelling(layers=spelling.layers, names={**spelling.names, **names})


def _forward(view: NetworkView, writer: EquationWriter, own: str) -> list[Block]:
    """The cost, the pre-activation and the activation, numbered."""
    activation = view.activation_line(writer, f"z{own}")
    lines = (writer.equation(view.system.cost), writer.equation(view.system.definition[f"z{own}"]), activation)
    stems = ("C", "z", "a")
    return [writer.numbered(line, f"{stem} of one neuron per layer") for line, stem in zip(lines, stems, strict=True)]


def _of(view: NetworkView, writer: EquationWriter, name: str) -> list[Block]:
    """∂C₀/∂w as a product, its factors one by one, and the product of them."""
    chain = view.chain(name)
    derivative = writer.node(chain.tensor.own_entry)
    factors = [_factor(view, writer, of, by) for of, by in _steps_to_the_cost(view, name)]
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
        Display(tuple(factors) if view.notation.chain_from_cost else tuple(reversed(factors))),
        Paragraph(say("single.product")),
        writer.numbered(writer.line(chain.tensor.own_entry, product), f"{view.system.adjoint_name(name)} of one neuron per layer"),
    ]


def _steps_to_the_cost(view: NetworkView, name: str) -> list[tuple[str, str]]:
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
