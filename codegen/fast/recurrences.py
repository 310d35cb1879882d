"""A recurrence as operations of its steps, over slices of arrays that hold all steps.

    z[n,t,j] = Σ_k U[j,k] h[n,t−1,k] + x[n,t,j]        for h_before, x_t, z_t, h_t:   z_1 = h_before Uᵀ
    h[n,t,j] = tanh(z[n,t,j])                                                        z_t = z_1 + x_t
                                                                                     h_t = tanh(z_t)

The first step has no predecessor: the whole array has a position more in front, which is zero or holds the boundary value.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sympy import Symbol

from symbolic.array_form import array_form
from symbolic.array_marks import with_marks
from symbolic.axes import axis_name
from symbolic.equations import Equation, System
from symbolic.recurrence import Group
from symbolic.tensors import scalar

from ..program import Lowering
from ..recurrent import Loop, Step
from ..stability import stable
from .boundary_reads import BoundaryReads
from .flatten import Flattening
from .operations import Cut, Entry, Kind, Operation, Slice, Value, axes_of


class NotByStep(Exception):
    """Why a recurrence is printed as in plain style."""


class Recurrence:
    """Makes the operations of one group of equations."""

    def __init__(self, group: Group, lowering: Lowering, flattening: Flattening, boundaries: BoundaryReads) -> None:
        assert group.letter is not None
        self.group, self.letter, self.lowering, self.flattening, self.boundaries = group, group.letter, lowering, flattening, boundaries
        self.system: System = flattening.system
        names = tuple(equation.tensor.name for equation in group.equations)
        self.loop = Loop(str(group.letter), lowering.source.size(axis_name(group.letter)), group.backwards, names)
        #: The value of each slice: by the whole's name, along which dimension, and how many steps away.
        self.slices: dict[tuple[str, int, int], str] = {}

    def flatten(self, gradients: Collection[str]) -> None:
        """The operations of one step after those of the boundary values.

        Raises:
            NotByStep: where a formula needs more than slices.
        """
        if any(name in gradients for name in self.loop.names):
            raise NotByStep("a recurrence of a parameter's gradient")
        for equation in self.group.equations:
            self.whole(equation)
        for name in self.loop.names:
            self.boundaries.write(name, self.flattening)
        self.flattening.loop = self.loop
        before = len(self.flattening.operations)
        for equation in self.group.equations:
            self.step(equation)
        self.flattening.loop = None
        unknown = [operation for operation in self.flattening.operations[before:] if operation.function in ("plain", "positions")]
        if unknown:
            raise NotByStep(f"a recurrence in which {self.flattening.reasons.get(unknown[0].equation, 'positions are read')}")

    def whole(self, equation: Equation) -> None:
        """The array of all steps."""
        flattening, name = self.flattening, equation.tensor.name
        flattening.values[name] = Value(name, axes_of(equation.indices))
        flattening.tensors[name], flattening.declared[name] = Entry(name, equation.indices), equation.indices
        flattening.named[name] = name
        flattening.stepwise[name] = equation.indices.index(self.own(equation))
        flattening.recurrent.add(name)

    def own(self, equation: Equation) -> Symbol:
        """The letter that an equation has for the steps."""
        return next(letter for letter in equation.indices if axis_name(letter) == axis_name(self.letter))

    def step(self, equation: Equation) -> None:
        flattening, name = self.flattening, equation.tensor.name
        flattening.equation = name
        own = self.own(equation)
        step = Step(own, self.boundaries.axes_of, {})
        marked = with_marks(self.boundaries.read_by(equation.expression), self.system)
        inside = stable(step.of(marked), self.system)
        if inside.has(scalar(str(own.name))):
            raise NotByStep("a recurrence that depends on the number of its step")
        for placeholder, (tensor, place, start) in step.slices.items():
            self.placed(placeholder, tensor, place, start)
        array = array_form(inside)
        result = flattening.whole(flattening.scaled(array))
        letters = tuple(letter for letter in equation.indices if letter != own)
        is_new = isinstance(result, Entry) and set(result.letters) == set(letters) and self.is_new(result.name)
        if not isinstance(result, Entry) or not is_new:
            result = flattening.emit("copy", (result,), letters, shared=False)
        along = flattening.stepwise[name]
        dimensions = tuple(equation.indices.index(letter) for letter in result.letters)
        value = flattening.values[result.name]
        flattening.values[result.name] = replace(value, slice=Slice(name, along, 0, Cut.STEP, dimensions))
        self.slices[name, along, 0] = result.name

    def is_new(self, name: str) -> bool:
        """Whether a value is made in this loop, and not yet that of a tensor."""
        flattening = self.flattening
        value = flattening.values[name]
        made = any(operation.result.name == name and operation.loop == self.loop for operation in reversed(flattening.operations))
        return made and value.slice is None and value.kind is Kind.FLOAT

    def placed(self, placeholder: str, tensor: str, place: int, start: int) -> None:
        """A slice under the name that it has in the formula."""
        flattening = self.flattening
        if tensor not in flattening.tensors:
            raise NotByStep(f"a recurrence that reads {tensor}")
        if start and not self.boundaries.is_readable(tensor):
            raise NotByStep(f"a recurrence that reads {tensor} with and without its boundary values")
        whole, declared = flattening.tensors[tensor], flattening.declared[tensor]
        value = flattening.values[whole.name]
        if value.kind is not Kind.FLOAT or value.slice is not None:
            raise NotByStep(f"a recurrence that reads {tensor}, which has no slices")
        along = whole.letters.index(declared[place])
        key = whole.name, along, start
        if key not in self.slices:
            name = flattening.fresh()
            dimensions = tuple(number for number in range(len(whole.letters)) if number != along)
            axes = tuple(value.axes[number] for number in dimensions)
            flattening.values[name] = Value(name, axes, slice=Slice(whole.name, along, start, Cut.STEP, dimensions))
            if whole.name in flattening.recurrent and whole.name in self.loop.names:
                flattening.recurrent.add(name)
            self.slices[key] = name
        name = self.slices[key]
        part = flattening.values[name].slice
        assert part is not None
        flattening.tensors[placeholder] = Entry(name, tuple(whole.letters[number] for number in part.dimensions))
        flattening.declared[placeholder] = tuple(letter for letter in declared if letter != declared[place])
