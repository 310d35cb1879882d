"""The axes of a system and their names, and the letters of every line, found before anything is read as an expression."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from chainrule.symbolic.index.axes import PRIME
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.index.limits import MOST_LETTERS
from chainrule.symbolic.index.tensors import Values

from .axis_inference import LetterAxes, letters_of_place, letters_read
from .declarations import Declared
from .equation_lines import EquationLine

#: Letters for axes that only placements make up.
PLACE_LETTERS = "uvwrsqmlijkpabcdefgh"


@dataclass(frozen=True)
class NamedAxes:
    """`names`: the axis of every letter. `read`: the letters of every line, by its key."""

    names: Mapping[str, str]
    read: Mapping[tuple[int, int], Collection[str]]

    def letters(self, axis: str) -> tuple[str, ...]:
        """What a user calls the indices of an axis, the name of the axis first; twins by their primes stay where these say."""
        own = self.written_of.get(axis, [])
        plain = [axis, *(letter for letter in own if not letter.endswith(PRIME) and letter != axis)]
        twins = {len(letter) - len(axis): letter for letter in own if letter.rstrip(PRIME) == axis and letter != axis}
        found: list[str] = []
        while plain or len(found) in twins:
            found.append(twins[len(found)] if len(found) in twins else plain.pop(0))
        return tuple(found)

    @cached_property
    def written(self) -> list[str]:
        """The letters that someone has written."""
        return [letter for letter in self.names if "@" not in letter]

    @cached_property
    def written_of(self) -> dict[str, list[str]]:
        """Those of each axis."""
        found: dict[str, list[str]] = {}
        for letter in self.written:
            found.setdefault(self.names[letter], []).append(letter)
        return found


def named_axes(
    own: Mapping[str, Sequence[str]], declared: Mapping[str, Declared], lines: Sequence[EquationLine], constants: Collection[str]
) -> NamedAxes:
    """The axes of tensors with the letters `own`, as declarations and lines use them.

    Raises:
        InvalidDescription: where a letter has another meaning too.
    """
    axes = LetterAxes()
    points_into = {name: tensor.points_into for name, tensor in declared.items() if tensor.points_into}
    used = {letter: None for letters in own.values() for letter in letters}
    for letter in used:
        axes.find(letter)
        if letter in own or letter in constants:
            what = "a tensor" if letter in own else "a constant"
            at = next((line.at for line in lines if letter in line.letters), ("equations",))
            raise InvalidDescription(f"{letter!r} is {what} and an index; give one of them another name", at)
    for tensor in declared.values():
        if tensor.values is Values.SYMMETRIC:
            axes.join(*tensor.letters[-2:])
    read = {line.key: _letters(line, own, points_into, axes) for line in lines}
    reached = {axes.find(letter) for letter in used}
    for name, target in points_into.items():
        if axes.find(target) not in reached:
            known = sorted(letter for letter in used if "@" not in letter)
            message = f"'{name}[…] in {target}': no tensor has an index {target!r}; {expected_one_of(target, known)}"
            raise InvalidDescription(message, declared[name].at)
    return NamedAxes(_names(axes, list(used), {*own, *constants}), read)


def _letters(line: EquationLine, own: Mapping[str, Sequence[str]], points_into: Mapping[str, str], axes: LetterAxes) -> dict[str, None]:
    """The letters of a line; those of the same place of a tensor are joined on the way."""
    found = letters_read(line.right.tree, own, points_into, axes)
    for letter, place in zip(own[line.name], line.places, strict=True):
        if isinstance(place, str) and "@" not in letter:
            axes.join(place, letter)
        elif not isinstance(place, str | int):
            found |= letters_read(place, own, points_into, axes)
            if isinstance(place, ast.Subscript) and isinstance(place.value, ast.Name) and place.value.id in points_into:
                # g[idx[q]] = …, idx[q] in k: so long as k is what the labels are put along.
                axes.join(letter, points_into[place.value.id])
        for part in letters_of_place(place):
            found[part] = None
            axes.find(part)
    if len(found) > MOST_LETTERS:
        raise InvalidDescription(f"{line.title}: found {len(found)} different indices, expected at most {MOST_LETTERS}", line.at)
    return found


def _names(axes: LetterAxes, order: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """Every letter's axis; one that only placements make up gets a letter that nothing else has."""
    names = axes.names([letter for letter in order if "@" not in letter], [letter for letter in order if "@" in letter])
    unavailable = {*names, *names.values(), *taken}
    chosen: dict[str, str] = {}
    for mark in dict.fromkeys(name for name in names.values() if "@" in name):
        letters = (letter * length for length in range(1, 100) for letter in PLACE_LETTERS)
        chosen[mark] = next(letter for letter in letters if letter not in unavailable)
        unavailable.add(chosen[mark])
    return {letter: chosen.get(name, name) for letter, name in names.items()}
