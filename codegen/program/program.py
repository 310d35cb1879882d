"""A derivation as a program without any language: which equation is computed in which function, as which array, in which loop."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sympy import Add, Expr, Indexed, Mul, Piecewise, Sum, Symbol

from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.equal_equations import ExpressionNames, renaming, written_alike
from chainrule.symbolic.derivation.implicit_equations import ImplicitEquation
from chainrule.symbolic.derivation.once import once_for_each
from chainrule.symbolic.forms.array_form import array_form
from chainrule.symbolic.forms.arrays import Array, Gather, Letters, Read, Window, everything
from chainrule.symbolic.forms.renamed_arrays import ArrayRenaming
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.index_letters import free_letters, names_read, nodes
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.system.dependence import leading_to
from chainrule.symbolic.system.integer_marks import equation_with_marks, with_marks
from chainrule.symbolic.system.recurrence import Group, grouped
from chainrule.symbolic.system.system import Equation, System

from .guards import with_guarded_arguments
from .index_sums import stored_axes, with_short_sums
from .loops import Loop, LoopSlice, LoopStep, loop_invariants, split_terms
from .scaled_adjoints import with_scaled_adjoints
from .solutions import solution_form
from .stability import safe, safe_in_steps


@dataclass(frozen=True)
class Step:
    """What each step of a loop computes of a tensor, and the slice that it writes, cut after cut; `adds` to what was there before.

    `slices` are those that it reads, by the names that the array has for them; `order` that of the dimensions.
    """

    array: Array
    order: Letters
    written: tuple[LoopSlice, ...]
    adds: bool
    slices: Mapping[str, LoopSlice]


@dataclass(frozen=True)
class Assignment:
    """An equation, and its right side as an array, whose dimensions are the indices of the left side.

    In a recurrence that is the start, nothing for zeros, and there is a `step`; assignments with the same `loop` share it. What
    `is_stabilised` is computed in another way than it is written, so that nothing overflows.
    """

    equation: Equation
    array: Array | None
    reads: tuple[str, ...]
    is_stabilised: bool = False
    step: Step | None = None
    loop: Loop | None = None

    @property
    def tensor(self) -> Tensor:
        return self.equation.tensor

    @property
    def name(self) -> str:
        return self.tensor.name


@dataclass(frozen=True)
class Program:
    """The forward pass, the cost and the backward pass; `inputs` is the backward pass to what the system names by `wrt`."""

    system: System
    forward: tuple[Assignment, ...]
    cost: tuple[Assignment, ...]
    backward: tuple[Assignment, ...]
    inputs: tuple[Assignment, ...] = ()

    @property
    def cached(self) -> tuple[str, ...]:
        """What the forward pass keeps: the inputs and every intermediate value."""
        names = (assignment.name for assignment in self.forward)
        return (*(tensor.name for tensor in self.system.inputs), *(name for name in names if name in self.system.tensors))


@once_for_each
def lower(derivation: Derivation) -> Program:
    """Every needed equation as an array.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    derivation = with_scaled_adjoints(derivation)
    system, lowering = derivation.system, Lowering(derivation.system)
    before_targets, after_targets = split(system)
    forward, cost = lowering.assignments(before_targets), lowering.assignments(after_targets)

    def pass_back(needed: Sequence[Adjoint]) -> tuple[Assignment, ...]:
        adjoints = lowering.assignments([adjoint.equation for adjoint in needed if is_computed(adjoint)])
        return (*needed_for(adjoints, cost), *adjoints)

    inputs = derivation.needed_for(system.tensors[name] for name in system.wrt)
    return Program(system, forward, cost, pass_back(derivation.needed_by_parameters), pass_back(inputs))


def is_computed(adjoint: Adjoint) -> bool:
    """A mere number stands in the formulas that read it; the gradient of what is given is returned, whatever it is."""
    return adjoint.tensor.role in (Role.PARAMETER, Role.INPUT, Role.TARGET) or not adjoint.expression.is_number


