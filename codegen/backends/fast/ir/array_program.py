"""A derivation as one array program: forward pass, cost and backward pass after each other, over arrays with named dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.codegen.program.array_sizes import ArraySizes
from chainrule.codegen.program.program import Lowering, Program, is_computed, split
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.arrays import Array
from chainrule.symbolic.index.tensors import Role, adjoint_name
from chainrule.symbolic.system.recurrence import Group, grouped
from chainrule.symbolic.system.system import Equation, System

from .boundary_reads import BoundaryReads
from .lowering import Flattening
from .operations import ArrayOperand, ArrayProgram, ElementType, Operation, Origin, Output, ProgramSection
from .recurrences import NotByStep, Recurrence
from .slices import slice_name


class Equations:
    """The equations of a derivation as arrays, each worked out once for all programs that are made of them.

    The `plain` program has them already; where there are loops, in the order of terms that these leave behind them.
    """

    def __init__(self, system: System, plain: Program | None = None) -> None:
        self.system, self.lowering = system, Lowering(system)
        known = (*plain.forward, *plain.cost, *plain.backward) if plain is not None else ()
        has_loops = any(each.loop is not None for each in known)
        self.arrays: dict[str, Array] = {} if has_loops else {each.name: each.array for each in known if each.array is not None}
        #: Programs of one function that are those of two as well, by how they were lowered.
        self.programs: dict[tuple[bool, bool], ArrayProgram] = {}

    def array(self, equation: Equation) -> Array:
        name = equation.tensor.name
        if name not in self.arrays:
            self.arrays[name], _ = self.lowering.array(equation)
        return self.arrays[name]


def array_program(
    derivation: Derivation, sharing: bool = True, few_first: bool = True, known: Equations | None = None, is_parted: bool = False
) -> ArrayProgram:
    """Every needed equation as operations.

    Without `sharing`, what two equations have in common is computed twice; without `few_first`, factors and terms come as written.

    `is_parted` is for two functions in place of one: then the backward pass, with what it needs of the cost, reads nothing of the forward
    pass but its tensors, and these have arrays of their own, the `kept` values of the program.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    system = derivation.system
    forward, cost = split(system)
    backward = [adjoint.equation for adjoint in derivation.needed_by_parameters if is_computed(adjoint)]
    known = known or Equations(system)
    kept = [equation.tensor.name for equation in forward] if is_parted else []
    if is_parted and (sharing, few_first) in known.programs:
        return known.programs[sharing, few_first].keeping(kept)
    flattening = Flattening(system, ArraySizes(system).is_whole, sharing, few_first)
    builder = _Builder(derivation, known, flattening)
    builder.kept = kept
    sections = [builder.section("forward", forward)]
    has_own_arrays = not flattening.has_shared_arrays
    if is_parted:
        flattening.forget()
        builder.boundaries.forget()
    else:
        flattening.begin_function()
    sections += [builder.section(title, equations) for title, equations in (("cost", cost), ("backward", backward))]
    program = builder.program(tuple(sections))
    # Two functions could not share what one has computed for itself; where nothing is shared, they are the same operations.
    if not is_parted and has_own_arrays and not builder.has_recurrences and not flattening.is_asked_for_before:
        known.programs[sharing, few_first] = program
    return program


