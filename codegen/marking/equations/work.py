"""A work of formulas: its equations one after the other, and a run of what they say on the numbers of a network."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np

from chainrule.codegen.marking.python.bounds import Bounds, Spent
from chainrule.codegen.marking.python.reasons import TOO_DEEP, Exhausted, Mismatch, Reason, Unreadable
from chainrule.codegen.marking.python.recorded import Changes, Recorded, Run, Unread
from chainrule.codegen.marking.python.values import Value
from chainrule.symbolic.index.numeric_array import NumericArray

from .index_values import KEPT, IndexValues, entries, indices, letters
from .matrix_values import MatrixValues
from .quantities import Quantities, Start

MOST_EQUATIONS = 400


@dataclass(frozen=True)
class FormulaWork:
    """The equations of a work, each an assignment of a syntax tree, and the lines that are none; those of a document by its parts."""

    tree: ast.Module
    unread: Sequence[Unread] = ()
    trees: Sequence[ast.Module] = ()
    spent: Spent = field(default_factory=Spent, compare=False)

    @property
    def has_exact_names(self) -> bool:
        """A formula says by its name what it is."""
        return True

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The whole numbers that stand in it."""
        return frozenset(node.value for node in ast.walk(self.tree) if isinstance(node, ast.Constant) and type(node.value) is int)

    @cached_property
    def says_what_activates(self) -> bool:
        """Whether σ is the activation of any layer: a = σ(z) stands there, or a σ′."""
        functions = {node.func.id for node in ast.walk(self.tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        values = [node.value for node in self.tree.body if isinstance(node, ast.Assign)]
        are_whole = any(isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "σ" for each in values)
        return "slope" in functions or are_whole

    @property
    def parts(self) -> Sequence[FormulaWork]:
        """Those of a document, each as a work."""
        return [replace(self, tree=tree, unread=()) for tree in self.trees]

    def with_tree(self, tree: ast.Module) -> FormulaWork:
        """The same with other equations."""
        return replace(self, tree=tree)

    def run(self, given: Quantities, changes: Changes | None = None) -> Run:
        """Every equation on what is given and on what those before it say."""
        evaluation = _Evaluation(given, changes or Changes(), bounds=self.spent.bounds(), says_what_activates=self.says_what_activates)
        evaluation.run.unread |= {each.line: each for each in self.unread}
        equations = [each for each in self.tree.body if isinstance(each, ast.Assign)]
        try:
            # A value before the start is read by the equation that stands before it.
            for statement in sorted(equations, key=lambda each: not is_boundary(each.targets[0])):
                evaluation.equation(statement)
        except Exhausted as problem:
            evaluation.run.is_exhausted = True
            evaluation.run.unread.setdefault(0, Unread(0, "", problem.reason))
        except RecursionError:
            evaluation.run.is_exhausted = True
            evaluation.run.unread.setdefault(0, Unread(0, "", TOO_DEEP))
        self.spent.steps += evaluation.bounds.steps
        return evaluation.run


@dataclass
class _Evaluation:
    given: Quantities
    changes: Changes
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
        name, expected = self.name(target), None
        try:
            value, has_failed = self.value(target, statement.value), False
            if isinstance(target, ast.Call):
                expected = self.by_index(target, target)
        except Mismatch as problem:
            self.not_read(statement, problem.reason)
            if isinstance(target, ast.Call) or self.given.quantity(name) is None:
                return
            value, has_failed = np.array(np.nan), True
        except Exhausted:
            raise
        except Unreadable as problem:
            self.not_read(statement, problem.reason)
            return
        own = statement.lineno, name
        place = (*own, self.reached.get(own, 0))
        self.reached[own] = place[2] + 1
        changed = self.changes.values.get(place)
        kept = np.array(value if changed is None else changed)
        failed = has_failed and changed is None
        self.run.keep(Recorded(place, _text(target), kept, False, 0, statement, None, failed, expected))
        if not failed and expected is None:
            self.said[self.given.meaning(name)] = kept

    def not_read(self, statement: ast.Assign, reason: Reason) -> None:
        text = f"{_text(statement.targets[0])} = …"
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
        return _text(target)

    def value(self, target: ast.expr, value: ast.expr) -> NumericArray:
        """By index where the left side has letters, or is one number; else with whole arrays."""
        if isinstance(target, ast.Subscript | ast.Call):
            return self.by_index(target, value)
        own = self.given.quantity(self.name(target))
        shape = np.shape(own) if own is not None else ()
        if not shape and not self.has_whole_array(value):
            return self.by_index(target, value)
        return MatrixValues(self, self.bounds).whole(value, shape)

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
        if len(names) < len(places) or len(set(names)) < len(names):
            raise Unreadable("left.letters")
        self.is_adjoint = self.given.is_adjoint(self.name(target))
        own = self.given.quantity(self.name(target))
        if own is not None and np.ndim(own) != len(names):
            raise Mismatch("left.indices", count=len(names))
        return IndexValues.of(target, value, self, self.bounds).over(value, target)


def is_boundary(target: ast.expr) -> bool:
    """Whether it is a value at one place alone, as one before the start is."""
    is_entry = isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)
    return is_entry and [_whole(index) is not None for index in indices(target)].count(True) == 1  # type: ignore[arg-type]


def _whole(index: ast.expr) -> int | None:
    match index:
        case ast.Constant(value=int() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return -number
    return None


@lru_cache(KEPT)
def _text(target: ast.expr) -> str:
    """What is on the left, as it is written in formulas: dW1[j,i]."""
    return (
        f"∂{_text(target.args[0])}/∂{_text(target.args[1])}"
        if isinstance(target, ast.Call)
        else ast.unparse(target).replace(", ", ",").replace("_", "′" if isinstance(target, ast.Subscript) else "_")
    )
