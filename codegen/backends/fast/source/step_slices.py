"""The loop over the steps of a recurrence: a variable for each slice, all of them views that were made once.

steps = list(zip(z1_1, h1_before, h1))
…
for z1_1_t, h1_before_t, h1_t in steps:
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Cut, Origin, Slice
from chainrule.codegen.backends.fast.ir.slices import slice_name
from chainrule.codegen.backends.fast.passes.product_forms import GroupedOperand
from chainrule.codegen.backends.numpy.source import tuple_text
from chainrule.codegen.program.loops import Loop
from chainrule.symbolic.index.axes import fresh, index

from .arrays import ArraysSource
from .made_line import MadeLine
from .statement import Comment
from .views import suffix


class StepSlices:
    """The slices that one loop reads and writes: by the array that holds all steps, the variable of the loop."""

    def __init__(self, source: ArraysSource) -> None:
        self.source = source
        self.variables: dict[str, str] = {}
        #: The arrays that each of them is made of.
        self.read: dict[str, tuple[str, ...]] = {}

    def view(self, view: GroupedOperand) -> str:
        """A slice with its dimensions grouped: the same view of the whole array has the steps as one dimension more."""
        source, entry = self.source, view.entry
        part = source.values[entry.name].slice
        assert part is not None
        along = fresh(index(source.values[part.whole].axes[part.along]), entry.letters)
        by_dimension = dict(zip(part.dimensions, entry.letters, strict=True)) | {part.along: along}
        letters = tuple(by_dimension[dimension] for dimension in range(len(by_dimension)))
        start = 0 if part.beyond else part.start
        array = source.view(GroupedOperand(ArrayOperand(self.all_steps(replace(part, start=start)), letters), ((along,), *view.groups)))
        read: tuple[str, ...] = (array,)
        if not any(view.groups):
            # Iterating over an array of one dimension gives numbers, not views.
            array = f"[{array}[{along}, ...] for {along} in range({source.count((along,))})]"
        if part.beyond:
            array, outside = self.with_boundaries(array, part, view)
            read = (*outside, *read) if part.start < 0 else (*read, *outside)
        if array not in self.variables:
            self.read[array] = read
            wanted = f"{source.values[part.whole].of_step or part.whole}_{slice_name(part, str(along))}"
            is_plain = view.groups == tuple((letter,) for letter in source.layouts.stored(entry))
            wanted = wanted if is_plain else f"{wanted}_{suffix(view.groups)}"
            self.variables[array] = source.views.of_loop(wanted, self.variables.values())
        return self.variables[array]

    def with_boundaries(self, array: str, part: Slice, view: GroupedOperand) -> tuple[str, Iterable[str]]:
        """The list of the slices that the steps read: at the first steps, or the last, those of boundary values, which are named too."""
        source, beyond = self.source, dict(part.beyond)
        size = source.system.axes[source.values[part.whole].axes[part.along]].size
        places = range(part.start, 0) if part.start < 0 else range(size or 0, (size or 0) + part.start)
        views = {at: source.view(replace(view, entry=replace(view.entry, name=name))) for at, name in beyond.items()}
        outside = [views.get(at, f"np.zeros_like({next(iter(views.values()))})") for at in places]
        written = [*outside, f"*{array}"] if part.start < 0 else [f"*{array}", *outside]
        return f"[{', '.join(written)}]" + (f"[{part.start}:]" if part.start > 0 else ""), views.values()

    def all_steps(self, part: Slice) -> str:
        """The value of which each step reads its own position."""
        if part.start == 0:
            return part.whole
        return self.source.shifted(Slice(part.whole, part.along, part.start, Cut.SHIFTED, tuple(range(len(part.dimensions) + 1))))

    def around(self, loop: Loop, lines: Sequence[str | Comment]) -> Iterator[str | Comment]:
        """The loop with its lines."""
        yield self.header(loop)
        for line in lines:
            yield line if isinstance(line, Comment) else f"    {line}"

    def header(self, loop: Loop) -> str:
        """The line that begins the loop; what it runs over is made once."""
        arrays, names = list(self.variables), list(self.variables.values())
        order = "[::-1]" if loop.backwards else ""
        if len(arrays) == 1:
            text, target = f"list({arrays[0]}){order}", names[0]
        else:
            text, target = f"list(zip({', '.join(arrays)})){order}", tuple_text(names).strip("()")
        steps = self.source.views.fresh("steps")
        read = tuple(name for array in arrays for name in self.read[array])
        self.source.views.lines[Origin.MADE].append(MadeLine(steps, text, read))
        return f"for {target} in {steps}:"
