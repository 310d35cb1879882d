"""What the functions of a module take and check: arguments, sizes read from the arrays, shapes that must fit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from chainrule.codegen.program.array_sizes import size_name
from chainrule.codegen.program.program import Program
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.limits import MOST_STEPS
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.reach import long_enough
from chainrule.symbolic.system.sizes import chosen_sizes, followed, in_order
from chainrule.symbolic.system.system import System

from .array_printer import ELEMENT_TYPE
from .declared_values import check_line, random_lines
from .size_rules import rule_lines, sizes_in
from .statements import Statement

#: Sizes of the self-check for axes whose size is read from the arrays; different, so that a lost transpose fails.
SAMPLE_SIZES = (5, 3, 4, 7, 6, 8, 9)
#: The same where the parameters have more entries than this, as a forward pass takes long then; of these, what no axis of the data has.
MANY_ENTRIES = 1_000_000
SMALLER_SAMPLE_SIZES = tuple(range(2, 20))
#: Where these leave no position to an axis whose size follows from theirs.
SHORTER_SAMPLE_SIZES = ((3, 2), (2, 3), (2, 1), (1,))


#: The first line of a function that reads parameters other than by checking each.
AS_FLOATS = "params = _as_floats(params)"


@dataclass
class Unpacking:
    """The first lines of a function. `known` are the sizes that have a name by now."""

    system: System
    lines: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    #: Whether arrays are arguments, which are checked, and not those of a cache.
    arguments: bool = False
    #: What arrays are read from otherwise than as arguments: params, cache.
    holders: set[str] = field(default_factory=set)

    def check(self, tensor: Tensor, holder: str, needed: set[str]) -> None:
        """A tensor's type and shape are checked; of its sizes, those that are needed get a name."""
        sizes = [self.expected(axis_name(letter)) for letter in tensor.axes]
        kind = "_expect_integers" if tensor.is_integer else "_expect"
        if tensor.is_integer:
            sizes.insert(0, self.range_of(tensor))
        described = self.system.described_name(tensor.name)
        given = f"{holder}{described}" if holder else tensor.name
        self.lines.append(f"{tensor.name} = {kind}({', '.join([quoted(described), given, *sizes])})")
        if not tensor.is_integer:
            size = self.expected(tensor.points_into) if tensor.points_into else None
            line = check_line(tensor, None if size is None or size.startswith('"') else size, described)
            self.lines += [line] if line else []
        self.name_sizes(tensor, needed)

    def expected(self, axis: str) -> str:
        """What a size must be: a number, a size already known, or anything."""
        fixed = self.system.axes[axis].size
        if fixed is not None:
            return str(fixed)
        return size_name(axis) if size_name(axis) in self.known else quoted(size_name(axis))

    def range_of(self, tensor: Tensor) -> str:
        """Below what the entries of an integer tensor must be."""
        return self.expected(tensor.points_into or "")

    def name_sizes(self, tensor: Tensor, needed: set[str], holder: str = "") -> None:
        for place, letter in enumerate(tensor.axes):
            name = size_name(axis_name(letter))
            if name in needed and name not in self.known and self.is_read(axis_name(letter)):
                self.known.add(name)
                self.holders |= {holder} if holder else set()
                array = f"{holder}.{self.system.described_name(tensor.name)}" if holder else tensor.name
                self.lines.append(f"{name} = {array}.shape[{place}]")

    def is_read(self, axis: str) -> bool:
        """Whether a size is read from an array: it is neither fixed nor, among arguments, one that follows from others."""
        own = self.system.axes[axis]
        return own.size is None and (own.rule is None or not self.arguments)

    def follow_rules(self, needed: set[str]) -> None:
        """Sizes that no array has follow from those that have a name by now."""
        for axis in in_order(self.system.axes):
            name = size_name(axis)
            rule = self.system.axes[axis].rule
            if rule is None or self.system.axes[axis].size is not None:
                continue
            if name in needed and name not in self.known and sizes_in(rule, self.system) <= self.known:
                self.known.add(name)
                self.lines += rule_lines(axis, rule, self.system)

    def take(self, holder: str, names: Iterable[str]) -> None:
        """W1, W2 = params.W1, params.W2, over several lines where they are many."""
        wanted = list(names)
        self.holders |= {holder} if wanted else set()
        for start in range(0, len(wanted), 6):
            row = wanted[start : start + 6]
            self.lines.append(f"{', '.join(row)} = {', '.join(f'{holder}.{self.system.described_name(name)}' for name in row)}")


