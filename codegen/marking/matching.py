"""Which quantity of the network a line is: by its value, then by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sympy import Add

from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.tensors import Role

from .convention import Layouts
from .lines import Line
from .reference import Draw, Reference
from .scale import ONE, TOLERANCE, Pair, Scale, Sizes, equal, proportion
from .spellings import Spellings

#: Constants that may be taken out of a delta and put in again later: the 2 of a square, the half of a cost, the sign of a step downhill.
USUAL_FACTORS = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5)


@dataclass(frozen=True, slots=True)
class Match:
    """A quantity, and how many times it a line is."""

    quantity: str
    scale: Scale = ONE


@dataclass(frozen=True)
class Matcher:
    """The values of all quantities in an author's layout, those of the gradients by the author's reduction."""

    layouts: Layouts
    values_of: Reference
    spellings: Spellings

    @property
    def reference(self) -> Reference:
        return self.layouts.reference

    @property
    def draws(self) -> tuple[Draw, Draw]:
        return self.values_of.draws

    @property
    def sizes(self) -> Sizes:
        return self.draws[0].numbers.sizes, self.draws[1].numbers.sizes

    @property
    def batch(self) -> str | None:
        return self.reference.derivation.system.batch

    @cached_property
    def right(self) -> Mapping[str, Pair]:
        """What is right, of every quantity."""
        found = {}
        for name, tensor in self.reference.quantities.items():
            first, second = (self.layouts.laid(tensor, draw.arrays[name], draw) for draw in self.draws)
            found[name] = (first, second)
        return found

    @cached_property
    def by_shape(self) -> Mapping[tuple[int, ...], tuple[str, ...]]:
        """Quantities by their shape at the first draw; an adjoint before the tensor."""
        found: dict[tuple[int, ...], tuple[str, ...]] = {}
        for name in (*self.reference.adjoints, *self.reference.derivation.system.tensors):
            shape = self.right[name][0].shape
            found[shape] = (*found.get(shape, ()), name)
        return found

    def beside(self, counts: tuple[int, int], shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[int, bool] | None:
        """Where arrays of all rounds of a loop along an axis stand beside each other in a quantity; whether as vectors."""
        along = {name for name, size in self.sizes[0].items() if (size, self.sizes[1][name]) == counts}
        wholes = [tuple(array.shape for array in self.right[name]) for name in self.right if along & set(self.axes(name))]
        for are_vectors in (False, True):
            first, second = (tuple(size for size in shape if size != 1) or (1,) for shape in shapes) if are_vectors else shapes
            for place in range(min(len(first), len(second)) + 1):
                if ((*first[:place], counts[0], *first[place:]), (*second[:place], counts[1], *second[place:])) in wholes:
                    return place, are_vectors
        return None

    def is_gradient(self, quantity: str | None) -> bool:
        """Whether it is the gradient of a parameter."""
        return quantity in self.reference.gradients

    def is_part(self, values: Pair, quantity: str) -> bool:
        """Whether it is what comes along one of several paths."""
        adjoint = self.values_of.derivation.adjoints.get(self.reference.derivation.system.adjoint_of.get(quantity, ""))
        if adjoint is None or not isinstance(adjoint.expression, Add):
            return False
        for term in adjoint.expression.args:
            parts = [np.real(evaluate(term, draw.numbers, adjoint.tensor.axes)) for draw in self.draws]
            laid = [self.layouts.laid(adjoint.tensor, part, draw) for part, draw in zip(parts, self.draws, strict=True)]
            if proportion(values, laid, self.sizes, self.batch) is not None:
                return True
        return False

    def is_reshaped(self, values: Pair, quantity: str) -> bool:
        """Whether they are a quantity but for axes of one place, as where a sum keeps its dimensions."""
        return all(
            own.size == right.size and equal(own.ravel(), right.ravel()) for own, right in zip(values, self.right[quantity], strict=True)
        )

    def between(self, shape: tuple[int, ...]) -> list[str]:
        """The quantities of a shape that are computed on the way to the gradients of parameters."""
        cost = self.reference.derivation.system.cost.tensor.name
        return [name for name in self.by_shape.get(shape, ()) if name != cost and not self.is_gradient(name) and not self.is_given(name)]

    def turned(self, values: Pair) -> str | None:
        """The adjoint between layers that values are transposed, some usual number of times."""
        if values[0].ndim != 2 or 1 in values[0].shape:
            return None
        other = values[0].T, values[1].T
        for quantity in self.between(other[0].shape):
            if quantity in self.reference.adjoints and (scale := self.scale(other, quantity)) is not None and self.is_usual(scale):
                return quantity
        return None

    def is_given(self, quantity: str) -> bool:
        """Whether it is an input, a target or a parameter, which no line computes."""
        tensor = self.reference.derivation.system.tensors.get(quantity)
        return tensor is not None and tensor.role in (Role.INPUT, Role.TARGET, Role.PARAMETER)

    def match(self, line: Line) -> Match | None:
        """The quantity whose value a line has, the one of its name before others; an adjoint may lack a usual factor."""
        named = self.named(line.name)
        shape = line.values[0].shape
        near = self.by_shape.get(shape, ()) if line.values[0].size > 1 or named is None else ()
        if named is not None and self.is_gradient(named) and named not in near:
            near = (named, *near)
        if line.values[0].size == 1 and named is not None and named == self.reference.derivation.system.cost.tensor.name:
            return self._cost(line, named)
        for quantity in sorted(near, key=lambda name: name != named) if near else [named] if named else []:
            scale = self.scale(line.values, quantity)
            if scale is not None and (scale.is_one or (quantity in self.reference.adjoints and self.is_usual(scale))):
                return Match(quantity, scale)
        return None

    def _cost(self, line: Line, named: str) -> Match | None:
        values = tuple(value.reshape(()) for value in line.values)
        return Match(named) if all(equal(*pair) for pair in zip(values, self.right[named], strict=True)) else None

    def scale(self, values: Pair, quantity: str) -> Scale | None:
        right = self.right[quantity]
        if self.is_gradient(quantity):
            values = as_row(values, right)
        if all(equal(*pair) for pair in zip(values, right, strict=True)):
            return ONE
        return proportion(values, right, self.sizes, self.batch)

    def is_usual(self, scale: Scale) -> bool:
        """A factor that authors leave out of deltas and put in later: a number of examples, 2, the sign."""
        near = any(abs(scale.factor - factor) <= TOLERANCE for factor in USUAL_FACTORS)
        return near and scale.axis in (None, self.batch) and abs(scale.power) <= 1

    def named(self, name: str) -> str | None:
        """The quantity that a name means, an adjoint before a tensor."""
        adjoint = self.spellings.adjoint(name)
        if adjoint is not None and adjoint in self.reference.adjoints:
            return adjoint
        return self.spellings.tensor(name)

    def updated(self, line: Line) -> str | None:
        """The gradient by which a line updates a parameter."""
        tensor = self.spellings.tensor(line.name)
        if line.step is None or tensor is None:
            return None
        own = self.reference.derivation.system.tensors[tensor]
        name = self.reference.derivation.system.adjoint_name(tensor)
        return name if own.role is Role.PARAMETER and self.is_gradient(name) else None

    def axes(self, quantity: str) -> tuple[str, ...]:
        return tuple(axis_name(letter) for letter in self.reference.quantities[quantity].axes)


def as_row(values: Pair, right: Pair) -> Pair:
    """A row with one axis or with two is the same to what it is added to."""
    is_row = values[0].shape in ((1, *right[0].shape), right[0].shape[1:])
    if values[0].size > 1 and is_row and all(found.size == own.size for found, own in zip(values, right, strict=True)):
        return values[0].reshape(right[0].shape), values[1].reshape(right[1].shape)
    return values
