"""Views of arrays, each made once and named after the letters of its dimensions.

W1_ij is W1 with i first, a1_n_hw has h and w as one dimension, m1_nt1 a dimension of one for the third.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from chainrule.codegen.backends.fast.ir.operations import Origin
from chainrule.codegen.backends.fast.passes.array_layout import Groups
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.free_name import free_name

from .made_line import MadeLine

SizeText = Callable[[Letters], str]


def view_text(name: str, lies: Letters, stored: Letters, groups: Groups, size: SizeText) -> str:
    """The source of a view: `lies` are the dimensions that `name` has, `stored` those of the memory behind it.

    `size` writes the number of entries along letters that are taken together.
    """
    full = tuple(group for group in groups if group)
    text, dimensions = name, tuple((letter,) for letter in lies)
    if any(len(group) > 1 for group in full):
        if lies != stored:
            text = f"{text}{_transposed(lies, stored)}"
        merged = tuple(sorted(full, key=lambda group: stored.index(group[0])))
        text = f"{text}.reshape({', '.join(map(size, merged))})"
        dimensions = merged
    if dimensions != full:
        text = f"{text}{_transposed(dimensions, full)}"
    if len(full) < len(groups):
        subscript = [":" if group else "None" for group in groups]
        while subscript[-1] == ":":
            subscript.pop()
        text = f"{text}[{', '.join(subscript)}]"
    return text


def _transposed(before: tuple[object, ...], after: tuple[object, ...]) -> str:
    if before == after[::-1]:
        return ".T"
    return f".transpose({', '.join(str(before.index(part)) for part in after)})"


def grouped_view_text(name: str, lies: Letters, groups: Groups, size: SizeText) -> str:
    """A view of a view: `lies` are its dimensions."""
    letters = tuple(letter for group in groups for letter in group)
    text = name
    if letters != lies:
        text += ".T" if letters == lies[::-1] else f".transpose({', '.join(str(lies.index(letter)) for letter in letters)})"
    if any(len(group) > 1 for group in groups):
        text += f".reshape({', '.join(size(group) if group else '1' for group in groups)})"
    elif any(not group for group in groups):
        subscript = [":" if group else "None" for group in groups]
        while subscript[-1] == ":":
            subscript.pop()
        text += f"[{', '.join(subscript)}]"
    return text


class ArrayViews:
    """Names and sources of views, by when they can be made."""

    def __init__(self, taken: Collection[str]) -> None:
        self.taken = set(taken)
        self.of_loops: set[str] = set()
        self.names: dict[tuple[str, object], str] = {}
        self.of_call: list[tuple[str, object]] = []
        self.lines: dict[Origin, list[MadeLine]] = {origin: [] for origin in Origin}

    def named(self, base: str, key: object, wanted: str, origin: Origin, text: str, reads: tuple[str, ...] = ()) -> str:
        """The name of a view; where it is new, its line is kept for the place where views of that origin are made.

        It `reads` the base where nothing else is said.
        """
        if text == base:
            return base
        if (base, key) not in self.names:
            name = self.fresh(wanted)
            self.names[base, key] = name
            self.lines[origin].append(MadeLine(name, text, reads or (base,)))
            if origin is Origin.CALL:
                self.of_call.append((base, key))
        return self.names[base, key]

    def forget_call(self) -> None:
        """Another function begins, which makes the views of its arguments itself."""
        for each in self.of_call:
            self.taken.discard(self.names.pop(each))
        self.of_call.clear()

    def fresh(self, wanted: str) -> str:
        name = free_name(wanted, self.taken)
        self.taken.add(name)
        return name

    def of_loop(self, wanted: str, own: Collection[str]) -> str:
        """A variable that only loops have: none of this loop's `own` ones; another loop may have it for something else."""
        while wanted in own or (wanted in self.taken and wanted not in self.of_loops):
            wanted += "_"
        self.taken.add(wanted)
        self.of_loops.add(wanted)
        return wanted


def suffix(groups: Groups) -> str:
    """ij, n_hw or nt1."""
    is_plain = all(len(group) <= 1 for group in groups)
    parts = ["".join(letter.name.rstrip("_").replace("_", "") for letter in group) if group else "1" for group in groups]
    return ("" if is_plain else "_").join(parts)