class Lowering:
    """Equations of a system as assignments."""

    def __init__(self, system: System) -> None:
        self.system = system
        #: With what has left loops.
        self.with_invariants = system
        #: Its gradients are the adjoints, and what is made of one alone.
        self.order = system.order
        #: The first array of each kind of equations, and the names in it.
        self.kinds: dict[Hashable, tuple[Array, ExpressionNames]] = {}

    def assignments(self, equations: Sequence[Equation]) -> tuple[Assignment, ...]:
        """One each, in the order in which they can be computed; recurrences as loops.

        Raises:
            NotExpressible: where an equation has no array form.
        """
        found: list[Assignment] = []
        for each_group in grouped(equations):
            group = each_group.with_common_letters()
            if not group.is_recurrence:
                found += map(self.assigned, group.equations)
            else:
                loop = Loop.of(group)
                before, inside = loop_invariants(self.as_computed(group), {*self.system.tensors, *self.system.axes, *self.system.constants})
                tensors = {**self.with_invariants.tensors, **{each.tensor.name: each.tensor for each in before}}
                self.with_invariants = replace(self.with_invariants, tensors=tensors)
                found_alone = (each.tensor.name for each in before if group.names & self.order.gradients)
                self.order = self.order.with_gradients(found_alone)
                found += map(self.assigned, before)
                found += [self.in_loop(equation, own, group, loop) for equation, own in zip(group.equations, inside, strict=True)]
        return tuple(found)

    def assigned(self, equation: Equation) -> Assignment:
        array, is_stabilised = self.array(equation)
        reads = dict.fromkeys(name for name in names_in(array) if name != equation.tensor.name)
        return Assignment(equation, array, tuple(reads), is_stabilised)

    def part(self, expression: Expr, letters: Letters, role: Role) -> Array:
        """What an equation that is solved is made of, at some letters."""
        return self.array(Equation(Tensor("", letters, role), expression))[0]

    def array(self, equation: Equation) -> tuple[Array, bool]:
        """The right side as an array that cannot overflow, and whether that is written otherwise than on paper."""
        if isinstance(equation.expression, implicit):
            return solution_form(ImplicitEquation(equation, self.with_invariants.stored), self.part), False
        right = safe(equation, self.system)
        array = (
            self.array_alike(equation) if right == equation.expression and self.order is self.system.order else self.form(equation, right)
        )
        return array, right != with_guarded_arguments(equation.expression)

    def array_alike(self, equation: Equation) -> Array:
        """The array of an equation as it is written, by renaming where there was another one alike."""
        kind, names = written_alike(equation, self.system)
        if kind not in self.kinds:
            self.kinds[kind] = self.form(equation, equation.expression), names
        first, first_names = self.kinds[kind]
        return first if names is first_names else ArrayRenaming(renaming(first_names, names)).of(first)

    def form(self, equation: Equation, right: Expr) -> Array:
        return array_form(with_marks(with_short_sums(right, self.system, equation.indices), self.system), self.order)

    def step_form(self, expression: Expr, step: LoopStep) -> Array:
        """What is computed in one step of a loop as an array; a slice of a gradient is one too."""
        of_tensors = {placeholder: part.tensor for placeholder, part in step.slices.items()}
        gradients = {placeholder for placeholder, tensor in of_tensors.items() if tensor in self.order.gradients}
        return array_form(expression, self.order.with_gradients(gradients).with_names(of_tensors))

    def as_computed(self, group: Group) -> Group:
        """A recurrence in forms that cannot overflow, before parts of them leave the loop."""
        safe_forms = (safe_in_steps(each, self.system, group.own_letters(each)) for each in group.equations)
        return replace(group, equations=tuple(Equation(each.tensor, form) for each, form in zip(group.equations, safe_forms, strict=True)))

    def in_loop(self, equation: Equation, inner: Equation, group: Group, loop: Loop) -> Assignment:
        """`inner` is the equation without what has left the loop."""
        split = split_terms(equation_with_marks(inner, self.system), group)
        own = group.own_letters(equation)
        at_step = LoopStep(own, self.axes_of)
        if isinstance(split.inside, implicit):
            form = ImplicitEquation(Equation(equation.tensor, split.inside), self.with_invariants.stored)
            array = solution_form(form, lambda part, *_: self.step_form(at_step.of(part), at_step), own)
        else:
            array = self.step_form(at_step.of(split.inside), at_step)
        order, written = equation.indices, []
        for letter in own:
            written.append(LoopSlice(equation.tensor.name, order.index(letter), letter))
            order = tuple(other for other in order if other != letter)
        step = Step(array, order, tuple(written), split.outside is not None, at_step.slices)
        outside = None if split.outside is None else with_short_sums(split.outside, self.system, equation.indices)
        start = None if outside is None else array_form(outside, self.order)
        reads = tuple(name for name in inner.reads if name not in self.system.constants)
        return Assignment(equation, start, reads, step=step, loop=loop)

    def axes_of(self, name: str) -> tuple[str, ...] | None:
        """The axes of a tensor or an adjoint, by name."""
        axes = stored_axes(name, self.with_invariants)
        return None if axes is None else tuple(map(axis_name, axes))


