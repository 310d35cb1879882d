"""Tensors without indices, Y = A @ X + b, written with them: Y[i,n] = sum(k, A[i,k]*X[k,n]) + b[i].

Every tensor has the axes that it was declared or defined with, by name; of the same name are those of one letter with and without
underscores.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from chainrule.symbolic.index.failures import located
from chainrule.symbolic.system.recurrence import components

from .axis_inference import LetterAxes, letters_of_place, letters_read
from .equation_lines import EquationLine
from .trees import names_in, names_of, subscript
from .whole_reader import WholeReader
from .whole_values import Whole, aligned, axes_of, letters_of


def with_indices(lines: Sequence[EquationLine], declared: Mapping[str, Sequence[str]]) -> list[EquationLine]:
    """The lines with indices at every tensor.

    Raises:
        InvalidDescription: with the equation and the place in it, where the axes of two values do not go together.
    """
    known = {name: axes_of(letters) for name, letters in declared.items()}
    known |= {line.name: axes_of(line.letters) for line in lines if line.places and line.is_plain}
    open_lines = {line.name: _OpenLine(line) for line in lines if not line.places and line.name not in known}
    system = _Axes(known, _joined(lines, declared), {line.name for line in lines} - known.keys() - open_lines.keys())
    found: dict[tuple[int, int], EquationLine] = {}
    for component in components(open_lines):
        if len(component) > 1 or component[0].line.name in component[0].reads:
            # A circle, which others refuse.
            known |= {member.line.name: () for member in component}
        found |= {member.line.key: system.line(member.line) for member in component}
    return [found[line.key] if line.key in found else system.line(line) for line in lines]


def _joined(lines: Sequence[EquationLine], declared: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The name of the axis of every letter: K[n,m] = exp(-(x[n] - x[m])**2) has one axis twice."""
    own = {**declared, **{line.name: line.letters for line in lines if line.places and line.is_plain}}
    axes = LetterAxes()
    for letter in (letter for letters in own.values() for letter in letters):
        axes.find(letter)
    for line in lines:
        letters_read(line.right.tree, own, {}, axes)
    return axes.names([letter for letters in own.values() for letter in letters], ())


@dataclass(frozen=True)
class _OpenLine:
    """An equation without indices on its left."""

    line: EquationLine

    @cached_property
    def reads(self) -> tuple[str, ...]:
        return tuple(names_in(self.line.right.tree))


@dataclass(frozen=True)
class _Axes:
    """The axes of tensors that are `known`: declared, written on left sides, or found from right sides; `others` are put together."""

    known: dict[str, tuple[str, ...]]
    twins: Mapping[str, str]
    others: Collection[str]

    def line(self, line: EquationLine) -> EquationLine:
        with located(line.at, f"{line.title}: "):
            whole = WholeReader(line.right, self.known, self.others, self.twins).value(line.right.tree)
            if line.places:
                return self.with_left_side(line, whole)
            # Letters of sums that are written on the right are left to them.
            letters = letters_of(whole.axes, names_in(line.right.tree))
            self.known.setdefault(line.name, whole.axes)
            left = subscript(line.name, names_of(letters, line.left.tree), line.left.tree)
            right = replace(line.right, tree=whole.at(letters, letters))
            return replace(line, places=letters, left=replace(line.left, text=ast.unparse(left), tree=left), right=right)

    def with_left_side(self, line: EquationLine, whole: Whole) -> EquationLine:
        if not whole.axes:
            return replace(line, right=replace(line.right, tree=whole.at((), line.letters)))
        own = [letter for place in line.places for letter in letters_of_place(place)]
        if Counter(axes_of(own)) != Counter(whole.axes):
            raise line.right.at(whole.node, f"{line.left.text.strip()} has other indices than the right side, {whole.said}")
        letters = aligned(own, axes_of(own), whole.axes)
        return replace(line, right=replace(line.right, tree=whole.at(letters, own)))
