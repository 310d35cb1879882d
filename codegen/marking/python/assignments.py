"""Assignments of a work: what stands where after them, and the record of each."""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .bounds import Exhausted, Mismatch, Unreadable
from .expressions import Expressions, Scope, holds_gradients, is_of_gradient
from .operations import IN_PLACE, binary, put_part, refuse_unknown
from .recorded import Changes, Recorded, Run, Unread
from .values import Holder, Value

#: Of one statement, as in a loop: the value of so many rounds is looked at.
MOST_ROUNDS_KEPT = 40
MOST_LINES = 5_000
#: What an optimiser keeps for each parameter, in dictionaries with the parameters' keys.
STATES = frozenset("m v s r velocity velocities momentum moments first_moment second_moment".split())


@dataclass
class Assignments(Expressions):
    """Sets names, attributes and parts, and records every value; a parameter's first values are those of the network."""

    run: Run = field(default_factory=Run)
    changes: Changes = field(default_factory=Changes)
    is_quiet: bool = False
    reached: dict[tuple[int, str], int] = field(default_factory=dict)
    owners: dict[str, list[Holder]] = field(default_factory=dict)
    in_rounds: tuple[int, ...] = ()

    def not_read(self, statement: ast.stmt, message: str) -> None:
        if not self.is_quiet:
            text = ast.unparse(statement).split("\n")[0]
            self.run.unread.setdefault(statement.lineno, Unread(statement.lineno, text, message.split("\n")[0]))

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
            first = all(self.is_first(target, scope) for target in targets)
            are_given = [self.give(target, scope) for target in targets]
            if not all(are_given) or not first:
                self.not_read(node, str(problem))
            if isinstance(problem, Mismatch):
                self.failed(node, targets, scope)
            return
        for target in targets:
            self.put(node, target, found, scope, is_plain=_reads_nothing(value))
        self.entries(node, value, found, scope)

    def failed(self, node: ast.stmt, targets: Sequence[ast.expr], scope: Scope) -> None:
        """A line whose shapes do not go together is recorded without a value; one that is asked for stands there."""
        for target in targets:
            if isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
                name = str(self.name(target, scope))
                changed = self.recorded(node, ast.unparse(target), name, np.array(np.nan), scope, in_place=False, failed=True)
                if changed is not None:
                    self.store(target, changed, scope)

    def put(self, node: ast.stmt, target: ast.expr, value: Value, scope: Scope, is_plain: bool = False) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            if isinstance(value, Holder):
                for each in target.elts:
                    self.give(each, scope)
                return
            items = self.items(value)
            if len(items) != len(target.elts):
                raise Unreadable(f"{len(items)} values for {len(target.elts)} names")
            for each, item in zip(target.elts, items, strict=True):
                self.put(node, each, item, scope, is_plain)
        elif _is_unknown(value) or (is_plain and not (isinstance(value, list | dict) and not value) and self.is_first(target, scope)):
            is_own = isinstance(value, list) or (isinstance(value, Holder) and (value.methods or value.name not in ("random numbers",)))
            if not self.give(target, scope) and is_own:
                self.store(target, value, scope)
        else:
            in_place = isinstance(target, ast.Subscript) and isinstance(self.value(target.value, scope), np.ndarray)
            before = self.before(target, scope)
            self.store(target, value, scope)
            self.record(node, target.value if in_place and isinstance(target, ast.Subscript) else target, value, scope, in_place, before)

    def before(self, target: ast.expr, scope: Scope) -> Value | None:
        """The array that a parameter had before it is set anew."""
        if not self.given.is_first_value(str(self.name(target, scope))) or not isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
            return None
        found = self.value(ast.copy_location(copy.copy(target), target), scope)
        return found.copy() if isinstance(found, np.ndarray) else None

    def give(self, target: ast.expr, scope: Scope) -> bool:
        """The network's own value for a name that says which it is; else it is something of which only the name is known."""
        if isinstance(target, ast.Tuple | ast.List):
            found = [self.give(each, scope) for each in target.elts]
            return all(found)
        name = str(self.name(target, scope))
        value = self.given.value(name)
        if value is None:
            value = self.of_layer(target, name, scope)
        self.store(target, Holder(name) if value is None else value, scope)
        return value is not None

    def is_first(self, target: ast.expr, scope: Scope) -> bool:
        """Whether what is assigned to is a parameter, of the network or of an object that is one layer of it."""
        name = str(self.name(target, scope))
        if not isinstance(target, ast.Attribute) or self.given.is_first_value(name):
            return self.given.is_first_value(name)
        owner = self.value(target.value, scope)
        return isinstance(owner, Holder) and bool(owner.methods) and self.given.are_first_values(name)

    def of_layer(self, target: ast.expr, name: str, scope: Scope) -> Value | None:
        """The parameter of an object that is one layer of several: the first one that is made has that of the first."""
        own = self.given.listed(name) if self.given.are_first_values(name) else None
        owner = self.value(target.value, scope) if isinstance(target, ast.Attribute) else None
        if own is None or not isinstance(owner, Holder):
            return None
        owners = self.owners.setdefault(name, [])
        if all(each is not owner for each in owners):
            owners.append(owner)
        place = next(place for place, each in enumerate(owners) if each is owner)
        return own[place] if place < len(own) else None

    def name(self, target: ast.expr, scope: Scope) -> object:
        """What something is called: W1 of W1, of self.W1, of params["W1"]."""
        match target:
            case ast.Name():
                return target.id
            case ast.Attribute():
                return self.of_owner(target.attr, self.value(target.value, scope))
            case ast.Subscript():
                key = self.value(target.slice, scope)
                holder = str(self.name(target.value, scope))
                if isinstance(key, str) and holder in STATES:
                    return f"{holder} of {key}"
                if isinstance(key, str):
                    return f"d{key}" if holds_gradients(holder) and not is_of_gradient(key) else key
                within = self.value(target.value, scope)
                if isinstance(key, int) and isinstance(within, list) and -len(within) <= key < len(within):
                    return self.given.numbered(holder, key % len(within), len(within))
                return f"{holder}{key}" if isinstance(key, int) else ""
            case _:
                return ""

    def of_owner(self, name: str, owner: Value) -> str:
        """The name of what an object holds, with the number of the layer that it is."""
        owners = next((each for each in self.owners.values() if any(own is owner for own in each)), [])
        place = next((place for place, own in enumerate(owners) if own is owner), None)
        return name if place is None or len(owners) < 2 else self.given.numbered(name, place)

    def store(self, target: ast.expr, value: Value, scope: Scope) -> None:
        match target:
            case ast.Name():
                scope.names[target.id] = value
                self.remembered[target.id] = value
            case ast.Attribute() if not target.attr.startswith("__"):
                owner = self.value(target.value, scope)
                if not isinstance(owner, Holder):
                    raise Unreadable("its attribute cannot be set")
                owner.held[target.attr] = value
            case ast.Subscript():
                owner, key = self.value(target.value, scope), self.value(target.slice, scope)
                self.store_part(owner, key, value)
                if isinstance(key, str):
                    self.remembered[key] = value
            case ast.Starred():
                self.store(target.value, value, scope)
            case _:
                raise Unreadable("what it assigns to is not read")

    def store_part(self, owner: Value, key: Value, value: Value) -> None:
        if isinstance(owner, Holder) and isinstance(key, str | int):
            owner.held[key] = value
        elif isinstance(owner, dict) and isinstance(key, str | int):
            owner[key] = value
        elif isinstance(owner, np.ndarray | list):
            put_part(owner, key, value, self.bounds)
        else:
            refuse_unknown(owner)
            raise Unreadable("its parts cannot be set")

    def change(self, node: ast.AugAssign, scope: Scope) -> None:
        target = ast.copy_location(copy.copy(node.target), node)
        kept = self.before(target, scope)
        is_part = isinstance(target, ast.Subscript) and isinstance(self.value(target.value, scope), np.ndarray)
        changed = target.value if is_part and isinstance(target, ast.Subscript) else target
        try:
            before = self.value(target, scope)
            found = binary(node.op, before, self.value(node.value, scope), self.bounds, in_place=type(node.op) in IN_PLACE)
        except Mismatch as problem:
            self.not_read(node, str(problem))
            self.failed(node, [changed], scope)
            return
        self.store(target, found, scope)
        self.record(node, changed, found, scope, True, kept)

    def record(self, node: ast.stmt, target: ast.expr, value: Value, scope: Scope, in_place: bool, before: Value | None = None) -> None:
        """What stands at the target now; a change that is asked for is made."""
        if in_place:
            value = self.value(target, scope)
        changed = self.recorded(node, ast.unparse(target), str(self.name(target, scope)), value, scope, in_place, before=before)
        if changed is not None:
            self.store(target, changed, scope)

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
        if not isinstance(value, np.ndarray | np.floating | float):
            return None
        own = (line or node.lineno, name)
        place = (*own, self.reached.get(own, 0))
        self.reached[own] = place[2] + 1
        replaced = self.changes.values.get(place)
        kept = np.array(value if replaced is None else replaced)
        if place[2] >= MOST_ROUNDS_KEPT and not in_place:
            return None
        if len(self.run.kept) >= MOST_LINES:
            raise Exhausted("it has too many assignments")
        self.bounds.keep(kept.size)
        is_update = isinstance(before, np.ndarray) and before.shape == kept.shape and not np.array_equal(before, kept)
        step = before - kept if is_update else None
        self.run.keep(Recorded(place, target, kept, in_place, scope.number, node, step, failed and replaced is None, rounds=self.in_rounds))
        return None if replaced is None else np.array(replaced)


def _is_unknown(value: Value) -> bool:
    """Whether only a name is known of it, or of what is listed in it, as of random numbers."""
    if isinstance(value, list):
        return any(isinstance(each, Holder) and not each.methods for each in value)
    return isinstance(value, Holder)


def _reads_nothing(value: ast.expr) -> bool:
    """Whether it is numbers alone, or zeros of a shape: first values."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in ("zeros", "ones"):
        return True
    return not any(isinstance(node, ast.Name) and node.id not in ("np", "numpy") for node in ast.walk(value))
