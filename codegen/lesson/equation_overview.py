"""The equations of a small network as a graph with the numbers of the example."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.codegen.document.document import Figure
from chainrule.codegen.document.nodes import MEDIUM, Node, Sign, separated, with_commas
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.document.shapes import Ink
from chainrule.codegen.figures.equation_graph import equation_graph, is_node
from chainrule.codegen.formulas.printed_number import number
from chainrule.codegen.words.sentences import formula, listed, say, together
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Tensor

from .material import Material

DIGITS = 3
#: Of a quantity, and quantities of a network.
MOST_ENTRIES, MOST_QUANTITIES = 6, 10


def valued_equations(material: Material, gradients: bool = False) -> list[Figure]:
    """The graph with the value of every quantity below its letter and, in red, the gradient; nothing where there is no room for them."""
    system, example = material.system, material.example
    shown = [tensor for tensor in system.tensors.values() if is_node(system, tensor)]
    # What a module computes on the way, and keeps nowhere, has no value here.
    is_small = all(tensor.name in example.values and example.values[tensor.name].size <= MOST_ENTRIES for tensor in shown)
    if example.examples != 1 or not is_small or len(shown) > MOST_QUANTITIES:
        return []
    numbers = {tensor.name: list(_lines(material, tensor, gradients)) for tensor in shown}
    drawing = equation_graph(material.single_example, numbers)
    named = [_named(material, tensor, numbers[tensor.name]) for tensor in shown]
    key = "figure.valued.gradients" if gradients else "figure.valued"
    says = say(f"{key}.says", quantities=listed(named, between="descriptions"))
    caption = say(key)
    if reads_earlier_steps(material) and not gradients:
        caption = together(caption, say("figure.valued.next"))
    return [material.figure("gradients" if gradients else "network", drawing, says, caption)]


def reads_earlier_steps(material: Material) -> bool:
    """Whether an equation reads what is computed by it, or after it: at another step."""
    computed = [equation.tensor.name for equation in material.system.equations]
    return any(name in computed[place:] for place, equation in enumerate(material.system.equations) for name in equation.computed_from)


def _lines(material: Material, tensor: Tensor, gradients: bool) -> Iterator[tuple[Sentence, Ink]]:
    """The value, and the gradient of what is computed."""
    yield formula(_entries(material, tensor, material.example.values[tensor.name])), Ink.QUIET
    adjoint = material.system.adjoint_name(tensor.name)
    if gradients and adjoint in material.worked_arrays:
        yield formula(_entries(material, tensor, np.real(material.worked_arrays[adjoint]))), Ink.GRADIENT


def _entries(material: Material, tensor: Tensor, array: NumericArray) -> Node:
    """1, 2; 3, 4: a row behind the other. The axis of the only example is left out."""
    axes = tuple(place for place, letter in enumerate(tensor.axes) if letter.name == material.system.batch)
    numbers = np.squeeze(array, axes)
    first = material.single_example.first if tensor.is_integer else 0
    rows = numbers.reshape(-1, numbers.shape[-1]) if numbers.ndim else numbers.reshape(1, 1)
    return separated([with_commas(*(number(float(value) + first, DIGITS) for value in row)) for row in rows], Sign(";"), MEDIUM)


def _named(material: Material, tensor: Tensor, lines: list[tuple[Sentence, Ink]]) -> Sentence:
    values = listed([text for text, _ in lines], between="phrases")
    return say("figure.valued.quantity", name=formula(material.single_example.entry(tensor.name, tensor.axes)), values=values)