class _Builder:
    def __init__(self, derivation: Derivation, known: Equations, flattening: Flattening) -> None:
        self.derivation, self.system, self.known, self.flattening = derivation, derivation.system, known, flattening
        self.lowering = known.lowering
        self.boundaries = BoundaryReads(self.system)
        #: Tensors that have an array of their own until the end.
        self.kept: list[str] = []
        self.has_recurrences = False
        self.gradients = {adjoint_name(tensor.name): tensor.name for tensor in self.system.parameters if tensor.name in derivation.adjoints}
        for tensor in (*self.system.inputs, *self.system.targets, *self.system.parameters):
            kind = ElementType.INTEGER if tensor.is_integer else ElementType.FLOAT
            origin = Origin.PARAMETER if tensor.role is Role.PARAMETER else Origin.CALL
            flattening.given(tensor.name, tensor.axes, kind, origin)

    def section(self, title: str, equations: Sequence[Equation]) -> ProgramSection:
        self.flattening.is_backward = title == "backward"
        groups = list(grouped(equations))
        outputs = {*self.gradients, *self.kept, self.system.cost.tensor.name}
        for group in groups:
            if not group.is_recurrence:
                for equation in group.equations:
                    self.flattening.equated(equation, self.known.array(equation), equation.tensor.name in outputs)
            else:
                self.has_recurrences = True
                self.recurrence(group)
                self.keep_own(group)
        return ProgramSection(title, {equation.tensor.name: equation for group in groups for equation in group.equations})

    def recurrence(self, group: Group) -> None:
        """By operations of its steps where they are known, or as plain style writes it."""
        before = self.flattening.copied()
        try:
            Recurrence(group, self.lowering, self.flattening, self.boundaries).flatten(self.gradients)
        except NotByStep as reason:
            self.flattening.go_back(before)
            self.lines(group, str(reason))

    def lines(self, group: Group, reason: str) -> None:
        """A recurrence as plain style writes it: the arrays are new at each call."""
        flattening = self.flattening
        assignments = self.lowering.assignments(group.equations)
        own = {assignment.name for assignment in assignments}
        reads = dict.fromkeys(name for assignment in assignments for name in assignment.reads if name not in own)
        operands = tuple(flattening.tensors[name] for name in reads if name in flattening.tensors)
        flattening.equation = group.equations[0].tensor.name
        flattening.reasons[flattening.equation] = reason
        for place, assignment in enumerate(assignments):
            indices = assignment.equation.indices
            result = ArrayOperand(assignment.name, indices)
            first = (operands, assignments) if place == 0 else ((), ())
            flattening.stored(Operation("lines", first[0], result, flattening.equation, (), first[1]), ElementType.FLOAT, Origin.CALL)
            flattening.tensors[assignment.name], flattening.declared[assignment.name] = result, indices
            flattening.named[assignment.name] = assignment.name

    def keep_own(self, group: Group) -> None:
        """Copies of the arrays that a recurrence makes anew at each call, where they are kept."""
        flattening = self.flattening
        for equation in group.equations:
            found = flattening.tensors[equation.tensor.name]
            if equation.tensor.name in self.kept and flattening.values[found.name].origin is not Origin.MADE:
                flattening.tensors[equation.tensor.name] = flattening.emit("copy", (found,), found.letters, shared=False)

    def program(self, sections: tuple[ProgramSection, ...]) -> ArrayProgram:
        """With a name for every value: that of its tensor, or of the equation for which it is computed, with a number."""
        flattening = self.flattening
        names = dict(flattening.named)
        taken = {*names.values(), *self.system.tensors, *self.system.stored}
        counts: dict[str, int] = {}
        for value in flattening.values:
            if value in names:
                continue
            equation = flattening.equation_of.get(value, value)
            part = flattening.values[value].slice
            if part is not None:
                whole = flattening.values[part.whole]
                equation = f"{flattening.equation_of.get(part.whole, part.whole)}_{slice_name(part, whole.axes[part.along])}"
                if equation not in taken:
                    names[value] = equation
                    taken.add(equation)
                    continue
            while True:
                counts[equation] = counts.get(equation, 0) + 1
                names[value] = f"{equation}_{counts[equation]}"
                if names[value] not in taken:
                    taken.add(names[value])
                    break

        def renamed(entry: ArrayOperand) -> ArrayOperand:
            return ArrayOperand(names[entry.name], entry.letters)

        operations = tuple(
            operation.with_arrays(
                tuple([renamed(operand) if isinstance(operand, ArrayOperand) else operand for operand in operation.operands]),
                renamed(operation.result),
            )
            for operation in flattening.operations
        )
        values = {
            names[name]: replace(value, name=names[name], slice=None if value.slice is None else value.slice.renamed(names))
            for name, value in flattening.values.items()
        }
        tensors = {name: renamed(entry) for name, entry in flattening.tensors.items()}
        outputs = {}
        for name, parameter in self.gradients.items():
            places = tuple(tensors[name].letters.index(letter) for letter in flattening.declared[name])
            outputs[tensors[name].name] = Output(parameter, places)
        cost = tensors[self.system.cost.tensor.name].name
        program = ArrayProgram(
            sections, operations, values, tensors, flattening.declared, outputs, cost, flattening.reasons, flattening.axes
        )
        return program.keeping(self.kept)
