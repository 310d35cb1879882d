"""The operations as NumPy source: what is made once, what is made with the parameters, and the lines that each call runs.

add(z1, b1, z1)                     a function of every entry, written over its operand
dot(a1, W2_jk, z2)                  a product of matrices as they lie
add_reduce(e, 1, None, total)       a sum over a dimension
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from chainrule.codegen.backends.fast.ir.operations import COMPARISONS, OWN_FUNCTIONS, UFUNCS, Operation, Origin, RowBlocks, Scalar
from chainrule.codegen.backends.fast.ir.sizes import EntryCount, extent_of
from chainrule.codegen.backends.fast.ir.slices import runs
from chainrule.codegen.backends.fast.passes.array_layout import are_neighbours
from chainrule.codegen.backends.fast.passes.product_forms import GroupedOperand, call_of
from chainrule.codegen.backends.numpy.lines import comment_lines
from chainrule.codegen.backends.numpy.source import Source
from chainrule.codegen.backends.numpy.statements import in_loops, statements, with_loops
from chainrule.codegen.formulas.equations_with_shapes import equation_with_shape
from chainrule.codegen.program.loops import Loop
from chainrule.codegen.program.program import names_in
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.axes import axis_name

from .arrays import ArraysSource
from .gathers import gather_lines, scatter_lines
from .made_line import MadeLine
from .stacks import BY_KEYWORD, at_once
from .statement import NO_STOPS, Comment, Statement, Stop
from .step_slices import StepSlices
from .tiles import TileViews
from .views import view_text
from .windows import pad_lines, placed_lines, spread_lines


def most_of(extents: Iterable[EntryCount]) -> str:
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


class PassesSource(ArraysSource):
    """Prints one program, operation by operation."""

    #: Those of the loop that is printed.
    slices: StepSlices
    tiles: TileViews

    def statements(self, operations: Sequence[Operation], stops: Mapping[str, Stop] = NO_STOPS) -> list[Statement]:
        """What each call runs; `stops` say, by value, where a call can end that wants no more than that."""
        self.windows |= {operation.result.name: operation for operation in operations if operation.function == "window"}
        self.bordered |= {operation.result.name for operation in operations if operation.function == "pad"}
        found: list[Statement] = []
        for _, run in runs(operations):
            if run[0].loop is not None:
                found.append(self.loop_statement(run, run[0].loop))
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
                found.append(Statement(operation.equation, (*map(str, own), *lines)))
        for (function, factor), (name, extents) in self.own_functions.items():
            self.made.append(MadeLine(name, f"_{OWN_NAMES[function]}(dtype, {most_of(extents)}{factor})"))
        return found

    def begin_function(self) -> None:
        """What was made in a call is not there in another function."""
        self.views.forget_call()
        self.spelled -= {name for name in self.spelled if self.values[self.program.tensors[name].name].origin is Origin.CALL}

    def stop(self, stop: Stop) -> str:
        """What returns the value of a tensor."""
        array = self.tensor_view(stop.tensor)
        self.stops_found.add(stop.until)
        return f"return {array}" if self.program.declared[stop.tensor] else f"return {array}.item()"

    def loop_statement(self, run: Sequence[Operation], loop: Loop | RowBlocks) -> Statement:
        """A loop over the slices, or tiles, that its operations read and write; every equation but the first as a comment in it."""
        before = len(self.views.lines[Origin.CALL])
        if isinstance(loop, RowBlocks):
            self.tiles = TileViews(self, loop)
        else:
            self.slices = StepSlices(self)
        lines: list[str | Comment] = []
        equation = run[0].equation
        for operation in run:
            if operation.equation != equation:
                equation = operation.equation
                lines.append(Comment(tuple(comment_lines(equation_with_shape(self.system, self.equations[equation])))))
            lines += self.operation(operation)
        own = self.views.lines[Origin.CALL][before:]
        around = self.tiles.around(lines) if isinstance(loop, RowBlocks) else self.slices.around(loop, lines)
        return Statement(run[0].equation, (*map(str, own), *around))

    def tile_view(self, view: GroupedOperand) -> str:
        return self.tiles.view(view)

    def step_view(self, view: GroupedOperand) -> str:
        return self.slices.view(view)

    def operation(self, operation: Operation) -> tuple[str, ...]:
        function, result = operation.function, operation.result
        if function in ("positions", "window"):
            return ()
        if function == "lines":
            return self.loop(operation)
        if function == "product":
            return (self.product(operation),)
        if function == "stacked":
            return (at_once(self, operation.members),)
        stored = self.layouts.stored(result)
        out = self.base(result.name)
        if function in UFUNCS or function in COMPARISONS:
            written = [self.aligned(operand, stored) for operand in operation.operands]
            if function in BY_KEYWORD:
                # NumPy compares two arrays three times as fast as an array and a number.
                written = [
                    self.numbers.filled(operand.array, self.axes_of(result.name)) if isinstance(operand, Scalar) else text
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
                left, right = (self.view(GroupedOperand(entry, (self.layouts.stored(entry),))) for entry in operation.entries)
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
        factors = [self.source.source(operand.array, ()).text for operand in operation.operands if isinstance(operand, Scalar)]
        key = operation.function, "".join(f", {factor}" for factor in factors)
        if key not in self.own_functions:
            self.own_functions[key] = self.views.fresh(OWN_NAMES[operation.function]), {}
        name, extents = self.own_functions[key]
        extents[extent_of(tuple(map(axis_name, stored)), self.system)] = None
        out = self.view(GroupedOperand(result, (stored,)))
        if self.layouts.stored(entry) == stored and self.layouts.is_mergeable(entry, (stored,)):
            return (f"{name}({self.view(GroupedOperand(entry, (stored,)))}, {out})",)
        return (f"{self.function('copyto')}({self.base(result.name)}, {self.aligned(entry, stored)})", f"{name}({out}, {out})")

    def shift(self, operation: Operation) -> tuple[str, ...]:
        """The largest entries taken off, unless no exponential can overflow."""
        (entry,), out = operation.entries, self.base(operation.result.name)
        if self.largest_exponent not in self.made:
            self.made.append(self.largest_exponent)
        limit = self.largest_exponent.name
        every = self.view(GroupedOperand(entry, (self.layouts.stored(entry),)))
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
        is_direct = (
            is_whole
            and self.layouts.is_contiguous(operation.result)
            and stored in (over + rest, rest + over)
            and self.layouts.is_matrix(entry, (), over, rest)
        )
        if operation.function == "sum" and rest and is_direct:
            matrix = self.view(GroupedOperand(entry, (over, rest) if stored == over + rest else (rest, over)))
            left, right = (self.numbers.ones(over), matrix) if stored == over + rest else (matrix, self.numbers.ones(over))
            return f"{left}.dot({right}, {self.view(GroupedOperand(operation.result, (rest,)))})"
        name = "add_reduce" if operation.function == "sum" else "maximum_reduce"
        places = [stored.index(letter) for letter in over]
        if not rest and self.layouts.is_mergeable(entry, (stored,)):
            array, axis = self.view(GroupedOperand(entry, (stored,))), "0"
        else:
            array, axis = self.base_view(entry), str(places[0]) if len(places) == 1 else str(tuple(places))
            out = self.view(GroupedOperand(operation.result, tuple((letter,) for letter in rest)))
        return f"{self.function(name)}({array}, {axis}, None, {out})"

    def plain(self, operation: Operation, stored: Letters, out: str) -> tuple[str, ...]:
        """What has no operation of its own, written as the plain style does."""
        if operation.detail is None or isinstance(operation.detail, tuple):
            raise AssertionError(f"{operation.result.name} has no expression")
        written: dict[str, Source] = {}
        names = dict.fromkeys(names_in(operation.detail))
        for name in names:
            if name in self.program.tensors and name not in self.system.stored:
                # A slice, under the name that it has in the formula of a step.
                groups = tuple((letter,) for letter in self.program.declared[name])
                written[name] = Source(self.view(GroupedOperand(self.program.tensors[name], groups)))
        lines = [line for name in names if name not in written for line in self.tensor(name)]
        found = replace(self.source, written=written).source(operation.detail, stored)
        self.uses |= found.uses
        return (*lines, f"{self.function('copyto')}({out}, {found.text})")

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
        line = MadeLine(name, view_text(base, self.lies(entry), stored, groups, self.count), (base,))
        if origin is Origin.CALL:
            return [str(line)]
        self.views.lines[origin].append(line)
        return []

    def loop(self, operation: Operation) -> tuple[str, ...]:
        assert isinstance(operation.detail, tuple)
        read = {name for assignment in operation.detail for name in assignment.reads}
        lines = [line for name in self.program.tensors if name in read for line in self.tensor(name)]
        for each, steps in with_loops(statements(operation.detail, self.system)):
            self.uses |= each.uses
            lines += [each.start.text, *in_loops(each.headers, [step.text for step in steps])]
        return tuple(lines)
