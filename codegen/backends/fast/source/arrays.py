"""The arrays of the passes: what is made once, what goes by which name, and views of it as each operation reads it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from chainrule.codegen.backends.fast.ir.operations import (
    ArrayOperand,
    ArrayProgram,
    Cut,
    ElementType,
    Operand,
    Operation,
    Origin,
    Scalar,
    Slice,
)
from chainrule.codegen.backends.fast.ir.sizes import EntryCount, extent_of
from chainrule.codegen.backends.fast.ir.slices import Order, slice_name
from chainrule.codegen.backends.fast.ir.windows import expanded
from chainrule.codegen.backends.fast.passes.array_layout import Groups, Layouts
from chainrule.codegen.backends.fast.passes.memory import Memory
from chainrule.codegen.backends.fast.passes.product_forms import GroupedOperand
from chainrule.codegen.backends.fast.passes.stacking import Stacked
from chainrule.codegen.backends.numpy.expressions import NumpySource
from chainrule.codegen.backends.numpy.source import Source, tuple_text
from chainrule.codegen.backends.numpy.windows import view_source
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.axes import axis_name, fresh, index
from chainrule.symbolic.system.system import System

from .made_line import MadeLine, NewArray
from .number_arrays import NumberArrays
from .views import ArrayViews, grouped_view_text, suffix, view_text


class ArraysSource(ABC):
    """Names and sources of arrays; `made` collects the lines that come before any call, `views` those of views by when they can be made."""

    def __init__(
        self, program: ArrayProgram, system: System, layouts: Layouts, memory: Memory, stacked: Stacked, taken: Sequence[str]
    ) -> None:
        self.program, self.system, self.layouts, self.memory = program, system, layouts, memory
        self.stacked, self.values = stacked, dict(program.values)
        self.source = NumpySource(system)
        steps = {name for name, value in program.values.items() if value.slice is not None and value.slice.cut is Cut.STEP}
        self.views = ArrayViews({*taken, *system.constants, *program.tensors, *program.values} - steps)
        self.functions: dict[str, None] = {}
        self.made: list[MadeLine] = []
        self.numbers = NumberArrays(system, self.source, self.views, self.made)
        #: The name of the array that holds a value as it lies in memory.
        self.bases: dict[str, str] = {}
        #: Tensors that can be read by their own names with their dimensions as declared.
        self.spelled: set[str] = set()
        self.following = {before: after for after, before in memory.over.items()}
        self.first_of_block: dict[str, str] = {}
        self.stops_found: set[str] = set()
        self.largest_exponent = MadeLine(self.views.fresh("largest_exponent"), "np.log(np.finfo(dtype).max).item() / 2")
        #: By function that the module brings, and number before its argument: its name in the passes, and how many entries it is given.
        self.own_functions: dict[tuple[str, str], tuple[str, dict[EntryCount, None]]] = {}
        self.equations = {name: equation for section in program.sections for name, equation in section.equations.items()}
        #: Functions of the module, and sizes, that the lines need.
        self.uses: set[str] = set()
        #: The arrays with positions around them, by the value that is their inner part.
        self.around: dict[str, str] = {}
        self.windows: dict[str, Operation] = {}
        self.bordered: set[str] = set()
        #: Values with the groups of dimensions in which they are read as they lie.
        self.as_they_are: set[tuple[str, tuple[Order, ...]]] = set()

    @abstractmethod
    def step_view(self, view: GroupedOperand) -> str:
        """The variable of a loop that is a slice with its dimensions grouped."""

    @abstractmethod
    def tile_view(self, view: GroupedOperand) -> str:
        """The variable of a loop over blocks of rows that is a tile with its dimensions grouped."""

    def function(self, name: str) -> str:
        self.functions[name] = None
        return name

    def base(self, name: str) -> str:
        """The array of a value, with its dimensions as they lie in memory; made where it is needed for the first time."""
        if name in self.bases:
            return self.bases[name]
        value = self.values[name]
        if name in self.windows:
            self.bases[name] = name
            self.views.lines[value.origin].append(self.window(name, self.windows[name]))
            return name
        if value.tile is not None or (value.slice is not None and value.slice.cut is Cut.STEP):
            letters: Letters = ()
            for axis in value.axes:
                letters += (fresh(index(axis), letters),)
            return self.base_view(ArrayOperand(name, letters))
        if value.origin is not Origin.MADE:
            self.bases[name] = name
            return name
        if value.slice is not None:
            self.bases[name] = self.part(value.slice)
            return self.bases[name]
        shown = self.shown(name)
        if shown != name:
            self.bases[name] = self.base(shown)
            return self.bases[name]
        is_as_declared = self.declared(name) in (None, self.layouts.orders[name])
        self.bases[name] = written = name if is_as_declared else self.views.fresh(f"{name}_{''.join(self.axes_of(name))}")
        if name in self.memory.padded:
            self.padded(name, written)
        else:
            self.made.append(self.memory_of(name, written))
        return written

    def window(self, name: str, operation: Operation) -> MadeLine:
        """A view of places; its dimensions are those of `lies`."""
        (entry,) = operation.entries
        order = [entry.letters.index(letter) for letter in self.lies(entry)]
        places = tuple(operation.places[place] for place in order)
        axes = [self.values[entry.name].axes[place] for place in order]
        base = self.base(entry.name)
        found = view_source(Source(base), places, axes, expanded(places), self.source, is_view=True)
        self.uses |= found.uses
        return MadeLine(name, found.text, (base,))

    def padded(self, name: str, written: str) -> None:
        """An array with positions before its first and after its last, which are zero, or hold boundary values."""
        axes = self.axes_of(name)
        before, after = self.memory.padded[name]
        sizes = [self.source.size(axis) for axis in axes]
        size = str(int(sizes[0]) + before + after) if sizes[0].isdigit() else f"{sizes[0]} + {before + after}"
        around = self.views.fresh(f"{written}_around")
        self.around[name] = around
        kind, rest = self.values[name].kind, extent_of(axes[1:], self.system)
        entries = (extent_of(axes, self.system), rest.times(EntryCount(before + after)))
        self.made.append(MadeLine(around, f"np.zeros({tuple_text([size, *sizes[1:]])}, {kind.value})", (), NewArray(entries, kind)))
        self.made.append(MadeLine(written, self.positions(name, 0), (around,)))

    def positions(self, name: str, start: int) -> str:
        """As many positions as an array has, from one of them on."""
        before, after = self.memory.padded[name]
        size = self.source.size(self.values[name].axes[self.layouts.orders[name][0]])
        first = before + start
        last = "" if start == after else str(first + int(size)) if size.isdigit() else f"{first} + {size}" if first else size
        return f"{self.around[name]}[{first or ''}{' ' if ' ' in last and first else ''}:{' ' if ' ' in last else ''}{last}]"

    def shifted(self, part: Slice) -> str:
        """The name of a value that is such a slice."""
        name = next((name for name, value in self.values.items() if value.slice == part), None)
        if name is None:
            whole = self.values[part.whole]
            name = f"{part.whole}_{part.start} for all steps"
            self.values[name] = replace(whole, name=name, slice=part)
        self.layouts.orders[name] = self.layouts.orders[part.whole]
        return name

    def part(self, part: Slice) -> str:
        """A shifted array, or one position, of an array whose steps come first."""
        whole = self.base(part.whole)
        wanted = f"{whole}_{slice_name(part, self.values[part.whole].axes[part.along])}"
        of = self.around.get(part.whole, whole)
        if part.cut is Cut.SHIFTED:
            text = whole if part.start == 0 else self.positions(part.whole, part.start)
        else:
            # One position of an array of one dimension would be a number, not a view.
            rest = "" if part.dimensions else ", ..."
            before = self.memory.padded[part.whole][0] if part.whole in self.memory.padded else 0
            text = f"{of}[{before + part.start}{rest}]"
        return self.views.named(whole, (part.cut, part.start), wanted, Origin.MADE, text, (of,))

    def shown(self, name: str) -> str:
        """By whose name a value goes: one that is only on the way to another by that of what is written over it in the end."""
        end = name
        while end not in self.program.tensors and end in self.following:
            end = self.following[end]
        return end

    def declared(self, name: str) -> tuple[int, ...] | None:
        """The value's dimensions in the order in which the tensor of that name is declared."""
        if name not in self.program.tensors or self.program.tensors[name].name != name:
            return None
        letters = self.program.tensors[name].letters
        return tuple(letters.index(letter) for letter in self.program.declared[name])

    def axes_of(self, name: str) -> tuple[str, ...]:
        """The axes of a value's dimensions as they lie in memory."""
        return tuple(self.values[name].axes[place] for place in self.layouts.orders[name])

    def memory_of(self, name: str, written: str) -> MadeLine:
        """A new array under the name that is written, or a view of one that is there."""
        axes, kind = self.axes_of(name), self.values[name].kind
        shape, extent = self.shape(axes), extent_of(axes, self.system)
        end = name
        while end in self.following:
            end = self.following[end]
        if end in self.program.outputs:
            output = self.program.outputs[end]
            places = [output.places.index(place) for place in self.layouts.orders[end]]
            transposed = "" if places == sorted(places) else ".T" if places == sorted(places)[::-1] else f".transpose{tuple(places)}"
            return MadeLine(written, f"gradients.{self.system.described_name(output.parameter)}{transposed}")
        if end in self.stacked.places:
            place = self.stacked.places[end]
            stack = self.stack(place.stack)
            # One position of an array of one dimension would be a number, not a view.
            return MadeLine(written, f"{stack}[{place.number}{'' if axes else ', ...'}]", (stack,))
        if name not in self.memory.of:
            if kind is not ElementType.INTEGER:
                raise AssertionError(f"{name} has no memory")
            # Positions along an axis.
            return MadeLine(written, f"np.arange({self.source.size(*axes)})", (), NewArray((extent,), kind))
        block = self.memory.of[name]
        if block.name not in self.first_of_block:
            self.first_of_block[block.name] = name
            maker = "zeros" if name in self.bordered else "empty"
            return MadeLine(written, f"np.{maker}({shape}, {kind.value})", (), NewArray((extent,), kind))
        first = self.first_of_block[block.name]
        holder = self.base(first)
        first_axes = self.axes_of(first)
        if first_axes == axes:
            return MadeLine(written, holder, (holder,))
        cut = "" if extent == extent_of(first_axes, self.system) else f".reshape(-1)[: {extent}]"
        return MadeLine(written, f"{holder}{cut}.reshape({shape})", (holder,))

    def shape(self, axes: Sequence[str]) -> str:
        return tuple_text([*map(self.source.size, axes)])

    def view(self, view: GroupedOperand) -> str:
        """The name of an array with its dimensions grouped."""
        entry = view.entry
        value = self.values[entry.name]
        if value.tile is not None or (value.slice is not None and value.slice.cut is Cut.STEP):
            return self.step_view(view) if value.tile is None else self.tile_view(view)
        base, letters = self.base(entry.name), entry.letters
        key = tuple([tuple([letters.index(letter) for letter in group]) for group in view.groups])
        if (entry.name, key) in self.as_they_are:
            return base
        lies = self.lies(entry)
        if entry.name in self.windows:
            text = grouped_view_text(base, lies, view.groups, self.count)
        else:
            text = view_text(base, lies, self.layouts.stored(entry), view.groups, self.count)
        if text == base:
            self.as_they_are.add((entry.name, key))
        return self.views.named(base, key, f"{base}_{suffix(view.groups)}", value.origin, text)

    def tensor_view(self, name: str) -> str:
        """A tensor's array with its dimensions as declared."""
        return self.view(GroupedOperand(self.program.tensors[name], tuple((letter,) for letter in self.program.declared[name])))

    def base_view(self, entry: ArrayOperand) -> str:
        return self.view(GroupedOperand(entry, tuple((letter,) for letter in self.layouts.stored(entry))))

    def lies(self, entry: ArrayOperand) -> Letters:
        """The dimensions of the array that holds a value: as they lie in memory, or as they were given."""
        return self.layouts.stored(entry) if self.values[entry.name].origin is Origin.MADE else entry.letters

    def count(self, letters: Letters) -> str:
        return " * ".join(self.source.size(axis_name(letter)) for letter in letters)

    def aligned(self, operand: Operand, stored: Letters) -> str:
        """An operand as it broadcasts against dimensions `stored`."""
        if isinstance(operand, Scalar):
            return self.numbers.of(operand.array)
        groups: Groups = tuple((letter,) if letter in operand.letters else () for letter in stored)
        while groups and not groups[0]:
            groups = groups[1:]
        return self.view(GroupedOperand(operand, groups))

    def stack(self, name: str) -> str:
        """The array of several values, made where it is needed for the first time."""
        if name not in self.bases:
            members = self.stacked.stacks[name]
            axes = self.axes_of(members[0])
            sizes = [str(len(members)), *map(self.source.size, axes)]
            self.bases[name] = self.views.fresh(name)
            kind = self.values[members[0]].kind
            array = NewArray((extent_of(axes, self.system).times(EntryCount(len(members))),), kind)
            self.made.append(MadeLine(self.bases[name], f"np.empty({tuple_text(sizes)}, {kind.value})", (), array))
        return self.bases[name]
