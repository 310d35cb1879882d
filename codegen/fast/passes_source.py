"""The operations as NumPy source: what is made once, what is made with the parameters, and the lines that each call runs.

add(z1, b1, z1)                     a function of every entry, written over its operand
dot(a1, W2_jk, z2)                  a product of matrices as they lie
add_reduce(e, 1, None, total)       a sum over a dimension
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from sympy import S

from codegen.module_lines import commented
from codegen.numpy_source import NumpySource
from codegen.precedence import tuple_text
from symbolic.arrays import Array, Gather, Letters, Number, Read, Window, everything
from symbolic.axes import axis_name
from symbolic.equations import System

from .gathers_source import gather_lines, scatter_lines
from .layouts import Groups, Layouts, are_neighbours
from .lifetimes import Memory
from .operations import COMPARISONS, OWN_FUNCTIONS, UFUNCS, ArrayProgram, Cut, Entry, Kind, Operand, Operation, Origin, Scalar, Slice
from .product_forms import View, call_of
from .sizes import Extent, extent_of
from .slices import runs, slice_name
from .stacking import Stacked
from .step_slices import StepSlices
from .views import Views, names_in, suffix, view_text
from .windows_source import grouped_view_text, pad_lines, placed_lines, spread_lines, window_text

#: Functions that warn where the place for the result is given by position.
BY_KEYWORD = frozenset({"maximum", "minimum"})
NUMBERS = {"0": "ZERO", "1": "ONE", "2": "TWO", "1 / 2": "HALF"}


def flat(groups: Groups) -> Letters:
    return tuple(letter for group in groups for letter in group)


def most_of(extents: Iterable[Extent]) -> str:
    """The largest of some numbers of entries, as the workspace computes it."""
    written = [str(extent) for extent in extents]
    return written[0] if len(written) == 1 else f"max({', '.join(written)})"


#: What the module's own functions that write into an array are called, with an underscore where they are made.
OWN_NAMES = {"erf": "error_function"}
#: What NumPy's functions are called in the passes.
NUMPY_NAMES = {
    "add_at": "np.add.at",
    "add_reduce": "np.add.reduce",
    "maximum_reduce": "np.maximum.reduce",
    "minimum_reduce": "np.minimum.reduce",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """Lines under the equation for which they compute something."""

    equation: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """What a call asks for that wants only the value of one tensor."""

    until: str
    tensor: str


NO_STOPS: Mapping[str, Stop] = MappingProxyType({})


class PassesSource:
    """Prints one program; `made` and `bound` collect what is there before a call."""

    def __init__(
        self, program: ArrayProgram, system: System, layouts: Layouts, memory: Memory, stacked: Stacked, taken: Sequence[str]
    ) -> None:
        self.program, self.system, self.layouts, self.memory = program, system, layouts, memory
        self.stacked, self.values = stacked, dict(program.values)
        self.source = NumpySource(system)
        steps = {name for name, value in program.values.items() if value.slice is not None and value.slice.cut is Cut.STEP}
        self.views = Views({*taken, *program.tensors, *program.values} - steps)
        self.functions: dict[str, None] = {}
        self.constants: dict[Array, str] = {}
        self.made: list[str] = []
        self.arrays_of_numbers: dict[tuple[Array, tuple[str, ...]], str] = {}
        self.vectors_of_ones: dict[Extent, str] = {}
        #: The name of the array that holds a value as it lies in memory.
        self.bases: dict[str, str] = {}
        #: Tensors that can be read by their own names with their dimensions as declared.
        self.spelled: set[str] = set()
        self.following = {before: after for after, before in memory.over.items()}
        self.first_of_block: dict[str, str] = {}
        self.stops_found: set[str] = set()
        self.largest_exponent = f"{self.views.fresh('largest_exponent')} = np.log(np.finfo(dtype).max).item() / 2"
        #: By function that the module brings, and number before its argument: its name in the passes, and how many entries it is given.
        self.own_functions: dict[tuple[str, str], tuple[str, dict[Extent, None]]] = {}
        self.equations = {name: text for section in program.sections for name, text in section.equations.items()}
        self.variables_of_loops: set[str] = set()
        #: The arrays with positions around them, by the value that is their inner part.
        self.around: dict[str, str] = {}
        self.slices = StepSlices(self)
        self.windows: dict[str, Operation] = {}
        self.bordered: set[str] = set()

    def statements(self, operations: Sequence[Operation], stops: Mapping[str, Stop] = NO_STOPS) -> list[Statement]:
        """What each call runs; `stops` say, by value, where a call can end that wants no more than that."""
        self.windows |= {operation.result.name: operation for operation in operations if operation.function == "window"}
        self.bordered |= {operation.result.name for operation in operations if operation.function == "pad"}
        found: list[Statement] = []
        for _, run in runs(operations):
            if run[0].loop is not None:
                found.append(self.loop_statement(run))
                continue
            found += self.separate(run, stops)
        return found

    def separate(self, operations: Sequence[Operation], stops: Mapping[str, Stop]) -> list[Statement]:
        """Operations that run once in a call."""
        found: list[Statement] = []
        last = {result.name: operation for operation in operations for result in operation.results}
        for operation in operations:
            before = len(self.views.lines[Origin.CALL])
            lines = self.operation(operation)
            for result in operation.results:
                if result.name in stops and last[result.name] is operation:
                    lines = (*lines, f'if until == "{stops[result.name].until}":', f"    {self.stop(stops[result.name])}")
            own = self.views.lines[Origin.CALL][before:]
            if own or lines:
                found.append(Statement(operation.equation, (*own, *lines)))
        for (function, factor), (name, extents) in self.own_functions.items():
            self.made.append(f"{name} = _{OWN_NAMES[function]}(dtype, {most_of(extents)}{factor})")
        return found

    def begin_function(self) -> None:
        """What was made in a call is not there in another function."""
        self.views.forget_call()
        self.spelled -= {name for name in self.spelled if self.values[self.program.tensors[name].name].origin is Origin.CALL}

    def tensor_view(self, name: str) -> str:
        """A tensor's array with its dimensions as declared."""
        return self.view(View(self.program.tensors[name], tuple((letter,) for letter in self.program.declared[name])))

    def stop(self, stop: Stop) -> str:
        """What returns the value of a tensor."""
        array = self.tensor_view(stop.tensor)
        self.stops_found.add(stop.until)
        return f"return {array}" if self.program.declared[stop.tensor] else f"return {array}.item()"

    def loop_statement(self, run: Sequence[Operation]) -> Statement:
        """A loop over the slices that its operations read and write; every equation but the first as a comment in it."""
        loop, before = run[0].loop, len(self.views.lines[Origin.CALL])
        assert loop is not None
        self.slices = StepSlices(self)
        lines: list[str] = []
        equation = run[0].equation
        for operation in run:
            if operation.equation != equation:
                equation = operation.equation
                lines += f"# {commented(self.equations[equation], indent=0)}".split("\n")
            lines += self.operation(operation)
        own = self.views.lines[Origin.CALL][before:]
        header = self.slices.header(loop)
        return Statement(run[0].equation, (*own, header, *(f"    {line}" for line in lines)))

    # Arrays.

    def base(self, name: str) -> str:
        """The array of a value, with its dimensions as they lie in memory; made where it is needed for the first time."""
        if name in self.bases:
            return self.bases[name]
        value = self.values[name]
        if name in self.windows:
            self.bases[name] = name
            self.views.lines[value.origin].append(f"{name} = {window_text(self, self.windows[name])}")
            return name
        if value.origin is not Origin.MADE:
            self.bases[name] = name
            return name
        if value.slice is not None:
            if value.slice.cut is Cut.STEP:
                return self.slices.base(name)
            self.bases[name] = self.part(value.slice)
            return self.bases[name]
        shown = self.shown(name)
        if shown != name:
            self.bases[name] = self.base(shown)
            return self.bases[name]
        declared = self.declared(name)
        stored = self.stored_axes(name)
        written = (
            name
            if declared is None or declared == stored
            else self.views.fresh(f"{name}_{''.join(self.values[name].axes[place] for place in stored)}")
        )
        self.bases[name] = written
        if name in self.memory.padded:
            self.padded(name, written)
        else:
            self.made.append(f"{written} = {self.memory_of(name)}")
        return written

    def padded(self, name: str, written: str) -> None:
        """An array with positions before its first and after its last, which are zero, or hold boundary values."""
        axes = [self.values[name].axes[place] for place in self.layouts.orders[name]]
        before, after = self.memory.padded[name]
        sizes = [self.source.size(axis) for axis in axes]
        size = str(int(sizes[0]) + before + after) if sizes[0].isdigit() else f"{sizes[0]} + {before + after}"
        around = self.views.fresh(f"{written}_around")
        self.around[name] = around
        kind = self.values[name].kind
        self.made.append(f"{around} = np.zeros({tuple_text([size, *sizes[1:]])}, {'dtype' if kind is Kind.FLOAT else kind.value})")
        self.made.append(f"{written} = {self.positions(name, 0)}")

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

    def loop_variable(self, wanted: str) -> str:
        """A name that only loops have; another loop may have it for another slice."""
        while wanted in self.slices.variables.values() or (wanted in self.views.taken and wanted not in self.variables_of_loops):
            wanted += "_"
        self.views.taken.add(wanted)
        self.variables_of_loops.add(wanted)
        return wanted

    def part(self, part: Slice) -> str:
        """A shifted array, or one position, of an array whose steps come first."""
        whole = self.base(part.whole)
        wanted = f"{whole}_{slice_name(part, self.values[part.whole].axes[part.along])}"
        if part.cut is Cut.SHIFTED:
            text = whole if part.start == 0 else self.positions(part.whole, part.start)
        else:
            # One position of an array of one dimension would be a number, not a view.
            rest = "" if part.dimensions else ", ..."
            if part.whole in self.memory.padded:
                text = f"{self.around[part.whole]}[{self.memory.padded[part.whole][0] + part.start}{rest}]"
            else:
                text = f"{whole}[{part.start}{rest}]"
        return self.views.named(whole, (part.cut, part.start), wanted, Origin.MADE, text)

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

    def stored_axes(self, name: str) -> tuple[int, ...]:
        return self.layouts.orders[name]

    def memory_of(self, name: str) -> str:
        """A new array, or a view of one that is there."""
        axes = tuple(self.values[name].axes[place] for place in self.layouts.orders[name])
        shape = self.shape(axes)
        end = name
        while end in self.following:
            end = self.following[end]
        if end in self.program.outputs:
            output = self.program.outputs[end]
            places = [output.places.index(place) for place in self.layouts.orders[end]]
            transposed = "" if places == sorted(places) else ".T" if places == sorted(places)[::-1] else f".transpose{tuple(places)}"
            return f"gradients.{output.parameter}{transposed}"
        if end in self.stacked.places:
            place = self.stacked.places[end]
            return f"{self.stack(place.stack)}[{place.number}]"
        kind = self.values[name].kind
        if name not in self.memory.of:
            if kind is not Kind.INTEGER:
                raise AssertionError(f"{name} has no memory")
            # Positions along an axis.
            return f"np.arange({shape.strip('(),')})"
        block = self.memory.of[name]
        if block.name not in self.first_of_block:
            self.first_of_block[block.name] = name
            return f"np.{'zeros' if name in self.bordered else 'empty'}({shape}, {'dtype' if kind is Kind.FLOAT else kind.value})"
        first = self.first_of_block[block.name]
        holder = self.base(first)
        first_axes = tuple(self.values[first].axes[place] for place in self.layouts.orders[first])
        if first_axes == axes:
            return holder
        extent = extent_of(axes, self.system)
        if extent == extent_of(first_axes, self.system):
            return f"{holder}.reshape({shape})"
        return f"{holder}.reshape(-1)[: {extent}].reshape({shape})"

    def shape(self, axes: Sequence[str]) -> str:
        sizes = [self.source.size(axis) for axis in axes]
        return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"

    def view(self, view: View) -> str:
        """The name of an array with its dimensions grouped."""
        entry = view.entry
        value = self.values[entry.name]
        if value.slice is not None and value.slice.cut is Cut.STEP:
            return self.slices.view(view)
        base, stored, lies = self.base(entry.name), self.layouts.stored(entry), self.lies(entry)
        if entry.name in self.windows:
            text = grouped_view_text(base, lies, view.groups, self.count)
        else:
            text = view_text(base, lies, stored, view.groups, self.count)
        key = tuple(tuple(entry.letters.index(letter) for letter in group) for group in view.groups)
        return self.views.named(base, key, f"{base}_{suffix(view.groups)}", value.origin, text)

    def lies(self, entry: Entry) -> Letters:
        """The dimensions of the array that holds a value: as they lie in memory, or as they were given."""
        return self.layouts.stored(entry) if self.values[entry.name].origin is Origin.MADE else entry.letters

    def count(self, letters: Letters) -> str:
        return " * ".join(self.source.size(axis_name(letter)) for letter in letters)

    def aligned(self, operand: Operand, stored: Letters) -> str:
        """An operand as it broadcasts against dimensions `stored`."""
        if isinstance(operand, Scalar):
            return self.constant(operand.array)
        groups: Groups = tuple((letter,) if letter in operand.letters else () for letter in stored)
        while groups and not groups[0]:
            groups = groups[1:]
        return self.view(View(operand, groups))

    def constant(self, array: Array) -> str:
        """A number as an array without dimensions, which costs less to read than a Python number."""
        if array not in self.constants:
            text = self.source.source(array, ())[0]
            wanted = NUMBERS.get(text, f"number_{len(self.constants) + 1}")
            self.constants[array] = self.views.fresh(wanted)
            self.made.append(f"{self.constants[array]} = np.array({text}, dtype)")
        return self.constants[array]

    def constant_zero(self) -> str:
        return self.constant(Number(S.Zero))

    def filled(self, array: Array, like: Entry) -> str:
        """A number as an array as large as another."""
        axes = tuple(self.values[like.name].axes[place] for place in self.layouts.orders[like.name])
        if (array, axes) not in self.arrays_of_numbers:
            number = self.constant(array)
            name = self.views.fresh(f"{number}_{''.join(axes)}")
            self.arrays_of_numbers[array, axes] = name
            self.made.append(f"{name} = np.full({self.shape(axes)}, {number})")
        return self.arrays_of_numbers[array, axes]

    def ones(self, letters: Letters) -> str:
        extent = extent_of(tuple(map(axis_name, letters)), self.system)
        if extent not in self.vectors_of_ones:
            self.vectors_of_ones[extent] = self.views.fresh(f"ones_{suffix((letters,))}")
            self.made.append(f"{self.vectors_of_ones[extent]} = np.ones({extent}, dtype)")
        return self.vectors_of_ones[extent]

    def function(self, name: str) -> str:
        self.functions[name] = None
        return name

    # Operations.

    def operation(self, operation: Operation) -> tuple[str, ...]:
        function, result = operation.function, operation.result
        if function in ("positions", "window"):
            return ()
        if function == "lines":
            return self.loop(operation)
        if function == "product":
            return (self.product(operation),)
        if function == "stacked":
            return (self.at_once(operation.members),)
        stored = self.layouts.stored(result)
        out = self.base(result.name)
        if function in UFUNCS or function in COMPARISONS:
            written = [self.aligned(operand, stored) for operand in operation.operands]
            if function in BY_KEYWORD:
                # NumPy compares two arrays three times as fast as an array and a number.
                written = [
                    self.filled(operand.array, result) if isinstance(operand, Scalar) else text
                    for operand, text in zip(operation.operands, written, strict=True)
                ]
            operands = ", ".join(written)
            return (f"{self.function(function)}({operands}, {'out=' if function in BY_KEYWORD else ''}{out})",)
        if function in OWN_FUNCTIONS:
            return self.own_function(operation)
        match function:
            case "copy":
                # Takes half the time of `copyto`.
                return (f"{out}[...] = {self.aligned(operation.operands[0], stored)}",)
            case "shift":
                return self.shift(operation)
            case "where":
                return self.cases(operation, stored, out)
            case "inner":
                left, right = (self.view(View(entry, (self.layouts.stored(entry),))) for entry in operation.entries)
                return (f"{left}.dot({right}, {out})",)
            case "sum" | "max":
                return (self.reduction(operation, out),)
            case "gather":
                return gather_lines(self, operation)
            case "scatter":
                return scatter_lines(self, operation)
            case "pad":
                return pad_lines(self, operation)
            case "spread":
                return spread_lines(self, operation)
            case "placed":
                return placed_lines(self, operation)
            case "plain":
                return self.plain(operation, stored, out)
        raise AssertionError(f"no source for {function}")

    def own_function(self, operation: Operation) -> tuple[str, ...]:
        """A function that the module brings reads and writes arrays as a row of entries."""
        (entry,), result, stored = operation.entries, operation.result, self.layouts.stored(operation.result)
        factors = [self.source.source(operand.array, ())[0] for operand in operation.operands if isinstance(operand, Scalar)]
        key = operation.function, "".join(f", {factor}" for factor in factors)
        if key not in self.own_functions:
            self.own_functions[key] = self.views.fresh(OWN_NAMES[operation.function]), {}
        name, extents = self.own_functions[key]
        extents[extent_of(tuple(map(axis_name, stored)), self.system)] = None
        out = self.view(View(result, (stored,)))
        if self.layouts.stored(entry) == stored and self.layouts.is_mergeable(entry, (stored,)):
            return (f"{name}({self.view(View(entry, (stored,)))}, {out})",)
        return (f"{self.function('copyto')}({self.base(result.name)}, {self.aligned(entry, stored)})", f"{name}({out}, {out})")

    def shift(self, operation: Operation) -> tuple[str, ...]:
        """The largest entries taken off, unless no exponential can overflow."""
        (entry,), out = operation.entries, self.base(operation.result.name)
        if self.largest_exponent not in self.made:
            self.made.append(self.largest_exponent)
        limit = self.largest_exponent.partition(" ")[0]
        every = self.view(View(entry, (self.layouts.stored(entry),)))
        extremes = [f"{self.function(name)}({every})" for name in ("minimum_reduce", "maximum_reduce")]
        lines = [f"if not -{limit} < {' <= '.join(extremes)} < {limit}:"]
        lines += [f"    {line}" for member in operation.members for line in self.operation(member)]
        if self.memory.over.get(operation.result.name) is None:
            copied = self.aligned(entry, self.layouts.stored(operation.result))
            lines += ["else:", f"    {self.function('copyto')}({out}, {copied})"]
        return tuple(lines)

    def product(self, operation: Operation) -> str:
        call = call_of(operation, self.layouts)
        left, right, out = self.view(call.left), self.view(call.right), self.view(call.result)
        if call.function == "dot":
            # The method costs two thirds of what the function does.
            return f"{left}.dot({right}, {out})"
        return f"{self.function(call.function)}({left}, {right}, {out})"

    def stack(self, name: str) -> str:
        """The array of several values, made where it is needed for the first time."""
        if name not in self.bases:
            members = self.stacked.stacks[name]
            axes = tuple(self.values[members[0]].axes[place] for place in self.layouts.orders[members[0]])
            sizes = [str(len(members)), *map(self.source.size, axes)]
            self.bases[name] = self.views.fresh(name)
            kind = self.values[members[0]].kind
            self.made.append(f"{self.bases[name]} = np.empty({tuple_text(sizes)}, {'dtype' if kind is Kind.FLOAT else kind.value})")
        return self.bases[name]

    def stack_view(self, entries: Sequence[Entry], letters: Letters) -> str:
        """The arrays of several values as one, the dimensions of each in the order `letters`."""
        first, stored = entries[0], self.layouts.stored(entries[0])
        if first.name in self.program.outputs:
            base = self.views.fresh(f"{first.name}_to_{entries[-1].name}")
            one = self.base(first.name)
            order = [tensor.name for tensor in self.system.parameters]
            begin, end = (order.index(self.program.outputs[entry.name].parameter) for entry in entries[:2])
            passed = self.system.parameters[begin:end]
            distance = sum(extent_of(tuple(map(axis_name, tensor.axes)), self.system).count for tensor in passed)
            shape, strides = f"({len(entries)}, *{one}.shape)", f"({distance} * dtype.itemsize, *{one}.strides)"
            self.made.append(f"{base} = np.lib.stride_tricks.as_strided({one}, {shape}, {strides})")
        else:
            place = self.stacked.places[first.name]
            base = self.stack(place.stack)
            if len(entries) < len(self.stacked.stacks[place.stack]):
                part = f"{base}[{place.number}:{place.number + len(entries)}]"
                base = self.views.named(base, (place.number, len(entries)), f"{first.name}_to_{entries[-1].name}", Origin.MADE, part)
        if letters == stored:
            return base
        places = ", ".join(str(stored.index(letter) + 1) for letter in letters)
        wanted = f"{base}_{suffix(tuple((letter,) for letter in letters))}"
        return self.views.named(base, letters, wanted, Origin.MADE, f"{base}.transpose(0, {places})")

    def at_once(self, members: Sequence[Operation]) -> str:
        """One call for several operations of a kind."""
        first, result = members[0], [member.result for member in members]
        sides = [[list(member.entries)[side] for member in members] for side in range(len(list(first.entries)))]
        if first.function == "product":
            call = call_of(first, self.layouts)
            left, right = sides if call.left.entry == sides[0][0] else sides[::-1]
            views = [
                self.stack_view(side, flat(view.groups)) for side, view in ((left, call.left), (right, call.right), (result, call.result))
            ]
            return f"{self.function('matmul')}({', '.join(views)})"
        stored = self.layouts.stored(first.result)
        if first.function == "sum":
            array, (over,) = sides[0], first.over
            lies = self.layouts.stored(array[0])
            operands = [self.ones((over,)), self.stack_view(array, lies)]
            operands = operands if lies[0] == over else operands[::-1]
            return f"{self.function('matmul')}({', '.join(operands)}, {self.stack_view(result, stored)})"
        waiting = iter(sides)
        written = [
            self.constant(operand.array) if isinstance(operand, Scalar) else self.stack_view(next(waiting), stored)
            for operand in first.operands
        ]
        by_keyword = "out=" if first.function in BY_KEYWORD else ""
        return f"{self.function(first.function)}({', '.join(written)}, {by_keyword}{self.stack_view(result, stored)})"

    def cases(self, operation: Operation, stored: Letters, out: str) -> tuple[str, ...]:
        test, first, second = operation.operands
        lines = []
        if self.memory.over.get(operation.result.name) is None:
            lines.append(f"{self.function('copyto')}({out}, {self.aligned(second, stored)})")
        lines.append(f"{self.function('copyto')}({out}, {self.aligned(first, stored)}, where={self.aligned(test, stored)})")
        return tuple(lines)

    def reduction(self, operation: Operation, out: str) -> str:
        """Sums over the first or the last dimensions by a product with ones, which is quicker than NumPy's sum."""
        (entry,) = operation.entries
        stored = self.layouts.stored(entry)
        over = tuple(letter for letter in stored if letter in operation.over)
        rest = tuple(letter for letter in stored if letter not in operation.over)
        is_whole = are_neighbours(self.layouts.stored(operation.result), (rest,))
        is_direct = is_whole and stored in (over + rest, rest + over) and self.layouts.is_matrix(entry, (), over, rest)
        if operation.function == "sum" and rest and is_direct:
            matrix = self.view(View(entry, (over, rest) if stored == over + rest else (rest, over)))
            left, right = (self.ones(over), matrix) if stored == over + rest else (matrix, self.ones(over))
            return f"{left}.dot({right}, {self.view(View(operation.result, (rest,)))})"
        name = "add_reduce" if operation.function == "sum" else "maximum_reduce"
        places = [stored.index(letter) for letter in over]
        if not rest and self.layouts.is_mergeable(entry, (stored,)):
            array, axis = self.view(View(entry, (stored,))), "0"
        else:
            array, axis = self.base_view(entry), str(places[0]) if len(places) == 1 else str(tuple(places))
            out = self.view(View(operation.result, tuple((letter,) for letter in rest)))
        return f"{self.function(name)}({array}, {axis}, None, {out})"

    def base_view(self, entry: Entry) -> str:
        return self.view(View(entry, tuple((letter,) for letter in self.layouts.stored(entry))))

    def plain(self, operation: Operation, stored: Letters, out: str) -> tuple[str, ...]:
        """What has no operation of its own, written as the plain style does."""
        if operation.detail is None or isinstance(operation.detail, tuple):
            raise AssertionError(f"{operation.result.name} has no expression")
        names = self.tensors_read(operation.detail)
        for name in names:
            if name in self.program.tensors and name not in self.system.stored:
                # A slice, under the name that it has in the formula of a step.
                groups = tuple((letter,) for letter in self.program.declared[name])
                self.source.written[name] = self.view(View(self.program.tensors[name], groups))
        lines = [line for name in names if name not in self.source.written for line in self.tensor(name)]
        written = self.source.source(operation.detail, stored)[0]
        return (*lines, f"{self.function('copyto')}({out}, {written})")

    @staticmethod
    def tensors_read(array: Array) -> list[str]:
        return list(dict.fromkeys(part.name for part in everything(array) if isinstance(part, Read | Window | Gather)))

    def tensor(self, name: str) -> list[str]:
        """A tensor by its own name with its dimensions as declared; the line that makes it in a call, if it needs one."""
        if name not in self.program.tensors or name in self.spelled:
            return []
        self.spelled.add(name)
        entry = self.program.tensors[name]
        groups = tuple((letter,) for letter in self.program.declared[name])
        base, stored, origin = self.base(entry.name), self.layouts.stored(entry), self.values[entry.name].origin
        if base == name:
            return []
        line = f"{name} = {view_text(base, self.lies(entry), stored, groups, self.count)}"
        if origin is Origin.CALL:
            return [line]
        self.views.lines[origin].append(line)
        return []

    def loop(self, operation: Operation) -> tuple[str, ...]:
        assert isinstance(operation.detail, tuple)
        words = set(names_in(" ".join(operation.detail)))
        lines = [line for name in self.program.tensors if name in words for line in self.tensor(name)]
        return (*lines, *operation.detail)
