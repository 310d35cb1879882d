"""The pictures of a document: the network, the reversed network, and the computational graph with the numbers of the example."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chainrule.codegen.document.document import Figure, Sentence
from chainrule.codegen.figures.block_diagram import block_diagram, is_recurrent
from chainrule.codegen.figures.columns import is_shortened
from chainrule.codegen.figures.equation_graph import equation_graph
from chainrule.codegen.figures.letters import StackLetters, on_one_line
from chainrule.codegen.figures.reversed_stack import reversed_stack
from chainrule.codegen.figures.scalar_graph import scalar_graph
from chainrule.codegen.figures.stack import lettered_stack, plain_stack
from chainrule.codegen.figures.worked_graph import DIGITS, worked_graph
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.codegen.words.layer_words import kind_said
from chainrule.codegen.words.sentences import formula, listed, plain, say
from chainrule.symbolic.layers.network import Network

from .entry_numbers import EntryNumbers
from .material import Material
from .worked_values import with_labels

#: A description names as many quantities, and says how many more there are.
MOST_NAMED = 24


def network_picture(material: Material) -> Figure:
    """The network as neurons, as layers, or, where it was described by equations, as the graph of its equations."""
    described = material.description.network
    if material.layers is not None:
        return _stack(material, material.layers)
    if isinstance(described, Network):
        caption = say("figure.blocks.recurrent" if any(map(is_recurrent, described.connections)) else "figure.blocks")
        drawing = block_diagram(described, material.by_index)
        return material.figure("network", drawing, say("figure.blocks.says", layers=_layers(described)), caption)
    caption = say("figure.equations.recurrent" if _is_recurrent(material) else "figure.equations")
    description = say("figure.equations.says", quantities=_quantities(material))
    return material.figure("network", equation_graph(material.by_index), description, caption)


def _stack(material: Material, network: Network) -> Figure:
    letters = StackLetters(network, material.single_example)
    description = say("figure.stack.says", columns=_columns(network))
    lettered = lettered_stack(letters, material.matrices)
    if lettered is not None:
        return material.figure("network", lettered, description, say("figure.stack.lettered"))
    caption = say("figure.stack.shortened" if is_shortened(network) else "figure.stack")
    return material.figure("network", plain_stack(letters, material.matrices), description, caption)


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


def worked_picture(material: Material, numbers: EntryNumbers) -> list[Figure]:
    """The computational graph of the worked example, where it is small enough to be read."""
    values = numbers.values
    forward = [replace(equation, expression=with_labels(equation.expression, values)) for equation in numbers.form.forward]
    graph = scalar_graph(material.system, forward)
    if graph is None:
        return []
    drawing = worked_graph(numbers.by_index, graph, values)
    if drawing is None:
        return []
    write = PlainPrinter(material.system, counted_from_one=True).text
    entries = [plain(f"{write(entry)} = {values[entry]:.{DIGITS}g}") for column in graph.columns for entry in column]
    return [material.figure("graph", drawing, say("figure.worked.says", entries=listed(entries)), say("figure.worked"))]


def _columns(network: Network) -> Sentence:
    units = [str(size) for size in network.sizes]
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
        read = _names(name for name in equation.reads if name in material.system.tensors)
        named.append(say("figure.equations.quantity", name=equation.tensor.name, read=read))
    return _shortened(named)


def _shortened(named: list[Sentence]) -> Sentence:
    parts = named if len(named) <= MOST_NAMED else [*named[: MOST_NAMED - 2], plain("…"), named[-1]]
    return listed(parts, between="descriptions")


def _names(names: Iterable[str]) -> Sentence:
    return listed([plain(name) for name in names])


def _is_recurrent(material: Material) -> bool:
    """Whether an equation reads what is computed by it, or after it: at another step."""
    computed = [equation.tensor.name for equation in material.system.equations]
    return any(name in computed[place:] for place, equation in enumerate(material.system.equations) for name in equation.reads)