def quoted(text: str) -> str:
    return f'"{text}"'


def used_by(printed: Iterable[Statement]) -> frozenset[str]:
    """What has to be there for statements: functions of the module, sizes, the parameters."""
    return frozenset().union(*(each.uses for each in printed))


def needed_sizes(printed: Iterable[Statement], tensors: Iterable[Tensor], system: System) -> set[str]:
    """Sizes that lines read, and sizes by which two arrays must agree."""
    found = used_by(printed).intersection(map(size_name, system.axes))
    times: dict[str, int] = {}
    for tensor in tensors:
        for axis in {axis_name(letter) for letter in tensor.axes} | ({tensor.points_into} if tensor.points_into else set()):
            times[size_name(axis)] = times.get(size_name(axis), 0) + 1
    return {*found, *(name for name, count in times.items() if count > 1)}


def with_those_in_rules(needed: set[str], system: System, stored: Collection[str] = ()) -> set[str]:
    """The sizes, and those from which they follow where no array that is `stored` has them."""
    found = set(needed)
    for axis in reversed(in_order(system.axes)):
        rule = system.axes[axis].rule
        if rule is not None and size_name(axis) in found - set(stored):
            found |= sizes_in(rule, system)
    return found


def read_by(printed: Iterable[Statement]) -> dict[str, None]:
    return dict.fromkeys(name for each in printed for name in each.assignment.reads)


def forward_lines(printed: Sequence[Statement], program: Program) -> list[str]:
    """Inputs and the parameters that the forward pass reads, all checked."""
    system = program.system
    read = read_by(printed)
    parameters = [tensor for tensor in system.parameters if tensor.name in read]
    tensors = [*system.inputs, *parameters]
    ruled = {size_name(axis) for axis, own in system.axes.items() if own.rule is not None and own.size is None}
    own_sizes = _sizes_of(*tensors)
    needed = with_those_in_rules(needed_sizes(printed, tensors, system) | (ruled & own_sizes), system)
    unpacking = Unpacking(system, arguments=True)
    # Parameters first where a size is theirs, so that an input that points into them is checked against it; and before both, arrays
    # without sizes that follow from others.
    waiting = [(tensor, "") for tensor in system.inputs if not tensor.is_integer]
    waiting += [(tensor, "params.") for tensor in parameters]
    later = [entry for entry in waiting if any(size_name(axis_name(letter)) in ruled for letter in entry[0].axes)]
    for tensor, holder in (entry for entry in waiting if entry not in later):
        unpacking.check(tensor, holder, needed)
    for tensor in system.parameters:
        unpacking.name_sizes(tensor, needed, "params")
    unpacking.follow_rules(needed)
    for tensor, holder in later:
        unpacking.check(tensor, holder, needed)
        unpacking.follow_rules(needed)
    for tensor in (tensor for tensor in system.inputs if tensor.is_integer):
        unpacking.check(tensor, "", needed)
        unpacking.follow_rules(needed)
    missing = needed_sizes(printed, [], system) - unpacking.known
    if missing:
        letters = ", ".join(sorted(axis for axis in system.axes if size_name(axis) in missing))
        raise InvalidDescription(f"sizes: the forward pass cannot read the size of {letters} from its arrays; give it in sizes")
    return unpacking.lines if used_by(printed).isdisjoint(ELEMENT_TYPE.uses) else [AS_FLOATS, *unpacking.lines]


