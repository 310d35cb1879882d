"""A recurrence as operations of its steps, over slices of arrays that hold all steps.

    z[n,t,j] = Σ_k U[j,k] h[n,t−1,k] + x[n,t,j]        for h_before, x_t, z_t, h_t:   z_1 = h_before Uᵀ
    h[n,t,j] = tanh(z[n,t,j])                                                        z_t = z_1 + x_t
                                                                                     h_t = tanh(z_t)

The first step has no predecessor: the whole array has a position more in front, which is zero or holds the boundary value.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sympy import Add, Expr, Function, Mul, Piecewise, Pow, Symbol, true
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from chainrule.codegen.program.loops import Loop, LoopStep
from chainrule.codegen.program.program import Lowering
from chainrule.codegen.program.stability import safe_in_steps
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.index_letters import free_letters, names_read
from chainrule.symbolic.index.named_functions import cases
from chainrule.symbolic.index.tensors import Role, Tensor, entry, scalar
from chainrule.symbolic.system.integer_marks import with_marks
from chainrule.symbolic.system.recurrence import Group
from chainrule.symbolic.system.system import Equation, System

from .boundary_reads import MARK, BoundaryReads
from .lowering import Flattening
from .operations import ArrayOperand, Cut, ElementType, Slice, Value, axes_of


class NotByStep(Exception):
    """Why a recurrence is printed as in plain style."""


class Recurrence:
    """Makes the operations of one group of equations."""

    def __init__(self, group: Group, lowering: Lowering, flattening: Flattening, boundaries: BoundaryReads) -> None:
        self.group, self.lowering, self.flattening, self.boundaries = group, lowering, flattening, boundaries
        self.system: System = flattening.system
        self.loop = Loop.of(group)
        #: The value of each slice: by the whole's name, along which dimension, and how many steps away.
        self.slices: dict[tuple[str, int, int, bool], str] = {}
        #: The axes of arrays that are computed for all steps before the loop.
        self.apart_axes: dict[str, tuple[str, ...]] = {}

    def flatten(self, gradients: Collection[str]) -> None:
        """The operations of one step after those of the boundary values.

        Raises:
            NotByStep: where a formula needs more than slices.
        """
        if self.loop.inner is not None:
            raise NotByStep("a recurrence along two axes")
        if any(name in gradients for name in self.loop.names):
            raise NotByStep("a recurrence of a parameter's gradient")
        if any(isinstance(equation.expression, implicit) for equation in self.group.equations):
            raise NotByStep("an equation that is solved in each step")
        for equation in self.group.equations:
            self.whole(equation)
        for name in self.loop.names:
            self.boundaries.make(name, self.flattening, name)
        for name in {name: None for equation in self.group.equations for name in names_read(equation.expression)}:
            if name in self.boundaries.forgotten and name not in self.boundaries.arrays:
                self.boundaries.make(name, self.flattening, self.loop.names[0])
        inside = [self.with_outside(equation) for equation in self.group.equations]
        self.flattening.loop = self.loop
        for equation in inside:
            self.step(equation)
        self.flattening.loop = None
        self.flattening.recurrent.clear()
        if any(operation.loop == self.loop and operation.places for operation in self.flattening.operations):
            raise NotByStep("a recurrence that reads more than slices of its steps")

    def whole(self, equation: Equation) -> None:
        """The array of all steps."""
        flattening, name = self.flattening, equation.tensor.name
        flattening.values[name] = Value(name, axes_of(equation.indices))
        flattening.tensors[name], flattening.declared[name] = ArrayOperand(name, equation.indices), equation.indices
        flattening.named[name] = name
        flattening.stepwise[name] = equation.indices.index(self.own(equation))

    def own(self, equation: Equation) -> Symbol:
        """The letter that an equation has for the steps."""
        return self.group.own_letters(equation)[0]

    def with_outside(self, equation: Equation) -> Equation:
        """The equation with what depends on the number of the step, and reads nothing of the recurrence, as arrays of all steps."""
        right = safe_in_steps(equation, self.system, (self.own(equation),))
        expression = with_marks(self.boundaries.read_by(right), self.system)
        return Equation(equation.tensor, self.outside(expression, equation))

    def outside(self, expression: Expr, equation: Equation) -> Expr:
        """The same for a part of the equation: arrays in place of the largest parts that read nothing of the recurrence."""
        if not self.counts_steps(expression, equation):
            return expression
        is_free = not self.group.names.intersection(name.removesuffix(MARK) for name in names_read(expression))
        if is_free and not expression.is_number and free_letters(expression) <= set(equation.indices):
            return self.apart(expression, equation)
        if isinstance(expression, Piecewise):
            pairs = [(self.outside(value, equation), self.test(test, equation)) for value, test in expression.args]
            return Piecewise(*pairs, evaluate=False)
        if isinstance(expression, cases):
            return cases(
                *(self.test(part, equation) if place % 2 else self.outside(part, equation) for place, part in enumerate(expression.args))
            )
        if isinstance(expression, Add | Mul | Function | Pow):
            return expression.func(*(self.outside(part, equation) for part in expression.args))
        raise NotByStep("a recurrence that reads more than slices of its steps")

    def test(self, test: Boolean, equation: Equation) -> Boolean:
        """The same for the two sides of a comparison."""
        if test == true:
            return test
        if isinstance(test, Relational):
            return test.func(*(self.outside(side, equation) for side in test.args))
        raise NotByStep("a recurrence whose cases are more than comparisons")

    def counts_steps(self, expression: Expr, equation: Equation) -> bool:
        """Whether more is read than slices along the axis of the steps: another axis may have fewer positions, or more."""
        step = LoopStep((self.own(equation),), self.axes_of)
        inside = step.of(expression)
        return bool(inside.has(scalar(str(step.letters[0].name)))) or not self.are_along_steps(step)

    def are_along_steps(self, step: LoopStep) -> bool:
        """Whether every slice is cut along the axis of the steps."""
        return all((self.axes_of(part.tensor) or ())[part.along] == axis_name(step.letters[0]) for part in step.slices.values())

    def apart(self, expression: Expr, equation: Equation) -> Expr:
        """An array of all steps, under a name of its own."""
        flattening = self.flattening
        flattening.equation = equation.tensor.name
        # Only slices are read with boundary values behind their ends.
        expression = self.boundaries.written_out(expression)
        letters = tuple(letter for letter in equation.indices if letter in free_letters(expression))
        array, _ = self.lowering.array(Equation(Tensor(equation.tensor.name, letters, Role.INTERMEDIATE), expression))
        found = flattening.converted(flattening.entry(array))
        name = f"{equation.tensor.name}{MARK}{len(self.apart_axes)}"
        self.apart_axes[name] = tuple(map(axis_name, letters))
        if equation.tensor.name in self.lowering.order.gradients:
            self.lowering.order = self.lowering.order.with_gradients([name])
        flattening.tensors[name], flattening.declared[name] = found, letters
        return entry(name, letters)

    def axes_of(self, name: str) -> tuple[str, ...] | None:
        """The axes of what a step may read slices of."""
        return self.apart_axes[name] if name in self.apart_axes else self.boundaries.axes_of(name)

    def step(self, equation: Equation) -> None:
        """The operations of one equation, the last of which writes a slice of its array."""
        flattening, name = self.flattening, equation.tensor.name
        flattening.equation = name
        own = self.own(equation)
        step = LoopStep((own,), self.axes_of, mark=f"_in_{self.loop.names[0]}")
        inside = step.of(equation.expression)
        if inside.has(scalar(str(own.name))) or not self.are_along_steps(step):
            raise NotByStep("a recurrence that reads more than slices of its steps")
        for placeholder, part in step.slices.items():
            self.placed(placeholder, part.tensor, part.along, part.shift)
        array = self.lowering.step_form(inside, step)
        result = flattening.whole(flattening.scaled(array))
        letters = tuple(letter for letter in equation.indices if letter != own)
        is_new = isinstance(result, ArrayOperand) and set(result.letters) == set(letters) and self.is_new(result.name)
        if not isinstance(result, ArrayOperand) or not is_new:
            result = flattening.emit("copy", (result,), letters, shared=False)
        along = flattening.stepwise[name]
        dimensions = tuple(equation.indices.index(letter) for letter in result.letters)
        value = flattening.values[result.name]
        flattening.values[result.name] = replace(value, slice=Slice(name, along, 0, Cut.STEP, dimensions))
        self.slices[name, along, 0, False] = result.name

    def is_new(self, name: str) -> bool:
        """Whether a value is made in this loop, and not yet that of a tensor."""
        value, made_by = self.flattening.values[name], self.flattening.made_by.get(name)
        return made_by is not None and made_by.loop == self.loop and value.slice is None and value.kind is ElementType.FLOAT

    def placed(self, placeholder: str, tensor: str, place: int, start: int) -> None:
        """A slice under the name that it has in the formula."""
        flattening = self.flattening
        if tensor not in flattening.tensors:
            raise NotByStep(f"a recurrence that reads {tensor}")
        whole, declared = flattening.tensors[tensor], flattening.declared[tensor]
        value = flattening.values[whole.name]
        if value.kind is not ElementType.FLOAT or value.slice is not None:
            raise NotByStep(f"a recurrence that reads {tensor}, which has no slices")
        along = whole.letters.index(declared[place])
        last = flattening.system.axes[value.axes[along]].size
        reach = range(start, 0) if start < 0 else range(last or 0, (last or 0) + start)
        beyond = tuple(pair for pair in self.boundaries.beyond(tensor, place) if pair[0] in reach)
        key = whole.name, along, start, bool(beyond)
        if key not in self.slices:
            name = flattening.fresh()
            dimensions = tuple(number for number in range(len(whole.letters)) if number != along)
            axes = tuple(value.axes[number] for number in dimensions)
            flattening.values[name] = Value(name, axes, slice=Slice(whole.name, along, start, Cut.STEP, dimensions, beyond))
            if whole.name in self.loop.names:
                flattening.recurrent.add(name)
            self.slices[key] = name
        name = self.slices[key]
        part = flattening.values[name].slice
        assert part is not None
        flattening.tensors[placeholder] = ArrayOperand(name, tuple(whole.letters[number] for number in part.dimensions))
        flattening.declared[placeholder] = tuple(letter for letter in declared if letter != declared[place])