def needed_for(assignments: Sequence[Assignment], available: Sequence[Assignment]) -> tuple[Assignment, ...]:
    """Of the available ones, those on which others depend, such as quantities of the cost that the backward pass reads."""
    read = (name for assignment in assignments for name in assignment.reads)
    wanted = leading_to(read, {assignment.name: assignment for assignment in available})
    return tuple(assignment for assignment in available if assignment.name in wanted)


def names_in(array: Array) -> list[str]:
    """The tensors that an array is computed of, as often as it reads them."""
    return [part.name for part in everything(array) if isinstance(part, Read | Window | Gather)]


def split(system: System) -> tuple[list[Equation], list[Equation]]:
    """Equations of the forward pass, and those that need targets or, like a penalty, are read by the cost only."""
    penalties = [equation.tensor for equation in system.equations if _is_penalty(equation, system)]
    later = system.depending_on(tensor.name for tensor in (*system.targets, *penalties, system.cost.tensor))
    forward = [equation for equation in system.equations if equation.tensor.name not in later]
    return forward, [equation for equation in system.equations if equation.tensor.name in later]


def _is_penalty(equation: Equation, system: System) -> bool:
    """A single number that only the cost reads, and that nobody asks for."""
    if equation.indices or equation.tensor.name in system.outputs:
        return False
    return all(reader is system.cost for reader in system.readers.get(equation.tensor.name, ()))


#: Where a size is not fixed.
FAN_IN = 4


def is_gain(system: System, parameter: Tensor) -> bool:
    """Whether a parameter scales entry by entry what it stands beside, as in g[j] u[n,j] + b[j]; its first value is 1."""
    if len(parameter.axes) > 1 or parameter.name not in system.readers:
        return False
    for reader in system.readers[parameter.name]:
        for term in Add.make_args(reader.expression):
            factors = Mul.make_args(term)
            own = [factor for factor in factors if names_read(factor) == {parameter.name: None} and isinstance(factor, Indexed | Symbol)]
            if own and any(factor.has(Indexed) for factor in factors if factor not in own):
                return True
    return False


def initial_variance(system: System, parameter: Tensor) -> Fraction:
    """The variance of a parameter's first values; 0 for a bias.

    1/fan-in keeps the size of values from layer to layer (LeCun, 1998); 2/fan-in where half of them are cut off by a case
    distinction such as relu (He, 2015).
    """
    reader = system.readers[parameter.name][0] if parameter.name in system.readers else None
    if reader is None or len(parameter.axes) < 2:
        return Fraction(0)
    summed = {place for node in nodes(reader.expression) if isinstance(node, Sum) for place in _summed_places(node, parameter)}
    fan_in = math.prod(system.axis(parameter.axes[place]).size or FAN_IN for place in sorted(summed))
    followers = system.readers.get(reader.tensor.name, ())
    gain = 2 if any(follower.expression.has(Piecewise) for follower in followers) else 1
    return Fraction(gain, fan_in)


def _summed_places(total: Sum, parameter: Tensor) -> list[int]:
    """Which indices of a parameter a sum runs over; in a recurrence another sum may run over the same axis."""
    bound = {limit[0] for limit in total.limits}
    entries = [node for node in nodes(total.function) if isinstance(node, Indexed) and node.base.name == parameter.name]
    return [place for entry in entries for place, index in enumerate(entry.indices) if free_letters(index) & bound]
