"""Assignments of a work: what stands where after them, and the record of each."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from .expressions import Scope, holds_gradients, is_of_gradient
from .meanings import Evaluated
from .operations import IN_PLACE, binary, put_part, refuse_unknown
from .reasons import Exhausted, Mismatch, Reason, Unreadable
from .recorded import Changes, Recorded, Run, Unread
from .spots import NAMED, Spot, whole, written
from .values import RANDOM, Holder, Value

#: Of one statement, as in a loop: the value of so many rounds is looked at.
MOST_ROUNDS_KEPT = 40
MOST_LINES = 5_000
#: Values that are recorded; a union that is made anew at every assignment takes its time.
RECORDED = (np.ndarray, np.floating, float)
#: What an optimiser keeps for each parameter, in dictionaries with the parameters' keys.
STATES = frozenset("m v s r velocity velocities momentum moments first_moment second_moment".split())


@dataclass
class Assignments(Evaluated):
    """Sets names, attributes and parts, and records every value; a parameter's first values are those of the network."""

    run: Run = field(default_factory=Run)
    changes: Changes = field(default_factory=Changes)
    is_quiet: bool = False
    reached: dict[tuple[int, str], int] = field(default_factory=dict)
    owners: dict[str, list[Holder]] = field(default_factory=dict)
    in_rounds: tuple[int, ...] = ()

    def not_read(self, statement: ast.stmt, reason: Reason) -> None:
        if not self.is_quiet:
            text = written(statement).split("\n")[0]
            self.run.unread.setdefault(statement.lineno, Unread(statement.lineno, text, reason))

    def entries(self, node: ast.stmt, value: ast.expr, found: Value, scope: Scope) -> None:
        """What a dictionary that is written out holds under each key, where it is more than a name."""
        if isinstance(value, ast.Dict) and isinstance(found, dict):
            for part, (key, each) in zip(value.values, found.items(), strict=False):
                if not isinstance(part, ast.Name) and isinstance(key, str):
                    self.recorded(node, key, key, each, scope, in_place=False, line=part.lineno)

    def assign(self, node: ast.stmt, targets: Sequence[ast.expr], value: ast.expr, scope: Scope) -> None:
        try:
            found = self.value(value, scope)
        except Exhausted:
            raise
        except Unreadable as problem:
            first = all(self.is_first(self.spot(target, scope), scope) for target in targets)
            are_given = [self.give(target, scope) for target in targets]
            if not all(are_given) or not first:
                self.not_read(node, problem.reason)
            if isinstance(problem, Mismatch):
                self.failed(node, targets, scope)
            return
        for target in targets:
            self.put(node, target, found, scope, is_plain=_reads_nothing(value))
        self.entries(node, value, found, scope)

    def failed(self, node: ast.stmt, targets: Sequence[ast.expr], scope: Scope) -> None:
        """A line whose shapes do not go together is recorded without a value; one that is asked for stands there."""
        for target in targets:
            if isinstance(target, NAMED):
                spot = self.spot(target, scope)
                name = str(self.name(spot, scope))
                changed = self.recorded(node, written(target), name, np.array(np.nan), scope, in_place=False, failed=True)
                if changed is not None:
                    self.store(spot, changed, scope)

    def put(self, node: ast.stmt, target: ast.expr, value: Value, scope: Scope, is_plain: bool = False) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            if isinstance(value, Holder):
                for each in target.elts:
                    self.give(each, scope)
                return
            items = self.items(value)
            if len(items) != len(target.elts):
                raise Unreadable("values", values=len(items), names=len(target.elts))
            for each, item in zip(target.elts, items, strict=True):
                self.put(node, each, item, scope, is_plain)
        else:
            self.put_at(self.spot(target, scope), node, value, scope, is_plain)

    def put_at(self, spot: Spot, node: ast.stmt, value: Value, scope: Scope, is_plain: bool) -> None:
        if _is_unknown(value) or (is_plain and not (isinstance(value, list | dict) and not value) and self.is_first(spot, scope)):
            is_own = isinstance(value, list) or (isinstance(value, Holder) and (value.methods or value.name not in (RANDOM,)))
            if not self.give_at(spot, scope) and is_own:
                self.store(spot, value, scope)
        else:
            before = self.before(spot, scope)
            self.store(spot, value, scope)
            self.record(node, spot, value, scope, spot.is_part_of_array, before)

    def spot(self, target: ast.expr, scope: Scope) -> Spot:
        match target:
            case ast.Attribute(value=owner):
                return Spot(target, self.value(owner, scope))
            case ast.Subscript(value=owner, slice=key):
                return Spot(target, self.value(owner, scope), self.value(key, scope))
            case ast.Starred(value=own):
                return self.spot(own, scope)
            case _:
                return Spot(target)

    def before(self, spot: Spot, scope: Scope) -> Value | None:
        """The array that a parameter had before it is set anew."""
        if not isinstance(spot.node, NAMED):
            return None
        if not self.given.is_first_value(str(self.name(spot, scope))):
            return None
        found = self.read(spot, scope)
        return found.copy() if isinstance(found, np.ndarray) else None

    def read(self, spot: Spot, scope: Scope) -> Value:
        """What stands there."""
        return self.at(spot.owner, spot.key) if isinstance(spot.node, ast.Subscript) else self.value(spot.node, scope)

    def give(self, target: ast.expr, scope: Scope) -> bool:
        """The network's own value for a name that says which it is; else it is something of which only the name is known."""
        if isinstance(target, ast.Tuple | ast.List):
            found = [self.give(each, scope) for each in target.elts]
            return all(found)
        return self.give_at(self.spot(target, scope), scope)

    def give_at(self, spot: Spot, scope: Scope) -> bool:
        name = str(self.name(spot, scope))
        value = self.given.value(name)
        if value is None:
            value = self.of_layer(spot, name)
        self.store(spot, Holder(name) if value is None else value, scope)
        return value is not None

    def is_first(self, spot: Spot, scope: Scope) -> bool:
        """Whether what is assigned to is a parameter, of the network or of an object that is one layer of it."""
        name = str(self.name(spot, scope))
        if not isinstance(spot.node, ast.Attribute) or self.given.is_first_value(name):
            return self.given.is_first_value(name)
        return isinstance(spot.owner, Holder) and bool(spot.owner.methods) and self.given.are_first_values(name)

    def of_layer(self, spot: Spot, name: str) -> Value | None:
        """The parameter of an object that is one layer of several: the first one that is made has that of the first."""
        own = self.given.listed(name) if self.given.are_first_values(name) else None
        owner = spot.owner if isinstance(spot.node, ast.Attribute) else None
        if own is None or not isinstance(owner, Holder):
            return None
        owners = self.owners.setdefault(name, [])
        if all(each is not owner for each in owners):
            owners.append(owner)
        place = next(place for place, each in enumerate(owners) if each is owner)
        return own[place] if place < len(own) else None

    def name(self, spot: Spot, scope: Scope) -> object:
        """What something is called: W1 of W1, of self.W1, of params["W1"]."""
        match spot.node:
            case ast.Name(id=own):
                return own
            case ast.Attribute(attr=own):
                return self.of_owner(own, spot.owner)
            case ast.Subscript(value=owner) if isinstance(spot.key, str | int):
                return self.name_of_part(str(self.name(self.spot(owner, scope), scope)), spot)
            case _:
                return ""

    def name_of_part(self, holder: str, spot: Spot) -> str:
        key, within = spot.key, spot.owner
        if isinstance(key, str):
            if holder in STATES:
                return f"{holder} of {key}"
            return f"d{key}" if holds_gradients(holder) and not is_of_gradient(key) else key
        if isinstance(within, list) and -len(within) <= key < len(within):
            return self.given.numbered(holder, key % len(within), len(within))
        return f"{holder}{key}"

    def of_owner(self, name: str, owner: Value) -> str:
        """The name of what an object holds, with the number of the layer that it is."""
        owners = next((each for each in self.owners.values() if any(own is owner for own in each)), [])
        place = next((place for place, own in enumerate(owners) if own is owner), None)
        return name if place is None or len(owners) < 2 else self.given.numbered(name, place)

    def store(self, spot: Spot, value: Value, scope: Scope) -> None:
        match spot.node:
            case ast.Name(id=name):
                scope.names[name] = value
                self.remembered[name] = value
            case ast.Attribute(attr=name) if not name.startswith("__"):
                if not isinstance(spot.owner, Holder):
                    raise Unreadable("attribute.set")
                spot.owner.held[name] = value
            case ast.Subscript():
                self.store_part(spot.owner, spot.key, value)
                if isinstance(spot.key, str):
                    self.remembered[spot.key] = value
            case _:
                raise Unreadable("target")

    def store_part(self, owner: Value, key: Value, value: Value) -> None:
        if isinstance(owner, (np.ndarray, list)):
            put_part(owner, key, value, self.bounds)
        elif isinstance(owner, Holder) and isinstance(key, str | int):
            owner.held[key] = value
        elif isinstance(owner, dict) and isinstance(key, str | int):
            owner[key] = value
        else:
            refuse_unknown(owner)
            raise Unreadable("parts.set")

    def change(self, node: ast.AugAssign, scope: Scope) -> None:
        spot = self.spot(node.target, scope)
        kept = self.before(spot, scope)
        try:
            before = self.read(spot, scope)
            found = binary(node.op, before, self.value(node.value, scope), self.bounds, in_place=type(node.op) in IN_PLACE)
        except Mismatch as problem:
            self.not_read(node, problem.reason)
            self.failed(node, [whole(spot)], scope)
            return
        self.store(spot, found, scope)
        self.record(node, spot, found, scope, True, kept)

    def record(self, node: ast.stmt, spot: Spot, value: Value, scope: Scope, in_place: bool, before: Value | None = None) -> None:
        """What stands there now, where a part is changed in the whole array; a change that is asked for is made."""
        if spot.is_part_of_array:
            spot, value = self.spot(whole(spot), scope), spot.owner
        changed = self.recorded(node, written(spot.node), str(self.name(spot, scope)), value, scope, in_place, before=before)
        if changed is not None:
            self.store(spot, changed, scope)

    def recorded(
        self,
        node: ast.stmt,
        target: str,
        name: str,
        value: Value,
        scope: Scope,
        in_place: bool,
        line: int | None = None,
        before: Value | None = None,
        failed: bool = False,
    ) -> Value | None:
        if not isinstance(value, RECORDED):
            return None
        own = (line or node.lineno, name)
        place = (*own, self.reached.get(own, 0))
        self.reached[own] = place[2] + 1
        if place[2] >= MOST_ROUNDS_KEPT and not in_place:
            return None
        if len(self.run.kept) >= MOST_LINES:
            raise Exhausted("assignments")
        replaced = self.changes.values.get(place)
        kept = np.array(value if replaced is None else replaced)
        is_update = isinstance(before, np.ndarray) and before.shape == kept.shape and not np.array_equal(before, kept)
        step = before - kept if is_update else None
        found = Recorded(place, target, kept, in_place, scope.number, node, step, failed and replaced is None, rounds=self.in_rounds)
        self.bounds.keep(kept.size - self.run.keep(found))
        return None if replaced is None else np.array(replaced)


def _is_unknown(value: Value) -> bool:
    """Whether only a name is known of it, or of what is listed in it, as of random numbers."""
    if isinstance(value, np.ndarray):
        return False
    if isinstance(value, list):
        return any(isinstance(each, Holder) and not each.methods for each in value)
    return isinstance(value, Holder)


@lru_cache(maxsize=2048)
def _reads_nothing(value: ast.expr) -> bool:
    """Whether it is numbers alone, or zeros of a shape: first values."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in ("zeros", "ones"):
        return True
    return not any(isinstance(node, ast.Name) and node.id not in ("np", "numpy") for node in ast.walk(value))
