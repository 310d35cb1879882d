"""What a work may read: the arrays of one draw in the author's layout, by the usual spellings of their names."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from chainrule.symbolic.index.axes import axis_name, index
from chainrule.symbolic.index.named_functions import sigmoid
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role, Tensor

from .activations import SMALL, applied
from .convention import Layouts
from .python.values import Value
from .reference import Draw
from .spellings import PAIRS, PLURAL, SIZES, Spellings, number, plain

#: A rate of learning that no formula has by itself.
RATE = 0.37


@dataclass(frozen=True)
class GivenArrays:
    """The arrays of a draw by name; a name is asked for in any spelling, and what it gives is a new array each time."""

    layouts: Layouts
    draw: Draw
    spellings: Spellings
    kept: dict[str, Value] = field(default_factory=dict)
    firsts: dict[str, bool] = field(default_factory=dict)

    @property
    def key(self) -> object:
        """The same for the arrays of one draw in one layout."""
        return self.layouts, self.draw

    @property
    def leaves_example_out(self) -> bool:
        return self.layouts.reference.leaves_example_out

    def value(self, name: str) -> Value | None:
        system = self.layouts.reference.derivation.system
        # One example axis is called n or m by many; a tensor of that very name comes first.
        tensor = self.spellings.tensor(name)
        meaning = number(name)
        if tensor is not None and (tensor in (name, name.lower()) or meaning is None):
            own = system.tensors[tensor]
            if own.role is Role.COST:
                return None
            if tensor not in self.kept:
                self.kept[tensor] = np.array(self.layouts.laid(own, self.draw.arrays[tensor], self.draw))
            return self.kept[tensor].copy()
        if meaning is None:
            constant = self.spellings.constant(name)
            return system.constants[constant] if constant in system.constants else self.of_layers(name)
        if meaning == "examples":
            return self.draw.examples
        if meaning == "penalty":
            keys = (self.spellings.constant(name), "l2", "l2_half", "l1", name)
            return next((system.constants[key] for key in keys if key in system.constants), None)
        return system.constants.get(self.spellings.constant(name), RATE)

    def of_layers(self, name: str) -> list[Value] | None:
        """What a name in the plural means: weights of all layers, or their sizes."""
        if plain(name) in SIZES:
            return self.sizes or None
        if plain(name) in PAIRS:
            return self.pairs or None
        return self.listed(name) if plain(name) in PLURAL else None

    @property
    def pairs(self) -> list[Value]:
        """The examples one by one, each with its target: columns where biases are columns."""
        system = self.layouts.reference.derivation.system
        if len(system.inputs) != 1 or len(system.targets) != 1:
            return []
        if self.layouts.convention.is_one_example:
            return [(self.value(system.inputs[0].name), self.value(system.targets[0].name))]
        found = []
        for tensor in (system.inputs[0], system.targets[0]):
            in_columns = self.layouts.convention.examples == "columns"
            each = np.moveaxis(np.asarray(self.value(tensor.name)), -1 if in_columns else 0, 0)
            shape = {"(n,)": (-1,), "(n,1)": (-1, 1), "(1,n)": (1, -1)}[self.layouts.convention.biases]
            found.append([part.reshape(shape) if part.ndim == 1 else part for part in each])
        return list(zip(*found, strict=True))

    def listed(self, name: str) -> list[Value] | None:
        """The arrays that stand in a list of the name; None where the name says nothing, or there is one layer alone."""
        return [self.value(tensor) for tensor in self.spellings.listed(name)] or None

    def numbered(self, name: str, place: int, length: int | None = None) -> str:
        """What stands in a place of a list of so many, or belongs to the layer that is made as that one: W2 of the second of two in W."""
        number = self.spellings.layer(place, length)
        if length is None and (number is None or self.spellings.means(name) or not self.spellings.means(f"{name}{number}")):
            return name
        return f"{name}{place if number is None else number}"

    @property
    def sizes(self) -> list[Value]:
        """How many places the layers have, that of the input first; none where they are no vectors."""
        system = self.spellings.system
        names = [*(tensor.name for tensor in system.inputs), *(f"z{number}" for number in self.spellings.numbers_of("z"))]
        axes = [[axis_name(letter) for letter in system.tensors[name].axes if axis_name(letter) != system.batch] for name in names]
        return [self.draw.numbers.sizes[own] for (own,) in axes] if all(len(each) == 1 for each in axes) else []

    def argument(self, name: str) -> Value | None:
        own = self.value(name)
        adjoint = self.spellings.system.adjoint_of.get(name)
        if own is not None or adjoint is None or name not in self.draw.arrays:
            return own
        return np.array(self.layouts.laid(self.spellings.system.tensors[adjoint], self.draw.arrays[name], self.draw))

    def quantity(self, name: str) -> Value | None:
        """What a formula reads: any quantity, a gradient too, or a size by its symbol."""
        system, own = self.spellings.system, self.meaning(name)
        if own in system.tensors or own in system.adjoint_of:
            return self.argument(own)
        sizes = [self.draw.numbers.sizes[axis.name] for axis in system.axes.values() if axis.size_symbol.name == name]
        return sizes[0] if sizes else self.value(name)

    def meaning(self, name: str) -> str:
        """The name in the module of the quantity that a name in a formula means; what is none of the network keeps its own."""
        system = self.spellings.system
        is_size = any(axis.size_symbol.name == name for axis in system.axes.values())
        if name in system.tensors or name in system.adjoint_of or name in system.constants or is_size:
            return name
        adjoint = self.spellings.adjoint(name)
        if adjoint is not None and adjoint in self.draw.arrays:
            return adjoint
        return name if number(name) is not None else self.spellings.tensor(name) or name

    def is_adjoint(self, name: str) -> bool:
        return self.meaning(name) in self.spellings.system.adjoint_of

    def size(self, letter: str) -> int | None:
        """How many places the axis has that a letter is of by its name."""
        own = self.axis(letter)
        return self.draw.numbers.sizes[own] if own is not None else None

    def axis(self, letter: str) -> str | None:
        """The name of the axis that a letter is of."""
        own = axis_name(index(letter))
        axes = self.spellings.system.axes.values()
        return next((axis.name for axis in axes if own == axis.name or own in axis.letters), None)

    def axes(self, name: str) -> Sequence[str] | None:
        """The names of the axes of a quantity as it is laid out, where that is as the description has it."""
        system, own = self.spellings.system, self.meaning(name)
        tensor = system.tensors.get(system.adjoint_of.get(own, own))
        if tensor is None or self.layouts.convention != self.layouts.own:
            return None
        leaves_out = system.batch if self.layouts.reference.leaves_example_out else None
        return [axis for letter in tensor.axes if (axis := axis_name(letter)) != leaves_out]

    def classes(self, labels: str) -> int | None:
        """How many classes labels are of."""
        tensor = self.spellings.system.tensors.get(self.meaning(labels))
        return self.layouts.reference.class_size(tensor, self.draw) or None if tensor is not None else None

    def activation(self, argument: ast.expr, value: NumericArray, function: str) -> NumericArray:
        """f or f′ of numbers: that of the layer whose input stands there, else the one that all layers have, else the logistic function.

        A "σ" is that too, but where the formulas of the network have a logistic function by its name.
        """
        head = argument.value if isinstance(argument, ast.Subscript) else argument
        of = self.meaning(head.id) if isinstance(head, ast.Name) else ""
        derivation = self.layouts.reference.derivation
        if function == "σ" and any(adjoint.expression.has(sigmoid) for adjoint in derivation.adjoints.values()):
            return np.asarray(1 / (1 + np.exp(-value)))
        is_slope = function == "slope"
        found = applied(self.draw.numbers, of, value + 1j * SMALL if is_slope else value.astype(complex))
        return np.asarray(np.imag(found) / SMALL if is_slope else np.real(found))

    def derivative(self, of: str, by: str) -> NumericArray | None:
        """All derivatives of one quantity by another one that its equation reads: the indices of the first, then those of the second."""
        system = self.spellings.system
        equation = system.definition.get(self.meaning(of))
        if equation is None or self.meaning(by) not in system.tensors:
            return None
        first, second = equation.tensor, system.tensors[self.meaning(by)]
        found = self.draw.jacobian(first.name, second.name).reshape(self._places(first).size, -1)
        rows, columns = self._places(first), self._places(second)
        laid: NumericArray = found[rows.ravel()][:, columns.ravel()].reshape((*rows.shape, *columns.shape))
        return laid

    def _places(self, tensor: Tensor) -> NumericArray:
        """Where each entry in the author's layout stands in the description's."""
        own = self.draw.arrays[tensor.name]
        return np.asarray(self.layouts.laid(tensor, np.arange(own.size).reshape(own.shape), self.draw))

    def are_first_values(self, name: str) -> bool:
        """Whether a list of the name, or what layers have under it, is of parameters."""
        listed = self.spellings.listed(name)
        return bool(listed) and self.layouts.reference.derivation.system.tensors[listed[-1]].role is Role.PARAMETER

    def is_first_value(self, name: str) -> bool:
        """Whether an assignment to the name is of a parameter or of data; every assignment asks for it."""
        if name not in self.firsts:
            self.firsts[name] = self._is_first_value(name)
        return self.firsts[name]

    def _is_first_value(self, name: str) -> bool:
        system = self.layouts.reference.derivation.system
        tensor = self.spellings.tensor(name)
        if tensor is None:
            return number(name) == "examples" or (plain(name) in PLURAL and self.are_first_values(name))
        return system.tensors[tensor].role in (Role.PARAMETER, Role.INPUT, Role.TARGET)