def later_lines(printed: Sequence[Statement], program: Program) -> Unpacking:
    """What a function that follows the forward pass takes from the parameters and the cache, and the targets checked."""
    system = program.system
    own = {each.assignment.name for each in printed}
    read = read_by(printed)
    parameters = [tensor for tensor in system.parameters if tensor.name in read]
    targets = [tensor for tensor in system.targets if tensor.name in read]
    cached = [name for name in program.cached if name in read and name not in own]
    needed = needed_sizes(printed, [*targets, *targets], system)
    stored = _sizes_of(*(system.tensors[name] for name in cached), *system.parameters)
    needed = with_those_in_rules(needed, system, stored)
    given = stored | _sizes_of(*system.inputs)
    targets = [tensor for tensor in system.targets if tensor in targets or needed.intersection(_sizes_of(tensor)) - given]
    holders = _holders(needed, cached, program)
    unpacking = Unpacking(system)
    unpacking.take("params", [tensor.name for tensor in parameters])
    unpacking.take("cache", [*(name for name in holders if name not in cached), *cached])
    for name in [*holders, *cached]:
        unpacking.name_sizes(system.tensors[name], needed)
    for tensor in parameters:
        unpacking.name_sizes(tensor, needed)
    for tensor in system.parameters:
        unpacking.name_sizes(tensor, needed, "params")
    unpacking.follow_rules(needed)
    # Labels last: what they point into may be an axis of another target.
    for tensor in sorted(targets, key=lambda tensor: tensor.is_integer):
        unpacking.check(tensor, "", needed)
        unpacking.follow_rules(needed)
    if not used_by(printed).union(unpacking.holders).isdisjoint(ELEMENT_TYPE.uses):
        unpacking.lines.insert(0, AS_FLOATS)
    return unpacking


def _sizes_of(*tensors: Tensor) -> set[str]:
    return {size_name(axis_name(letter)) for tensor in tensors for letter in tensor.axes}


def _holders(needed: set[str], cached: list[str], program: Program) -> list[str]:
    """Inputs that a function unpacks only for their sizes."""
    system = program.system
    open_axes = {axis.name for axis in system.axes.values() if axis.size is None and size_name(axis.name) in needed}
    for name in cached:
        open_axes -= {axis_name(letter) for letter in system.tensors[name].axes}
    holders = []
    for tensor in system.inputs:
        own = {axis_name(letter) for letter in tensor.axes}
        if own & open_axes:
            holders.append(tensor.name)
            open_axes -= own
    return holders


def sample_sizes(system: System, among: Sequence[int] = ()) -> dict[str, int]:
    """The size of every axis in the self-check: those that are open are long enough for what is read along them.

    Where `among` is given, they are taken from it in turn, whatever is read.
    """
    fixed = {name: axis.size for name, axis in system.axes.items() if axis.size is not None}
    free = [name for name, axis in system.axes.items() if axis.size is None and axis.rule is None]
    sizes: dict[str, int] = {}
    for taken in (among or _sizes_to_take(system, fixed), *SHORTER_SAMPLE_SIZES):
        chosen = {name: taken[place % len(taken)] for place, name in enumerate(free)}
        sizes = chosen_sizes(system.axes, {**fixed, **chosen}, fixed)
        sizes = sizes if among else long_enough(system, sizes, fixed, most=MOST_STEPS)
        # A rule such as N_j = 3 − N_i leaves no position where an axis is too long.
        if min(followed({name: sizes[name] for name in (*fixed, *free)}, system.axes).values(), default=1) > 0:
            break
    return sizes


def _sizes_to_take(system: System, fixed: Mapping[str, int]) -> Sequence[int]:
    entries = sum(prod(fixed.get(axis_name(letter), 1) for letter in tensor.axes) for tensor in system.parameters)
    if entries <= MANY_ENTRIES:
        return SAMPLE_SIZES
    data = {fixed.get(axis_name(letter)) for tensor in (*system.inputs, *system.targets) for letter in tensor.axes}
    return [size for size in SMALLER_SAMPLE_SIZES if size not in data]


def sample_lines(system: System) -> list[str]:
    """Random inputs and targets for the self-check."""
    sizes = sample_sizes(system)
    return [line for tensor in (*system.inputs, *system.targets) for line in random_lines(tensor, sizes, system.batch)]
