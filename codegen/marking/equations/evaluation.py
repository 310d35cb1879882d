"""A run of the equations of a work on the numbers of a network: each is read with what those before it say."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from chainrule.codegen.marking.python.bounds import Bounds
from chainrule.codegen.marking.python.reasons import Exhausted, Mismatch, Reason, Unreadable
from chainrule.codegen.marking.python.recorded import Changes, Recorded, Run, Unread
from chainrule.codegen.marking.python.values import Value
from chainrule.symbolic.index.numeric_array import NumericArray

from .index_values import KEPT, IndexValues, entries, indices, letters
from .matrix_values import MatrixValues
from .quantities import Quantities, Start
from .stacked_values import StackedValues

#: Entries of a value that is kept.
MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """The value of an equation, what it has to be where it is no quantity, or why it has none: it may be shapes that do not go together."""

    value: NumericArray | None
    expected: NumericArray | None = None
    reason: Reason | None = None
    is_mismatch: bool = False


@dataclass
class Evaluation:
    """Goes through the equations once: later ones read what is `said`, and `other` are quantities that are said to be what they are not."""

    given: Quantities
    changes: Changes
    outcomes: dict[object, Outcome]
    other: set[str] = field(default_factory=set)
    run: Run = field(default_factory=Run)
    bounds: Bounds = field(default_factory=Bounds)
    said: dict[str, NumericArray] = field(default_factory=dict)
    starts: dict[str, Start] = field(default_factory=dict)
    is_adjoint: bool = False
    says_what_activates: bool = False
    reached: dict[tuple[int, str], int] = field(default_factory=dict)

    # What a formula reads: a quantity as the work says it to be, else as it is.

    def quantity(self, name: str) -> NumericArray | None:
        own = self.said.get(self.given.meaning(name))
        found = self.given.quantity(name) if own is None else own
        return None if found is None else np.asarray(found)

    def size(self, letter: str) -> int | None:
        return self.given.size(letter)

    def axis(self, letter: str) -> str | None:
        return self.given.axis(letter)

    def axes(self, name: str) -> Sequence[str] | None:
        return self.given.axes(name)

    def classes(self, labels: str) -> int | None:
        return self.given.classes(labels)

    def start(self, name: str) -> Start | None:
        """What is read of a value before its first place; a gradient's formula says by itself where that is."""
        return None if self.is_adjoint else self.starts.get(self.given.meaning(name))

    def activation(self, argument: ast.expr, value: NumericArray, function: str) -> NumericArray:
        own = "activation" if function == "σ" and self.says_what_activates else function
        return self.given.activation(argument, value, own)

    def derivative(self, of: str, by: str) -> NumericArray | None:
        return self.given.derivative(of, by)

    def equation(self, statement: ast.Assign) -> None:
        target = statement.targets[0]
        if is_boundary(target):
            self.boundary(statement, target)
            return
        if statement is self.changes.at:
            self.run.found.append([self.attempt(target, each) for each in self.changes.tried])
        name, outcome = self.name(target), self.outcome(statement, target)
        if outcome.reason is not None:
            self.not_read(statement, outcome.reason)
            is_of_place = isinstance(target, ast.Call) or is_entry(target)
            if not outcome.is_mismatch or is_of_place or self.given.quantity(name) is None:
                return
        value = np.array(np.nan) if outcome.value is None else outcome.value
        has_failed, expected = outcome.value is None, outcome.expected
        own = statement.lineno, name
        place = (*own, self.reached.get(own, 0))
        self.reached[own] = place[2] + 1
        changed = self.changes.values.get(place)
        kept = np.array(value if changed is None else changed)
        failed = has_failed and changed is None
        before = self.given.quantity(name) if expected is None and not failed and self.given.is_first_value(name) else None
        # What a step of learning makes of a parameter is not what the formulas read.
        step = np.asarray(before) - kept if before is not None and np.shape(before) == kept.shape else None
        self.run.keep(Recorded(place, written(target), kept, False, 0, statement, step, failed, expected))
        if not failed and expected is None and before is None:
            self.said[self.given.meaning(name)] = kept
            self.compare(self.given.meaning(name), kept)

    def compare(self, name: str, value: NumericArray) -> None:
        """Notes whether what is said of a quantity is not what it is."""
        right = self.given.quantity(name)
        is_same = right is not None and np.shape(right) == value.shape and np.allclose(right, value, rtol=1e-12, atol=0, equal_nan=True)
        (self.other.discard if is_same else self.other.add)(name)

    def outcome(self, statement: ast.Assign, target: ast.expr) -> Outcome:
        """What an equation is; it is worked out once where all that it reads is as it has to be."""
        reads = {self.given.meaning(name) for name in _names(statement)}
        key = None if reads & (self.other | self.starts.keys()) else (statement, self.given.key, self.says_what_activates)
        if key in self.outcomes:
            self.bounds.step()
            return self.outcomes[key]
        try:
            value = self.value(target, statement.value)
            is_of_place = isinstance(target, ast.Call) or is_entry(target)
            found = Outcome(value, self.by_index(target, target) if is_of_place else None)
        except Exhausted:
            raise
        except Unreadable as problem:
            found = Outcome(None, None, problem.reason, isinstance(problem, Mismatch))
        if key is not None and (found.value is None or found.value.size <= MOST_KEPT):
            self.outcomes[key] = found
        return found

    def not_read(self, statement: ast.Assign, reason: Reason) -> None:
        text = f"{written(statement.targets[0])} = …"
        self.run.unread.setdefault(statement.lineno, Unread(statement.lineno, text, reason))

    def attempt(self, target: ast.expr, value: ast.expr) -> Value:
        try:
            return self.value(target, value)
        except Exhausted:
            raise
        except (Unreadable, RecursionError):
            return None

    def name(self, target: ast.expr) -> str:
        match target:
            case ast.Name(id=own) | ast.Subscript(value=ast.Name(id=own)):
                return own
        return written(target)

    def value(self, target: ast.expr, value: ast.expr) -> NumericArray:
        """By index where the left side has letters, or is one number; else with whole arrays."""
        own = self.given.quantity(self.name(target))
        shape = np.shape(own) if own is not None else ()
        whole = StackedValues.of(MatrixValues(self, self.bounds), value)
        if isinstance(target, ast.Subscript) and (self.is_part(target) or self.is_vector_of_parts(target, value)):
            return whole.stacked(target, value, self.axes(self.name(target)) or (), shape)
        if isinstance(target, ast.Subscript | ast.Call):
            return self.by_index(target, value)
        if not shape and not self.has_whole_array(value) and not any(map(self.is_part, entries(value))):
            return self.by_index(target, value)
        return whole.whole(value, shape)

    def is_part(self, entry: ast.Subscript) -> bool:
        """Whether it is a matrix at some places of an array, as h_t; a vector where examples are left out alone: z_j is an entry else."""
        return self.axes_left(entry) > (0 if self.given.leaves_example_out else 1) and self.axes(self.name(entry)) is not None

    def is_vector_of_parts(self, target: ast.Subscript, value: ast.expr) -> bool:
        """Whether it is a vector at some places of an array, of matrices, or of vectors alone: v_n of X_n, v_td of u_(d + 10 t)."""
        if self.axes_left(target) != 1 or self.axes(self.name(target)) is None:
            return False
        parts = [*entries(value)]
        return any(map(self.is_part, parts)) or (bool(parts) and all(self.axes_left(part) == 1 for part in parts))

    def axes_left(self, entry: ast.Subscript) -> int:
        """How many axes of an array have no index; none where numbers say which entry is meant."""
        array = self.given.quantity(self.name(entry))
        return 0 if array is None or is_entry(entry) else np.ndim(array) - len(indices(entry))

    def has_whole_array(self, value: ast.expr) -> bool:
        """Whether an array stands there without its indices."""
        indexed = [*(entry.value for entry in entries(value)), *(node.func for node in ast.walk(value) if isinstance(node, ast.Call))]
        own = letters(ast.Constant(0), value)
        names = [node for node in ast.walk(value) if isinstance(node, ast.Name) and node.id not in own]
        whole = [node.id for node in names if all(node is not other for other in indexed)]
        return any(np.ndim(found) > 0 for found in map(self.quantity, whole) if found is not None)

    def boundary(self, statement: ast.Assign, target: ast.expr) -> None:
        """h[n,-1,j] = h0[n,j]"""
        assert isinstance(target, ast.Subscript)
        assert isinstance(target.value, ast.Name)
        places = [_whole(index) for index in indices(target)]
        place = next(number for number, at in enumerate(places) if at is not None)
        try:
            values = IndexValues.of(target, statement.value, self, self.bounds).over(statement.value, target)
        except Exhausted:
            raise
        except Unreadable as problem:
            self.not_read(statement, problem.reason)
            return
        self.starts[self.given.meaning(target.value.id)] = place, places[place] or 0, values

    def by_index(self, target: ast.expr, value: ast.expr) -> NumericArray:
        places = [place for entry in entries(target) for place in indices(entry)]
        names = [place.id for place in places if isinstance(place, ast.Name)]
        if isinstance(target, ast.Call):
            return IndexValues.of(target, value, self, self.bounds).over(value, target)
        if is_entry(target):
            return IndexValues.of(target, value, self, self.bounds).over(value, target)
        if len(names) < len(places) or len(set(names)) < len(names):
            raise Unreadable("left.letters")
        self.is_adjoint = self.given.is_adjoint(self.name(target))
        own = self.given.quantity(self.name(target))
        if own is not None and np.ndim(own) != len(names):
            raise Mismatch("left.indices", count=len(names))
        return IndexValues.of(target, value, self, self.bounds).over(value, target)


def is_boundary(target: ast.expr) -> bool:
    """Whether it is a value at one place alone, as one before the start is."""
    if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name) or is_entry(target):
        return False
    return [_whole(index) is not None for index in indices(target)].count(True) == 1


def is_entry(target: ast.expr) -> bool:
    """Whether it is a single entry, at places that are numbers."""
    return isinstance(target, ast.Subscript) and all((_whole(index) or 0) >= 0 and _whole(index) is not None for index in indices(target))


def _whole(index: ast.expr) -> int | None:
    match index:
        case ast.Constant(value=int() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return -number
    return None


@lru_cache(KEPT)
def _names(statement: ast.Assign) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(statement.value) if isinstance(node, ast.Name))


@lru_cache(KEPT)
def written(target: ast.expr) -> str:
    """What is on the left, as it is written in formulas: dW1[j,i]."""
    return (
        f"∂{written(target.args[0])}/∂{written(target.args[1])}"
        if isinstance(target, ast.Call)
        else ast.unparse(target).replace(", ", ",").replace("_", "′" if isinstance(target, ast.Subscript) else "_")
    )
