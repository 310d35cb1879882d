"""A model of exactly so many examples, as one of any number of them: where its equations prove that no example meets another.

Along the first axis of all inputs lies the batch then. It is freed there, and in the shapes that nodes ask for with it in a size: of as
many examples as the file is for, every operator still gives the same. That any other number is right too is what the equations show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from sympy import Indexed

from chainrule.codegen.descriptions.reader import read_description
from chainrule.symbolic.index.axes import index
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.tensors import entry_name
from chainrule.symbolic.system.cost_of_parts import cost_of_parts
from chainrule.symbolic.system.system import System

from .describe import described, fitting_cost, without_weights
from .graph import Graph, Node
from .sizes import product

#: What the number of examples is called.
BATCH = "N"
#: Operators that are told the shape of what they give.
SHAPED = ("Reshape", "Expand")


def _first(shape: list[int], batch: int) -> int | None:
    return 0 if shape[:1] == [batch] else None


def _multiple(shape: list[int], batch: int) -> int | None:
    """The first that is so many times as many, as where examples are joined with heads."""
    return next((place for place, size in enumerate(shape) if batch > 1 and size > 0 and size % batch == 0), None)


#: Which of the sizes of a shape has the examples in it.
Place = Callable[[list[int], int], int | None]
PLACES: tuple[Place, ...] = (_first, _multiple)


def of_any_batch(graph: Graph) -> Graph:
    """The graph, with a batch of any size where there was a fixed one and its examples do not meet."""
    firsts = {each.shape[:1] for each in graph.inputs}
    if len(firsts) != 1 or firsts == {()} or any(isinstance(size, str) for each in graph.inputs for size in each.shape):
        return graph
    ((batch,),) = firsts
    # What the file says in numbers may be read in several ways, of which the equations prove one.
    for place in PLACES:
        found = _freed(graph, int(batch), place)
        if _is_proved(found):
            remark = f"the file is for batches of {batch}; no equation joins examples, so that they may have any size here"
            return replace(found, remarks=(*graph.remarks, remark))
    return graph


def _is_proved(graph: Graph) -> bool:
    """Whether no example meets another, and none has a weight of its own."""
    try:
        system = read_description(without_weights(described(graph, cost=fitting_cost(graph)).description_text)).system
        cost_of_parts(system)
    except InvalidDescription:
        return False
    return not _numbers_weights_by_examples(system)


def _freed(graph: Graph, batch: int, place_in: Place) -> Graph:
    """The same nodes for a batch of a size that is a word."""
    constants, nodes = dict(graph.constants), list[Node]()
    computed = {each.name for each in graph.inputs}
    for node in graph.nodes:
        if not computed.isdisjoint(node.inputs):
            computed.update(node.outputs)
        shape = constants.get(node.inputs[1]) if node.operator in SHAPED and node.inputs[0] in computed else None
        place = None if shape is None else place_in([int(size) for size in shape.reshape(-1)], batch)
        if shape is not None and place is not None:
            name = f"{node.inputs[1]}, {BATCH}"
            constants[name] = np.array([int(size) for size in shape], object)
            constants[name][place] = product([int(shape[place]) // batch, BATCH])
            node = replace(node, inputs=(node.inputs[0], name))
        nodes.append(node)
    inputs = tuple(replace(each, shape=(BATCH, *each.shape[1:])) for each in graph.inputs)
    return replace(graph, inputs=inputs, constants=constants, nodes=tuple(nodes))


def _numbers_weights_by_examples(system: System) -> bool:
    """Whether a weight is read at the number of an example: a file of one example may have it as an axis of 1."""
    weights, letter = {tensor.name for tensor in system.parameters}, index(str(system.batch))
    entries = {entry for equation in system.equations for entry in equation.expression.atoms(Indexed)}
    return any(entry_name(entry) in weights and letter in entry.free_symbols for entry in entries)
