"""What a statement of a loop puts into an array part by part, tried in its rounds alone: the rest of the work is not run again."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.symbolic.index.numeric_array import NumericArray

from .hypotheses import Case
from .inlining import before_in_loop, inlined
from .python.values import Value
from .scale import equal

#: In all of which parts are added up.
MOST_ROUNDS = 1000
#: Further ones, as parts of the last number: those above are among the first.
PARTS_OF_LOOP = (3, 5, 8, 13)
#: Of changes in a few rounds, and of values in all rounds, in one run.
MOST_AT_ONCE = 100
MOST_VALUES = 12_000
#: In which parts are looked at that are set.
ROUNDS_LOOKED_AT = (0, 1, 2, 3, 7, 31, 67)
Put = tuple[ast.expr, ast.expr]
"""An index and a value."""
SIGNS: dict[type[ast.operator], float] = {ast.Add: 1.0, ast.Sub: -1.0}


@dataclass(frozen=True, slots=True)
class Parts:
    """A statement that sets parts of an array, or adds to them with a sign, at the first draw.

    It is reached at `every` of these times, and at `times` in all that adds to some of the entries, or in some of the rounds that set
    one. Before the first round the array has what is `begun`.
    """

    case: Case
    target: ast.Subscript
    sign: float | None
    every: Sequence[int]
    times: Sequence[int]
    begun: NumericArray

    def put(self, changed: ast.stmt, other: ast.stmt) -> Put | None:
        """What is put where with another statement in the place of one; None where it is put in another way."""
        statement = self.case.line.statement
        before, after = getattr(changed, "value", None), getattr(other, "value", None)
        if type(changed) is not type(other) or not isinstance(before, ast.expr) or not isinstance(after, ast.expr):
            return None
        if any(each is changed for each in before_in_loop(self.case, self.target.slice)):
            return None
        if changed is statement:
            target = _target(other)
            return (target.slice, after) if isinstance(target, ast.Subscript) else None
        value = inlined(self.case, _value(statement), changed, after)
        return (self.target.slice, value) if value is not None else None

    def right_among(self, puts: Sequence[Put]) -> Iterator[int]:
        """Which of them make the array right, the first ones first."""
        first = looked_at(self.every)
        own = [found for _, found in self._in_rounds([(self.target.slice, _value(self.case.line.statement))], first)]
        known, shapes = {_key(*found) for found in own}, {np.shape(values[0]) for _, values in own}
        for start in range(0, len(puts), MOST_AT_ONCE):
            near = dict[int, Put]()
            for place, (put, (indices, values)) in enumerate(self._in_rounds(puts[start : start + MOST_AT_ONCE], first), start):
                key = _key(indices, values)
                if all(value is not None for value in values) and np.shape(values[0]) in shapes and key not in known:
                    known.add(key)
                    near[place] = put
            right = self.giving([*near.values()], self.case.right[0])
            yield from (place for place, put in near.items() if put in right)

    def giving(self, tried: Sequence[Put], array: NumericArray) -> list[Put]:
        """Those that are the parts of an array; what is put elsewhere is looked at in all rounds."""
        found = list[Put]()
        for is_own, times in ((True, self.times), (False, self.every if self.sign is not None else self.times)):
            near = [put for put in tried if (put[0] is self.target.slice) is is_own]
            at_once = max(MOST_VALUES // len(times), 1)
            for start in range(0, len(near), at_once):
                rounds = self._in_rounds(near[start : start + at_once], times)
                with np.errstate(all="ignore"):
                    found += [put for put, (indices, values) in rounds if self._is(indices, values, array, len(times) == len(self.every))]
        return found

    def _in_rounds(self, tried: Sequence[Put], times: Sequence[int]) -> list[tuple[Put, tuple[Sequence[Value], Sequence[Value]]]]:
        """Indices and values in some rounds; none where they are too many."""
        indices = list(dict.fromkeys(index for index, _ in tried))
        every = [*indices, *(value for _, value in tried)]
        rounds = self.case.trial.values_in_rounds(self.case.line.statement, every, 0, times) if tried else []
        if len(rounds) < len(times):
            return []
        columns = [*zip(*rounds, strict=True)]
        where = dict(zip(indices, columns, strict=False))
        return [(put, (where[put[0]], values)) for put, values in zip(tried, columns[len(indices) :], strict=True)]

    def _is(self, indices: Sequence[Value], values: Sequence[Value], array: NumericArray, are_all: bool) -> bool:
        try:
            if self.sign is None:
                return all(_is_part(value, array[index]) for index, value in zip(indices, values, strict=True))
            total, are_put = self.begun.copy(), np.full(array.shape, are_all)
            for index, value in zip(indices, values, strict=True):
                total[index] += self.sign * np.asarray(value, dtype=float)
                are_put[index] = True
            return equal(total[are_put], array[are_put])
        except (ValueError, TypeError, IndexError):
            return False


def parts(case: Case) -> Parts | None:
    """A wrong line as parts in rounds; None where it is none, or where its own parts are not what it is."""
    statement = case.line.statement
    target, every = _target(statement), _times(case)
    is_whole = case.line.rounds is None and case.line.values[0].shape == case.right[0].shape
    if not isinstance(target, ast.Subscript) or ast.unparse(target.value) != case.line.target or not is_whole:
        return None
    sign = SIGNS.get(type(statement.op)) if isinstance(statement, ast.AugAssign) else None
    if isinstance(statement, ast.AugAssign) and (sign is None or len(every) > MOST_ROUNDS):
        return None
    begun = case.trial.values_in_rounds(statement, [target.value], 0, every[:1])
    if not begun or not isinstance(begun[0][0], np.ndarray):
        return None
    before = begun[0][0].astype(float)
    times = looked_at(every) if sign is None else _of_some_entries(case, target, every, before)
    found = Parts(case, target, sign, every, times, before)
    return found if found.giving([(target.slice, _value(statement))], case.line.values[0]) else None


def _of_some_entries(case: Case, target: ast.Subscript, every: Sequence[int], array: NumericArray) -> Sequence[int]:
    """All rounds that add to the same entries as one of some rounds; every round where others add to a part of these entries."""
    indices = [index for (index,) in case.trial.values_in_rounds(case.line.statement, [target.slice], 0, every)]
    own = dict[str, list[int]]()
    count = np.zeros(array.shape)
    try:
        for time, index in zip(every, indices, strict=True):
            if str(index) not in own:
                count[index] += 1
            own.setdefault(str(index), []).append(time)
    except (ValueError, TypeError, IndexError):
        return every
    wanted = dict.fromkeys(str(indices[time - every[0]]) for time in looked_at(every))
    few = [list(wanted)[place] for place in range(len(wanted)) if place < 2 or len(own[list(wanted)[place]]) == 1]
    return sorted(time for name in few for time in own[name]) if count.max(initial=0) == 1 else every


def looked_at(times: Sequence[int]) -> Sequence[int]:
    """Some of the rounds, in which the numbers of loops around have moved on."""
    places = {*ROUNDS_LOOKED_AT, *(len(times) * part // PARTS_OF_LOOP[-1] for part in PARTS_OF_LOOP[:-1])}
    return [times[place] for place in sorted(places) if place < len(times)]


def _key(indices: Sequence[Value], values: Sequence[Value]) -> object:
    """What is equal for the same parts in the same places."""
    return tuple(map(str, indices)), tuple(np.asarray(value).tobytes() for value in values)


def _is_part(value: Value, own: NumericArray) -> bool:
    found = np.empty(np.shape(own))
    found[...] = value
    return equal(found, np.asarray(own))


def _target(statement: ast.stmt) -> ast.AST:
    match statement:
        case ast.Assign(targets=[target]) | ast.AugAssign(target=target):
            return target
        case _:
            return statement


def _value(statement: ast.stmt) -> ast.expr:
    assert isinstance(statement, ast.Assign | ast.AugAssign)
    return statement.value


def _times(case: Case) -> Sequence[int]:
    """How often the statement had been reached before each round that the line is made in: those after the line made before it."""
    own = case.line.places[0][2]
    others = [line.places[0][2] for line in case.trial.reached(case.line)]
    return range(max((other for other in others if other < own), default=-1) + 1, own + 1)
