"""The equations of a system as a graph: a node for every quantity that is given or computed, an arrow for everything it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.codegen.document.drawing import Drawing
from chainrule.codegen.document.nodes import Letter
from chainrule.codegen.document.sentence import Math, Sentence
from chainrule.codegen.document.shapes import Ink
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.words.sentences import listed, say
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.system.system import System

from .layered import DrawnNode
from .layered_drawing import layered_drawing
from .node_shapes import left_out, quantity
from .shortened import Shortened, on_a_page

MOST_BESIDE = 4


def equation_graph(printer: IndexPrinter, numbers: Mapping[str, Sequence[tuple[Sentence, Ink]]] | None = None) -> Drawing:
    """Inputs are nodes as well; parameters and targets stand beside every equation that reads them.

    `numbers` are lines that stand below a letter, by the name of the quantity.
    """
    system = printer.system
    nodes = [tensor for tensor in system.tensors.values() if is_node(system, tensor)]
    computed = [equation.tensor for equation in system.equations]
    names = [tensor.name for tensor in nodes if tensor not in computed] + [tensor.name for tensor in computed]
    pairs = ((read, equation.tensor.name) for equation in system.equations for read in equation.computed_from)
    edges = [(names.index(read), names.index(reader)) for read, reader in pairs if read in names]

    def node(number: int) -> DrawnNode:
        tensor = system.tensors[names[number]]
        return quantity(
            _letter(printer, tensor),
            _beside(printer, tensor),
            is_given=tensor not in computed,
            numbers=(numbers or {}).get(tensor.name, ()),
        )

    def graph(short: Shortened) -> Drawing:
        dots = left_out(say("figure.more.equations", count=short.left_out))
        return layered_drawing([dots if number is None else node(number) for number in short.shown], short.edges)

    return on_a_page(len(names), edges, graph)


def is_node(system: System, tensor: Tensor) -> bool:
    """Whether a quantity has a node of its own: all that is computed, and inputs that are read."""
    if tensor.role is Role.INPUT:
        return tensor.name in system.readers
    return tensor.role not in {Role.PARAMETER, Role.TARGET}


def _letter(printer: IndexPrinter, tensor: Tensor) -> Sentence:
    return (Math(printer.entry(tensor.name, tensor.axes)),)


def _beside(printer: IndexPrinter, tensor: Tensor) -> Sentence:
    """The parameters and targets that the equation of a quantity reads, in the order of the system."""
    system = printer.system
    read = system.definition[tensor.name].reads if tensor.name in system.definition else ()
    taken = [other for name, other in system.tensors.items() if name in read and not is_node(system, other)]
    letters: list[Sentence] = [(Math(printer.entry(other.name, ())),) for other in taken]
    return listed(letters if len(letters) <= MOST_BESIDE else [*letters[: MOST_BESIDE - 1], (Math(Letter("…")),)])
