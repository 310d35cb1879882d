"""The operations of a loop over blocks of rows: of arrays over pairs only a block is there, of all others a part is read or written.

s[n,h,t,u] = Σ_d q[n,t,h,d] k[n,u,h,d]       s[t,u] = Σ_d q_rows[t,d] k_part[u,d]
dk[n,u,h,d] = Σ_t ds[n,h,t,u] q[n,t,h,d]     dk_block[u,d] = Σ_t ds[t,u] q_rows[t,d];   dk_part += dk_block
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.coefficients import ZERO
from chainrule.codegen.backends.fast.ir.operations import (
    OWN_FUNCTIONS,
    ArrayOperand,
    ArrayProgram,
    Operation,
    RowBlocks,
    Scalar,
    Tile,
    Value,
)
from chainrule.codegen.backends.fast.ir.sizes import EntryCount
from chainrule.symbolic.index.axes import Axis, fresh, index
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.system.system import System

from .array_layout import Layouts
from .strides import Strided, whole
from .wide_arrays import COLUMN, ROW, WideArrays

#: Rows, how often, and from where on.
Block = tuple[int, int, int]


class Tiling:
    """Makes the loops of one program, and the values that they need."""

    def __init__(self, program: ArrayProgram, layouts: Layouts, system: System) -> None:
        self.before, self.layouts_before = program, layouts
        self.values, self.orders, self.views = dict(program.values), dict(layouts.orders), dict(layouts.views)
        self.tensors, self.declared, self.axes = dict(program.tensors), dict(program.declared), dict(system.axes)
        self._system = system
        self.count = 0
        #: Arrays over pairs whose names blocks of them have.
        self.named: set[str] = set()
        #: By sum over all rows the array in which it grows, where that is another one.
        self.sums: dict[str, str] = {}

    @property
    def system(self) -> System:
        return replace(self._system, axes=self.axes)

    @property
    def layouts(self) -> Layouts:
        return Layouts(self.orders, self.views)

    @property
    def program(self) -> ArrayProgram:
        return replace(self.before, values=self.values, tensors=self.tensors, declared=self.declared)

    def tiled(
        self, members: Sequence[Operation], arrays: WideArrays, stored: Collection[str], blocks: Sequence[Block]
    ) -> tuple[Operation, ...]:
        """Sums over all rows are 0 first; then a loop for each kind of block."""
        before: list[Operation] = []
        after: list[Operation] = []
        for operation in members:
            roles = arrays.roles(operation)
            if any(roles.get(letter) == ROW for letter in operation.over):
                result = operation.result
                total = ArrayOperand(self._sum(result, roles), result.letters)
                before.append(Operation("copy", (Scalar(ZERO),), total, operation.equation))
                if total != result:
                    after.append(Operation("copy", (total,), result, operation.equation))
        loops = [self._loop(members, arrays, stored, block) for block in blocks]
        return (*before, *(operation for loop in loops for operation in loop), *after)

    def _sum(self, result: ArrayOperand, roles: Mapping[Symbol, int]) -> str:
        """Where a sum over all rows grows: what a step adds to lies side by side, the long dimension last, as products are quickest."""
        order = self.layouts_before.orders[result.name]
        looped = [place for place in order if roles.get(result.letters[place], COLUMN) > COLUMN]
        rest = [place for place in order if place not in looped]
        own = (*looped, *sorted(rest, key=lambda place: roles.get(result.letters[place]) == COLUMN))
        if own == tuple(order):
            return result.name
        name = free_name(f"{result.name}_sum", self.values)
        self.values[name], self.orders[name] = replace(self.before.values[result.name], name=name), own
        self.sums[result.name] = name
        return name

    def _loop(self, members: Sequence[Operation], arrays: WideArrays, stored: Collection[str], block: Block) -> list[Operation]:
        rows, times, start = block
        self.count += 1
        loop = RowBlocks(arrays.loops, arrays.axis, rows, times, start, self.count)
        step = _Step(self, arrays, stored, loop, self._axis(arrays.axis, rows))
        return [replace(operation, loop=loop) for member in members for operation in step.operations(member)]

    def whole(self, name: str) -> Value:
        """A value as it was before there were loops."""
        return self.before.values.get(name) or self.values[name]

    def _axis(self, axis: str, rows: int) -> str:
        """The axis of a block's rows."""
        name = f"{axis}by{rows}"
        while name in self.axes and self.axes[name].size != rows:
            name += "x"
        self.axes[name] = Axis(name, rows)
        return name


