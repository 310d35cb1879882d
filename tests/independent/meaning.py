"""What a description says before any numbers are known: tensors, axes, and how the sizes of axes follow from those of arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .equation_grammar import Equation, Name, Node, Read, equations, every, expression
from .index_places import linear, whole, without


class Unfit(ValueError):
    """The arrays do not have the sizes that the equations ask for."""


@dataclass(frozen=True)
class Declared:
    """A tensor that is given: its letters, and the letter of the axis into which its entries point."""

    name: str
    letters: tuple[str, ...]
    role: str
    into: str = ""
    kind: str = ""


def declared(description: Mapping[str, Any]) -> dict[str, Declared]:
    """The tensors of `inputs`, `targets` and `parameters`."""
    found = {}
    for role in ("inputs", "targets", "parameters"):
        for text in description.get(role, ()):
            tensor, _, word = text.partition(" in ")
            left = expression(tensor)
            letters = tuple(place.name for place in left.places if isinstance(place, Name)) if isinstance(left, Read) else ()
            word = word.strip()
            is_kind = word in ("one_hot", "unit", "signs")
            found[left.name] = Declared(left.name, letters, role, "" if is_kind else word, word if is_kind else "")  # type: ignore[union-attr]
    return found


def letters_of(node: Node) -> set[str]:
    return {part.name for part in every(node) if isinstance(part, Name)}


class Axes:
    """Which letters and which positions of tensors run over the same axis."""

    def __init__(self) -> None:
        self.parent: dict[object, object] = {}

    def find(self, one: object) -> object:
        self.parent.setdefault(one, one)
        while self.parent[one] != one:
            one = self.parent[one]
        return one

    def join(self, one: object, other: object) -> None:
        self.parent[self.find(one)] = self.find(other)

    def letter(self, name: str) -> object:
        """The axis of a letter; `k_` runs over that of `k`."""
        return self.find(name.rstrip("_"))


class Meaning:
    """A description's text, read; numbers come later."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.given = declared(description)
        self.rows = equations(description["equations"])
        self.fixed: dict[str, int] = dict(description.get("sizes", {}))
        self.constants: dict[str, float] = dict(description.get("constants", {}))
        self.axes = Axes()
        self.plain: dict[str, Equation] = {}
        self.placements: dict[str, list[Equation]] = defaultdict(list)
        self.boundaries: dict[str, list[Equation]] = defaultdict(list)
        by_name: dict[str, list[Equation]] = defaultdict(list)
        for row in self.rows:
            by_name[row.name].append(row)
        for name, rows in by_name.items():
            self._sort(name, rows)
        self.cost = self.rows[-1].name
        self._join()

    def _sort(self, name: str, rows: Sequence[Equation]) -> None:
        """Plain equations, boundary values, and placements."""
        is_plain = [all(isinstance(place, Name) for place in row.places) for row in rows]
        is_fixed = [all(isinstance(place, Name) or whole(place) is not None for place in row.places) for row in rows]
        if any(is_plain) and all(is_fixed):
            self.plain[name] = rows[is_plain.index(True)]
            self.boundaries[name] = [row for row, plain in zip(rows, is_plain, strict=True) if not plain]
            return
        for row in rows:
            before = [place for place in row.places if (number := whole(place)) is not None and number < 0]
            (self.boundaries if before else self.placements)[name].append(row)

    def placed_positions(self, name: str) -> set[int]:
        rows = self.placements.get(name, ())
        return {at for row in rows for at, place in enumerate(row.places) if not isinstance(place, Name)}

    def _join(self) -> None:
        for tensor in self.given.values():
            for at, letter in enumerate(tensor.letters):
                self.axes.join((tensor.name, at), self.axes.letter(letter))
        for row in self.rows:
            placed = self.placed_positions(row.name)
            for at, place in enumerate(row.places):
                if isinstance(place, Name) and at not in placed:
                    self.axes.join((row.name, at), self.axes.letter(place.name))
                if isinstance(place, Read) and self.given[place.name].into:
                    self.axes.join((row.name, at), self.axes.letter(self.given[place.name].into))
            for node in [below for top in (*row.places, row.right) for below in every(top)]:
                if isinstance(node, Read):
                    self._join_read(node)

    def _join_read(self, read: Read) -> None:
        for at, place in enumerate(read.places):
            if isinstance(place, Name):
                self.axes.join((read.name, at), self.axes.letter(place.name))
            if isinstance(place, Read) and self.given[place.name].into:
                self.axes.join((read.name, at), self.axes.letter(self.given[place.name].into))

    @property
    def reads(self) -> Iterator[Read]:
        for row in self.rows:
            yield from (node for node in every(row.right) if isinstance(node, Read))

    # Sizes.

    def sizes(self, shapes: Mapping[str, Sequence[int]]) -> dict[object, int]:
        """The size of every axis.

        Raises:
            Unfit: where arrays contradict each other or the equations, or a range has no position.
        """
        found: dict[object, int] = {self.axes.letter(letter): size for letter, size in self.fixed.items()}
        made_up = {
            self.axes.find((name, at)) for name in self.placements for at in self.placed_positions(name) if self._is_counted(name, at)
        }
        for roles in (("inputs", "parameters"), ("targets",)):
            for tensor in self.given.values():
                if tensor.role in roles:
                    for at, size in enumerate(shapes[tensor.name]):
                        axis = self.axes.find((tensor.name, at))
                        if axis not in made_up:
                            found.setdefault(axis, int(size))
            while self._follow(found):
                pass
        for tensor in self.given.values():
            for at, size in enumerate(shapes[tensor.name]):
                if found[self.axes.find((tensor.name, at))] != size:
                    raise Unfit(f"{tensor.name} has {size} positions along {at}")
        return found

    def _is_counted(self, name: str, at: int) -> bool:
        return not any(isinstance(node, Read) for row in self.placements[name] for node in every(row.places[at]))

    def _follow(self, sizes: dict[object, int]) -> bool:
        """Finds one more size from the others; False where there is none to be found."""
        for name in self.placements:
            for at in self.placed_positions(name):
                axis = self.axes.find((name, at))
                if axis in sizes or not self._is_counted(name, at):
                    continue
                ends = [self._extremes(row.places[at], sizes) for row in self.placements[name]]
                if all(ends):
                    sizes[axis] = max(end[1] for end in ends if end) + 1
                    return True
        for axis in {self.axes.letter(letter) for read in self.reads for place in read.places for letter in letters_of(place)}:
            if axis not in sizes and (room := self._range(axis, sizes)) is not None:
                if room < 1:
                    raise Unfit("a range without a position")
                sizes[axis] = room
                return True
        return False

    def _extremes(self, place: Node, sizes: Mapping[object, int]) -> tuple[int, int] | None:
        """The smallest and the largest value of an index sum; None where a size is not known."""
        slopes = linear(place)
        low = high = slopes.pop("", 0)
        for letter, slope in slopes.items():
            if (size := sizes.get(self.axes.letter(letter))) is None:
                return None
            low, high = low + min(0, slope * (size - 1)), high + max(0, slope * (size - 1))
        return low, high

    def _range(self, axis: object, sizes: Mapping[object, int]) -> int | None:
        """The largest range of a letter that keeps the last place of every read inside; None where it is not known yet."""
        found = []
        for read in self.reads:
            for at, place in enumerate(read.places):
                own = [letter for letter in letters_of(place) if self.axes.letter(letter) == axis]
                # A place that a label says is anywhere.
                if (
                    not own
                    or any(isinstance(node, Read) for node in every(place))
                    or isinstance(place, Name | Read)
                    or self.axes.find((read.name, at)) == axis
                ):
                    continue
                slopes = linear(place)
                ends = self._extremes(without(place, own[0]), sizes)
                extent = sizes.get(self.axes.find((read.name, at)))
                if len(own) > 1 or ends is None or extent is None:
                    return None
                step = slopes[own[0]]
                fits = [n for n in range(1, 1000) if (ends[1] + step * (n - 1) < extent if step > 0 else ends[0] + step * (n - 1) >= 0)]
                found.append(max(fits, default=0))
        return min(found, default=None)
