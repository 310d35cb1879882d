"""Where the entries of each value lie: in which member of which structure, how far from each other, and from where on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sympy import Symbol

from chainrule.codegen.backends.fast.compilation import Compilation
from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Cut, ElementType, Operation, Origin, Slice, Tile
from chainrule.codegen.backends.fast.ir.sizes import EntryCount, extent_of
from chainrule.codegen.backends.fast.passes.strides import whole
from chainrule.symbolic.index.failures import InvalidDescription

from .names import Names
from .sizes import CSizes

#: Variables of the module's functions.
WORK, PARAMETERS = "work", "params"
#: The member of the workspace that holds the gradients.
GRADIENTS = "gradients"


@dataclass(frozen=True, slots=True)
class Term:
    """A distance times a variable, or a number."""

    distance: EntryCount
    factor: str


@dataclass(frozen=True, slots=True)
class Place:
    """`base` is a pointer to entries; by dimension of the value how far its entries are apart, and what comes before the first of them."""

    base: str
    strides: tuple[EntryCount, ...]
    before: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """An array of the workspace: so many entries of a type."""

    name: str
    entries: tuple[EntryCount, ...]
    kind: ElementType


@dataclass(frozen=True, slots=True)
class Counters:
    """The variables of loops over positions, the last one that of the blocks, each of so many `rows`."""

    variables: tuple[str, ...]
    rows: int


class Places:
    """Of the values of one program after its passes; `members` are the arrays that the workspace needs."""

    def __init__(self, at: Compilation, sizes: CSizes, fields: Mapping[str, str], arguments: Mapping[str, str]) -> None:
        self.at, self.sizes, self.system = at, sizes, at.system
        self.values, self.layouts, self.memory = at.values, at.layouts, at.memory
        #: Names of parameters in their structure, and of inputs and targets as arguments.
        self.fields, self.arguments = fields, arguments
        self.names = Names((GRADIENTS,))
        self.members: dict[str, Member] = {}
        self.windows: dict[str, Operation] = {op.result.name: op for op in at.operations if op.function == "window"}
        self.following = {before: after for after, before in at.memory.over.items()}
        #: Which members, arguments and structures some lines read.
        self.read: set[str] = set()
        #: What counts the steps of the loop that is printed, and pointers to slices that may be boundary values, by slice.
        self.step = ""
        self.blocks: Counters | None = None
        self.pointers: dict[str, str] = {}

    def end(self, name: str) -> str:
        """The value that is written over it last."""
        while name in self.following:
            name = self.following[name]
        return name

    def memory_key(self, name: str) -> object:
        """The same for two values of which one may lie where the other did."""
        value = self.values[name]
        if name in self.windows:
            return self.memory_key(next(iter(self.windows[name].entries)).name)
        if value.is_part:
            return self.memory_key(value.arrays[0])
        end = self.end(name)
        if value.origin is not Origin.MADE or end in self.at.program.outputs:
            return end
        return self.memory.of[name].name if name in self.memory.of else name

    def of(self, name: str) -> Place:
        value = self.values[name]
        if name in self.windows:
            return self.window(self.windows[name])
        if value.slice is not None:
            return self.part(name, value.slice)
        if value.tile is not None:
            return self.tile(value.tile)
        strides = whole(value, self.layouts.orders[name], self.system).strides
        end = self.end(name)
        if value.origin is Origin.PARAMETER:
            return Place(self.used(f"{PARAMETERS}->{self.fields[name]}"), strides)
        if value.origin is Origin.CALL:
            return Place(self.used(self.arguments[name]), strides)
        if end in self.at.program.outputs:
            return Place(self.used(f"{WORK}->{GRADIENTS}.{self.fields[self.at.program.outputs[end].parameter]}"), strides)
        return Place(self.used(f"{WORK}->{self.member(name)}"), strides, self.padding(name, strides))

    def used(self, base: str) -> str:
        self.read.add(base.partition("->")[0])
        return base

    def member(self, name: str) -> str:
        """The array of the workspace that a value lies in."""
        block = self.memory.of[name]
        if block.name not in self.members:
            rest = (
                [axis for place, axis in enumerate(self.values[name].axes) if place != self.layouts.orders[name][0]]
                if name in self.memory.padded
                else []
            )
            around = sum(self.memory.padded.get(name, (0, 0)))
            entries = [block.extent]
            if around:
                entries.append(extent_of(tuple(rest), self.system).times(EntryCount(around)))
            ends = self.end(name)
            wanted = ends if ends in self.at.program.tensors else block.name
            self.members[block.name] = Member(self.names.of(block.name, wanted), tuple(entries), block.kind)
        return self.members[block.name].name

    def padding(self, name: str, strides: tuple[EntryCount, ...]) -> tuple[Term, ...]:
        """What lies before the first position of an array that is read before it."""
        before, _ = self.memory.padded.get(name, (0, 0))
        return (Term(strides[self.layouts.orders[name][0]], str(before)),) if before else ()

    def part(self, name: str, part: Slice) -> Place:
        """A slice of an array that holds all steps."""
        found = self.of(part.whole)
        strides = tuple(found.strides[dimension] for dimension in part.dimensions)
        if name in self.pointers:
            return Place(self.pointers[name], strides)
        along = found.strides[part.along]
        start = (Term(along, str(part.start)),) if part.start else ()
        step = (Term(along, self.step),) if part.cut is Cut.STEP else ()
        return Place(found.base, strides, (*found.before, *step, *start))

    def tile(self, tile: Tile) -> Place:
        """A part of an array at the present positions of the loops."""
        assert self.blocks is not None
        found = self.of(tile.whole)
        before = [Term(found.strides[dimension], self.blocks.variables[number]) for dimension, number in tile.fixed]
        if tile.along is not None:
            along = found.strides[tile.along]
            before.append(Term(along.times(EntryCount(self.blocks.rows)), self.blocks.variables[-1]))
            before += [Term(along, str(tile.start))] if tile.start else []
        return Place(found.base, tuple(found.strides[dimension] for dimension in tile.dimensions), (*found.before, *before))

    def window(self, operation: Operation) -> Place:
        """What is read at combinations of letters: no array of its own."""
        (entry,) = operation.entries
        found = self.of(entry.name)
        strides, starts = [], []
        for place, distance in zip(operation.places, found.strides, strict=True):
            strides += [EntryCount(step * distance.count, distance.open_sizes) for _, step in place.steps]
            starts += [Term(distance, str(place.start))] if place.start else []
        return Place(found.base, tuple(strides), (*found.before, *starts))

    def apart(self, operand: ArrayOperand, letter: Symbol) -> EntryCount:
        """How far the entries of an operand lie from each other along a letter."""
        return self.of(operand.name).strides[operand.letters.index(letter)]

    def entry(self, operand: ArrayOperand, variables: Mapping[Symbol, str]) -> str:
        """One entry of an operand, where each letter is a variable."""
        if (
            self.values[operand.name].kind is ElementType.INTEGER
            and operand.name not in self.arguments
            and operand.name not in self.windows
        ):
            # The position along an axis is the variable itself.
            tile = self.values[operand.name].tile
            variable = variables[operand.letters[0]]
            if tile is None or self.blocks is None:
                return variable
            return f"({self.blocks.variables[-1]} * {self.blocks.rows} + {tile.start} + {variable})"
        return self.at_index(self.of(operand.name), [variables[letter] for letter in operand.letters])

    def at_index(self, place: Place, indices: list[str]) -> str:
        terms = [Term(stride, index) for stride, index in zip(place.strides, indices, strict=True)]
        return f"{place.base}[{self.index((*place.before, *terms))}]"

    def index(self, terms: tuple[Term, ...]) -> str:
        """A sum of distances times variables, the longest distances first, fixed numbers together."""
        constant = sum(term.distance.count * int(term.factor) for term in terms if is_number(term.factor) and not term.distance.open_sizes)
        moving = [term for term in terms if not is_number(term.factor) or (term.distance.open_sizes and int(term.factor))]
        moving.sort(key=lambda term: (len(term.distance.open_sizes), abs(term.distance.count)), reverse=True)
        text = ""
        for term in moving:
            negative = term.distance.count < 0
            distance = replace(term.distance, count=abs(term.distance.count))
            factor = term.factor if term.factor.isidentifier() or term.factor.isdigit() else f"({term.factor})"
            written = factor if distance == EntryCount(1) else f"{factor} * {self.sizes.count(distance)}"
            text = f"{text} {'-' if negative else '+'} {written}" if text else f"-{written}" if negative else written
        if constant or not text:
            text = f"{text} {'-' if constant < 0 else '+'} {abs(constant)}" if text else str(constant)
        return text


def is_number(text: str) -> bool:
    return text.lstrip("-").isdigit()


def refused(system_name: str, what: str) -> InvalidDescription:
    """What is said where an operation has no C."""
    return InvalidDescription(f"{system_name}: the C target has no {what} yet; the NumPy module has (--style plain or fast)")
