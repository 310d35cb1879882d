"""How a stack of dense layers is lettered: the handout's letters for single neurons, weights and biases."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer

from chainrule.codegen.document.nodes import Fraction, Node, row
from chainrule.codegen.document.sentence import Math, Sentence
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.layers.network import Network


@dataclass(frozen=True)
class StackLetters:
    """`printer` writes entries for one example. Places count columns: the input is 0, the layers follow."""

    network: Network
    printer: IndexPrinter

    def suffix(self, place: int) -> str:
        return self.network.suffixes[place - 1]

    def output(self, place: int) -> str:
        """The tensor of a column: the input, or what a layer puts out."""
        return f"a{self.suffix(place)}" if place else next(iter(self.network.given_inputs))

    def activation(self, place: int, unit: int) -> Expr:
        return self._entry(self.output(place), unit)

    def pre_activation(self, place: int, unit: int) -> Expr:
        return self._entry(f"z{self.suffix(place)}", unit)

    def bias(self, place: int, unit: int) -> Expr:
        return self._entry(f"b{self.suffix(place)}", unit)

    def weight(self, place: int, unit: int, before: int) -> Expr:
        """The weight into a unit of layer `place` from a unit of the column before."""
        tensor = self._tensor(f"W{self.suffix(place)}")
        own = self._unit_axis(self._tensor(f"z{self.suffix(place)}"))
        return tensor.at(*(Integer(unit if letter == own else before) for letter in tensor.axes))

    def text(self, entry: Expr) -> Sentence:
        return (Math(self.printer.node(entry)),)

    def derivative(self, entry: Expr) -> Sentence:
        """The derivative of the cost with respect to an entry, as the notation writes it, on one line: ∂C/∂z."""
        name = self.printer.system.adjoint_name(str(entry.base.label))
        return (Math(on_one_line(self.printer.entry(name, tuple(entry.indices)))),)

    def _tensor(self, name: str) -> Tensor:
        return self.printer.system.tensors[name]

    def _unit_axis(self, tensor: Tensor) -> Expr:
        return next(letter for letter in tensor.axes if letter.name != self.printer.system.batch)

    def _entry(self, name: str, unit: int) -> Expr:
        tensor = self._tensor(name)
        return tensor.at(*(Integer(0 if letter.name == self.printer.system.batch else unit) for letter in tensor.axes))


def on_one_line(written: Node) -> Node:
    """A fraction with a stroke; anything else as it is."""
    return row(written.above, "/", written.below) if isinstance(written, Fraction) else written
