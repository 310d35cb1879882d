"""A system from declarations and equations in text: letters are matched to axes, sizes inferred, and everything checked.

A tensor is declared by its name and indices (see `declarations`), an equation gives the entry on its left (see `language`), a left side
with an index sum places its values (see `placements`), one with an index before the first place is a boundary value (see `boundaries`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Indexed, Symbol

from chainrule.symbolic.index.axes import PRIME, Axis, axis_name, index
from chainrule.symbolic.index.collector_pause import without_collection
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of, located, shown
from chainrule.symbolic.index.index_letters import names_read
from chainrule.symbolic.index.kink import Kink
from chainrule.symbolic.index.limits import MOST_POSITIONS
from chainrule.symbolic.index.named_functions import gradient
from chainrule.symbolic.index.tensors import Role, Tensor, Values
from chainrule.symbolic.system.dependence import leading_to, passed_to
from chainrule.symbolic.system.outputs import checked_outputs
from chainrule.symbolic.system.recurrence import NoOrder, grouped
from chainrule.symbolic.system.sizes import rules, with_rules
from chainrule.symbolic.system.system import Equation, System

from .declarations import IN_ROWS, Declared, checked_constant, declared_tensors
from .definitions import Definition, defined_tensors, refuse_repeated
from .equation_lines import EquationLine, read_lines
from .equation_reader import EquationReader
from .named_axes import NamedAxes, named_axes
from .read_ranges import with_reads_in_range
from .solved_lines import with_solved
from .written_lines import written_lines
from .written_order import written_order


@without_collection
def system_from_equations(
    equations: str,
    parameters: Sequence[str],
    inputs: Sequence[str] = (),
    targets: Sequence[str] = (),
    sizes: Mapping[str, int] | None = None,
    constants: Mapping[str, float] | None = None,
    batch: str | None = None,
    name: str = "network",
    values: Mapping[str, Values] | None = None,
    implicit: Sequence[str] = (),
    kink: Kink | None = None,
    outputs: Sequence[str] = (),
) -> System:
    """The system that declarations and equations describe.

    `values` says of inputs and targets what their entries are, as the words of a declaration do. The tensors that are named `implicit`
    solve their equations, as those of fixed_point(…) do. Functions with a kink have the slope of `kink` there. The network predicts the
    tensors that are named `outputs`.

    Raises:
        InvalidDescription: with the equation and the place in it, for whatever does not fit.
    """
    numbers = {constant: checked_constant(constant, value) for constant, value in (constants or {}).items()}
    given = {Role.INPUT: inputs, Role.TARGET: targets, Role.PARAMETER: parameters}
    declared = declared_tensors(given, values or {}, numbers)
    if not any(tensor.role is Role.PARAMETER for tensor in declared.values()):
        raise InvalidDescription("parameters: found none, expected at least one tensor to differentiate by", ("parameters",))
    given_letters = {name: tensor.letters for name, tensor in declared.items()}
    read = read_lines(equations)
    refuse_repeated(read)
    lines = written_lines(with_solved(read, implicit), given_letters, numbers, _whole_sizes(sizes or {}), kink)
    defined, boundaries = defined_tensors(lines, declared, numbers)
    _check_cost(defined, lines)
    system = _Reading(name, declared, defined, boundaries, numbers, dict(sizes or {}), batch).system()
    return replace(system, kinks=frozenset() if kink is None else frozenset({kink}), outputs=checked_outputs(system, outputs))


def _whole_sizes(sizes: Mapping[str, int]) -> dict[str, int]:
    """The sizes that can be some; what is wrong with others is said where all are looked at."""
    return {
        letter: size
        for letter, size in sizes.items()
        if isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= MOST_POSITIONS
    }


def _check_cost(defined: Mapping[str, Definition], lines: Sequence[EquationLine]) -> None:
    numbers = {line.number for definition in defined.values() for line in definition.lines}
    last = next(line for line in reversed(lines) if line.number in numbers)
    if last.places:
        letters = ", ".join(last.letters) or "its indices"
        raise InvalidDescription(
            f"equation {last.number}: the last equation is the cost and has no index, found {last.left.text}; "
            f"sum over {letters}, as in C = sum({letters}, {last.left.text})",
            last.at,
        )


def _check_rows(tensors: Mapping[str, Tensor], batch: str | None) -> None:
    """Rows of classes lie along an axis that is not that of the examples."""
    for tensor in tensors.values():
        if tensor.values in IN_ROWS and tensor.classes is None and all(letter.name == batch for letter in tensor.axes):
            raise InvalidDescription(
                f"{tensor.name!r} is declared to hold {tensor.values.value}, but its one axis, {batch}, is that of the examples; "
                f"give it an axis of classes, as in {tensor.name}[{batch},k]",
                (f"{tensor.role.value}s",),
            )


@dataclass(frozen=True)
class _Reading:
    """One description on its way to a system."""

    name: str
    declared: Mapping[str, Declared]
    defined: Mapping[str, Definition]
    boundaries: Sequence[EquationLine]
    constants: Mapping[str, float]
    sizes: Mapping[str, int]
    batch: str | None

    def system(self) -> System:
        own = {name: tensor.letters for tensors in (self.declared, self.defined) for name, tensor in tensors.items()}
        lines = [line for definition in self.defined.values() for line in definition.lines]
        named = named_axes(own, self.declared, [*lines, *self.boundaries], self.constants)
        tensors = self.tensors(own, named.names)
        fixed = self.fixed_sizes(named)
        reader = EquationReader(tensors, named, self.defined.values(), self.boundaries, self.constants, fixed)
        equations = tuple(reader.equation(definition) for definition in self.defined.values())
        self.check_dependence(equations)
        # In the order in which they can be computed; a circle without a shift has none.
        equations = tuple(equation for group in self.ordered(equations) for equation in group)
        sized = self.axes(self.appearing(equations, tensors, named), fixed, tensors, reader)
        sized = {name: replace(axis, letters=named.letters(name)) for name, axis in sized.items()}
        if self.batch and self.batch not in named.names:
            message = f"batch: no index is called {self.batch!r}; {expected_one_of(self.batch, named.written)}"
            raise InvalidDescription(message, ("batch",))
        batch = named.names[self.batch] if self.batch else None
        _check_rows(tensors, batch)
        equations = tuple(Equation(equation.tensor, with_reads_in_range(equation.expression, tensors, sized)) for equation in equations)
        order = written_order((line.right.tree for line in (*lines, *self.boundaries)), {*tensors, *self.constants})
        return System(self.name, sized, tensors, equations, dict(self.constants), batch, boundaries=reader.boundaries, source_order=order)

    def tensors(self, own: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> dict[str, Tensor]:
        cost = list(self.defined)[-1]
        found = {}
        for name, letters in own.items():
            taken: dict[Symbol, None] = {}
            for letter in letters:
                symbol = index(names[letter])
                while symbol in taken:
                    symbol = index(symbol.name + PRIME)
                taken[symbol] = None
            declared = self.declared.get(name)
            if declared is None:
                last = name == cost and not letters
                found[name] = Tensor(name, tuple(taken), Role.COST if last else Role.INTERMEDIATE)
            else:
                into = names[declared.points_into] if declared.points_into else None
                classes = None if declared.classes is None else tuple(taken)[letters.index(declared.classes)]
                found[name] = Tensor(name, tuple(taken), declared.role, declared.values, into, classes, declared.limits)
        return found

    def fixed_sizes(self, named: NamedAxes) -> dict[str, int]:
        fixed: dict[str, int] = {}
        first: dict[str, str] = {}
        for letter, size in self.sizes.items():
            with located(("sizes", letter), "sizes: "):
                if letter not in named.names:
                    raise InvalidDescription(f"no index is called {letter!r}; {expected_one_of(letter, named.written)}")
                if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MOST_POSITIONS:
                    wanted = "a whole number of at least 1" if not isinstance(size, int) or size < 1 else f"at most {MOST_POSITIONS}"
                    raise InvalidDescription(f"{letter} is {wanted}, found {shown(size)}")
                axis = named.names[letter]
                if fixed.setdefault(axis, size) != size:
                    raise InvalidDescription(f"{letter} = {size}, but the same axis has size {fixed[axis]} as {first[axis]}")
                first.setdefault(axis, letter)
        return fixed

    def check_dependence(self, equations: Sequence[Equation]) -> None:
        """A cost that depends on no parameter has no gradient."""
        cost = equations[-1].tensor.name
        if reader := next((equation for equation in equations if cost in equation.reads and equation.tensor.name != cost), None):
            line = self.defined[reader.tensor.name].first
            message = f"{line.title}: reads {cost!r}, which is the cost, being last; no other equation depends on the cost"
            raise InvalidDescription(message, line.at)
        for equation in equations:
            with located(self.defined[equation.tensor.name].first.at, f"{self.defined[equation.tensor.name].first.title}: "):
                self.check_gradients(equation, equations)
        parameters = [name for name, tensor in self.declared.items() if tensor.role is Role.PARAMETER]
        line, declared = self.defined[cost].first, ", ".join(parameters)
        definition = {equation.tensor.name: equation for equation in equations}
        if leading_to([cost], definition).isdisjoint(parameters):
            message = f"{line.title}: the cost depends on no parameter (declared: {declared}), so that there is no gradient"
            raise InvalidDescription(message, line.at)
        if passed_to([cost], definition).isdisjoint(parameters):
            message = f"every way from the cost to a parameter (declared: {declared}) ends in stop(…), so that there is no gradient"
            raise InvalidDescription(f"{line.title}: {message}", line.at)

    def check_gradients(self, equation: Equation, equations: Sequence[Equation]) -> None:
        """What a gradient is of has an equation, and depends on what it is by."""
        for node in equation.expression.atoms(gradient):
            of, by = node.args
            (name,) = names_read(by)
            if name not in leading_to([str(of)], {each.tensor.name: each for each in equations}) or name == str(of):
                raise InvalidDescription(f"grad({of}, {name}): {of} does not depend on {name}, so that its gradient is 0")
            if name in self.declared and self.declared[name].values is Values.LABELS:
                raise InvalidDescription(f"grad({of}, {name}): {name} holds labels, and nothing has a slope along them")

    def ordered(self, equations: Sequence[Equation]) -> list[tuple[Equation, ...]]:
        try:
            return [group.equations for group in grouped(equations)]
        except NoOrder as problem:
            members = [self.defined[name] for name in problem.names]
            title = f"equation{'s' if len(members) > 1 else ''} {', '.join(str(member.first.number) for member in members)}"
            placed = any(member.placed for member in members)
            remedy = "; a step reads the one before it, as in h[n,t] = … h[n,t-1] and not h[n,t+1] = … h[n,t]" if placed else ""
            raise InvalidDescription(f"{title}: {problem}{remedy}", members[0].first.at) from None

    def appearing(self, equations: Sequence[Equation], tensors: Mapping[str, Tensor], named: NamedAxes) -> dict[str, None]:
        """The axes in the order of the tensors that have them, then those that only sums have."""
        order = {axis_name(letter): None for tensor in tensors.values() for letter in tensor.axes}
        defining = (line for equation in equations for line in self.defined[equation.tensor.name].lines)
        for line in (*defining, *self.boundaries):
            order |= dict.fromkeys(named.names[letter] for letter in sorted(named.read[line.key]))
        return order | dict.fromkeys(named.names[tensor.points_into] for tensor in self.declared.values() if tensor.points_into)

    def axes(
        self, names: Iterable[str], fixed: Mapping[str, int], tensors: Mapping[str, Tensor], reader: EquationReader
    ) -> dict[str, Axis]:
        direct, by_targets = (
            {axis_name(letter): None for tensor in tensors.values() if tensor.role in roles for letter in tensor.axes}
            for roles in ((Role.INPUT, Role.PARAMETER), (Role.TARGET,))
        )
        # A place that an integer tensor says is known only when the arrays are: its axis is one of theirs.
        computed = {axis: places for axis, places in reader.placed.items() if not any(place.has(Indexed) for place in places)}
        placed = {axis: places for axis, places in computed.items() if axis not in fixed}
        known = {axis: None for axis in (*direct, *fixed) if axis not in placed}
        found = rules(reader.sums, placed, known)
        if rest := [axis for axis in by_targets if axis not in found and axis not in known]:
            # What only a target has is read from it.
            known |= dict.fromkeys(rest)
            found = rules(reader.sums, placed, known)
        order = list(names)
        unknown = [axis for axis in order if axis not in known and axis not in found]
        if unknown:
            message = f"{unknown[0]} is no index of an input, a target or a parameter; write sizes = {{ {unknown[0]} = … }}"
            raise InvalidDescription(f"sizes: {message}", ("sizes",))
        return with_rules(order, fixed, found, reader.sums)