class _Step:
    """One step of a loop: what stands for each array in it."""

    def __init__(self, tiling: Tiling, arrays: WideArrays, stored: Collection[str], loop: RowBlocks, axis: str) -> None:
        self.tiling, self.arrays, self.stored, self.loop, self.axis = tiling, arrays, stored, loop, axis
        self.blocks: dict[str, str] = {}
        self.tiles: dict[object, str] = {}

    def operations(self, operation: Operation) -> list[Operation]:
        """An operation of a block, and what brings its result to where it belongs."""
        arrays = self.arrays
        roles = arrays.roles(operation)
        every = tuple(letter for entry in (*operation.entries, operation.result) for letter in entry.letters)
        row = {letter: fresh(index(self.axis), every) for letter, role in roles.items() if role == ROW}
        letters = {letter: row.get(letter, letter) for letter in every if roles.get(letter, COLUMN) <= COLUMN}

        def written(entry: ArrayOperand) -> ArrayOperand:
            return self.entry(entry, roles, letters)

        result = operation.result
        name = result.name
        is_summed = any(letter in row for letter in operation.over)
        is_held = name not in arrays.wide and (name not in arrays.statistics or name in self.stored)
        own = replace(
            operation,
            operands=tuple(written(operand) if isinstance(operand, ArrayOperand) else operand for operand in operation.operands),
            over=tuple(letters[letter] for letter in operation.over if letter in letters),
            members=tuple(found for member in operation.members for found in self.operations(member)),
        )
        if not is_held:
            return [replace(own, result=written(result))]
        if not is_summed and operation.function not in OWN_FUNCTIONS:
            return [replace(own, result=written(result))]
        block = self.block(result, roles, letters, f"{name}_block")
        found = [replace(own, result=block)]
        if not is_summed:
            return [*found, Operation("copy", (block,), self.tile(result, roles, letters), operation.equation)]
        total = ArrayOperand(self.tiling.sums.get(name, name), result.letters)
        before, after = (self.tile(total, roles, letters, purpose) for purpose in ("before", "after"))
        return [*found, Operation("add", (before, block), after, operation.equation)]

    def entry(self, entry: ArrayOperand, roles: Mapping[Symbol, int], letters: Mapping[Symbol, Symbol]) -> ArrayOperand:
        is_own = entry.name in self.arrays.wide or (entry.name in self.arrays.statistics and entry.name not in self.stored)
        return self.block(entry, roles, letters, entry.name) if is_own else self.tile(entry, roles, letters)

    def block(self, entry: ArrayOperand, roles: Mapping[Symbol, int], letters: Mapping[Symbol, Symbol], wanted: str) -> ArrayOperand:
        """An array that each step makes anew."""
        tiling = self.tiling
        left = [place for place, letter in enumerate(entry.letters) if letter in letters]
        if wanted not in self.blocks:
            before = tiling.before.values[entry.name]
            is_first = wanted == entry.name and wanted not in tiling.named
            name = wanted if is_first else free_name(f"{wanted}_again" if wanted == entry.name else wanted, tiling.values)
            tiling.named.add(name)
            self.blocks[wanted] = name
            tiling.values[name] = Value(name, self.axes(entry, left, roles), before.kind)
            is_sum = entry.name in tiling.sums
            order = tiling.orders[tiling.sums[entry.name]] if is_sum else tiling.layouts_before.orders[entry.name]
            tiling.orders[name] = _left(order, left)
            if is_first and name in tiling.tensors and tiling.tensors[name].name == name:
                whole_letters = tiling.tensors[name].letters
                kept = tuple(whole_letters[place] for place in left)
                tiling.tensors[name] = ArrayOperand(name, kept)
                tiling.declared[name] = tuple(letter for letter in tiling.declared[name] if letter in kept)
        return ArrayOperand(self.blocks[wanted], tuple(letters[entry.letters[place]] for place in left))

    def tile(self, entry: ArrayOperand, roles: Mapping[Symbol, int], letters: Mapping[Symbol, Symbol], purpose: str = "") -> ArrayOperand:
        """The part of an array that a step reads or writes; all of it where nothing of it is cut."""
        tiling = self.tiling
        fixed = tuple((place, roles[letter] - 2) for place, letter in enumerate(entry.letters) if letter not in letters)
        along = next((place for place, letter in enumerate(entry.letters) if roles.get(letter) == ROW), None)
        left = [place for place, letter in enumerate(entry.letters) if letter in letters]
        if not fixed and along is None and not purpose:
            return entry
        key = entry.name, fixed, along, purpose
        if key not in self.tiles:
            before = tiling.whole(entry.name)
            name = free_name(f"{entry.name}_{purpose or ('part' if along is None else 'rows')}", tiling.values)
            self.tiles[key] = name
            place = Tile(entry.name, fixed, along, self.loop.start, tuple(left))
            tiling.values[name] = Value(name, self.axes(entry, left, roles), before.kind, before.origin, tile=place)
            order = tiling.layouts_before.orders.get(entry.name) or tiling.orders[entry.name]
            tiling.orders[name] = _left(order, left)
            base = tiling.layouts_before.views.get(entry.name) or whole(before, order, tiling.system)
            sizes = tuple(EntryCount(self.loop.rows) if place == along else base.sizes[place] for place in left)
            tiling.views[name] = Strided(sizes, tuple(base.strides[place] for place in left))
        return ArrayOperand(self.tiles[key], tuple(letters[entry.letters[place]] for place in left))

    def axes(self, entry: ArrayOperand, left: Sequence[int], roles: Mapping[Symbol, int]) -> tuple[str, ...]:
        before = self.tiling.whole(entry.name).axes
        return tuple(self.axis if roles.get(entry.letters[place]) == ROW else before[place] for place in left)


def _left(order: Sequence[int], left: Sequence[int]) -> tuple[int, ...]:
    """The order of the dimensions that are left."""
    return tuple(left.index(place) for place in order if place in left)
