"""A value of the equation language that is written without indices: its axes by name, and its entry at letters."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from chainrule.symbolic.index.axes import PRIME

#: The entry of a value at letters, where others have a meaning already.
At = Callable[[Sequence[str], Collection[str]], ast.expr]


@dataclass(frozen=True, slots=True)
class Whole:
    """A value with its axes, by the names of their letters without underscores; it stands in the text at `node`."""

    axes: tuple[str, ...]
    at: At
    node: ast.expr

    @property
    def said(self) -> str:
        return f"{ast.unparse(self.node)} ({', '.join(self.axes) or 'no axis'})"


def axes_of(letters: Sequence[str]) -> tuple[str, ...]:
    return tuple(letter.rstrip(PRIME) or letter for letter in letters)


def letters_of(axes: Sequence[str], taken: Collection[str] = ()) -> tuple[str, ...]:
    """A letter for every axis that nothing else here has."""
    found: list[str] = []
    for axis in axes:
        letter = axis
        while letter in found or letter in taken:
            letter += PRIME
        found.append(letter)
    return tuple(found)


def aligned(letters: Sequence[str], axes: Sequence[str], own: Sequence[str]) -> list[str]:
    """Of letters along `axes`, those of the axes `own`; of several of one name the first one first."""
    left = list(zip(axes, letters, strict=True))
    found = []
    for axis in own:
        pair = next(pair for pair in left if pair[0] == axis)
        left.remove(pair)
        found.append(pair[1])
    return found
