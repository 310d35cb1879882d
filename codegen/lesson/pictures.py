"""The pictures of a document: the network, the reversed network, and the computational graph with the numbers of the example."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from chainrule.codegen.document.document import Figure, Sentence
from chainrule.codegen.document.drawing import is_turned, page_scale
from chainrule.codegen.document.nodes import THIN, row, scripted, with_commas
from chainrule.codegen.figures.block_diagram import block_diagram, is_recurrent
from chainrule.codegen.figures.columns import MOST_NEURONS, is_shortened
from chainrule.codegen.figures.equation_graph import equation_graph
from chainrule.codegen.figures.letters import StackLetters, on_one_line
from chainrule.codegen.figures.neuron_chain import ChainedNeuron, neuron_chain
from chainrule.codegen.figures.reversed_stack import reversed_stack
from chainrule.codegen.figures.scalar_graph import scalar_graph
from chainrule.codegen.figures.stack import DIGITS as STACK_DIGITS
from chainrule.codegen.figures.stack import lettered_stack, plain_stack
from chainrule.codegen.figures.training_loop import training_loop
from chainrule.codegen.figures.worked_graph import DIGITS, ON_PAPER, Distances, worked_graph
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.codegen.formulas.printed_number import printed
from chainrule.codegen.words.layer_words import kind_said
from chainrule.codegen.words.sentences import formula, listed, plain, say
from chainrule.symbolic.layers.network import Network

from .entry_numbers import EntryNumbers
from .equation_overview import reads_earlier_steps, valued_equations
from .material import Material
from .worked_values import with_labels

#: A description names as many quantities, and says how many more there are.
MOST_NAMED = 24


def network_picture(material: Material, most: int = MOST_NEURONS) -> Figure:
    """The network as neurons, at most so many a layer, as layers, or, where it was described by equations, as their graph."""
    described = material.description.network
    if material.layers is not None:
        return _stack(material, material.layers, most)
    if isinstance(described, Network):
        caption = say("figure.blocks.recurrent" if any(map(is_recurrent, described.connections)) else "figure.blocks")
        drawing = block_diagram(described, material.by_index)
        return material.figure("network", drawing, say("figure.blocks.says", layers=_layers(described)), caption)
    caption = say("figure.equations.recurrent" if reads_earlier_steps(material) else "figure.equations")
    description = say("figure.equations.says", quantities=_quantities(material))
    return material.figure("network", equation_graph(material.by_index), description, caption)


def valued_picture(material: Material) -> list[Figure]:
    """The network with the letters and the numbers of the example, where it is a small stack of dense layers, or a few equations."""
    if not isinstance(material.description.network, Network):
        return valued_equations(material)
    numbers = material.entry_numbers
    if numbers is None or material.layers is None or material.example.examples != 1:
        return []
    letters = StackLetters(material.layers, material.single_example)
    drawing = lettered_stack(letters, material.matrices, numbers.values)
    if drawing is None:
        return []
    description = say("figure.stack.says", columns=_columns(material.layers))
    return [material.figure("network", drawing, description, say("figure.stack.values"))]


def pictures_parameters(material: Material) -> bool:
    """Whether the first picture has the numbers of all parameters with all of their digits."""
    values = [float(value) for array in material.example.params for value in array.reshape(-1)]
    exact = all(abs(printed(value, STACK_DIGITS).value - value) < 1e-12 for value in values)
    return "aims" in material.sections and material.layers is not None and exact and bool(valued_picture(material))


def chain_picture(material: Material, neurons: int) -> Figure:
    """The input and so many neurons, one in each layer."""
    by_layer, x = material.notation, formula(material.bare(material.system.inputs[0].name))

    def of(stem: str, layer: int) -> Sentence:
        return formula(scripted(by_layer.entry_letters[stem], above=by_layer.raised(str(layer))))

    chained = [ChainedNeuron(of("a", layer), of("W", layer), of("b", layer)) for layer in range(1, neurons + 1)]
    drawing = neuron_chain([ChainedNeuron(x), *chained])
    return material.figure("chain", drawing, say("figure.chain.says", count=neurons), say("figure.chain", count=neurons))


def training_loop_picture(material: Material) -> Figure:
    """Forward pass, backward pass, update, and again."""
    cost, rate, w = material.by_index.cost, material.notation.learning_rate, material.notation.matrix_letters["W"]
    b, mark = material.notation.matrix_letters["b"], material.notation.gradient_mark
    output = material.notation.output or material.notation.matrix_letters["a"]
    update = row(w, material.notation.assignment, w, "−", rate, THIN, row(mark, w))
    written = (
        ("start", with_commas(w, b)),
        ("forward", with_commas(output, cost)),
        ("backward", with_commas(row(mark, w), row(mark, b))),
        ("update", update),
    )
    stations = [(say(f"figure.loop.{key}"), formula(letters)) for key, letters in written]
    drawing = training_loop(stations, say("figure.loop.again"))
    return material.figure("loop", drawing, say("figure.loop.says"), say("figure.loop"))


def _stack(material: Material, network: Network, most: int) -> Figure:
    letters = StackLetters(network, material.single_example)
    description = say("figure.stack.says", columns=_columns(network))
    lettered = lettered_stack(letters, material.matrices)
    if lettered is not None:
        return material.figure("network", lettered, description, say("figure.stack.lettered"))
    caption = say("figure.stack.shortened" if is_shortened(network) else "figure.stack")
    return material.figure("network", plain_stack(letters, material.matrices, most), description, caption)


def reversed_picture(material: Material) -> list[Figure]:
    """The reversed network, where it is a small stack of dense layers."""
    if material.layers is None:
        return []
    drawing = reversed_stack(StackLetters(material.layers, material.single_example))
    if drawing is None:
        return []
    last = material.system.adjoint_name(f"z{material.layers.suffixes[-1]}")
    caption = say("figure.reversed", gradient=formula(on_one_line(material.by_index.entry(last, ()))))
    return [material.figure("reversed", drawing, say("figure.reversed.says"), caption)]


def worked_on_paper(material: Material, numbers: EntryNumbers) -> list[Figure]:
    """The computational graph of the worked example, where there is room for it on a page, if need be on its side."""
    pictures = [found for distances in ON_PAPER if (found := worked_picture(material, numbers, distances))]
    upright = (found for found in pictures if page_scale(found[0].drawing) == 1)
    turned = (found for found in pictures if is_turned(found[0].drawing))
    return next(chain(upright, turned), [])


def worked_picture(material: Material, numbers: EntryNumbers, distances: Distances) -> list[Figure]:
    """The computational graph of the worked example, where it is small enough to be read."""
    values = numbers.values
    forward = [replace(equation, expression=with_labels(equation.expression, values)) for equation in numbers.form.forward]
    graph = scalar_graph(material.system, forward)
    if graph is None:
        return []
    drawing = worked_graph(numbers.by_index, graph, values, distances)
    if drawing is None:
        return []
    write = PlainPrinter(material.system, counted_from_one=True).text
    entries = [plain(f"{write(entry)} = {values[entry]:.{DIGITS}g}") for column in graph.columns for entry in column]
    return [material.figure("graph", drawing, say("figure.worked.says", entries=listed(entries)), say("figure.worked"))]


def _columns(network: Network) -> Sentence:
    units = [f"{size:,}" for size in network.sizes]
    return listed(list(map(plain, units if len(units) <= MOST_NAMED else [*units[: MOST_NAMED - 1], "…", units[-1]])))


def _layers(network: Network) -> Sentence:
    named = [
        say("figure.blocks.layer", layer=placed.suffix, kind=kind_said(placed.layer.kind), sources=_names(placed.sources))
        for placed in network.connections
    ]
    return _shortened(named)


def _quantities(material: Material) -> Sentence:
    named = []
    for equation in material.system.equations:
        read = _names(name for name in equation.computed_from if name in material.system.tensors)
        named.append(say("figure.equations.quantity", name=equation.tensor.name, read=read))
    return _shortened(named)


def _shortened(named: list[Sentence]) -> Sentence:
    parts = named if len(named) <= MOST_NAMED else [*named[: MOST_NAMED - 2], plain("…"), named[-1]]
    return listed(parts, between="descriptions")


def _names(names: Iterable[str]) -> Sentence:
    return listed([plain(name) for name in names])
