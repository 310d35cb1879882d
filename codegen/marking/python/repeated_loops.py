"""What a loop left in an earlier run stands there again in one in which all that it reads is the same.

A run in which one value is another one goes through most loops of a work as the run before did: those before that value, and those that
do not read what comes of it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import numpy as np

from chainrule.symbolic.index.numeric_array import NumericArray

from .assignments import Assignments
from .expressions import Scope
from .recorded import Recorded, Unread
from .values import Defined, Value

#: Of one loop, and of what all loops of a work left.
MOST_ENTRIES_READ = 200_000
MOST_ENTRIES_LEFT = 3_000_000
Key = TypeVar("Key")
Own = TypeVar("Own")


class _NotKept(Exception):
    """A loop whose values are more than numbers and arrays, as objects are."""


@dataclass(frozen=True, slots=True)
class _View:
    """A part of what is called so: the same entries in memory."""

    name: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def of(self, array: NumericArray) -> NumericArray:
        return np.ndarray(self.shape, array.dtype, array.data, self.offset, self.strides)


@dataclass(frozen=True)
class _Left:
    """What a loop left: arrays that it changed, names that it set, what was recorded, and what is counted on from there."""

    arrays: Mapping[str, NumericArray]
    names: Mapping[str, Value]
    remembered: Mapping[str, Value]
    reached: Mapping[tuple[int, str], int]
    kept: Mapping[tuple[object, ...], Recorded]
    begun: Mapping[tuple[str, int], tuple[int, ...]]
    unread: Mapping[int, Unread]
    scopes: int
    entries: int

    @property
    def size(self) -> int:
        every = (*self.arrays.values(), *self.names.values(), *self.remembered.values(), *(each.value for each in self.kept.values()))
        return sum(each.size for each in every if isinstance(each, np.ndarray))


@dataclass
class RepeatedLoops:
    """The loops of all runs of a work, by what each read."""

    left: dict[object, _Left] = field(default_factory=dict)
    entries: int = 0

    def keep(self, key: object, left: _Left) -> None:
        self.entries += left.size
        if self.entries <= MOST_ENTRIES_LEFT:
            self.left[key] = left


@dataclass
class Repeating(Assignments):
    """Goes through the outermost loops that it has not gone through before."""

    loops: RepeatedLoops = field(default_factory=RepeatedLoops)
    scopes: int = 0
    is_inside: bool = False

    def repeated(self, node: ast.For, scope: Scope, through: Value, go: Callable[[], None]) -> None:
        """A loop by what it left before, or gone through."""
        if self.is_inside:
            go()
            return
        self.is_inside = True
        try:
            try:
                inputs = dict(self._inputs(node, scope))
                key = self._key(node, scope, through, inputs)
            except _NotKept:
                go()
                return
            left = self.loops.left.get(key)
            if left is None:
                self._watched(key, inputs, scope, go)
            else:
                self._put_back(left, scope)
        finally:
            self.is_inside = False

    def _inputs(self, node: ast.AST, scope: Scope, known: frozenset[str] = frozenset()) -> Iterator[tuple[str, Value]]:
        """The names that a loop, or a function that is called there, may read or set, with what they are before it.

        Raises:
            _NotKept: where a function reads a name that means something else in the loop.
        """
        outer = outermost(scope)
        for name in names_of(node) - known:
            found = scope.find(name)
            value = found[0] if found is not None else self.remembered.get(name)
            if known and name in outer.names and outer.names[name] is not value:
                raise _NotKept
            yield name, value
            if isinstance(value, Defined):
                yield from self._inputs(value.node, scope, known | names_of(node))

    def _key(self, node: ast.For, scope: Scope, through: Value, inputs: Mapping[str, Value]) -> object:
        """All that tells two runs of a loop apart.

        Raises:
            _NotKept: where that is more than numbers and arrays, or something is tried inside of it.
        """
        spans = [node, *(value.node for value in inputs.values() if isinstance(value, Defined))]
        lines = {line for each in spans for line in range(each.lineno, (each.end_lineno or each.lineno) + 1)}
        if sum(value.size for value in inputs.values() if isinstance(value, np.ndarray)) > MOST_ENTRIES_READ:
            raise _NotKept
        if self.changes.at is not None and self.changes.at.lineno in lines:
            raise _NotKept
        changes = [(place, _mark(value)) for place, value in self.changes.values.items() if place[0] in lines]
        reached = frozenset((place, count) for place, count in self.reached.items() if place[0] in lines)
        values = tuple((name, _mark(value)) for name, value in sorted(inputs.items()))
        state = self.scopes, scope.number, self.in_rounds, self.is_quiet
        return node, self.given.key, state, _mark(through), frozenset(changes), reached, values

    def _watched(self, key: object, inputs: Mapping[str, Value], scope: Scope, go: Callable[[], None]) -> None:
        arrays = {name: value for name, value in inputs.items() if isinstance(value, np.ndarray)}
        before = {name: value.copy() for name, value in arrays.items()}
        names, remembered, reached = dict(scope.names), dict(self.remembered), dict(self.reached)
        kept, begun, unread, entries = dict(self.run.kept), dict(self.run.begun), dict(self.run.unread), self.bounds.kept
        go()
        try:
            outputs = _Outputs(arrays)
            own_names = {name: outputs.described(value) for name, value in _new(scope.names, names).items()}
            own_remembered = {name: outputs.described(value) for name, value in _new(self.remembered, remembered).items()}
        except _NotKept:
            return
        changed = {name: value.copy() for name, value in arrays.items() if value.tobytes() != before[name].tobytes()}
        recorded, own_begun, own_unread = _new(self.run.kept, kept), _new(self.run.begun, begun), _new(self.run.unread, unread)
        own_reached = _new(self.reached, reached)
        added = self.bounds.kept - entries
        self.loops.keep(key, _Left(changed, own_names, own_remembered, own_reached, recorded, own_begun, own_unread, self.scopes, added))

    def _put_back(self, left: _Left, scope: Scope) -> None:
        arrays = {name: self._current(name, scope) for name in {*left.arrays, *_viewed(left)}}
        for name, value in left.arrays.items():
            np.copyto(arrays[name], value)
        made: dict[int, Value] = {}
        for name, value in left.names.items():
            scope.names[name] = _made(value, arrays, made)
        for name, value in left.remembered.items():
            self.remembered[name] = _made(value, arrays, made)
        for place, recorded in left.kept.items():
            self.run.kept.pop(place, None)
            self.run.kept[place] = recorded
        self.run.begun |= left.begun
        self.run.unread |= {line: unread for line, unread in left.unread.items() if line not in self.run.unread}
        self.reached |= left.reached
        self.scopes = left.scopes
        self.bounds.keep(left.entries)

    def _current(self, name: str, scope: Scope) -> NumericArray:
        found = scope.find(name)
        array: NumericArray = found[0] if found is not None else self.remembered[name]
        return array


@dataclass
class _Outputs:
    """The values that a loop set, as they are put back, beside the arrays from before it."""

    arrays: Mapping[str, NumericArray]
    seen: list[tuple[NumericArray, Value]] = field(default_factory=list)

    def described(self, value: Value) -> Value:
        """An array as a copy, or as the part of an array from before the loop that it is.

        Raises:
            _NotKept: where it is more than numbers and arrays, or shares its entries with another array that the loop set.
        """
        if not isinstance(value, np.ndarray):
            _mark(value)
            return value
        same = next((known for array, known in self.seen if array is value), None)
        if same is not None:
            return same
        near = [name for name, array in self.arrays.items() if np.may_share_memory(value, array)]
        views = [view for name in near if (view := _view(value, name, self.arrays[name])) is not None]
        if bool(near) is not bool(views) or (not near and any(np.may_share_memory(value, array) for array, _ in self.seen)):
            raise _NotKept
        self.seen.append((value, views[0] if views else value.copy()))
        return self.seen[-1][1]


@lru_cache(maxsize=1024)
def names_of(node: ast.AST) -> frozenset[str]:
    """Every name that stands in a piece of a work, but the arguments of a function."""
    arguments = {each.arg for each in node.args.args} if isinstance(node, ast.FunctionDef) else set()
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name)) - arguments


def outermost(scope: Scope) -> Scope:
    """That of the file."""
    while scope.around is not None:
        scope = scope.around
    return scope


def _new(after: Mapping[Key, Own], before: Mapping[Key, Own]) -> dict[Key, Own]:
    return {key: value for key, value in after.items() if key not in before or before[key] is not value}


def _mark(value: Value) -> object:
    """What is equal for equal values.

    Raises:
        _NotKept: where it is more than numbers and arrays.
    """
    match value:
        case np.ndarray():
            return value.shape, value.dtype.str, value.tobytes()
        case tuple():
            return tuple(map(_mark, value))
        case Defined(node=ast.FunctionDef(), owner=None):
            return value.node
        case range() | int() | float() | complex() | str() | None | np.generic():
            return type(value), value
        case _:
            raise _NotKept


def _view(value: NumericArray, name: str, array: NumericArray) -> _View | None:
    """A value as a part of an array, where it is one."""
    offset = value.__array_interface__["data"][0] - array.__array_interface__["data"][0]
    view = _View(name, offset, value.shape, value.strides)
    if not array.flags.c_contiguous or value.dtype != array.dtype or offset < 0:
        return None
    try:
        return view if np.array_equal(view.of(array), value, equal_nan=True) else None
    except (ValueError, TypeError):
        return None


def _viewed(left: _Left) -> set[str]:
    return {value.name for value in (*left.names.values(), *left.remembered.values()) if isinstance(value, _View)}


def _made(value: Value, arrays: Mapping[str, NumericArray], made: dict[int, Value]) -> Value:
    if isinstance(value, _View):
        return made.setdefault(id(value), value.of(arrays[value.name]))
    return made.setdefault(id(value), value.copy()) if isinstance(value, np.ndarray) else value
