"""The loops over blocks of rows: in each step a variable for every part of an array that it reads or writes.

for n in range(N):
    k1_part = k1[n]
    for t in range(0, 1024, 64):
        q1_rows = q1[n, t : t + 64]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, RowBlocks
from chainrule.codegen.backends.fast.passes.product_forms import GroupedOperand
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.axes import fresh, index

from .arrays import ArraysSource
from .statement import Comment
from .views import grouped_view_text, suffix

INDENT = "    "


class TileViews:
    """Of one loop: by the source of a view, its variable, and in which of the loops it is made."""

    def __init__(self, source: ArraysSource, loop: RowBlocks) -> None:
        self.source, self.loop = source, loop
        self.variables: dict[str, str] = {}
        self.depths: dict[str, int] = {}
        self.counters = [source.views.of_loop(axis, ()) for axis in (*loop.axes, loop.axis)]

    def view(self, view: GroupedOperand) -> str:
        """A tile with its dimensions grouped."""
        source, entry = self.source, view.entry
        tile = source.values[entry.name].tile
        assert tile is not None
        whole = source.values[tile.whole]
        letters: Letters = ()
        own = dict(zip(tile.dimensions, entry.letters, strict=True))
        for dimension, axis in enumerate(whole.axes):
            letters += (own.get(dimension) or fresh(index(axis), (*letters, *entry.letters)),)
        if not tile.fixed and tile.along is None:
            return source.view(replace(view, entry=ArrayOperand(tile.whole, letters)))
        lies = source.lies(ArrayOperand(tile.whole, letters))
        cuts = {letters[dimension]: self.counters[number] for dimension, number in tile.fixed}
        if tile.along is not None:
            cuts[letters[tile.along]] = self.rows(tile.start)
        subscript = [cuts.get(letter, ":") for letter in lies]
        while subscript[-1] == ":":
            subscript.pop()
        text = f"{source.base(tile.whole)}[{', '.join(subscript)}{'' if own else ', ...'}]"
        left = tuple(letter for letter in lies if letter in own.values())
        plain = self.named(text, entry.name, tile.along is not None, max((number for _, number in tile.fixed), default=-1))
        grouped = grouped_view_text(plain, left, view.groups, source.count)
        if grouped == plain:
            return plain
        return self.named(grouped, f"{entry.name}_{suffix(view.groups)}", tile.along is not None, self.depths[text])

    def rows(self, start: int) -> str:
        counter, rows = self.counters[-1], self.loop.rows
        return f"{start or ''}:{start + rows}" if self.is_once else f"{counter} : {counter} + {rows}"

    @property
    def is_once(self) -> bool:
        return self.loop.count == 1

    def named(self, text: str, wanted: str, is_in_rows: bool, deepest: int) -> str:
        if text not in self.variables:
            self.variables[text] = self.source.views.of_loop(wanted, self.variables.values())
            self.depths[text] = len(self.loop.axes) if is_in_rows else deepest
        return self.variables[text]

    def around(self, lines: Sequence[str | Comment]) -> Iterator[str | Comment]:
        """The loops, with the views in the outermost that they can be made in."""
        loop, indent = self.loop, ""
        for depth, axis in enumerate(loop.axes):
            yield f"{indent}for {self.counters[depth]} in range({self.source.source.size(axis)}):"
            indent += INDENT
            yield from self.made(depth, indent)
        if not self.is_once:
            yield f"{indent}for {self.counters[-1]} in range({loop.start or 0}, {loop.start + loop.count * loop.rows}, {loop.rows}):"
            indent += INDENT
        yield from self.made(len(loop.axes), indent)
        for line in lines:
            yield line if isinstance(line, Comment) else indent + line

    def made(self, depth: int, indent: str) -> Iterator[str]:
        for text, name in self.variables.items():
            if self.depths[text] == depth:
                yield f"{indent}{name} = {text}"
