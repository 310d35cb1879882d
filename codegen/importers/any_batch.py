"""A model of exactly so many examples, as one of any number of them: where its equations prove that no example meets another.

Along the first axis of all inputs lies the batch then. It is freed there, and in the shapes that nodes ask for with it as the first size:
of as many examples as the file is for, every operator still gives the same. That any other number is right too is what the equations show.
"""

from __future__ import annotations

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

#: What the number of examples is called.
BATCH = "N"
#: Operators that are told the shape of what they give.
SHAPED = ("Reshape", "Expand")


def of_any_batch(graph: Graph) -> Graph:
    """The graph, with a batch of any size where there was a fixed one and its examples do not meet."""
    firsts = {each.shape[:1] for each in graph.inputs}
    if len(firsts) != 1 or firsts == {()} or any(isinstance(size, str) for each in graph.inputs for size in each.shape):
        return graph
    ((batch,),) = firsts
    found = _freed(graph, int(batch))
    try:
        system = read_description(without_weights(described(found, cost=fitting_cost(found)).description_text)).system
        cost_of_parts(system)
    except InvalidDescription:
        return graph
    if _numbers_weights_by_examples(system):
        return graph
    remark = f"the file is for batches of {batch}; no equation joins examples, so that they may have any size here"
    return replace(found, remarks=(*graph.remarks, remark))


def _freed(graph: Graph, batch: int) -> Graph:
    """The same nodes for a batch of a size that is a word."""
    constants, nodes = dict(graph.constants), list[Node]()
    computed = {each.name for each in graph.inputs}
    for node in graph.nodes:
        if not computed.isdisjoint(node.inputs):
            computed.update(node.outputs)
        shape = constants.get(node.inputs[1]) if node.operator in SHAPED and node.inputs[0] in computed else None
        if shape is not None and shape.size and shape[0] == batch:
            name = f"{node.inputs[1]}, {BATCH}"
            constants[name] = np.array([BATCH, *map(int, shape[1:])], object)
            node = replace(node, inputs=(node.inputs[0], name))
        nodes.append(node)
    inputs = tuple(replace(each, shape=(BATCH, *each.shape[1:])) for each in graph.inputs)
    return replace(graph, inputs=inputs, constants=constants, nodes=tuple(nodes))


def _numbers_weights_by_examples(system: System) -> bool:
    """Whether a weight is read at the number of an example: a file of one example may have it as an axis of 1."""
    weights, letter = {tensor.name for tensor in system.parameters}, index(str(system.batch))
    entries = {entry for equation in system.equations for entry in equation.expression.atoms(Indexed)}
    return any(entry_name(entry) in weights and letter in entry.free_symbols for entry in entries)
