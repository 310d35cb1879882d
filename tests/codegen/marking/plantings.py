"""Mistakes put into a right work one at a time; a mistake that changes no number is none."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from generated_works import Arrays, Work, reads, target
from mistakes_in_lines import KINDS, Place

FAILED = (ValueError, IndexError, TypeError, AttributeError)
#: Of a product whose shapes do not go together, either may be what its author had in mind.
OF_SCALE = frozenset({"sign", "factor", "mean"})
OF_SHAPES = frozenset({"order", "transpose"})


@dataclass(frozen=True)
class Planted:
    """A work with one mistake, which of its statements is wrong, and the words that say what it is: several where they are one thing."""

    work: Work
    place: int
    kinds: frozenset[str]
    what: str

    @property
    def places(self) -> frozenset[int]:
        """Where it may be mended: a step of a line in that line too, a factor in any of the lines that change one array in its place."""
        body = self.work.body
        name = target(body[self.place])
        found, readers = {self.place}, {name}
        for later in range(self.place + 1, len(body)):
            is_step = not readers.isdisjoint(reads(body[later]))
            if name.startswith("step") and is_step:
                found.add(later)
                readers |= {target(body[later])} if target(body[later]).startswith("step") else set()
        if self.kinds & OF_SCALE:
            found |= {place for place, statement in enumerate(body) if target(statement) == name}
        return frozenset(found)


def _update_order(work: Work) -> Iterator[tuple[Work, int, str]]:
    """A parameter updated before the line that reads its old value."""
    for update in work.body:
        name = target(update)
        if name not in work.parameters or not name.startswith(("W", "V")):
            continue
        body = [statement for statement in work.body if statement is not update]
        gradient = max(place for place, statement in enumerate(body) if target(statement) == f"d{name}")
        for place, reader in enumerate(body):
            if place > gradient and target(reader) in work.quantities and target(reader).startswith("d") and name in reads(reader):
                yield replace(work, body=(*body[:place], update, *body[place:])), place + 1, f"{name} is new: {ast.unparse(reader)}"


def is_backward(work: Work, index: int) -> bool:
    """Whether a statement is of the gradients or of the update: it, or what reads it."""
    name = target(work.body[index])
    if not name.startswith("step"):
        return (name.startswith("d") and name in work.quantities) or name in work.parameters
    readers = [place for place in range(index + 1, len(work.body)) if name in reads(work.body[place])]
    return all(is_backward(work, place) for place in readers)


@dataclass(frozen=True)
class Planting:
    """All that may be done wrong in one work, by the words for it; what it computes then is computed where it is asked for."""

    right: Work
    kept: dict[int, Arrays | None] = field(default_factory=dict)

    @cached_property
    def every(self) -> dict[str, list[Planted]]:
        """Mistakes by their kinds, those that change no number too."""
        found: dict[str, list[Planted]] = {}
        body = self.right.body
        for index in range(len(body)):
            for kind, make in KINDS.items() if is_backward(self.right, index) else ():
                for what, changed in make(Place(self.right, index)):
                    if not self._is_known(changed, index):
                        continue
                    other = replace(self.right, body=(*body[:index], changed, *body[index + 1 :]))
                    text = f"{what}: {ast.unparse(body[index])} -> {ast.unparse(ast.fix_missing_locations(changed))}"
                    found.setdefault(kind, []).append(Planted(other, index, frozenset({kind}), text))
        for other, index, what in _update_order(self.right):
            found.setdefault("update-order", []).append(Planted(other, index, frozenset({"update-order"}), what))
        return found

    def _is_known(self, changed: ast.stmt, index: int) -> bool:
        """Whether all arrays that a mistake brings into a statement are there before it: other lines may have taken one in."""
        body = self.right.body
        brought = (reads(changed) - reads(body[index])) & self.right.quantities
        return brought <= {*self.right.arrays, *map(target, body[:index])}

    def one(self, kind: str, draw: random.Random) -> Planted | None:
        """A mistake of a kind that changes a number, with all the words for it; None where there is none."""
        own = _results(self.right)
        for planted in draw.sample(self.every[kind], len(self.every[kind])):
            found = _results(planted.work)
            if not _same(found, own) and not _is_a_row(found, own):
                return replace(planted, kinds=self._words(planted, found))
        return None

    def _words(self, planted: Planted, found: Arrays | None) -> frozenset[str]:
        """Where two mistakes of one line give the same numbers, either word is right."""
        if found is None:
            return planted.kinds | (OF_SHAPES if planted.kinds <= OF_SHAPES else frozenset())
        near = [other for others in self.every.values() for other in others if other.place == planted.place]
        return planted.kinds.union(*(other.kinds for other in near if _same(_results(other.work), found)))


def _results(work: Work) -> Arrays | None:
    """None where shapes do not go together, or a function stands where its value should."""
    try:
        found = work.run()
    except FAILED:
        return None
    return None if any(map(callable, (found[name] for name in work.results))) else {name: found[name] for name in work.results}


def _same(one: Arrays | None, other: Arrays | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(np.shape(one[name]) == np.shape(other[name]) and np.allclose(one[name], other[name], rtol=1e-7, atol=1e-12) for name in one)


def _is_a_row(found: Arrays | None, right: Arrays | None) -> bool:
    """Whether rows have one axis or two: what they are added to is the same."""
    if found is None or right is None:
        return False
    return _same(*({name: array[0] if np.shape(array)[:1] == (1,) else array for name, array in each.items()} for each in (found, right)))
